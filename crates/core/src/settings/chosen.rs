//! What a company has chosen, and how two choices differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Definition;

/// The settings that a company has chosen, by their keys. One that this version of the program does not know is kept as it is and counts
/// for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chosen(BTreeMap<String, Value>);

/// A setting that is not the same in two choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its key.
    pub key: String,
    /// What it is in the one; null when it is left open.
    pub before: Value,
    /// What it is in the other.
    pub after: Value,
}

impl Chosen {
    /// What was chosen of a setting.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Chooses a value, or takes the choice back by null or by what is usual anyway.
    pub(super) fn choose(&mut self, definition: &Definition, value: Value) {
        if value.is_null() || value == definition.usual.value() {
            self.0.remove(definition.key);
        } else {
            self.0.insert(definition.key.to_owned(), value);
        }
    }

    /// What is not the same from one choice to another, by key. What is left to the default is shown as the default.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let keys: BTreeSet<&String> = self.0.keys().chain(after.0.keys()).collect();
        let one = |key: &String| Difference { key: key.clone(), before: self.value(key), after: after.value(key) };
        keys.into_iter().map(one).filter(|one| one.before != one.after).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(values: Value) -> Chosen {
        serde_json::from_value(values).unwrap()
    }

    #[test]
    fn differences_are_of_what_holds() {
        let before = chosen(json!({ "regional.currency": "CHF", "of.a_later_version": 1 }));
        let after = chosen(json!({ "regional.locale": "de", "of.a_later_version": 1 }));
        let differences = before.differences(&after);
        let shown = json!([
            { "key": "regional.currency", "before": "CHF", "after": "EUR" },
            { "key": "regional.locale", "before": "en", "after": "de" },
        ]);
        assert_eq!(json!(differences), shown);
        assert!(before.differences(&before).is_empty());
    }

    #[test]
    fn what_a_later_version_has_chosen_is_kept() {
        let kept = json!({ "of.a_later_version": { "deep": [1] } });
        assert_eq!(json!(chosen(kept.clone())), kept);
    }
}
