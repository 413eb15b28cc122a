//! Flags that decide nothing any more.

use jiff::Timestamp;

use super::{Flag, Percent, Rule};

/// The variant that everybody gets from a moment on, whatever else happens but a change; `None` while it depends on who asks or on the time.
/// A flag that has given everybody the same for long, unchanged, is ready to be taken out of the programs that ask for it.
#[must_use]
pub fn serves_everybody(flag: &Flag, now: Timestamp) -> Option<&str> {
    let is_over = flag.window.until.is_some_and(|until| until <= now);
    if !flag.enabled || is_over {
        return Some(&flag.off_variant);
    }
    let begins_or_ends = flag.window.until.is_some() || flag.window.from.is_some_and(|from| from > now);
    if begins_or_ends || !flag.prerequisites.is_empty() {
        return None;
    }
    let mut found: Option<&str> = None;
    for rule in flag.rules.iter().filter(|rule| rule.window.until.is_none_or(|until| until > now)) {
        for variant in rule.variants() {
            if **found.get_or_insert(variant) != *variant {
                return None;
            }
        }
        if rule.catches_everybody(now) {
            return found;
        }
    }
    let last = flag.default_variant.as_str();
    found.is_none_or(|found| found == last).then_some(last)
}

impl Rule {
    /// What it can give.
    fn variants(&self) -> impl Iterator<Item = &str> {
        let shares =
            self.split.iter().filter(|share| share.percent != Percent::NONE).map(|share| share.variant.as_str());
        self.variant.as_deref().into_iter().chain(shares)
    }

    /// Whether nobody ever goes on to the next rule. Of a split that takes a key which somebody may lack.
    fn catches_everybody(&self, now: Timestamp) -> bool {
        let always = self.window.until.is_none() && self.window.from.is_none_or(|from| from <= now);
        always && self.conditions.is_empty() && self.variant.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

    fn everybody(changes: &Value) -> Option<String> {
        let mut flag = json!({
            "key": "f", "kind": "boolean", "description": null, "enabled": true, "variants": { "on": true, "off": false },
            "default_variant": "off", "off_variant": "off", "from": null, "until": null, "rules": [], "prerequisites": [],
        });
        changes.as_object().unwrap().iter().for_each(|(name, value)| flag[name] = value.clone());
        let flag = serde_json::from_value(flag).unwrap();
        serves_everybody(&flag, NOW).map(ToOwned::to_owned)
    }

    #[test]
    fn one_variant_for_all_is_seen_through_rules() {
        let gold = json!([{ "attribute": "plan", "operator": "in", "values": ["gold"] }]);
        for (changes, variant) in [
            (json!({}), Some("off")),
            (json!({ "enabled": false, "default_variant": "on" }), Some("off")),
            (json!({ "default_variant": "on", "until": "2025-01-01T00:00:00Z" }), Some("off")),
            (json!({ "default_variant": "on", "until": "2027-01-01T00:00:00Z" }), None),
            (json!({ "default_variant": "on", "from": "2025-01-01T00:00:00Z" }), Some("on")),
            (json!({ "default_variant": "on", "from": "2027-01-01T00:00:00Z" }), None),
            (json!({ "rules": [{ "variant": "on" }] }), Some("on")),
            (json!({ "rules": [{ "variant": "on", "conditions": gold }] }), None),
            (json!({ "rules": [{ "variant": "off", "conditions": gold }] }), Some("off")),
            (json!({ "rules": [{ "variant": "on", "conditions": gold }, { "variant": "on" }] }), Some("on")),
            (json!({ "rules": [{ "variant": "on", "from": "2027-01-01T00:00:00Z" }] }), None),
            (json!({ "rules": [{ "variant": "on", "until": "2025-01-01T00:00:00Z" }] }), Some("off")),
            (json!({ "rules": [{ "split": [{ "variant": "on", "percent": "50" }] }] }), None),
            (json!({ "rules": [{ "split": [{ "variant": "on", "percent": "0" }] }] }), Some("off")),
            (json!({ "prerequisites": [{ "flag": "g", "variants": ["on"] }], "default_variant": "on" }), None),
        ] {
            assert_eq!(everybody(&changes).as_deref(), variant, "{changes}");
        }
    }
}
