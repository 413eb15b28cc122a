//! `tenure backup …` and `tenure restore …` against a real database and a real bucket, also killed at any moment.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row};
use tenure_testkit::{Fault, MongoDatabase, S3Server};

use crate::installation::{Installation, execute, rows};
use crate::serve::Server;

/// Keeps nothing but what is always kept.
pub(crate) const PRUNE: [&str; 11] =
    ["backup", "prune", "--keep-days", "0", "--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0", "--yes"];

pub(crate) struct Bed {
    pub(crate) tenure: Installation,
    pub(crate) server: S3Server,
}

impl Bed {
    /// An installation with a tenant, a bucket and a key.
    pub(crate) async fn new() -> Self {
        let (mut tenure, server) = (Installation::new().await, S3Server::start().await);
        tenure.set("AWS_ACCESS_KEY_ID", S3Server::ACCESS_KEY_ID);
        tenure.set("AWS_SECRET_ACCESS_KEY", S3Server::SECRET_ACCESS_KEY);
        tenure.set("TENURE_BACKUP__URL", format!("s3://{}/tenure", S3Server::BUCKET));
        tenure.set("TENURE_BACKUP__S3_ENDPOINT", server.endpoint.clone());
        tenure.set("TENURE_BACKUP__S3_REGION", "eu-central-1");
        tenure.set("TENURE_BACKUP__S3_RETRIES", "0");
        make_keys(&mut tenure);
        tenure.json(&["tenant", "create", "acme", "--name", "Acme"], 0);
        Self { tenure, server }
    }

    fn create(&self) -> String {
        self.tenure.json(&["backup", "create", "--tenant", "acme"], 0)["id"].as_str().unwrap().to_owned()
    }

    fn listed(&self) -> Vec<Value> {
        let mut listed = self.tenure.json(&["backup", "list"], 0);
        listed["backups"].as_array_mut().map(std::mem::take).unwrap()
    }

    fn state(&self, id: &str) -> Value {
        self.tenure.json(&["backup", "show", id], 0)["state"].clone()
    }

    /// The tenant's departments, with a connection that knows its schema.
    pub(crate) async fn departments(&self) -> Vec<String> {
        let mut connection = self.tenure.superuser().await;
        let schema = self.schema();
        let found = rows(&mut connection, &format!("SELECT name FROM {schema}.departments ORDER BY name")).await;
        found.iter().map(|row| row.get("name")).collect()
    }

