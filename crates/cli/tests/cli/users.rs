//! `tenure user …` against a real database.

use serde_json::{Value, json};

use crate::installation::Installation;

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
