//! Flags that are switched as a whole: on, off, or on for a part.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{By, Flag, Key, Kind, Percent, Rule, Share, Window};

/// What a flag is switched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Everybody gets `true`.
    On,
    /// The kill switch: everybody gets the off variant. Rules stay.
    Off,
    /// The kill switch taken back: what the rules give holds again.
    Enabled,
    /// So many get `true`. A rule that says so already keeps by what it parts people, so that nobody loses it when the number is raised.
    Part(Percent, By),
}

/// Why a flag cannot be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotSwitched {
    /// Its values are not true and false.
    #[error(
        "only a boolean flag with a variant for true and one for false is switched on, or on for a part; change the others' rules"
    )]
    NotBoolean,
    /// Somebody has written rules, which the switch would drop.
    #[error("the flag has rules of its own, which this would drop")]
    HasRules,
}

impl Flag {
    /// A boolean flag that gives everybody false.
    #[must_use]
    pub fn boolean(key: Key) -> Self {
        Self {
            key,
            kind: Kind::Boolean,
            description: None,
            enabled: true,
            variants: on_and_off(),
            default_variant: OFF.to_owned(),
            off_variant: OFF.to_owned(),
            window: Window::default(),
            rules: Vec::new(),
            prerequisites: Vec::new(),
        }
    }

    /// The same without rules.
    #[must_use]
    pub fn without_rules(self) -> Self {
        Self { rules: Vec::new(), ..self }
    }

    /// Whether it has rules that a switch would drop: others than the one by which it is on for a part.
    #[must_use]
    pub fn has_rules_of_its_own(&self) -> bool {
        match self.rules.as_slice() {
            [] => false,
            [only] => !only.is_a_part() || self.rule_gives(only) != Some(true),
            _ => true,
        }
    }

    /// What a rule that is a part gives, if that is true or false.
    fn rule_gives(&self, rule: &Rule) -> Option<bool> {
        self.variants.get(&rule.split.first()?.variant)?.as_bool()
    }

    /// The flag as it is after it was switched.
    ///
    /// # Errors
    /// When it has no variants for true and false, or rules of its own that would be dropped.
    pub fn switched(self, switch: Switch) -> Result<Self, NotSwitched> {
        match switch {
            Switch::Off => return Ok(Self { enabled: false, ..self }),
            Switch::Enabled => return Ok(Self { enabled: true, ..self }),
            Switch::On | Switch::Part(..) => {}
        }
        let named =
            |wanted: bool| self.variants.iter().find(|(_, value)| **value == wanted).map(|(name, _)| name.clone());
        let both = named(true).zip(named(false)).filter(|_| self.kind == Kind::Boolean);
        let (on, off) = both.ok_or(NotSwitched::NotBoolean)?;
        if self.has_rules_of_its_own() {
            return Err(NotSwitched::HasRules);
        }
        let Switch::Part(percent, by) = switch else {
            return Ok(Self { enabled: true, default_variant: on, rules: Vec::new(), ..self });
        };
        let by = self.rules.first().map_or(by, |rule| rule.by);
        let rule = Rule {
            description: None,
            conditions: Vec::new(),
            window: Window::default(),
            variant: None,
            split: vec![Share { variant: on, percent }],
            by,
        };
        Ok(Self { enabled: true, default_variant: off, rules: vec![rule], ..self })
    }
}

impl Rule {
    /// Whether it does no more than to give a part of everybody a variant.
    fn is_a_part(&self) -> bool {
        let always = self.window == Window::default() && self.conditions.is_empty();
        always && self.description.is_none() && self.variant.is_none() && self.split.len() == 1
    }
}

/// The variant that a flag gives unless another is named.
pub(super) const OFF: &str = "off";

/// The variants of a boolean flag that names none.
pub(super) fn on_and_off() -> BTreeMap<String, serde_json::Value> {
    BTreeMap::from([(OFF.to_owned(), false.into()), ("on".to_owned(), true.into())])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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

    fn flag() -> Flag {
        Flag::boolean("f".parse().unwrap())
    }

    fn part(percent: &str) -> Switch {
        Switch::Part(percent.parse().unwrap(), By::User)
    }

    #[test]
    fn a_flag_is_on_off_or_on_for_a_part() {
        assert_eq!(given(flag()), (false, Reason::Static));
        assert_eq!(given(flag().switched(Switch::On).unwrap()), (true, Reason::Static));
        let killed = flag().switched(Switch::On).unwrap().switched(Switch::Off).unwrap();
        assert_eq!(given(killed.clone()), (false, Reason::Disabled));
        assert_eq!(given(killed.switched(Switch::Enabled).unwrap()), (true, Reason::Static));
        let of = |percent| flag().switched(part(percent)).unwrap();
        assert_eq!(given(of("100")), (true, Reason::Split));
        assert_eq!(given(of("0")), (false, Reason::Default));
        assert_eq!(given(of("50").switched(Switch::On).unwrap()), (true, Reason::Static));
        let text = Flag { kind: Kind::String, ..flag() };
        assert_eq!(text.clone().switched(Switch::On), Err(NotSwitched::NotBoolean));
        assert!(!text.switched(Switch::Off).unwrap().enabled, "whatever it is, it can be killed");
    }

    #[test]
    fn a_part_changes_its_own_rule_and_keeps_by_what_it_parts() {
        let by_company = flag().switched(Switch::Part("10".parse().unwrap(), By::Tenant)).unwrap();
        let raised = by_company.switched(part("20")).unwrap();
        assert_eq!((raised.rules.len(), raised.rules[0].by), (1, By::Tenant));
        assert_eq!(raised.rules[0].split[0].percent.to_string(), "20");
    }

    #[test]
    fn rules_that_somebody_has_written_are_not_dropped_unsaid() {
        let gold =
            json!({ "conditions": [{ "attribute": "plan", "operator": "in", "values": ["gold"] }], "variant": "on" });
        let split = |variant: &str| json!({ "split": [{ "variant": variant, "percent": "5" }] });
        let mut described = split("on");
        described["description"] = "for the pilot".into();
        let mut until = split("on");
        until["until"] = "2026-01-01T00:00:00Z".into();
        for rules in
            [json!([gold]), json!([split("off")]), json!([described]), json!([until]), json!([split("on"), gold])]
        {
            let rules: Vec<Rule> = serde_json::from_value(rules).unwrap();
            let pilot = Flag { rules, ..flag() };
            for switch in [Switch::On, part("50")] {
                assert_eq!(pilot.clone().switched(switch), Err(NotSwitched::HasRules), "{:?}", pilot.rules);
                assert!(pilot.clone().without_rules().switched(switch).is_ok());
            }
            let back = pilot.clone().switched(Switch::Off).unwrap().switched(Switch::Enabled).unwrap();
            assert_eq!(back, pilot);
        }
        let own: Vec<Rule> = serde_json::from_value(Value::Array(vec![split("on")])).unwrap();
        assert!(Flag { rules: own, ..flag() }.switched(part("50")).is_ok());
    }
}
