//! `tenure token …` against a real database and a server that the tokens open.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::installation::Installation;
use crate::serve::Server;

fn word(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_listed_and_revoked_and_opens_what_its_user_may() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme", "--owner-email", "owner@acme.example"]);
    tenure.done(&["user", "create", "--tenant", "acme", "bob@acme.example", "--role", "employee"]);
    let token = |arguments: &[&str]| {
        let (command, rest) = arguments.split_first().unwrap();
        tenure.json(&[&["token", *command, "--tenant", "acme"], rest].concat(), 0)
    };
    let owners = token(&["create"]);
    assert_eq!(owners["expires_at"], Value::Null);
    let bobs = token(&["create", "--user", "BOB@acme.example", "--name", "Nightly report", "--valid-for", "90d"]);
    assert!(word(&bobs["expires_at"]).ends_with('Z'), "{bobs}");
    let printed = tenure.done(&["token", "create", "--tenant", "acme", "--name", "printed"]);
    assert!(printed.starts_with("tnr_") && printed.lines().count() == 1, "a script can take it as it is: {printed}");

    let listed = token(&["list"]);
    let shown: Vec<_> =
        listed["tokens"].as_array().unwrap().iter().map(|one| (word(&one["user"]), word(&one["name"]))).collect();
    let (owner, bob) = ("owner@acme.example", "bob@acme.example");
    assert_eq!(shown, [(owner, "printed"), (bob, "Nightly report"), (owner, "command line")], "newest first");
    assert!(!listed.to_string().contains(word(&bobs["token"])), "no secret is shown again");
    let table = tenure.done(&["token", "list", "--tenant", "acme"]);
    assert!(table.contains("Nightly report") && table.contains(word(&bobs["id"])), "{table}");

    let server = Server::start(&mut tenure.command(&["serve", "--port", "0"]));
    let me = |secret: &str| server.get("/api/v1/me", secret);
    assert_eq!(me(word(&owners["token"])).1["roles"], json!(["owner"]));
    assert_eq!(me(printed.trim()).0, 200);
    assert_eq!(me(word(&bobs["token"])).1["roles"], json!(["employee"]));
    assert_eq!(token(&["revoke", word(&bobs["id"])]), json!({ "id": bobs["id"], "revoked": true }));
    assert_eq!((me(word(&bobs["token"])).0, me(word(&owners["token"])).0), (401, 200), "at once, and that one alone");
    assert_eq!(token(&["list"])["tokens"][0]["revoked_at"], Value::Null);
    assert!(token(&["list"])["tokens"][1]["revoked_at"].is_string());
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
    assert_eq!(tenure.json(&["audit", "verify", "--tenant", "acme"], 0)["faults"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_made_or_revoked_says_why() {
    let tenure = Installation::new().await;
    for tenant in ["acme", "globex"] {
        tenure.done(&["tenant", "create", tenant]);
    }
    tenure.done(&["user", "create", "--tenant", "acme", "bob@acme.example"]);
    tenure.done(&["user", "suspend", "--tenant", "acme", "bob@acme.example"]);
    let made = tenure.json(&["token", "create", "--tenant", "acme"], 0);
    let id = word(&made["id"]);
    for (arguments, status, words) in [
        (&["create", "--tenant", "acme", "--user", "eve@acme.example"][..], 1, "eve@acme.example"),
        (&["create", "--tenant", "acme", "--user", "bob@acme.example"], 1, "suspended"),
        (&["create", "--tenant", "acme", "--name", " "], 1, "name"),
        (&["create", "--tenant", "acme", "--valid-for", "0d"], 2, "longer"),
        (&["create", "--tenant", "acme", "--valid-for", "soon"], 2, "90d"),
        (&["create", "--tenant", "nobody"], 1, "nobody"),
        (&["revoke", "--tenant", "globex", id], 1, id),
        (&["revoke", "--tenant", "acme", "not-an-id"], 2, "not-an-id"),
    ] {
        let said = tenure.fails(&[&["token"], arguments].concat(), status);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    tenure.done(&["token", "revoke", "--tenant", "acme", id]);
    assert!(tenure.fails(&["token", "revoke", "--tenant", "acme", id], 1).contains(id), "it is revoked already");
    tenure.done(&["tenant", "suspend", "acme"]);
    assert!(tenure.fails(&["token", "create", "--tenant", "acme"], 1).contains("suspended"));
}
