//! Which flags are taken.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::{Condition, Operator};
use super::{Flag, Key, Rule, Window};

const MOST_VARIANTS: usize = 50;
const MOST_RULES: usize = 100;
const MOST_CONDITIONS: usize = 20;
const MOST_VALUES: usize = 1_000;
const MOST_PREREQUISITES: usize = 10;
const LONGEST_NAME: usize = 63;
const LONGEST_DESCRIPTION: usize = 1_000;
/// How many flags one evaluation may look at, by way of prerequisites.
pub(super) const MOST_EVALUATED: u32 = 100;

/// What is wrong with a part of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part, for example `rules.0.variant`.
    pub field: String,
    /// What is wrong, in words that its writer can act on.
    pub message: String,
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Fault { field: field.into(), message: message.into() });
    }

    fn add_if(&mut self, wrong: bool, field: impl Into<String>, message: impl Into<String>) {
        if wrong {
            self.add(field, message);
        }
    }
}

/// Checks a flag by itself.
///
/// # Errors
/// Everything that is wrong.
pub fn check(flag: &Flag) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION);
    faults.add_if(long(&flag.description), "description", format!("has more than {LONGEST_DESCRIPTION} characters"));
    variants(flag, &mut faults);
    window(&flag.window, "", &mut faults);
    let words = |most: usize, what: &str| format!("are more than {most} {what}");
    faults.add_if(flag.rules.len() > MOST_RULES, "rules", words(MOST_RULES, "rules"));
    for (at, rule) in flag.rules.iter().enumerate() {
        faults.add_if(long(&rule.description), format!("rules.{at}.description"), "is too long");
        check_rule(flag, rule, &format!("rules.{at}."), &mut faults);
    }
    let many = flag.prerequisites.len() > MOST_PREREQUISITES;
    faults.add_if(many, "prerequisites", words(MOST_PREREQUISITES, "prerequisites"));
    for (at, prerequisite) in flag.prerequisites.iter().enumerate() {
        let field = format!("prerequisites.{at}.variants");
        faults.add_if(prerequisite.variants.is_empty(), field, "is empty, so the flag could never be on");
    }
    // JSON can say it, and PostgreSQL holds no text with it.
    faults.add_if(has_nul(&serde_json::json!(flag)), "flag", "has a NUL character");
    if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn variants(flag: &Flag, faults: &mut Faults) {
    let number = flag.variants.len();
    faults.add_if(number == 0 || number > MOST_VARIANTS, "variants", format!("are not 1 to {MOST_VARIANTS}"));
    for (name, value) in &flag.variants {
        let length = name.chars().count();
        let odd = length == 0 || length > LONGEST_NAME || name.chars().any(|c| c.is_control() || c.is_whitespace());
        faults.add_if(
            odd,
            "variants",
            format!("have a name that is not 1 to {LONGEST_NAME} characters without blanks"),
        );
        faults.add_if(!flag.kind.takes(value), format!("variants.{name}"), format!("is not of the kind {}", flag.kind));
    }
    variant(flag, &flag.default_variant, "default_variant", faults);
    variant(flag, &flag.off_variant, "off_variant", faults);
}

fn variant(flag: &Flag, name: &str, field: &str, faults: &mut Faults) {
    faults.add_if(!flag.variants.contains_key(name), field, format!("{name:?} is not the name of a variant"));
}

fn window(window: &Window, prefix: &str, faults: &mut Faults) {
    let wrong = window.from.zip(window.until).is_some_and(|(from, until)| from >= until);
    faults.add_if(wrong, format!("{prefix}until"), "is not after `from`");
}

fn check_rule(flag: &Flag, rule: &Rule, prefix: &str, faults: &mut Faults) {
    window(&rule.window, prefix, faults);
    match (&rule.variant, rule.split.as_slice()) {
        (Some(name), []) => variant(flag, name, &format!("{prefix}variant"), faults),
        (None, shares @ [_, ..]) => {
            for (at, share) in shares.iter().enumerate() {
                variant(flag, &share.variant, &format!("{prefix}split.{at}.variant"), faults);
            }
            let total: u64 = shares.iter().map(|share| u64::from(share.percent.buckets())).sum();
            faults.add_if(
                total > u64::from(super::BUCKETS),
                format!("{prefix}split"),
                "adds up to more than 100 percent",
            );
        }
        _ => faults.add(format!("{prefix}variant"), "or `split` says what the rule gives: one of the two"),
    }
    faults.add_if(rule.conditions.len() > MOST_CONDITIONS, format!("{prefix}conditions"), "are too many");
    for (at, condition) in rule.conditions.iter().enumerate() {
        check_condition(condition, &format!("{prefix}conditions.{at}."), faults);
    }
}

