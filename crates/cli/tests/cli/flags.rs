//! `tenure flag …` against a real database.

use serde_json::{Value, json};

use crate::installation::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn flags_are_switched_for_all_companies_and_for_one() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let flag = |arguments: &[&str]| tenure.json(&[&["flag"], arguments].concat(), 0);
    let keys = |flags: Value| -> Vec<Value> {
        flags["flags"].as_array().unwrap().iter().map(|entry| entry["flag"]["key"].clone()).collect()
    };
    let set = flag(&["set", "beta", "--percent", "12.5"]);
    assert_eq!(set["flag"]["rules"][0]["split"], json!([{ "variant": "on", "percent": "12.5" }]));
    assert_eq!(set["flag"]["rules"][0]["by"], "tenant");
    flag(&["set", "beta", "--on"]);
    let own = flag(&["set", "beta", "--tenant", "acme", "--percent", "5"]);
    assert_eq!((&own["origin"], &own["flag"]["rules"][0]["by"]), (&json!("tenant"), &json!("user")));
    flag(&["set", "own", "--tenant", "acme", "--off"]);
    assert_eq!(keys(flag(&["list"])), ["beta"]);
    assert_eq!(keys(flag(&["list", "--tenant", "acme"])), ["beta", "own"]);
    assert_eq!(flag(&["show", "beta"])["everybody"], "on");
    let log = tenure.json(&["tenant", "show", "acme"], 0);
    assert_eq!(log["slug"], "acme", "{log}");
    flag(&["delete", "own", "--tenant", "acme"]);
    flag(&["delete", "beta"]);
    assert!(keys(flag(&["list"])).is_empty());
    for (arguments, status) in [
        (&["flag", "show", "beta"][..], 1),
        (&["flag", "set", "beta"], 2),
        (&["flag", "set", "beta", "--on", "--off"], 2),
        (&["flag", "set", "Beta", "--on"], 2),
        (&["flag", "set", "beta", "--percent", "101"], 2),
        (&["flag", "set", "beta", "--on", "--tenant", "nobody"], 1),
    ] {
        tenure.fails(arguments, status);
    }
}