    fn schema(&self) -> String {
        self.tenure.json(&["tenant", "show", "acme"], 0)["schema"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn add_department(&self, name: &str) {
        let (mut connection, schema) = (self.tenure.superuser().await, self.schema());
        let insert = "INSERT INTO {schema}.departments (id, name, created_at, updated_at)
                      VALUES (gen_random_uuid(), '{name}', now(), now())";
        execute(&mut connection, &insert.replace("{schema}", &schema).replace("{name}", name)).await;
    }

    /// Starts a command that the bucket stops after so many requests, and kills it there.
    async fn kill_at_request(&self, arguments: &[&str], request: usize) {
        self.server.fail(Some(Fault::SilentAfter(request)));
        let mut child = spawned(self.tenure.command(arguments));
        self.server.until_requests(request + 1).await;
        child.kill().unwrap();
        child.wait().unwrap();
        self.server.fail(None);
        self.tenure.until_quiet().await;
    }

    /// Starts a restore, which finds the tenant's rows in use when it is to exchange them, and kills it there.
    async fn kill_at_swap(&self, restore: &[&str]) {
        let mut reader = self.tenure.superuser().await;
        let mut open = reader.begin().await.unwrap();
        let read = format!("SELECT name FROM {}.departments", self.schema());
        sqlx::query(AssertSqlSafe(read)).fetch_all(&mut *open).await.unwrap();
        let mut child = spawned(self.tenure.command(restore));
        self.tenure.until_blocked(&mut child).await;
        child.kill().unwrap();
        child.wait().unwrap();
        open.rollback().await.unwrap();
        self.tenure.until_quiet().await;
    }
}

/// Lets archives be made for a new key, and opened by it.
pub(crate) fn make_keys(tenure: &mut Installation) {
    let identity = tenure.folder().join("backup.key").display().to_string();
    let recipient = tenure.json(&["backup", "keygen", &identity], 0)["recipient"].as_str().unwrap().to_owned();
    tenure.set("TENURE_BACKUP__RECIPIENTS", recipient);
    tenure.set("TENURE_BACKUP__IDENTITY_FILE", identity);
}

fn spawned(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_of_all_are_made_listed_tried_exported_and_pruned() {
    let bed = Bed::new().await;
    bed.tenure.json(&["tenant", "create", "globex", "--name", "Globex"], 0);
    bed.add_department("Sales").await;
    let all = bed.tenure.json(&["backup", "create", "--all"], 0);
    assert_eq!(all["made"].as_array().unwrap().len(), 2);
    assert_eq!(bed.tenure.json(&["backup", "create", "--all"], 0)["unchanged"].as_array().unwrap().len(), 2);
    assert_eq!(bed.tenure.json(&["backup", "drill"], 0)["whole"].as_array().unwrap().len(), 2);
    let id = bed.create();
    let file = bed.tenure.folder().join("acme.age").display().to_string();
    bed.tenure.json(&["backup", "export", &id, &file], 0);
    assert!(fs::metadata(file).unwrap().len() > 0);
    let beside = bed.tenure.json(&["restore", "--tenant", "acme", "--from", &id, "--table", "departments", "--yes"], 0);
    assert_eq!(beside["rows"], 1);
    assert!(bed.tenure.json(&["backup", "prune", "--yes"], 0)["pruned"].as_array().unwrap().is_empty());
    // Of acme the older one, and of the platform.
    let pruned = bed.tenure.json(&PRUNE, 0);
    assert!(!pruned["pruned"].as_array().unwrap().is_empty());
    assert_eq!(bed.state(&id), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_fails_is_named_and_the_status_says_so() {
    let bed = Bed::new().await;
    bed.tenure.json(&["tenant", "create", "globex", "--name", "Globex"], 0);
    let mut connection = bed.tenure.superuser().await;
    execute(&mut connection, &format!("DROP TABLE {}.sessions", bed.schema())).await;
    let all = bed.tenure.json(&["backup", "create", "--all"], 3);
    assert_eq!((&all["failed"][0]["tenant"], all["made"].as_array().unwrap().len()), (&json!("acme"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_killed_anywhere_is_never_good_and_the_next_clears_up() {
    let bed = Bed::new().await;
    // While the object is sent, and while it is read back.
    for request in [0, 1] {
        bed.kill_at_request(&["backup", "create", "--tenant", "acme"], request).await;
        let dead = bed.listed().remove(0);
        assert_eq!(dead["state"], "running", "{dead}");
        let id = bed.create();
        assert_eq!(bed.state(dead["id"].as_str().unwrap()), "failed");
        assert!(!bed.server.bucket().join("tenure").join(dead["object_key"].as_str().unwrap()).exists());
        bed.tenure.json(&["backup", "verify", &id, "--deep"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_all_that_is_killed_is_taken_up_where_it_was() {
    let bed = Bed::new().await;
    bed.tenure.json(&["tenant", "create", "globex", "--name", "Globex"], 0);
    // One at a time: the first tenant's object is sent and read back, the second's is not.
    bed.kill_at_request(&["backup", "create", "--all", "--parallel", "1"], 2).await;
    let all = bed.tenure.json(&["backup", "create", "--all"], 0);
    assert_eq!((&all["is_taken_up"], all["made"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(all["unchanged"], json!([]));
    let states: Vec<Value> = bed.listed().into_iter().map(|backup| backup["state"].clone()).collect();
    assert_eq!(states, ["good", "good", "failed", "good"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_killed_while_it_reads_or_while_it_waits_to_swap_changes_nothing() {
    let bed = Bed::new().await;
    bed.add_department("Sales").await;
    let id = bed.create();
    bed.add_department("Later").await;
    let restore = ["restore", "--tenant", "acme", "--from", &id, "--yes"];
    bed.kill_at_request(&restore, 0).await;
    assert_eq!(bed.departments().await, ["Later", "Sales"]);

    bed.kill_at_swap(&restore).await;
    assert_eq!(bed.departments().await, ["Later", "Sales"]);
    assert_eq!(left_over(&mut bed.tenure.superuser().await).await, 0);

    bed.tenure.json(&restore, 0);
    assert_eq!(bed.departments().await, ["Sales"]);
}

/// Schemas that a restore made or kept.
pub(crate) async fn left_over(connection: &mut PgConnection) -> usize {
    let left = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(before|restored|tenant_drill)_'";
    rows(connection, left).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pruning_killed_anywhere_leaves_no_archive_listed_as_good_that_is_not_there() {
    let bed = Bed::new().await;
    let (old, new) = (bed.create(), bed.create());
    // It asks twice whether the newest is there, once to say what would go; then it deletes.
    for (request, state) in [(1, "good"), (2, "pruned")] {
        bed.kill_at_request(&PRUNE, request).await;
        assert_eq!(bed.state(&old), state);
    }
    bed.tenure.json(&PRUNE, 0);
    let objects = fs::read_dir(bed.server.bucket().join("tenure/backups")).unwrap();
    let folder = objects.map(|entry| entry.unwrap().path()).next().unwrap();
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [format!("{new}.tar.zst.age").as_str()]);
    assert_eq!(bed.state(&new), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_makes_up_for_what_is_due_and_counts_it() {
    let bed = Bed::new().await;
    let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0"]));
    let mut connection = bed.tenure.superuser().await;
    let ended = "SELECT DISTINCT kind FROM public.backup_runs WHERE ended_at IS NOT NULL";
    let server = server.until(async |_| rows(&mut connection, ended).await.len() == 3).await;
    assert_eq!(bed.listed().into_iter().filter(|backup| backup["state"] == "good").count(), 2);
    // At a full hour there may be more.
    let all = "SELECT DISTINCT ON (kind) done, failed FROM public.backup_runs ORDER BY kind, id";
    let all = rows(&mut connection, all).await;
    let counts: Vec<(i32, i32)> = all.iter().map(|row| (row.get("done"), row.get("failed"))).collect();
    assert_eq!(counts, [(1, 0), (0, 0), (1, 0)]);
    assert!(server.metrics().contains("tenure_backup_failures_total 0"));
    let (code, log) = server.stop(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_bucket_refuses_says_which_tenant_and_why_counts_it_and_tries_again() {
    let bed = Bed::new().await;
    bed.server.fail(Some(Fault::Full));
    let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0"]));
    // The tenant's and the platform's.
    let server = server.until(async |server| server.metrics().contains("tenure_backup_failures_total 2")).await;
    bed.server.fail(None);
    let server = server.until(async |server| !server.metrics().contains("tenure_backups_made_total 0")).await;
    let (_, log) = server.stop(nix::sys::signal::Signal::SIGTERM);
    assert!(log.contains("the backup of a tenant failed tenant=acme") && log.contains("QuotaExceeded"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restore_replaced_is_dropped_by_itself_when_its_days_are_over() {
    let mut bed = Bed::new().await;
    bed.tenure.set("TENURE_BACKUP__SCHEDULE", "off");
    bed.tenure.set("TENURE_BACKUP__KEEP_REPLACED_DAYS", "0");
    let id = bed.create();
    bed.tenure.json(&["restore", "--tenant", "acme", "--from", &id, "--yes"], 0);
    let mut connection = bed.tenure.superuser().await;
    assert_eq!(left_over(&mut connection).await, 1);
    let worker = Server::start(&mut bed.tenure.command(&["worker", "--port", "0"]));
    let worker = worker.until(async |_| left_over(&mut connection).await == 0).await;
    worker.stop(nix::sys::signal::Signal::SIGTERM);
    assert!(bed.tenure.done(&["tenant", "audit", "acme"]).contains("former_schema_dropped"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_does_what_is_due_beside_a_server_that_leaves_it_to_it() {
    let bed = Bed::new().await;
    let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0", "--no-background"]));
    let worker = Server::start(&mut bed.tenure.command(&["worker", "--port", "0"]));
    let mut connection = bed.tenure.superuser().await;
    let ended = "SELECT DISTINCT kind FROM public.backup_runs WHERE ended_at IS NOT NULL";
    let worker = worker.until(async |_| rows(&mut connection, ended).await.len() == 3).await;
    let worker = worker.until(async |worker| !worker.metrics().contains("tenure_backups_made_total 0")).await;
    assert!(server.metrics().contains("tenure_backups_made_total 0"), "{}", server.metrics());
    let server = server.until(async |server| server.text("/readyz", "").0 == 200).await;
    let worker = worker.until(async |worker| worker.text("/readyz", "").0 == 200).await;
    assert_eq!((server.text("/api/docs", "").0, worker.text("/api/docs", "").0), (200, 404));
    for (name, program) in [("server", server), ("worker", worker)] {
        let (code, log) = program.stop(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(code, Some(0), "{name}: {log}");
        assert!(!log.contains("ERROR") && !log.contains("left to the next time"), "{name}: {log}");
    }
}

/// A PDF as far as its first bytes say.
const FILE: &str = "%PDF-1.7 of Acme";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_sent_to_the_server_comes_back_with_its_tenant_and_in_a_copy_of_it() {
    files_come_back(Bed::new().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_one_whose_records_lie_in_mongodb() {
    let (mut bed, mongo) = (Bed::new().await, MongoDatabase::new());
    bed.tenure.set("TENURE_DOCUMENTS__URL", mongo.url());
    bed.tenure.set("TENURE_DOCUMENTS__ANSWER_TIMEOUT", "30s");
    files_come_back(bed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_killed_at_the_swap_leaves_the_documents_in_mongodb_as_they_were() {
    let (mut bed, mongo) = (Bed::new().await, MongoDatabase::new());
    bed.tenure.set("TENURE_DOCUMENTS__URL", mongo.url());
    bed.tenure.set("TENURE_DOCUMENTS__ANSWER_TIMEOUT", "30s");
    bed.tenure.done(&["documents", "copy"]);
    keep_files(&mut bed.tenure);
    let token = bed.tenure.json(&["token", "create", "--tenant", "acme"], 0)["token"].as_str().unwrap().to_owned();
    // Stopped again each time: what is killed waits until nobody is at work.
    let add = |name: &str| {
        let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0", "--no-background"]));
        let (status, made) = server.upload(&format!("/api/v1/documents?name={name}&category=policy"), &token, FILE);
        assert_eq!(status, 201, "{made}");
        server.stop(nix::sys::signal::Signal::SIGTERM);
    };
    let names = || {
        let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0", "--no-background"]));
        let (status, listed) = server.get("/api/v1/documents", &token);
        server.stop(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(status, 200, "{listed}");
        let names =
            listed["data"].as_array().unwrap().iter().map(|document| document["title"].as_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    add("before.pdf");
    let id = bed.create();
    add("later.pdf");
    let restore = ["restore", "--tenant", "acme", "--from", &id, "--yes"];
    bed.kill_at_swap(&restore).await;
    assert_eq!(names(), ["before.pdf", "later.pdf"]);
    let swept = bed.tenure.json(&["documents", "sweep"], 0);
    assert!(swept["left_over"].as_u64().unwrap() > 0, "what the killed one had put beside: {swept}");
    assert_eq!(names(), ["before.pdf", "later.pdf"], "and nothing else went");
    bed.tenure.json(&restore, 0);
    assert_eq!(names(), ["before.pdf"]);
}

/// Lets files be kept in a folder, which it gives.
pub(crate) fn keep_files(tenure: &mut Installation) -> PathBuf {
    let (files, key) = (tenure.folder().join("kept"), tenure.folder().join("files.key"));
    fs::write(&key, "07".repeat(32)).unwrap();
    tenure.set("TENURE_FILES__URL", format!("file://{}", files.display()));
    tenure.set("TENURE_FILES__KEY_FILE", key.display().to_string());
    files
}

fn files_come_back(mut bed: Bed) {
    let files = keep_files(&mut bed.tenure);
    // Which would look for the files while they are away.
    bed.tenure.set("TENURE_BACKUP__SCHEDULE", "off");
    bed.tenure.json(&["tenant", "create", "globex", "--owner-email", "owner@globex.example"], 0);
    let token = bed.tenure.json(&["token", "create", "--tenant", "globex"], 0)["token"].as_str().unwrap().to_owned();
    let server = Server::start(&mut bed.tenure.command(&["serve", "--port", "0"]));
    let (status, made) = server.upload("/api/v1/documents?name=a.pdf&category=policy", &token, FILE);
    assert_eq!(status, 201, "{made}");
    let content = format!("/api/v1/documents/{}/content", made["id"].as_str().unwrap());

    let backup = bed.tenure.json(&["backup", "create", "--tenant", "globex"], 0);
    assert_eq!((&backup["files"], &backup["files_lost"]), (&json!(1), &json!(0)), "{backup}");
    let id = backup["id"].as_str().unwrap();
    assert!(bed.tenure.done(&["backup", "verify", id]).contains("1 files"));
    fs::remove_dir_all(files.join("files")).unwrap();
    let lost = bed.tenure.json(&["backup", "create", "--tenant", "globex"], 0);
    assert_eq!(lost["files_lost"], 0, "its copy is there: {lost}");
    let restored = bed.tenure.json(&["restore", "--tenant", "globex", "--from", id, "--yes"], 0);
    assert_eq!(restored["files"], json!({ "copied": 1, "present": 0, "missing": 0 }));
    assert_eq!(server.text(&content, &token), (200, FILE.to_owned()));

    // Roles belong to all databases of a server, so the copy has a slug that no other test has.
    let copy = &format!("copy-{}", id.rsplit_once('-').unwrap().1);
    let copied = bed.tenure.json(&["restore", "--tenant", "globex", "--from", id, "--as", copy], 0);
    assert_eq!(copied["files"]["copied"], 1);
    let token = bed.tenure.json(&["token", "create", "--tenant", copy], 0)["token"].as_str().unwrap().to_owned();
    assert_eq!(server.text(&content, &token), (200, FILE.to_owned()));
    let (_, log) = server.stop(nix::sys::signal::Signal::SIGTERM);
    assert!(!log.contains("ERROR"), "{log}");
}
