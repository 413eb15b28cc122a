//! Redis for tests: the one that `make services` starts, and servers of a test's own that may be stopped and cut off.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs};

use crate::programs::{free_port, server_program, started};

/// Where the test services write the URL of their Redis.
const URL_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.services/redis.url");

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);

/// The URL of the Redis that all tests share. The names of a test's values differ from those of others by its tenants' ids.
///
/// # Panics
/// When the test services are not running.
#[must_use]
pub fn redis_url() -> String {
    env::var("TENURE_TEST_REDIS")
        .ok()
        .or_else(|| fs::read_to_string(Path::new(URL_FILE)).ok())
        .map(|url| url.trim().to_owned())
        .expect("the test services have no Redis; run `make services`")
}

/// A Redis of a test's own, on one port for its whole life; gone with this value.
#[derive(Debug)]
pub struct TestRedis {
    program: &'static str,
    port: u16,
    arguments: Vec<String>,
    server: Option<Child>,
}

impl TestRedis {
    /// Starts one that keeps nothing on disk.
    ///
    /// # Panics
    /// When `redis-server` is not installed or does not begin.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same with more arguments.
    ///
    /// # Panics
    /// As [`TestRedis::start`].
    #[must_use]
    pub fn with(arguments: &[&str]) -> Self {
        Self::of("redis-server", arguments)
    }

    /// A Valkey, which is to be as good as a Redis.
    ///
    /// # Panics
    /// When `valkey-server` is not there or does not begin.
    #[must_use]
    pub fn valkey() -> Self {
        Self::of("valkey-server", &[])
    }

    fn of(program: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut redis = Self { program, port: free_port(), arguments, server: None };
        redis.restart();
        redis
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it; what it held is lost.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts it again on its port, empty.
    ///
    /// # Panics
    /// As [`TestRedis::start`].
    pub fn restart(&mut self) {
        self.stop();
        let mut command = server_command(self.program, self.port);
        self.server = Some(started(command.args(&self.arguments), PATIENCE, || self.answers()));
    }

    /// Leaves it running and holding its connections, and answering nothing: what a network that is cut off looks like.
    pub fn cut_off(&self) {
        self.signal("-STOP");
    }

    /// Lets it answer again, with what it held.
    pub fn reconnect(&self) {
        self.signal("-CONT");
    }

    /// Empties it.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn flush(&self) {
        assert!(self.says("FLUSHALL\r\n", b"+OK"), "FLUSHALL");
    }

    /// Sends it a command.
    ///
    /// # Panics
    /// When it does not take it.
    pub fn command(&self, command: &str) {
        let answer = self.ask(&format!("{command}\r\n"));
        assert!(answer.starts_with(['+', ':']), "{command}: {answer}");
    }

    fn signal(&self, signal: &str) {
        let server = self.server.as_ref().expect("a server that runs");
        let sent = Command::new("kill").args([signal, &server.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {signal}");
    }

    fn answers(&self) -> bool {
        // One with users of its own answers too, if only that a password is needed.
        self.says("PING\r\n", b"+PONG") || self.says("PING\r\n", b"-NOAUTH")
    }

    /// The beginning of what it answers; nothing when it does not.
    pub(crate) fn ask(&self, question: &str) -> String {
        let mut said = vec![0; 4096];
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(question.as_bytes())?;
            stream.read(&mut said)
        });
        said.truncate(asked.unwrap_or_default());
        String::from_utf8_lossy(&said).into_owned()
    }

    pub(crate) fn says(&self, question: &str, answer: &[u8]) -> bool {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else { return false };
        let mut said = vec![0; answer.len()];
        let asked = stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.write_all(question.as_bytes()))
            .and_then(|()| stream.read_exact(&mut said));
        asked.is_ok() && said == answer
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `redis-server` or another on a port of the loopback, with nothing on disk.
#[must_use]
pub fn server_command(program: &str, port: u16) -> Command {
    let mut command = Command::new(server_program(program));
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--port"]);
    command.arg(port.to_string()).current_dir(env::temp_dir());
    command
}
