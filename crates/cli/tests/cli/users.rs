//! `tenure user …` against a real database.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::installation::Installation;
use crate::serve::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_made_given_roles_kept_out_and_let_in_again() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let user = |arguments: &[&str]| {
        let (command, rest) = arguments.split_first().unwrap();
        tenure.json(&[&["user", *command, "--tenant", "acme"], rest].concat(), 0)
    };
    let made = user(&["create", "ada@acme.example", "--name", "Ada", "--role", "owner"]);
    assert!(made.to_string().contains("ada@acme.example"), "{made}");
    user(&["create", "bob@acme.example", "--role", "employee"]);
    let emails = |users: Value| -> Vec<Value> {
        users["users"].as_array().unwrap().iter().map(|user| user["email"].clone()).collect()
    };
    // The one that operators' tokens belong to.
    let first = "owner@acme.invalid";
    assert_eq!(emails(user(&["list"])), ["ada@acme.example", "bob@acme.example", first]);
    assert_eq!(emails(user(&["list", "--role", "employee"])), ["bob@acme.example"]);

    assert_eq!(user(&["set-roles", "bob@acme.example", "manager", "auditor"])["roles"], json!(["auditor", "manager"]));
    assert_eq!(user(&["suspend", "bob@acme.example"])["status"], "suspended");
    assert_eq!(emails(user(&["list", "--status", "suspended"])), ["bob@acme.example"]);
    let refused = tenure.fails(&["user", "reset-password", "--tenant", "acme", "bob@acme.example"], 1);
    assert!(refused.contains("suspended"), "{refused}");
    assert_eq!(user(&["resume", "bob@acme.example"])["status"], "active");
    assert_eq!(user(&["show", "bob@acme.example"])["status"], "active");
    let reset = user(&["reset-password", "bob@acme.example"]);
    assert!(reset["token"].as_str().is_some_and(|token| token.len() > 40), "{reset}");

    user(&["suspend", first]);
    let last = tenure.fails(&["user", "suspend", "--tenant", "acme", "ada@acme.example"], 1);
    assert!(last.contains("owner"), "{last}");
    for (arguments, status) in [
        (&["show", "--tenant", "acme", "eve@acme.example"][..], 1),
        (&["create", "--tenant", "acme", "ADA@acme.example"], 1),
        (&["create", "--tenant", "acme", "eve@acme.example", "--role", "king"], 1),
        (&["create", "--tenant", "acme", "no address"], 2),
        (&["show", "--tenant", "nobody", "ada@acme.example"], 1),
    ] {
        tenure.fails(&[&["user"], arguments].concat(), status);
    }
    let log = tenure.json(&["audit", "verify", "--tenant", "acme"], 0);
    assert_eq!(log["faults"], 0, "each step is in the log, as it was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_a_user_at_a_command_holds_at_a_server_at_once() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let server = Server::start(&mut tenure.command(&["serve", "--port", "0"]));
    let user = |command: &str, rest: &[&str]| {
        tenure.done(&[&["user", command, "--tenant", "acme", "ada@acme.example"], rest].concat())
    };
    let choose = |printed: &str, password: &str| {
        let body = json!({ "token": printed.lines().next().unwrap(), "password": password });
        server.post("/api/v1/password-resets/redeem", "", &body).0
    };
    let sign_in = |password: &str| {
        let body = json!({ "tenant": "acme", "email": "ada@acme.example", "password": password });
        let (status, session) = server.post("/api/v1/sessions", "", &body);
        (status, session["token"].as_str().unwrap_or_default().to_owned())
    };
    let roles = |session: &str| server.get("/api/v1/me", session).1["roles"].clone();
    let made = user("create", &["--name", "Ada Lovelace", "--role", "employee"]);
    assert!(made.contains("password-resets/redeem"), "{made}");
    assert_eq!((choose(&made, "a quiet brown river"), choose(&made, "another brown river")), (204, 400), "once");
    let (status, session) = sign_in("a quiet brown river");
    assert_eq!((status, roles(&session)), (201, json!(["employee"])));
    user("set-roles", &["auditor"]);
    assert_eq!(roles(&session), json!(["auditor"]));
    let reset = user("reset-password", &[]);
    assert_eq!((choose(&reset, "a wide green meadow"), server.get("/api/v1/me", &session).0), (204, 401));
    assert_eq!((sign_in("a quiet brown river").0, sign_in("a wide green meadow").0), (401, 201));
    let (_, session) = sign_in("a wide green meadow");
    let shown = user("show", &[]);
    assert!(shown.contains("Ada Lovelace") && shown.contains("auditor") && !shown.contains("argon2"), "{shown}");
    user("suspend", &[]);
    assert_eq!((server.get("/api/v1/me", &session).0, sign_in("a wide green meadow").0), (401, 401));
    user("resume", &[]);
    assert_eq!((server.get("/api/v1/me", &session).0, sign_in("a wide green meadow").0), (401, 201), "a new one");
    let listed = tenure.done(&["user", "list", "--tenant", "acme", "--role", "auditor"]);
    assert!(listed.contains("ada@acme.example") && listed.contains("active"), "{listed}");
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
}