fn check_condition(condition: &Condition, prefix: &str, faults: &mut Faults) {
    let name = condition.attribute.chars().count();
    faults.add_if(name == 0 || name > LONGEST_NAME, format!("{prefix}attribute"), "is not 1 to 63 characters long");
    let field = format!("{prefix}values");
    let values = &condition.values;
    faults.add_if(values.len() > MOST_VALUES, field.clone(), format!("are more than {MOST_VALUES}"));
    let wrong = match condition.operator {
        Operator::Exists | Operator::Missing => (!values.is_empty()).then_some("are not asked for by this operator"),
        _ if values.is_empty() => Some("are missing"),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => {
            values.iter().any(|value| !value.is_string()).then_some("are texts for this operator")
        }
        Operator::Below | Operator::AtLeast => {
            let fits = |value: &Value| {
                value.is_number() || value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
            };
            let words = "are one number or one moment like 2026-01-15T09:30:00Z for this operator";
            (values.len() != 1 || !values.iter().all(fits)).then_some(words)
        }
        Operator::In | Operator::NotIn => values
            .iter()
            .any(|value| value.is_object() || value.is_array() || value.is_null())
            .then_some("are texts, numbers or booleans for this operator"),
    };
    faults.add_if(wrong.is_some(), field, wrong.unwrap_or_default());
}

/// Checks that what flags need of each other can be had and ends: that each prerequisite of `flag` is there with the variants that it names,
/// that `flag` has the variants by which others need it, and that no flag needs itself, however far away. `others` are all flags; one of the
/// same key as `flag` is not looked at.
///
/// # Errors
/// Everything that is wrong.
pub fn check_prerequisites<'a>(flag: &'a Flag, others: impl IntoIterator<Item = &'a Flag>) -> Result<(), Vec<Fault>> {
    let mut all: BTreeMap<&Key, &Flag> = others.into_iter().map(|other| (&other.key, other)).collect();
    all.insert(&flag.key, flag);
    let mut faults = Faults::default();
    for (at, prerequisite) in flag.prerequisites.iter().enumerate() {
        let field = format!("prerequisites.{at}");
        let Some(other) = all.get(&prerequisite.flag) else {
            faults.add(format!("{field}.flag"), format!("there is no flag {}", prerequisite.flag));
            continue;
        };
        for name in &prerequisite.variants {
            let unknown = !other.variants.contains_key(name);
            faults.add_if(unknown, format!("{field}.variants"), format!("{} has no variant {name:?}", other.key));
        }
    }
    for other in all.values().filter(|other| other.key != flag.key) {
        let of_this = other.prerequisites.iter().filter(|one| one.flag == flag.key).flat_map(|one| &one.variants);
        for name in of_this.filter(|name| !flag.variants.contains_key(*name)) {
            faults.add("variants", format!("lack {name:?}, by which {} needs this flag", other.key));
        }
    }
    // Flags that need this one are walked too: what it needs, they need.
    let mut known = BTreeMap::new();
    for start in std::iter::once(flag).chain(all.values().copied()) {
        if let Err(message) = walk(&all, start, &mut Vec::new(), &mut known) {
            faults.add("prerequisites", message);
            break;
        }
    }
    if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
}

