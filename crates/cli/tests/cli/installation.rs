//! A database of a test's own for the binary to work on.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use tempfile::TempDir;
use tenure_testkit::TestDatabase;

use crate::{run, tenure};

/// What is there is waited for, however busy the machine is.
const PATIENCE: [(&str, &str); 5] = [
    ("TENURE_DATABASE__ACQUIRE_TIMEOUT", "1m"),
    ("TENURE_CACHE__CONNECT_TIMEOUT", "10s"),
    ("TENURE_CACHE__ANSWER_TIMEOUT", "10s"),
    ("TENURE_DOCUMENTS__CONNECT_TIMEOUT", "30s"),
    ("TENURE_DOCUMENTS__ANSWER_TIMEOUT", "30s"),
];

/// An empty folder and an empty database, in which the platform is set up.
pub(crate) struct Installation {
    folder: TempDir,
    database: TestDatabase,
    environment: Vec<(&'static str, String)>,
}

impl Installation {
    pub(crate) async fn new() -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::create().await.dropping_roles());
        let installation = Self { folder, database, environment: Vec::new() };
        installation.done(&["migrate", "up"]);
        installation
    }

    /// Sets a variable for all commands from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The variables that say where the database is.
    pub(crate) fn urls(&self) -> [(&'static str, String); 2] {
        [
            ("TENURE_DATABASE__URL", self.database.application_url.clone()),
            ("TENURE_DATABASE__OWNER_URL", self.database.owner_url.clone()),
        ]
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tenure(self.folder.path(), arguments);
        command.envs(self.urls()).envs(PATIENCE);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    /// Runs a command with a text on its standard input.
    pub(crate) fn fed(&self, arguments: &[&str], text: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json` that must end with a status, and returns its document.
    pub(crate) fn json(&self, arguments: &[&str], status: i32) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must fail with a status, and returns what it said on stderr.
    pub(crate) fn fails(&self, arguments: &[&str], status: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// A connection of the superuser to the database.
    pub(crate) async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.database.superuser_url).await.unwrap()
    }

    /// Waits until what a command does waits for a lock.
    pub(crate) async fn until_blocked(&self, command: &mut Child) {
        let mut connection = self.superuser().await;
        while !is_blocked(&mut connection).await {
            assert_eq!(command.try_wait().unwrap(), None, "the command ended before it was blocked");
            tokio::task::yield_now().await;
        }
    }

    /// Waits until nobody holds any of the locks by which programs take turns: those of a program that was killed go a moment later.
    pub(crate) async fn until_unlocked(&self) {
        let mut connection = self.superuser().await;
        let held = "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
                    WHERE locktype = 'advisory' AND datname = current_database()";
        while !rows(&mut connection, held).await.is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until no session of the owner's login is left.
    pub(crate) async fn until_quiet(&self) {
        let mut connection = self.superuser().await;
        let others =
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'tenure%' AND datname = current_database()";
        while !rows(&mut connection, others).await.is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

/// Whether something that uses the database waits for a lock.
pub(crate) async fn is_blocked(connection: &mut PgConnection) -> bool {
    let waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    !rows(connection, waiting).await.is_empty()
}

pub(crate) async fn rows(connection: &mut PgConnection, sql: &str) -> Vec<PgRow> {
    raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap()
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) {
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}
