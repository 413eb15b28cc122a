//! `tenure demo`, started and stopped as its users do, and killed.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStderr, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tenure_embedded::{Installation, Login};

use crate::process::{get, send};
use crate::{run, tenure};

/// A folder that the server's user can enter; what runs in it is stopped at the end.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn installation(&self) -> Installation {
        Installation::at(&self.0.path().join(".tenure"))
    }

    fn database_runs(&self) -> bool {
        self.installation().running_url(Login::Owner).unwrap().is_some()
    }

    /// The database's first process.
    fn postmaster(&self) -> Pid {
        let text = fs::read_to_string(self.0.path().join(".tenure/postgres/data/postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = self.installation().stop();
    }
}

/// A demo that serves.
struct Demo {
    child: Child,
    stderr: BufReader<ChildStderr>,
    shown: Value,
}

impl Demo {
    /// Starts one on a free port and waits until it has shown how to reach it.
    fn start(folder: &Folder) -> Self {
        let mut child = spawn(folder);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                return Self { child, stderr, shown: serde_json::from_str(&text).unwrap() };
            }
        }
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        panic!("the demo ended ({}) and said\n{said}", child.wait().unwrap());
    }

    fn address(&self) -> &str {
        self.shown["address"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    fn token(&self, tenant: &str, role: &str) -> &str {
        let mut sign_ins = self.shown["sign_ins"].as_array().unwrap().iter();
        let found = sign_ins.find(|sign_in| sign_in["tenant"] == tenant && sign_in["role"] == role);
        found.unwrap_or_else(|| panic!("no {role} of {tenant} in {:#}", self.shown))["token"].as_str().unwrap()
    }

    /// The status and the body of an answer to a GET.
    fn get(&self, path: &str, token: &str) -> (u16, Value) {
        get(self.address(), path, token)
    }

    fn people(&self) -> Value {
        let (status, body) = self.get("/api/v1/employees?limit=200", self.token("acme", "owner"));
        assert_eq!(status, 200, "{body:#}");
        body["data"].clone()
    }

    /// Sends it a signal, waits for its end, and gives whether it ended well and what it said.
    fn stop(mut self, signal: Signal) -> (bool, String) {
        send(&self.child, signal);
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().success(), said)
    }
}

fn spawn(folder: &Folder) -> Child {
    let mut command = tenure(folder.0.path(), &["demo", "--port", "0", "--json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn people_are_served_to_their_own_company_until_ctrl_c_stops_everything() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let people = demo.people();
    assert_eq!(people.as_array().map(Vec::len), Some(60));
    let path = format!("/api/v1/employees/{}", people[0]["id"].as_str().unwrap());
    assert_eq!(demo.get(&path, demo.token("acme", "auditor")).0, 200);
    assert_eq!(demo.get(&path, demo.token("acme", "employee")).0, 404);
    let (status, body) = demo.get(&path, demo.token("globex", "owner"));
    assert_eq!(status, 404, "{body:#}");

    assert_eq!(appraisals_in(&demo), 5, "states that forms are in");
    let (ended_well, said) = demo.stop(Signal::SIGINT);
    assert!(ended_well, "{said}");
    assert!(!folder.database_runs(), "the database was left running:\n{said}");
}

/// In how many states the forms of its one cycle are.
fn appraisals_in(demo: &Demo) -> usize {
    let owner = demo.token("acme", "owner");
    let cycles = demo.get("/api/v1/appraisals/cycles", owner).1["data"].clone();
    assert_eq!(
        (cycles.as_array().map(Vec::len), &cycles[0]["step"]),
        (Some(1), &"manager_review".into()),
        "{cycles:#}"
    );
    let path = format!("/api/v1/appraisals/cycles/{}/progress", cycles[0]["id"].as_str().unwrap());
    let progress = demo.get(&path, owner).1;
    progress["by_state"].as_object().unwrap().values().filter(|count| **count != 0).count()
}

/// The path and the token of a line for curl.
fn request(command: &Value) -> (&str, &str) {
    let quoted: Vec<&str> = command.as_str().unwrap().split('\'').collect();
    let (_, path) = quoted[5].split_at(quoted[5].find("/api/").unwrap());
    (path, quoted[3].strip_prefix("Authorization: Bearer ").unwrap())
}

#[test]
fn what_there_is_to_try_works_but_for_the_other_companys_owner() {
    let folder = Folder::new();
    let demo = Demo::start(&folder);
    let examples = demo.shown["try_it"].as_array().unwrap();
    let (sign_in, requests) = examples.split_last().unwrap();
    let statuses: Vec<u16> = requests
        .iter()
        .map(|example| request(&example["command"]))
        .map(|(path, token)| demo.get(path, token).0)
        .collect();
    assert_eq!(statuses, [200, 200, 200, 404], "{examples:#?}");
    let pasted = std::process::Command::new("sh").arg("-c").arg(sign_in["command"].as_str().unwrap()).output().unwrap();
    let session: Value = serde_json::from_slice(&pasted.stdout).unwrap();
    let (status, me) = demo.get("/api/v1/me", session["token"].as_str().unwrap());
    assert_eq!((status, &me["roles"]), (200, &serde_json::json!(["owner"])), "{session:#}");
    demo.stop(Signal::SIGINT);
}

#[test]
fn the_next_start_shows_the_same_also_after_everything_was_killed() {
    let folder = Folder::new();
    let first = Demo::start(&folder);
    let (people, sign_ins) = (first.people(), first.shown["sign_ins"].clone());
    assert_eq!(appraisals_in(&first), 5);
    first.stop(Signal::SIGTERM);

    let second = Demo::start(&folder);
    assert_eq!((second.people(), &second.shown["sign_ins"]), (people.clone(), &sign_ins));
    assert_eq!(appraisals_in(&second), 5, "and one cycle, as before");
    kill(folder.postmaster(), Signal::SIGKILL).unwrap();
    second.stop(Signal::SIGKILL);

    let third = Demo::start(&folder);
    assert_eq!((third.people(), &third.shown["sign_ins"]), (people, &sign_ins));
    third.stop(Signal::SIGINT);
}

#[test]
fn a_second_demo_on_the_same_port_ends_and_the_first_goes_on() {
    let folder = Folder::new();
    let first = Demo::start(&folder);
    let port = first.address().rsplit_once(':').unwrap().1;
    let second = run(&mut tenure(folder.0.path(), &["demo", "--port", port]));
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    insta::assert_snapshot!(said.replace(port, "PORT"));
    first.people();
    first.stop(Signal::SIGINT);
}

#[test]
fn a_stop_while_everything_is_being_made_leaves_nothing_running_and_the_next_start_goes_on() {
    let folder = Folder::new();
    let mut child = spawn(&folder);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("making and starting PostgreSQL"), "{line}");
    send(&child, Signal::SIGINT);
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    assert!(said.contains("error: interrupted"), "{said}");
    assert!(!folder.database_runs(), "the database was left running:\n{said}");

    let demo = Demo::start(&folder);
    assert_eq!(demo.people().as_array().map(Vec::len), Some(60));
    demo.stop(Signal::SIGINT);
}
