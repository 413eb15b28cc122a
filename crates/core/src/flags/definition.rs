//! What people write of a flag.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::BUCKETS;
use super::condition::Condition;

/// The name of a flag: a small letter, then up to 62 small letters, digits, underscores, points and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// A text that is no [`Key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a small letter followed by at most 62 of a–z, 0–9, _, . and -, for example new_dashboard")]
pub struct NoKey;

/// What a flag's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A text.
    String,
    /// A number.
    Number,
    /// A JSON object.
    Json,
}

/// A flag: its values by name, and who gets which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its name.
    pub key: Key,
    /// What its values are.
    pub kind: Kind,
    /// What it is for.
    pub description: Option<String>,
    /// False is the kill switch: everybody gets the off variant, whatever the rules say.
    pub enabled: bool,
    /// The values by name.
    pub variants: BTreeMap<String, Value>,
    /// What those get whom no rule gives anything.
    pub default_variant: String,
    /// What everybody gets while the flag is off, out of its time, or lacks a prerequisite.
    pub off_variant: String,
    /// When it is on at all.
    #[serde(flatten)]
    pub window: Window,
    /// Who gets what. The first rule that gives somebody something counts.
    pub rules: Vec<Rule>,
    /// What has to be so for it to be on.
    pub prerequisites: Vec<Prerequisite>,
}

/// A time with or without ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// Its first moment.
    pub from: Option<Timestamp>,
    /// The first moment after it.
    pub until: Option<Timestamp>,
}

/// Who gets what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Why it is there.
    #[serde(default)]
    pub description: Option<String>,
    /// All of them have to hold; none holds for everybody.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// When the rule counts.
    #[serde(flatten)]
    pub window: Window,
    /// What those get for whom they hold; `None` when `split` says so.
    #[serde(default)]
    pub variant: Option<String>,
    /// What which part of them gets. Who is in no part goes on to the next rule.
    #[serde(default)]
    pub split: Vec<Share>,
    /// By what they are parted.
    #[serde(default)]
    pub by: By,
}

/// A part of those for whom a rule holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// What they get.
    pub variant: String,
    /// How many of them.
    pub percent: Percent,
}

/// By what people are parted: those who are the same in it get the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By user: the targeting key. Who has none is in no part.
    #[default]
    User,
    /// By company: all of its users get the same.
    Tenant,
}

/// A part of a hundred with up to three decimals, in thousandths: 12.5 is 12,500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

/// What has to be so for a flag to be on: that another flag gives one of some variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// The other flag.
    pub flag: Key,
    /// Any of these will do.
    pub variants: Vec<String>,
}

impl Key {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let form = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        if begins && text.len() <= 63 && text.bytes().all(form) { Ok(Self(text.to_owned())) } else { Err(NoKey) }
    }
}

impl TryFrom<String> for Key {
    type Error = NoKey;

    fn try_from(text: String) -> Result<Self, NoKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Boolean, Self::String, Self::Number, Self::Json];

    /// The word that stands for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Number => "number",
            Self::Json => "json",
        }
    }

    /// Whether a value is of the kind.
    #[must_use]
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Json => value.is_object(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Window {
    /// Whether a moment is in it.
    #[must_use]
    pub fn has(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| moment >= from) && self.until.is_none_or(|until| moment < until)
    }
}

impl Percent {
    /// Everybody.
    pub const ALL: Self = Self(BUCKETS);
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// The part in thousandths of a hundredth, which is how many of the [`BUCKETS`] are in it.
    #[must_use]
    pub const fn buckets(self) -> u32 {
        self.0
    }
}

/// A number that is no [`Percent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a number from 0 to 100 with at most three decimals")]
pub struct NoPercent;

impl FromStr for Percent {
    type Err = NoPercent;

    fn from_str(text: &str) -> Result<Self, NoPercent> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(NoPercent);
        }
        let number: u32 = format!("{whole}{decimals:0<3}").parse().map_err(|_| NoPercent)?;
        if number <= BUCKETS { Ok(Self(number)) } else { Err(NoPercent) }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 1_000, format!("{:03}", self.0 % 1_000));
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            decimals => write!(f, "{whole}.{decimals}"),
        }
    }
}

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    /// A decimal number as text, as all decimal numbers of the API are; or a JSON number.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_have_a_form() {
        for good in ["a", "new_dashboard", "pay.v2-beta"] {
            assert_eq!(good.parse::<Key>().unwrap().to_string(), good);
        }
        for bad in ["", "A", "1a", "a b", "ä", &"a".repeat(64)] {
            assert_eq!(bad.parse::<Key>(), Err(NoKey), "{bad}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_lost_in_silence() {
        for bad in [
            r#"{"variant": "on", "form": "2026-01-01T00:00:00Z"}"#,
            r#"{"variant": "on", "conditions": [{"attribute": "a", "operator": "exists", "odd": 1}]}"#,
            r#"{"split": [{"variant": "on", "percent": "1", "odd": 1}]}"#,
            r#"{"variant": "on", "conditions": [{"attribute": "a", "operator": "like"}]}"#,
        ] {
            assert!(serde_json::from_str::<Rule>(bad).is_err(), "{bad}");
        }
        serde_json::from_str::<Rule>(r#"{"variant": "on", "from": "2026-01-01T00:00:00Z"}"#).unwrap();
    }

    #[test]
    fn percentages_have_up_to_three_decimals() {
        for (text, buckets) in [("0", 0), ("12.5", 12_500), ("0.001", 1), ("100", 100_000), ("100.0", 100_000)] {
            assert_eq!(text.parse::<Percent>().unwrap().buckets(), buckets, "{text}");
        }
        for bad in ["", "-1", "100.001", "1e1", ".5", "1.", "0.0001", "abc", "1000"] {
            assert_eq!(bad.parse::<Percent>(), Err(NoPercent), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_percentage_comes_back_from_its_text(buckets in 0_u32..=BUCKETS) {
            let percent = Percent(buckets);
            prop_assert_eq!(percent.to_string().parse(), Ok(percent));
            prop_assert_eq!(serde_json::from_value::<Percent>(serde_json::json!(percent)).unwrap(), percent);
        }
    }
}
