//! Flags that are switched as a whole: on, off, or on for a part.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{By, Flag, Key, Kind, Percent, Rule, Share, Window};

/// What a flag is switched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Everybody gets `true`; rules are dropped.
    On,
    /// The kill switch: everybody gets the off variant. Rules stay, for when it is enabled again.
    Off,
    /// So many get `true`, by a rule that takes the place of all others.
    Part(Percent, By),
}

/// Why a flag cannot be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "only a boolean flag with a variant for true and one for false is switched as a whole; change the others' rules"
)]
pub struct NotBoolean;

impl Flag {
    /// A boolean flag that gives everybody false.
    #[must_use]
    pub fn boolean(key: Key) -> Self {
        Self {
            key,
            kind: Kind::Boolean,
            description: None,
            enabled: true,
            variants: BTreeMap::from([("off".to_owned(), false.into()), ("on".to_owned(), true.into())]),
            default_variant: "off".to_owned(),
            off_variant: "off".to_owned(),
            window: Window::default(),
            rules: Vec::new(),
            prerequisites: Vec::new(),
        }
    }

    /// The flag as it is after it was switched.
    ///
    /// # Errors
    /// When it has no variants for true and false.
    pub fn switched(self, switch: Switch) -> Result<Self, NotBoolean> {
        let named =
            |wanted: bool| self.variants.iter().find(|(_, value)| **value == wanted).map(|(name, _)| name.clone());
        let (on, off) = named(true).zip(named(false)).filter(|_| self.kind == Kind::Boolean).ok_or(NotBoolean)?;
        Ok(match switch {
            Switch::On => Self { enabled: true, default_variant: on, rules: Vec::new(), ..self },
            Switch::Off => Self { enabled: false, ..self },
            Switch::Part(percent, by) => {
                let split = vec![Share { variant: on, percent }];
                let rule = Rule {
                    description: None,
                    conditions: Vec::new(),
                    window: Window::default(),
                    variant: None,
                    split,
                    by,
                };
                Self { enabled: true, default_variant: off, rules: vec![rule], ..self }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reason, Snapshot, Subject, check};
    use super::*;

    fn given(flag: Flag) -> (bool, Reason) {
        check(&flag).unwrap();
        let attributes = serde_json::Map::new();
        let subject =
            Subject { tenant: ["t", "acme"], plan: None, roles: &[], user: Some("ada"), attributes: &attributes };
        let snapshot = Snapshot::new([flag]);
        let found = snapshot.evaluate("f", &subject, jiff::Timestamp::UNIX_EPOCH).unwrap();
        (found.value == &serde_json::Value::Bool(true), found.reason)
    }

    #[test]
    fn a_flag_is_on_off_or_on_for_a_part() {
        let flag = || Flag::boolean("f".parse().unwrap());
        assert_eq!(given(flag()), (false, Reason::Static));
        assert_eq!(given(flag().switched(Switch::On).unwrap()), (true, Reason::Static));
        assert_eq!(
            given(flag().switched(Switch::On).unwrap().switched(Switch::Off).unwrap()),
            (false, Reason::Disabled)
        );
        let part = |percent: &str| flag().switched(Switch::Part(percent.parse().unwrap(), By::User)).unwrap();
        assert_eq!(given(part("100")), (true, Reason::Split));
        assert_eq!(given(part("0")), (false, Reason::Default));
        assert_eq!(given(part("50").switched(Switch::On).unwrap()), (true, Reason::Static));
        let text = Flag { kind: Kind::String, ..flag() };
        assert_eq!(text.switched(Switch::On), Err(NotBoolean));
    }
}
