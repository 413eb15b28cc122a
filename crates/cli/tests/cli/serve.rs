//! `tenure serve` and `tenure openapi`.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::Value;
use tenure_embedded::{Durability, Login};

use crate::installation::Installation;
use crate::process::{get, post, post_with, send, text, upload};
use crate::{folder_with, run, shown, tenure};

/// How long a server may take for what it does by itself.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs, and stops with the test.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// Reads what it logs, as it does: a pipe that nobody reads would hold it up when it is full.
    log: Option<JoinHandle<String>>,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("Tenure listens on http://").map(ToOwned::to_owned);
        Self { child, address: address.unwrap_or_else(|| panic!("the server said {line:?}")), log: Some(log) }
    }

    /// The status and the body of an answer.
    pub(crate) fn get(&self, path: &str, token: &str) -> (u16, Value) {
        get(&self.address, path, token)
    }

    /// The same with the body as text.
    pub(crate) fn text(&self, path: &str, token: &str) -> (u16, String) {
        text(&self.address, path, token)
    }

    /// Sends a JSON body; the status and the body of the answer.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        post(&self.address, path, token, body)
    }

    /// The same as a proxy would, which says whom it got the request from.
    pub(crate) fn post_for(&self, client: &str, path: &str, body: &Value) -> (u16, Value) {
        post_with(&self.address, path, &format!("x-forwarded-for: {client}\r\n"), body)
    }

    /// Sends a PDF; the status and the body of the answer.
    pub(crate) fn upload(&self, path: &str, token: &str, content: &str) -> (u16, Value) {
        upload(&self.address, path, token, content)
    }

    /// What it counts, as text.
    pub(crate) fn metrics(&self) -> String {
        text(&self.address, "/metrics", "").1
    }

    /// Waits until something is so; when it is not in time, the server is killed and its log shown.
    pub(crate) async fn until(self, mut is_so: impl AsyncFnMut(&Self) -> bool) -> Self {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if is_so(&self).await {
                return self;
            }
            tokio::task::yield_now().await;
        }
        panic!("what was waited for does not come; the server said:\n{}", self.stop(Signal::SIGKILL).1);
    }

    /// Stops it by a signal; how it ended and what it logged.
    pub(crate) fn stop(mut self, signal: Signal) -> (Option<i32>, String) {
        send(&self.child, signal);
        let status = self.child.wait().unwrap();
        (status.code(), self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
    }
}

#[tokio::test]
async fn a_server_answers_the_tokens_holder_logs_requests_and_stops_when_told() {
    let installation = Installation::new().await;
    let create = ["tenant", "create", "acme", "--name", "Acme", "--owner-email", "owner@acme.example"];
    installation.json(&create, 0);
    let token = installation.json(&["token", "create", "--tenant", "acme"], 0);
    let mut command = installation.command(&["serve", "--port", "0"]);
    let server = Server::start(command.env("TENURE_LOG__FORMAT", "json"));
    let (status, body) = server.get("/api/v1/employees", token["token"].as_str().unwrap());
    assert_eq!((status, &body["data"]), (200, &serde_json::json!([])), "{body}");
    assert_eq!(server.get("/api/v1/employees", "").0, 401);

    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tenants = installation.json(&["tenant", "show", "acme"], 0);
    let answered = lines.iter().find(|line| line["message"] == "answered" && line["status"] == 200);
    let answered = answered.unwrap_or_else(|| panic!("no line of the request in\n{log}"));
    assert_eq!(answered["span"]["tenant"], tenants["id"], "{answered}");
}

#[test]
fn a_server_over_an_installation_in_the_folder_starts_it_and_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let installation = tenure_embedded::Installation::at(&folder.path().join(".tenure"));
    installation.open(Durability::Disposable).unwrap().close().unwrap();
    let server = Server::start(&mut tenure(folder.path(), &["serve", "--port", "0"]));
    assert!(installation.running_url(Login::Application).unwrap().is_some());
    let (status, body) = server.get("/readyz", "");
    assert_eq!((status, &body["dependencies"][0]["state"]), (503, &"not_set_up".into()), "{body}");
    let (code, log) = server.stop(Signal::SIGINT);
    assert_eq!(code, Some(0), "{log}");
    assert!(installation.running_url(Login::Application).unwrap().is_none(), "the database was left running\n{log}");
}

#[test]
fn a_server_whose_database_is_away_says_so_and_waits_for_it() {
    let folder =
        folder_with("[database]\nurl = \"postgres://nobody@127.0.0.1:1/tenure\"\nacquire_timeout = \"100ms\"\n");
    let server = Server::start(&mut tenure(folder.path(), &["serve", "--port", "0"]));
    assert_eq!(server.get("/healthz", "").0, 200);
    assert_eq!(server.get("/readyz", "").0, 503);
    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the database does not answer yet"), "{log}");
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = folder_with("");
    let said = shown(&mut tenure(folder.path(), &["serve", "--port", &port]));
    insta::assert_snapshot!(said.replace(&port, "PORT"));
}

#[test]
fn the_description_of_the_api_is_printed_as_json() {
    let folder = folder_with("");
    let printed = |arguments: &[&str]| -> Value {
        serde_json::from_slice(&run(&mut tenure(folder.path(), arguments)).stdout).unwrap()
    };
    let description = printed(&["openapi"]);
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(printed(&["openapi", "--json"]), description);
}

#[test]
fn a_command_that_is_interrupted_ends_in_order() {
    // A database that takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://app@{}/tenure", silent.local_addr().unwrap());
    let folder = folder_with(&format!("[database]\nurl = \"{url}\"\nacquire_timeout = \"1h\"\n"));
    let mut command = tenure(folder.path(), &["tenant", "list"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let _connection = silent.accept().unwrap();
    send(&child, Signal::SIGINT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "error: interrupted\n");
}
