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
        (&["flag", "set", "beta", "--off", "--drop-rules"], 2),
        (&["flag", "set", "beta", "--on", "--file", "flag.json"], 2),
        (&["flag", "set", "beta", "--file", "nowhere.json"], 1),
        (&["flag", "set", "Beta", "--on"], 2),
        (&["flag", "set", "beta", "--percent", "101"], 2),
        (&["flag", "set", "beta", "--on", "--tenant", "nobody"], 1),
    ] {
        tenure.fails(arguments, status);
    }
}

/// A flag that a file says in full.
const THEME: &str = r#"{
    "kind": "string", "description": "Colours", "variants": { "off": "grey", "warm": "red" },
    "rules": [
        { "conditions": [{ "attribute": "plan", "operator": "in", "values": ["gold"] }], "variant": "warm" },
        { "from": "2026-03-01T00:00:00Z", "split": [{ "variant": "warm", "percent": "12.5" }], "by": "tenant" }
    ],
    "prerequisites": [{ "flag": "beta", "variants": ["on"] }]
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_flag_is_said_by_a_file_or_on_standard_input() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join("flag.json");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    tenure.fails(&["flag", "set", "theme", "--file", &file(THEME)], 1);
    tenure.done(&["flag", "set", "beta", "--on"]);
    for whose in [&[][..], &["--tenant", "acme"]] {
        let flag = |arguments: &[&str]| tenure.json(&[&["flag"], arguments, whose].concat(), 0);
        let set = flag(&["set", "theme", "--file", &file(THEME)]);
        let written: Value = serde_json::from_str(THEME).unwrap();
        for member in ["kind", "description", "variants", "prerequisites"] {
            assert_eq!(set["flag"][member], written[member], "{member}");
        }
        assert_eq!(set["flag"]["rules"][1]["from"], "2026-03-01T00:00:00Z");
        assert_eq!((&set["version"], &set["flag"]["off_variant"]), (&json!(1), &json!("off")));
        // What is shown can be set again as it is, by a pipe too.
        let shown = flag(&["show", "theme"])["flag"].to_string();
        let piped = tenure.fed(&[&["flag", "set", "theme", "--file", "-"], whose].concat(), &shown);
        assert!(piped.status.success(), "{piped:?}");
        assert_eq!(flag(&["show", "theme"])["version"], 1, "nothing has changed");
        for (wrong, words) in [
            (r#"{ "kind": "string", "variants": { "off": 1 } }"#, "variants.off: is not of the kind string"),
            (r#"{ "kind": "boolean" }"#, "kind: is string already"),
            (r#"{ "kind": "string", "key": "other", "variants": { "off": "" } }"#, "key: is not theme"),
            (r#"{ "kind": "string", "odd": 1 }"#, "unknown field `odd`"),
            (r#"{ "kind": "string", "variants": { "off": "\u0000" } }"#, "NUL"),
            ("", "EOF"),
        ] {
            let refused = tenure.fails(&[&["flag", "set", "theme", "--file", &file(wrong)], whose].concat(), 1);
            assert!(refused.contains(words), "{wrong}: {refused}");
        }
        assert_eq!(flag(&["show", "theme"])["version"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_somebody_has_written_are_not_lost_by_a_switch() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    for whose in [&[][..], &["--tenant", "acme"]] {
        let set = |arguments: &[&'static str]| -> Vec<&'static str> {
            [&["flag", "set", "pilot"], arguments, whose].concat()
        };
        let rules = r#"{ "kind": "boolean", "rules": [
            { "conditions": [{ "attribute": "plan", "operator": "in", "values": ["gold"] }], "variant": "on" }] }"#;
        assert!(tenure.fed(&set(&["--file", "-"]), rules).status.success());
        for switch in [&["--on"][..], &["--percent", "50"]] {
            let refused = tenure.fails(&set(switch), 1);
            assert!(refused.contains("--drop-rules") && refused.contains("--enable"), "{refused}");
        }
        let killed = tenure.json(&set(&["--off"]), 0);
        let enabled = tenure.json(&set(&["--enable"]), 0);
        assert_eq!((&killed["flag"]["enabled"], &enabled["flag"]["enabled"]), (&json!(false), &json!(true)));
        assert_eq!(enabled["flag"]["rules"].as_array().unwrap().len(), 1);
        let dropped = tenure.json(&set(&["--percent", "50", "--drop-rules"]), 0);
        assert_eq!(dropped["flag"]["rules"][0]["split"], json!([{ "variant": "on", "percent": "50" }]));
        let raised = tenure.json(&set(&["--percent", "60"]), 0);
        assert_eq!(raised["flag"]["rules"][0]["by"], dropped["flag"]["rules"][0]["by"]);
        assert_eq!(tenure.json(&[&["flag", "list", "--stale"], whose].concat(), 0)["flags"], json!([]));
    }
}
