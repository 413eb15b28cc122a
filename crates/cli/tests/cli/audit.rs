//! `tenure audit verify` against a real database.

use serde_json::{Value, json};

use crate::installation::{Installation, execute};

/// The records of a run that ends with a status.
fn records(tenure: &Installation, arguments: &[&str], status: i32) -> Vec<Value> {
    let output = crate::run(tenure.command(arguments).arg("--json"));
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_a_log_is_named_and_ends_with_status_1() {
    let tenure = Installation::new().await;
    for tenant in ["acme", "globex"] {
        tenure.done(&["tenant", "create", tenant]);
        tenure.done(&["token", "create", "--tenant", tenant]);
    }
    let sound = records(&tenure, &["audit", "verify", "--tenant", "acme"], 0);
    let anchor = sound[0]["anchor"].as_str().unwrap().to_owned();
    let expected = json!([{ "tenant": "acme", "entries": 1, "links": 1, "faults": 0, "anchor": anchor }]);
    assert_eq!(Value::from(sound), expected);
    tenure.done(&["token", "create", "--tenant", "acme"]);
    tenure.done(&["audit", "verify", "--tenant", "acme", "--anchor", &anchor]);

    let schema = tenure.json(&["tenant", "show", "globex"], 0)["schema"].as_str().unwrap().to_owned();
    let change = format!("UPDATE \"{schema}\".audit_log SET actor = 'eve'");
    execute(&mut tenure.superuser().await, &change).await;
    let found = records(&tenure, &["audit", "verify", "--all"], 1);
    assert_eq!((&found[0]["tenant"], &found[0]["faults"]), (&json!("acme"), &json!(0)));
    assert_eq!((&found[1]["tenant"], &found[1]["fault"]), (&json!("globex"), &json!("entry_changed")));
    assert_eq!((&found[2]["tenant"], &found[2]["faults"]), (&json!("globex"), &json!(1)));
    let other = records(&tenure, &["audit", "verify", "--tenant", "globex", "--anchor", &anchor], 1);
    assert_eq!(other[1]["fault"], "anchor_differs");
    tenure.done(&["tenant", "suspend", "acme"]);
    assert_eq!(
        records(&tenure, &["audit", "verify", "--tenant", "acme"], 0)[0]["entries"],
        2,
        "an auditor sees it too"
    );
    tenure.done(&["tenant", "archive", "acme"]);
    assert_eq!(records(&tenure, &["audit", "verify", "--tenant", "acme"], 0)[0]["entries"], 2);
    let resting = records(&tenure, &["audit", "verify", "--all"], 1);
    assert_eq!((&resting[0]["tenant"], &resting[0]["entries"]), (&json!("acme"), &json!(2)));
    tenure.fails(&["audit", "verify", "--tenant", "acme", "--anchor", "1:00"], 2);
    tenure.fails(&["audit", "verify"], 2);
}
