//! A streaming replica of the PostgreSQL that all tests share.

use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::programs::free_port;

/// How long it may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that follows the one of the tests, until the test lets go of it.
#[derive(Debug)]
pub(crate) struct Standby {
    server: Child,
    superuser: PgConnectOptions,
    port: u16,
    _folder: TempDir,
}

impl Standby {
    /// Copies the server that a superuser's URL leads to, and follows it.
    pub(crate) async fn of(superuser_url: &str) -> Self {
        let mut primary = PgConnection::connect(superuser_url).await.expect("the test services' PostgreSQL");
        let programs = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";
        let programs: String = sqlx::query_scalar(programs).fetch_one(&mut primary).await.expect("its programs");
        let data: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut primary).await.expect("its data");
        let place = "SELECT current_setting('unix_socket_directories'), current_setting('port'), current_user::text";
        let (socket, at, user): (String, String, String) =
            sqlx::query_as(place).fetch_one(&mut primary).await.expect("its place");
        let folder = tempfile::tempdir().expect("a folder");
        let account = Account::owner_of(Path::new(&data));
        chown(folder.path(), Some(account.uid), Some(account.gid)).expect("a folder for the server's user");
        let (programs, copy, port) = (PathBuf::from(programs), folder.path().join("data"), free_port());
        let copied = account
            .command(&programs.join("pg_basebackup"), folder.path())
            .env("PGPASSWORD", password(superuser_url))
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--host"])
            .arg(Path::new(&data).join(socket))
            .args(["--port", &at, "--username", &user, "--pgdata"])
            .arg(&copy)
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "pg_basebackup");
        let mut postgres = account.command(&programs.join("postgres"), folder.path());
        postgres.arg("-D").arg(&copy);
        // What is set at the primary's command line has to be as large here.
        for setting in ["max_connections=200", "max_locks_per_transaction=1024", "shared_buffers=32MB", "fsync=off"] {
            postgres.args(["-c", setting]);
        }
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "jit=off"]);
        postgres.args(["-c", &format!("port={port}")]).stderr(Stdio::null()).stdout(Stdio::null());
        let server = postgres.spawn().expect("a second PostgreSQL");
        let standby = Self { server, superuser: at_port(superuser_url, port), port, _folder: folder };
        standby.until_it_answers().await;
        standby
    }

    async fn until_it_answers(&self) {
        let begun = Instant::now();
        while self.superuser.connect().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "the replica does not begin");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The same database on it.
    pub(crate) fn url(&self, of_primary: &str) -> PgConnectOptions {
        at_port(of_primary, self.port)
    }

    /// Lets it follow no further, or again.
    pub(crate) async fn follow(&self, follows: bool) {
        let mut connection = self.superuser.connect().await.expect("the replica");
        let switch = if follows { "SELECT pg_wal_replay_resume()" } else { "SELECT pg_wal_replay_pause()" };
        sqlx::query(switch).execute(&mut connection).await.expect("a replica that listens");
        // A pause is asked for, and holds a moment later.
        let holds = "SELECT pg_get_wal_replay_pause_state() = CASE WHEN $1 THEN 'not paused' ELSE 'paused' END";
        while !sqlx::query_scalar(holds).bind(follows).fetch_one(&mut connection).await.is_ok_and(|holds: bool| holds) {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let stopped = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        if stopped.is_ok() {
            let _ = self.server.wait();
        }
    }
}

/// The same login and database by the loopback. A socket in the URL would be kept by options that are made of it.
fn at_port(url: &str, port: u16) -> PgConnectOptions {
    let options: PgConnectOptions = url.parse().expect("a URL");
    let there = PgConnectOptions::new_without_pgpass().host(&Ipv4Addr::LOCALHOST.to_string()).port(port);
    let there = there.username(options.get_username()).password(password(url)).ssl_mode(PgSslMode::Disable);
    there.database(options.get_database().expect("a URL with a database"))
}

/// The password in a URL, which nothing else gives back.
fn password(url: &str) -> &str {
    let login = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(login, _)| login);
    login.and_then(|login| login.split_once(':')).expect("a URL with a password").1
}

/// The user who runs the servers of the tests.
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    fn owner_of(data: &Path) -> Self {
        let owner = fs::metadata(data).expect("the data of the test services' PostgreSQL");
        Self { uid: owner.uid(), gid: owner.gid() }
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null()).uid(self.uid).gid(self.gid);
        command
    }
}