/// How many flags are evaluated when one is asked for, itself and all that it needs, one that is needed twice counted twice.
fn walk<'a>(
    all: &BTreeMap<&'a Key, &'a Flag>,
    flag: &'a Flag,
    path: &mut Vec<&'a Key>,
    known: &mut BTreeMap<&'a Key, u32>,
) -> Result<u32, String> {
    if let Some(known) = known.get(&flag.key) {
        return Ok(*known);
    }
    let circle = path.contains(&&flag.key);
    path.push(&flag.key);
    if circle {
        let names: Vec<&str> = path.iter().map(|key| key.as_str()).collect();
        return Err(format!("form a circle: {}", names.join(" → ")));
    }
    let mut cost = 1_u32;
    for other in flag.prerequisites.iter().filter_map(|prerequisite| all.get(&prerequisite.flag)) {
        cost = cost.saturating_add(walk(all, other, path, known)?);
    }
    path.pop();
    if cost > MOST_EVALUATED {
        return Err(format!("make {} need more than {MOST_EVALUATED} flags", flag.key));
    }
    known.insert(&flag.key, cost);
    Ok(cost)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn flag(changes: &Value) -> Flag {
        let mut flag = json!({
            "key": "a", "kind": "boolean", "description": null, "enabled": true, "variants": { "on": true, "off": false },
            "default_variant": "off", "off_variant": "off", "from": null, "until": null, "rules": [], "prerequisites": [],
        });
        changes.as_object().unwrap().iter().for_each(|(name, value)| flag[name] = value.clone());
        serde_json::from_value(flag).unwrap()
    }

    fn needing(key: &str, others: &[&str]) -> Flag {
        let needs: Vec<Value> = others.iter().map(|other| json!({ "flag": other, "variants": ["on"] })).collect();
        flag(&json!({ "key": key, "prerequisites": needs }))
    }

    #[test]
    fn each_part_that_is_wrong_is_named() {
        let wrong = flag(&json!({
            "variants": { "on": true, "off": "no" }, "default_variant": "none", "from": "2026-01-02T00:00:00Z",
            "until": "2026-01-01T00:00:00Z", "prerequisites": [{ "flag": "b", "variants": [] }],
            "rules": [
                {},
                { "variant": "odd", "conditions": [{ "attribute": "plan", "operator": "below", "values": ["gold"] }] },
                { "split": [{ "variant": "on", "percent": "60" }, { "variant": "off", "percent": "40.001" }] },
                { "variant": "on", "split": [{ "variant": "on", "percent": "1" }] },
            ],
        }));
        let fields: Vec<String> = check(&wrong).unwrap_err().into_iter().map(|fault| fault.field).collect();
        let expected = [
            "variants.off",
            "default_variant",
            "until",
            "rules.0.variant",
            "rules.1.variant",
            "rules.1.conditions.0.values",
            "rules.2.split",
            "rules.3.variant",
            "prerequisites.0.variants",
        ];
        assert_eq!(fields, expected);
        assert_eq!(check(&flag(&json!({}))), Ok(()));
    }

    #[test]
    fn what_cannot_be_stored_is_not_taken() {
        let nul = flag(&json!({ "kind": "string", "variants": { "off": "a\0" } }));
        assert_eq!(check(&nul).unwrap_err().pop().unwrap().message, "has a NUL character");
    }

    #[test]
    fn a_variant_by_which_others_need_a_flag_stays() {
        let others = [needing("b", &["a"])];
        let renamed = flag(&json!({ "variants": { "yes": true, "off": false } }));
        let faults = check_prerequisites(&renamed, &others).unwrap_err();
        assert_eq!((faults.len(), faults[0].field.as_str()), (1, "variants"), "{faults:?}");
        assert_eq!(check_prerequisites(&flag(&json!({})), &others), Ok(()));
    }

    #[test]
    fn a_circle_is_shown_as_it_runs() {
        let others = [needing("b", &["c"]), needing("c", &["a"]), needing("d", &[])];
        let faults = check_prerequisites(&needing("a", &["d", "b"]), &others).unwrap_err();
        assert_eq!(faults[0].message, "form a circle: a → b → c → a");
        assert_eq!(check_prerequisites(&needing("a", &["d"]), &others), Ok(()));
        let missing = check_prerequisites(&needing("a", &["x"]), &others).unwrap_err();
        assert_eq!(missing[0].message, "there is no flag x");
    }

    #[test]
    fn what_would_take_long_to_evaluate_is_refused() {
        let layer = |layer: usize| -> Vec<Flag> {
            let below: Vec<String> = (0..9).map(|number| format!("f{}.{number}", layer + 1)).collect();
            let below: Vec<&str> = if layer < 9 { below.iter().map(String::as_str).collect() } else { Vec::new() };
            (0..9).map(|number| needing(&format!("f{layer}.{number}"), &below)).collect()
        };
        let all: Vec<Flag> = (1..10).flat_map(layer).collect();
        let faults = check_prerequisites(&needing("a", &["f1.0"]), &all).unwrap_err();
        assert!(faults[0].message.contains("need more than 100 flags"), "{faults:?}");
    }

    proptest! {
        /// Flags that were each taken never need themselves.
        #[test]
        fn flags_that_are_taken_form_no_circle(edges in prop::collection::vec((0_usize..6, 0_usize..6), 0..20)) {
            let name = |number: usize| format!("f{number}");
            let mut flags: Vec<Flag> = (0..6).map(|number| needing(&name(number), &[])).collect();
            for (from, to) in edges {
                let mut needs: Vec<String> = flags[from].prerequisites.iter().map(|one| one.flag.to_string()).collect();
                needs.push(name(to));
                let needs: Vec<&str> = needs.iter().map(String::as_str).take(10).collect();
                let wanted = needing(&name(from), &needs);
                if check_prerequisites(&wanted, &flags).is_ok() {
                    flags[from] = wanted;
                }
            }
            // Taking away flags that need nothing leaves nothing.
            for _ in 0..6 {
                let left: Vec<Key> = flags.iter().map(|flag| flag.key.clone()).collect();
                flags.retain(|flag| flag.prerequisites.iter().any(|one| left.contains(&one.flag)));
            }
            prop_assert!(flags.is_empty());
        }
    }
}
