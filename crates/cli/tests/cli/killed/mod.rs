//! What backs up, restores and prunes, killed at moments that are drawn anew each time. `SEED_OF_KILLS` gives those of a test that failed, and
//! `NUMBER_OF_KILLS` more of them or fewer.

mod create;
mod moments;
mod prune;
mod restore;
mod state;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Row};
use tenure_store::documents::{Documents, Patience};
use tenure_testkit::{MongoDatabase, put_between};

use self::moments::{Ear, Extent, Moment, Moments};
use self::state::{Living, bytes};
use crate::backup::{keep_files, make_keys};
use crate::installation::{Installation, execute, rows};
use crate::serve::Server;

/// How long a process that is watched is let alone.
const GLANCE: Duration = Duration::from_millis(1);
/// Larger than what is written to a file at a time, so that one can be seen half written.
const LARGE: usize = 9 << 20;

const DEPARTMENTS: &str = "
    INSERT INTO departments (id, name, created_at, updated_at)
    SELECT gen_random_uuid(), 'Department ' || n, now(), now() FROM generate_series(1, 300) n";

/// An installation whose archives and files lie in folders, with a tenant that has rows, documents and files.
struct Bench {
    tenure: Installation,
    documents: Documents,
    archives: PathBuf,
    files: PathBuf,
    token: String,
    ear: Ear,
    /// The way to the database on which it hears.
    heard: [(&'static str, String); 2],
    moments: Moments,
    killed: usize,
}

impl Bench {
    async fn new(mongo: Option<&MongoDatabase>) -> Self {
        let mut tenure = Installation::new().await;
        let archives = tenure.folder().join("archives");
        tenure.set("TENURE_BACKUP__URL", format!("file://{}", archives.display()));
        make_keys(&mut tenure);
        let files = keep_files(&mut tenure);
        let mut documents = Documents::in_postgres();
        if let Some(mongo) = mongo {
            tenure.set("TENURE_DOCUMENTS__URL", mongo.url());
            tenure.set("TENURE_DOCUMENTS__ANSWER_TIMEOUT", "30s");
            let answer = Duration::from_secs(30);
            documents =
                Documents::open(mongo.url(), Patience { connect: answer, answer, ..Patience::default() }).unwrap();
        }
        tenure.json(&["tenant", "create", "acme", "--name", "Acme"], 0);
        tenure.json(&["flag", "set", "first", "--tenant", "acme", "--on"], 0);
        let token = tenure.json(&["token", "create", "--tenant", "acme"], 0)["token"].as_str().unwrap().to_owned();
        let ear = Ear::default();
        let heard = tenure.urls().map(|(name, url)| {
            let mut options: PgConnectOptions = url.parse().unwrap();
            put_between(&mut options, ear.clone());
            (name, options.to_url_lossy().to_string())
        });
        let bench = Self { tenure, documents, archives, files, token, ear, heard, moments: Moments::new(), killed: 0 };
        bench.change(DEPARTMENTS).await;
        bench
    }

    /// Changes the tenant's rows by SQL.
    async fn change(&self, sql: &str) {
        let schema = self.tenure.json(&["tenant", "show", "acme"], 0)["schema"].as_str().unwrap().to_owned();
        let mut connection = self.tenure.superuser().await;
        execute(&mut connection, &format!("SET search_path = \"{schema}\"; {sql}")).await;
    }

    /// Files documents of these sizes, and gives their ids.
    fn file(&self, sizes: &[usize]) -> Vec<String> {
        let server = Server::start(&mut self.tenure.command(&["serve", "--port", "0", "--no-background"]));
        let ids = sizes.iter().map(|size| {
            let content = format!("%PDF-1.7 {}", "x".repeat(*size));
            let (status, made) = server.upload("/api/v1/documents?name=a.pdf&category=policy", &self.token, &content);
            assert_eq!(status, 201, "{made}");
            made["id"].as_str().unwrap().to_owned()
        });
        let ids = ids.collect();
        server.stop(Signal::SIGTERM);
        ids
    }

    async fn living(&self) -> Living {
        Living::of(&mut self.tenure.superuser().await, &self.documents, "acme").await
    }

    fn create(&self) -> String {
        let made = self.tenure.json(&["backup", "create", "--tenant", "acme"], 0);
        assert_eq!(made["files_lost"].as_u64().unwrap_or_default(), 0, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// The archives that are listed.
    fn listed(&self) -> Vec<Value> {
        let mut listed = self.tenure.json(&["backup", "list", "--limit", "1000"], 0);
        listed["backups"].as_array_mut().map(std::mem::take).unwrap()
    }

    /// The ids of those that are listed as good, all of which a check finds whole.
    fn good(&self) -> BTreeSet<String> {
        let good = of_state(&self.listed(), "good");
        for id in &good {
            self.tenure.json(&["backup", "verify", id], 0);
        }
        good
    }

    /// What good archives need of the store: themselves, their lists, and the copies that these name.
    fn needed(&self, listed: &[Value]) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        for archive in listed.iter().filter(|archive| archive["state"] == "good") {
            let key = archive["object_key"].as_str().unwrap();
            let list = key.replace(".tar.zst.age", ".files");
            if let Ok(copies) = fs::read_to_string(self.archives.join(&list)) {
                needed.extend(copies.lines().map(ToOwned::to_owned).chain([list]));
            }
            needed.insert(key.to_owned());
        }
        needed
    }

    /// Runs a command that does something to a folder, and says how far it came. At a moment it is killed, unless it has ended before.
    fn run(&mut self, arguments: &[&str], folder: &Path, moment: Option<Moment>) -> Extent {
        self.moments.last = moment;
        let mut command = self.tenure.command(arguments);
        command.envs(self.heard.iter().map(|(name, url)| (name, url)));
        let (begun, before) = (Instant::now(), bytes(folder));
        let mut child = self.ear.start(command, moment);
        let status = loop {
            let is_now = match moment {
                Some(Moment::Bytes(some)) => bytes(folder).abs_diff(before) >= some,
                Some(Moment::After(time)) => begun.elapsed() >= time,
                Some(Moment::Message { .. }) | None => false,
            };
            if let Some(status) = self.ear.ended(&mut child) {
                break status;
            }
            if is_now {
                child.kill().unwrap();
            }
            thread::sleep(GLANCE);
        };
        if status.code().is_none() {
            self.killed += 1;
        } else if !status.success() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("{arguments:?} ended with {status}: {said}");
        }
        Extent { messages: self.ear.messages(), bytes: bytes(folder).abs_diff(before), duration: begun.elapsed() }
    }

    /// Waits until PostgreSQL has noticed that a process is no more. Then the tenant works as it did.
    async fn until_gone(&self) {
        self.tenure.until_quiet().await;
        let users = self.tenure.json(&["user", "list", "--tenant", "acme"], 0);
        assert_eq!(users["users"].as_array().unwrap().len(), 1, "{users}");
    }

    /// Keeps the archives and what is known of them, to begin from there again.
    async fn keep(&self) {
        copy(&self.archives, &self.kept());
        let keep = "CREATE SCHEMA kept; CREATE TABLE kept.backups AS TABLE public.backups";
        execute(&mut self.tenure.superuser().await, keep).await;
    }

    /// Begins from there again.
    async fn begin_again(&self) {
        fs::remove_dir_all(&self.archives).unwrap();
        copy(&self.kept(), &self.archives);
        let begin = "BEGIN; DELETE FROM public.backups; INSERT INTO public.backups SELECT * FROM kept.backups; COMMIT";
        execute(&mut self.tenure.superuser().await, begin).await;
    }

    fn kept(&self) -> PathBuf {
        self.tenure.folder().join("kept-archives")
    }
}

/// The ids of archives in a state.
fn of_state(listed: &[Value], state: &str) -> BTreeSet<String> {
    let found = listed.iter().filter(|archive| archive["state"] == state);
    found.map(|archive| archive["id"].as_str().unwrap().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.as_ref().unwrap().path(), to.join(entry.as_ref().unwrap().file_name()));
        if entry.is_dir() {
            copy(&entry, &to);
        } else {
            fs::copy(&entry, &to).unwrap();
        }
    }
}

/// The first value of a query.
async fn value(connection: &mut PgConnection, sql: &str) -> String {
    rows(connection, sql).await.remove(0).get(0)
}
