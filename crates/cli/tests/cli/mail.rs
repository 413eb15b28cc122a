//! Mail from a change to a mail server that is not Tenure's own, with encryption and a login.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tenure_testkit::{Mood, SmtpServer};

use crate::certificates::{authority, of_a_server};
use crate::installation::{Installation, execute, is_blocked};
use crate::run;
use crate::serve::Server;

const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers/mail/bin/python");
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/mail_server.py");

/// A mail server with a certificate, which ends with the test.
struct MailServer {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
    folder: TempDir,
}

impl MailServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "ours");
        let (key, certificate) = of_a_server(folder.path(), "ours");
        let mut command = Command::new(PYTHON);
        command.arg(SERVER).arg(certificate).arg(key).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{PYTHON}: {error}; run `scripts/servers`"));
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let port = next(&mut lines).parse().unwrap();
        Self { child, lines, port, folder }
    }

    fn url(&self, login: &str, authority: &Path) -> String {
        format!("smtp://{login}@127.0.0.1:{}?ca={}", self.port, authority.display())
    }

    fn taken(&mut self) -> Value {
        serde_json::from_str(&next(&mut self.lines)).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

const LOGIN: &str = "hr%40acme.example:s3cret%2Fword";

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_mailed_encrypted_by_whoever_sends() {
    let mut mail = MailServer::start();
    let ours = mail.folder.path().join("ours.crt");
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme", "--name", "Äcme Ltd", "--owner-email", "ada@acme.example"]);
    let with_mail = |arguments: &[&str]| {
        let mut command = tenure.command(arguments);
        command.env("TENURE_MAIL__URL", mail.url(LOGIN, &ours)).env("TENURE_MAIL__FROM", "hr@acme.example");
        command
    };
    let server = Server::start(&mut with_mail(&["serve", "--port", "0", "--no-background"]));
    let asked = server.post("/api/v1/password-resets", "", &json!({ "tenant": "acme", "email": "ada@acme.example" })).0;
    assert_eq!(asked, 202);
    let worker = Server::start(&mut with_mail(&["worker", "--port", "0"]));
    let taken = mail.taken();
    let text = taken["text"].as_str().unwrap();
    assert_eq!(
        (&taken["to"], &taken["encrypted"], &taken["user"]),
        (&json!(["ada@acme.example"]), &json!(true), &json!(true)),
        "{taken}"
    );
    assert!(text.contains("From: =?utf-8?") && text.contains("tnp_"), "{text}");
    let worker =
        worker.until(async |worker| worker.metrics().contains("mail_attempts_total{outcome=\"sent\"} 1")).await;
    assert_eq!(worker.stop(Signal::SIGTERM).0, Some(0));
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
    let listed = tenure.json(&["mail", "list", "--tenant", "acme"], 0);
    assert_eq!(listed["messages"][0]["state"], "sent", "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_mail_server_is_said_and_its_password_is_not() {
    let mut mail = MailServer::start();
    let ours = mail.folder.path().join("ours.crt");
    let other = authority(mail.folder.path(), "other");
    let tenure = Installation::new().await;
    let with = |url: String, arguments: &[&str]| {
        let mut command = tenure.command(arguments);
        let output = run(command.env("TENURE_MAIL__URL", url).env("TENURE_MAIL__FROM", "hr@acme.example"));
        let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!shown.contains("s3cret"), "{shown}");
        (output.status.code(), shown)
    };
    let test = ["mail", "test", "ada@acme.example"];
    let (status, shown) = with(mail.url(LOGIN, &ours), &test);
    assert_eq!(status, Some(0), "{shown}");
    assert!(mail.taken()["text"].as_str().unwrap().contains("Tenure sends mail"));
    let (_, doctor) = with(mail.url(LOGIN, &ours), &["doctor"]);
    assert!(doctor.contains("mail: server"), "{doctor}");
    let (status, shown) = with(mail.url("hr%40acme.example:s3cret", &ours), &test);
    assert!(status == Some(1) && shown.contains("535"), "a wrong password: {shown}");
    let (status, shown) = with(mail.url(LOGIN, &other), &test);
    assert!(status == Some(1) && shown.to_lowercase().contains("certificate"), "another authority: {shown}");
    let (status, shown) = with(mail.url(LOGIN, &other), &["doctor"]);
    assert!(status == Some(1) && shown.contains("FAILED"), "{shown}");
    let (status, shown) = with(mail.url(LOGIN, &ours), &["config", "show"]);
    assert!(status == Some(0) && shown.contains("hr%40acme.example:***@"), "{shown}");
    assert!(tenure.fails(&test, 1).contains("mail.url is not set"));
}

/// A server that has sent a mail, and waits for the word that it was taken.
async fn amid_a_mail() -> (Installation, SmtpServer, Server) {
    let (mut tenure, smtp) = (Installation::new().await, SmtpServer::start().await);
    tenure.set("TENURE_MAIL__URL", smtp.url());
    tenure.set("TENURE_MAIL__FROM", "hr@acme.example");
    tenure.done(&["tenant", "create", "acme", "--owner-email", "ada@acme.example"]);
    smtp.be(Mood::Stalls);
    let server = Server::start(&mut tenure.command(&["serve", "--port", "0"]));
    let asked = server.post("/api/v1/password-resets", "", &json!({ "tenant": "acme", "email": "ada@acme.example" })).0;
    assert_eq!(asked, 202);
    let server = server.until(async |_| smtp.taken().len() == 1).await;
    (tenure, smtp, server)
}

/// After a sender was killed, the next one leaves the mail alone for as long as the first had taken it, and sends it then.
async fn is_sent_by_the_next(tenure: &Installation, smtp: &SmtpServer) {
    smtp.be(Mood::Kind);
    let worker = Server::start(&mut tenure.command(&["worker", "--port", "0"]));
    // It counts after it has looked what is due.
    let worker = worker.until(async |worker| worker.metrics().contains("tenure_mail_waiting 1\n")).await;
    assert_eq!(smtp.taken().len(), 1, "the first may still be at it");
    let five_minutes_later = "UPDATE public.mail_queue SET due_at = due_at - interval '5 minutes'";
    execute(&mut tenure.superuser().await, five_minutes_later).await;
    let worker =
        worker.until(async |worker| worker.metrics().contains("mail_attempts_total{outcome=\"sent\"} 1")).await;
    assert_eq!(worker.stop(Signal::SIGTERM).0, Some(0));

    let taken = smtp.taken();
    let names: Vec<_> = taken.iter().map(|mail| mail.header("Message-ID")).collect();
    assert!(names.len() == 2 && names[0].is_some() && names[0] == names[1], "two mails under one name: {names:?}");
    assert!(taken[1].text.contains("tnp_"), "{taken:?}");
    let listed = tenure.json(&["mail", "list", "--tenant", "acme"], 0);
    let message = &listed["messages"][0];
    assert_eq!((&message["state"], &message["attempts"]), (&json!("sent"), &json!(2)), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_sender_is_killed_in_the_middle_of_it_is_sent_by_the_next() {
    let (tenure, smtp, server) = amid_a_mail().await;
    assert_eq!(server.stop(Signal::SIGKILL).0, None);
    is_sent_by_the_next(&tenure, &smtp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_sender_is_killed_before_it_has_noted_that_it_was_taken_is_sent_again() {
    let (tenure, smtp, server) = amid_a_mail().await;
    let schema = tenure.json(&["tenant", "show", "acme"], 0)["schema"].as_str().unwrap().to_owned();
    let (mut holder, mut watcher) = (tenure.superuser().await, tenure.superuser().await);
    execute(&mut holder, &format!("BEGIN; SELECT FROM {schema}.outbox FOR UPDATE")).await;
    smtp.be(Mood::Kind);
    let server = server.until(async |_| is_blocked(&mut watcher).await).await;
    assert_eq!(server.stop(Signal::SIGKILL).0, None);
    execute(&mut holder, "ROLLBACK").await;
    is_sent_by_the_next(&tenure, &smtp).await;
}
