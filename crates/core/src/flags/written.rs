//! A flag as somebody writes it who leaves out what is as usual.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::switch::{OFF, on_and_off};
use super::{Flag, Key, Kind, Prerequisite, Rule, Window};

/// All that can be said of a flag. Only its kind has to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its name, where it is not known otherwise.
    #[serde(default)]
    pub key: Option<Key>,
    /// What its values are.
    pub kind: Kind,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// False is the kill switch; true unless it is said.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// The values by name; `on` and `off` unless they are said, for a boolean flag.
    #[serde(default)]
    pub variants: Option<BTreeMap<String, Value>>,
    /// What those get whom no rule gives anything; `off` unless it is said.
    #[serde(default)]
    pub default_variant: Option<String>,
    /// What everybody gets while it is off; as the default unless it is said.
    #[serde(default)]
    pub off_variant: Option<String>,
    /// Its first moment.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// The first moment after it.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Who gets what.
    #[serde(default)]
    pub rules: Option<Vec<Rule>>,
    /// What has to be so for it to be on.
    #[serde(default)]
    pub prerequisites: Option<Vec<Prerequisite>>,
}

impl Written {
    /// The whole flag, under this key.
    #[must_use]
    pub fn complete(self, key: Key) -> Flag {
        let usual = || if self.kind == Kind::Boolean { on_and_off() } else { BTreeMap::new() };
        let default_variant = self.default_variant.unwrap_or_else(|| OFF.to_owned());
        Flag {
            key,
            kind: self.kind,
            description: self.description,
            enabled: self.enabled.unwrap_or(true),
            variants: self.variants.unwrap_or_else(usual),
            off_variant: self.off_variant.unwrap_or_else(|| default_variant.clone()),
            default_variant,
            window: Window { from: self.from, until: self.until },
            rules: self.rules.unwrap_or_default(),
            prerequisites: self.prerequisites.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_as_usual_and_a_whole_flag_comes_back() {
        let key: Key = "f".parse().unwrap();
        let written: Written = serde_json::from_value(json!({ "kind": "boolean" })).unwrap();
        assert_eq!(written.complete(key.clone()), Flag::boolean(key.clone()));
        let whole = Flag { enabled: false, description: Some("text".to_owned()), ..Flag::boolean(key.clone()) };
        let again: Written = serde_json::from_value(json!(whole)).unwrap();
        assert_eq!((again.key.clone(), again.complete(key.clone())), (Some(key), whole));
        assert!(serde_json::from_value::<Written>(json!({ "kind": "boolean", "odd": 1 })).is_err());
    }
}
