//! Deciding in memory what somebody gets of feature flags.

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tenure_core::flags::{Flag, Snapshot, Subject};

use crate::Result;
use crate::report::{Report, median};

const FLAGS: u32 = 100;
const USERS: u32 = 50;
const EVALUATIONS: u32 = 200_000;
const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A hundred flags: each with three rules of which the first two hold for a few, and a rollout to a part of the others; each third one needs
/// another flag, which needs a third.
pub(crate) fn measure(report: &mut Report) -> Result<()> {
    let flags: Vec<Flag> = (0..FLAGS).map(flag).collect::<Result<_>>()?;
    let keys: Vec<String> = flags.iter().map(|flag| flag.key.to_string()).collect();
    let snapshot = Snapshot::new(flags);
    let people: Vec<(String, Map<String, Value>)> = (0..USERS).map(person).collect();
    let rounds = (0..15).map(|_| time(&snapshot, &keys, &people));
    let per_second = f64::from(EVALUATIONS) / median(rounds.collect());
    report.at_least_of("flags/evaluation", (per_second, "/s"), 1_000_000.0);
    Ok(())
}

fn flag(number: u32) -> Result<Flag> {
    let needs = match number.checked_add(3).filter(|other| number.is_multiple_of(3) && *other < 9) {
        Some(other) => json!([{ "flag": key(other), "variants": ["on", "off"] }]),
        None if number.is_multiple_of(3) && number > 8 => {
            json!([{ "flag": key(number % 9 / 3 * 3), "variants": ["on", "off"] }])
        }
        None => json!([]),
    };
    let flag = json!({
        "key": key(number), "kind": "boolean", "description": null, "enabled": true, "variants": { "on": true, "off": false },
        "default_variant": "off", "off_variant": "off", "from": null, "until": null, "prerequisites": needs,
        "rules": [
            { "conditions": [{ "attribute": "tenant", "operator": "in", "values": ["globex", "initech"] }], "variant": "on" },
            {
                "conditions": [
                    { "attribute": "plan", "operator": "in", "values": ["gold", "platinum"] },
                    { "attribute": "role", "operator": "in", "values": ["owner", "hr_admin"] },
                    { "attribute": "country", "operator": "not_in", "values": ["DE", "FR"] },
                ],
                "variant": "on",
            },
            { "split": [{ "variant": "on", "percent": format!("{}", number % 100) }] },
        ],
    });
    Ok(serde_json::from_value(flag)?)
}

fn key(number: u32) -> String {
    format!("feature_{number}")
}

fn person(number: u32) -> (String, Map<String, Value>) {
    let country = ["CH", "DE", "FR", "US"].into_iter().cycle().nth(usize::try_from(number).unwrap_or_default());
    let attributes = [("country".to_owned(), json!(country)), ("age".to_owned(), json!(20 + number))];
    (format!("0198f3c2-0000-7000-8000-{number:012}"), attributes.into_iter().collect())
}

fn time(snapshot: &Snapshot, keys: &[String], people: &[(String, Map<String, Value>)]) -> Duration {
    let roles = ["employee".to_owned(), "manager".to_owned()];
    let everybody = people.iter().flat_map(|person| keys.iter().map(move |key| (key, person)));
    let begun = Instant::now();
    for ((key, (user, attributes)), _) in everybody.cycle().zip(0..EVALUATIONS) {
        let subject = Subject {
            tenant: ["0198f3c2-0000-7000-8000-000000000001", "acme"],
            plan: Some("gold"),
            roles: &roles,
            user: Some(user),
            attributes,
        };
        black_box(snapshot.evaluate(black_box(key), &subject, NOW));
    }
    begun.elapsed()
}
