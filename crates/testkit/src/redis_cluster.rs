//! A Redis Cluster for tests.

use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::programs::free_port;
use crate::redis::TestRedis;

/// The slots of each server.
const SLOTS: [(u16, u16); 3] = [(0, 5460), (5461, 10_922), (10_923, 16_383)];

/// How long they may take to know each other.
const PATIENCE: Duration = Duration::from_mins(1);

/// A cluster of three servers without replicas, of which each has a third of the slots.
#[derive(Debug)]
pub struct TestRedisCluster {
    servers: Vec<TestRedis>,
    /// In which each of them notes who the others are.
    _folder: TempDir,
}

impl TestRedisCluster {
    /// Starts one, whose servers go on when one of them is away.
    ///
    /// # Panics
    /// When `redis-server` is not installed, or they do not find each other.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (mut servers, mut places) = (Vec::new(), Vec::new());
        for (from, to) in SLOTS {
            let notes = folder.path().join(format!("{from}.conf")).display().to_string();
            let bus = free_port().to_string();
            let server = TestRedis::with(
                &[
                    ["--cluster-enabled", "yes"],
                    ["--cluster-config-file", &notes],
                    ["--cluster-port", &bus],
                    ["--cluster-require-full-coverage", "no"],
                ]
                .concat(),
            );
            assert!(server.says(&format!("CLUSTER ADDSLOTSRANGE {from} {to}\r\n"), b"+OK"), "its slots");
            places.push(format!("127.0.0.1 {} {bus}", server.port()));
            servers.push(server);
        }
        for place in &places {
            assert!(
                servers.iter().all(|server| server.says(&format!("CLUSTER MEET {place}\r\n"), b"+OK")),
                "a meeting"
            );
        }
        let cluster = Self { servers, _folder: folder };
        cluster.await_agreement();
        cluster
    }

    /// Names two of its servers.
    #[must_use]
    pub fn url(&self) -> String {
        let places: Vec<_> = self.servers.iter().take(2).map(|server| format!("127.0.0.1:{}", server.port())).collect();
        format!("redis-cluster://{}", places.join(","))
    }

    /// Kills one of its three servers; what it held is lost.
    ///
    /// # Panics
    /// When there is no such.
    pub fn stop(&mut self, number: usize) {
        self.server(number).stop();
    }

    /// Starts it again, empty, and waits until the others know.
    ///
    /// # Panics
    /// As [`TestRedisCluster::stop`], and when it does not take part in time.
    pub fn restart(&mut self, number: usize) {
        self.server(number).restart();
        self.await_agreement();
    }

    fn server(&mut self, number: usize) -> &mut TestRedis {
        self.servers.get_mut(number).expect("a server of the cluster")
    }

    /// Waits until each of them knows who has which slot, and takes part.
    fn await_agreement(&self) {
        let begun = Instant::now();
        let agrees = |server: &TestRedis| {
            let said = server.ask("CLUSTER INFO\r\n");
            said.contains("cluster_state:ok") && said.contains("cluster_slots_ok:16384")
        };
        while !self.servers.iter().all(agrees) {
            assert!(begun.elapsed() < PATIENCE, "the servers of the cluster do not agree");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
