//! MongoDB for tests: a database in the one that `make services` starts, and servers of a test's own that may be stopped and cut off.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs, thread};

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use tempfile::TempDir;

use crate::programs::{free_port, server_program, started};

/// Where the test services write the URL of their MongoDB.
const URL_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.services/mongo.url");

/// The name of the replica set.
const SET: &str = "tenure";

/// The name of the database in a server of a test's own.
const DATABASE: &str = "tenure";

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// An empty database in the MongoDB that all tests share, dropped when the test lets go of it.
#[derive(Debug)]
pub struct MongoDatabase {
    url: String,
}

impl MongoDatabase {
    /// A database that is there from the first write on.
    ///
    /// # Panics
    /// When the test services are not running.
    #[must_use]
    pub fn new() -> Self {
        let server = env::var("TENURE_TEST_MONGO").ok().or_else(|| fs::read_to_string(Path::new(URL_FILE)).ok());
        let server = server.expect("the test services have no MongoDB; run `make services`");
        Self { url: with_database(server.trim(), &format!("test_{:016x}", rand::random::<u64>())) }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Under which ids something lies in it.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn homes(&self) -> BTreeSet<String> {
        let client = Client::with_uri_str(&self.url).await.expect("a client");
        let database = client.default_database().expect("a URL with a database");
        let mut homes = BTreeSet::new();
        for name in database.list_collection_names().await.expect("its collections") {
            let found = database.collection::<Document>(&name).distinct("tenant_id", doc! {}).await;
            homes.extend(found.expect("the ids in it").iter().filter_map(Bson::as_str).map(ToOwned::to_owned));
        }
        homes
    }
}

impl Default for MongoDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for MongoDatabase {
    /// On a thread of its own, because the test's runtime may be ending.
    fn drop(&mut self) {
        let url = self.url.clone();
        let dropping = thread::spawn(move || {
            run(async {
                let client = Client::with_uri_str(&url).await?;
                let database = client.default_database().expect("a URL with a database");
                // A transaction that a test has left open holds it up.
                tokio::time::timeout(Duration::from_secs(5), database.drop().into_future())
                    .await
                    .map_err(std::io::Error::from)?
            })
        });
        if !matches!(dropping.join(), Ok(Ok(()))) {
            eprintln!("the test database {} was left behind", self.url);
        }
    }
}

/// A MongoDB of a test's own, on one port for its whole life; gone with this value.
#[derive(Debug)]
pub struct TestMongo {
    port: u16,
    folder: TempDir,
    server: Option<Child>,
}

impl TestMongo {
    /// Starts one, as a replica set of one.
    ///
    /// # Panics
    /// When there is no mongod or it does not begin.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut mongo = Self { port: free_port(), folder, server: None };
        mongo.restart();
        // A runtime of its own cannot begin within that of the test.
        let port = mongo.port;
        thread::spawn(move || initiate(port)).join().expect("a replica set");
        mongo
    }

    /// A database in it.
    #[must_use]
    pub fn url(&self) -> String {
        with_database(&url(self.port), DATABASE)
    }

    /// Kills it.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts it again on its port, with what it held.
    ///
    /// # Panics
    /// As [`TestMongo::start`].
    pub fn restart(&mut self) {
        self.stop();
        let mut command = mongod_command(self.port, self.folder.path());
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        self.server = Some(started(&mut command, PATIENCE, answers));
    }

    /// Lets it keep moments of the past for so many seconds.
    ///
    /// # Panics
    /// When it refuses.
    pub fn keep_moments_for(&self, seconds: i32) {
        self.order(doc! { "setParameter": 1, "minSnapshotHistoryWindowInSeconds": seconds });
    }

    /// Lets it refuse with this code to read a collection: so many times, or until [`TestMongo::answer_reads`].
    ///
    /// # Panics
    /// When it refuses that.
    pub fn refuse_reads(&self, collection: &str, code: i32, times: Option<i32>) {
        let mode = times.map_or_else(|| Bson::from("alwaysOn"), |times| doc! { "times": times }.into());
        let namespace = format!("{DATABASE}.{collection}");
        let data = doc! { "failCommands": ["find"], "namespace": namespace, "errorCode": code };
        self.order(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data });
    }

    /// Lets it read again.
    ///
    /// # Panics
    /// When it refuses that.
    pub fn answer_reads(&self) {
        self.order(doc! { "configureFailPoint": "failCommand", "mode": "off" });
    }

    fn order(&self, command: Document) {
        let url = url(self.port);
        let ordering = thread::spawn(move || {
            run(async { Client::with_uri_str(url).await?.database("admin").run_command(command).await })
        });
        ordering.join().expect("a thread").expect("a server that does what it is told");
    }

    /// Leaves it running and holding its connections, and answering nothing: what a network that is cut off looks like.
    pub fn cut_off(&self) {
        self.signal("-STOP");
    }

    /// Lets it answer again.
    pub fn reconnect(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let server = self.server.as_ref().expect("a server that runs");
        let sent = Command::new("kill").args([signal, &server.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {signal}");
    }
}

impl Drop for TestMongo {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `mongod` on a port of the loopback, with small caches.
#[must_use]
pub fn mongod_command(port: u16, folder: &Path) -> Command {
    let mut command = Command::new(server_program("mongod"));
    command.args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.25"]);
    // So that tests can let it refuse what other servers do not know.
    command.args(["--setParameter", "enableTestCommands=1"]);
    command.args(["--replSet", SET, "--oplogSize", "64", "--port", &port.to_string(), "--dbpath"]).arg(folder);
    command
}

/// Makes a server that has just begun a replica set of one, waits until it takes writes, and gives its URL.
///
/// # Panics
/// When it does not.
#[must_use]
pub fn initiate(port: u16) -> String {
    let member = format!("127.0.0.1:{port}");
    let making = async {
        let alone = Client::with_uri_str(format!("mongodb://{member}/?directConnection=true")).await?;
        let set = doc! { "_id": SET, "members": [{ "_id": 0, "host": &member }] };
        alone.database("admin").run_command(doc! { "replSetInitiate": set }).await?;
        let set = Client::with_uri_str(url(port)).await?;
        set.database("admin").run_command(doc! { "ping": 1 }).await
    };
    run(making).expect("a replica set of one");
    url(port)
}

fn url(port: u16) -> String {
    format!("mongodb://127.0.0.1:{port}/?replicaSet={SET}")
}

fn with_database(server: &str, name: &str) -> String {
    server.replacen("/?", &format!("/{name}?"), 1)
}

fn run<T>(doing: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(doing)
}
