//! What operators ask for over HTTP, done by servers and workers.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tenure_testkit::Fault;

use crate::backup::Bed;
use crate::serve::Server;

const OPERATIONS: &str = "/api/platform/v1/operations";

/// A server that leaves the work to others, and an operator's token.
fn server_of(bed: &Bed) -> (Server, String) {
    let token = bed.tenure.json(&["operator", "create", "console"], 0)["token"].as_str().unwrap().to_owned();
    (Server::start(&mut bed.tenure.command(&["serve", "--port", "0", "--no-background"])), token)
}

fn worker(bed: &Bed) -> Server {
    let mut command = bed.tenure.command(&["worker", "--port", "0"]);
    Server::start(command.env("TENURE_BACKUP__SCHEDULE", "off"))
}

/// Asks for something; its id.
fn ask(server: &Server, token: &str, body: &Value) -> String {
    let (status, asked) = server.post(OPERATIONS, token, body);
    assert_eq!((status, &asked["state"]), (202, &json!("queued")), "{asked}");
    asked["id"].as_str().unwrap().to_owned()
}

/// Waits until something that was asked for has ended, and gives it with the server.
async fn ended(server: Server, token: &str, id: &str) -> (Server, Value) {
    let path = format!("{OPERATIONS}/{id}");
    let server = server.until(async |server| !server.get(&path, token).1["ended_at"].is_null()).await;
    let ended = server.get(&path, token).1;
    (server, ended)
}

/// Asks for something, and gives what became of it with the server.
async fn done(server: Server, token: &str, body: &Value) -> (Server, Value) {
    let id = ask(&server, token, body);
    ended(server, token, &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_backs_up_checks_restores_takes_back_and_prunes_what_was_asked_for() {
    let bed = Bed::new().await;
    let (server, token) = server_of(&bed);
    let worker = worker(&bed);
    bed.add_department("Sales").await;
    let (server, backup) = done(server, &token, &json!({ "kind": "backup", "tenant": "acme" })).await;
    assert_eq!((&backup["state"], &backup["result"]["state"]), (&json!("done"), &json!("good")), "{backup}");
    let id = backup["result"]["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/api/platform/v1/backups/{id}"), &token).1["state"], "good");

    let (server, checked) = done(server, &token, &json!({ "kind": "verify", "backup": id, "deep": true })).await;
    assert_eq!((&checked["state"], &checked["result"]["deep"]), (&json!("done"), &json!(true)), "{checked}");
    bed.add_department("Support").await;
    let restore = json!({ "kind": "restore", "tenant": "acme", "backup": id });
    let (server, tried) =
        done(server, &token, &json!({ "kind": "restore", "tenant": "acme", "backup": id, "dry_run": true })).await;
    assert_eq!((&tried["state"], bed.departments().await.len()), (&json!("done"), 2), "{tried}");
    let (server, restored) = done(server, &token, &restore).await;
    assert_eq!(restored["state"], "done", "{restored}");
    assert_eq!(bed.departments().await, ["Sales"]);
    let (server, undone) = done(server, &token, &json!({ "kind": "undo_restore", "tenant": "acme" })).await;
    assert_eq!((&undone["state"], bed.departments().await.len()), (&json!("done"), 2), "{undone}");
    let slug = format!("copy-{}", id.rsplit_once('-').unwrap().1);
    let copy = json!({ "kind": "restore", "tenant": "acme", "backup": id, "as": slug });
    let (server, copied) = done(server, &token, &copy).await;
    assert_eq!(copied["result"]["tenant"]["slug"], json!(slug), "{copied}");
    let (server, twice) = done(server, &token, &copy).await;
    assert_eq!(twice["state"], "failed", "{twice}");
    assert!(twice["error"].as_str().unwrap().contains(&slug), "{twice}");
    let (server, pruned) = done(server, &token, &json!({ "kind": "prune" })).await;
    assert_eq!((&pruned["state"], &pruned["result"]["pruned"]), (&json!("done"), &json!([])), "{pruned}");

    let trail = bed.tenure.json(&["tenant", "audit", "acme"], 0).to_string();
    assert!(trail.contains("operator:console"), "{trail}");
    assert!(worker.stop(Signal::SIGTERM).1.contains("an operation begins"));
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_did_is_noted_as_cut_off_and_what_waits_is_done_by_the_next() {
    let bed = Bed::new().await;
    let (server, token) = server_of(&bed);
    bed.server.fail(Some(Fault::SilentAfter(0)));
    let first = worker(&bed);
    let cut_off = ask(&server, &token, &json!({ "kind": "backup", "tenant": "acme" }));
    let waiting = ask(&server, &token, &json!({ "kind": "backup_all" }));
    bed.server.until_requests(1).await;
    first.stop(Signal::SIGKILL);
    bed.server.fail(None);
    bed.tenure.until_unlocked().await;

    let (one, another) = (worker(&bed), worker(&bed));
    let (server, first) = ended(server, &token, &cut_off).await;
    assert_eq!(first["state"], "failed", "{first}");
    assert!(first["error"].as_str().unwrap().contains("cut off"), "{first}");
    let (server, second) = ended(server, &token, &waiting).await;
    assert_eq!(second["state"], "done", "{second}");
    assert_eq!(second["result"]["failed"], json!([]), "{second}");
    let begun = [one, another].map(|worker| worker.stop(Signal::SIGTERM).1.matches("an operation begins").count());
    assert_eq!(begun.iter().sum::<usize>(), 1, "once, by one of the two: {begun:?}");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_owners_login_takes_what_is_asked_for_and_leaves_it_to_a_worker() {
    let bed = Bed::new().await;
    let token = bed.tenure.json(&["operator", "create", "console"], 0)["token"].as_str().unwrap().to_owned();
    let mut command = bed.tenure.command(&["serve", "--port", "0"]);
    let server = Server::start(command.env_remove("TENURE_DATABASE__OWNER_URL").env("TENURE_BACKUP__SCHEDULE", "off"));
    let id = ask(&server, &token, &json!({ "kind": "backup", "tenant": "acme" }));
    let worker = worker(&bed);
    let (server, backup) = ended(server, &token, &id).await;
    assert_eq!(backup["state"], "done", "{backup}");
    assert!(worker.stop(Signal::SIGTERM).1.contains("an operation begins"));
    let log = server.stop(Signal::SIGTERM).1;
    assert!(log.contains("operations are left to other servers and workers"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_are_made_listed_and_revoked() {
    let bed = Bed::new().await;
    let (server, token) = server_of(&bed);
    assert_eq!(server.get(OPERATIONS, &token).0, 200);
    assert!(bed.tenure.fails(&["operator", "create", "Console"], 1).contains("another operator"));
    bed.tenure.json(&["operator", "create", "for a day", "--valid-for", "1d"], 0);
    let listed = bed.tenure.json(&["operator", "list"], 0)["operators"].clone();
    assert_eq!((&listed[0]["name"], &listed[1]["expires_at"]), (&json!("for a day"), &Value::Null), "{listed}");
    assert!(!listed.to_string().contains(&token));
    bed.tenure.done(&["operator", "revoke", "console"]);
    assert_eq!(server.get(OPERATIONS, &token).0, 401);
    assert!(bed.tenure.fails(&["operator", "revoke", "console"], 1).contains("no operator"));
    drop(server);
}
