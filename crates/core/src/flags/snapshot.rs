//! All flags in the form in which they are evaluated.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::bucket::bucket;
use super::check::MOST_EVALUATED;
use super::{By, Flag, Rule, Subject};

/// Why somebody gets a value, in the words of `OpenFeature`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Everybody gets it, as there are no rules.
    Static,
    /// No rule gave anything.
    Default,
    /// A rule gave it.
    TargetingMatch,
    /// A rule gave it to a part of those for whom it holds.
    Split,
    /// The flag is off, out of its time, or lacks a prerequisite.
    Disabled,
}

impl Reason {
    /// The word of `OpenFeature`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::Default => "DEFAULT",
            Self::TargetingMatch => "TARGETING_MATCH",
            Self::Split => "SPLIT",
            Self::Disabled => "DISABLED",
        }
    }
}

/// What somebody gets of a flag, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation<'a> {
    /// The flag.
    pub flag: &'a Flag,
    /// The variant's name.
    pub variant: &'a str,
    /// Its value.
    pub value: &'a Value,
    /// Why.
    pub reason: Reason,
}

/// Flags by name, each with the places of those that it needs.
#[derive(Debug, Default)]
pub struct Snapshot {
    places: HashMap<String, usize>,
    flags: Vec<Held>,
}

/// The prerequisites of a flag: where each stands, and which of its variants will do. `None` for what can never be met: a flag that is not
/// there, a circle, or more flags than an evaluation may look at.
type Needs = Option<Vec<(usize, Vec<String>)>>;

#[derive(Debug)]
struct Held {
    flag: Flag,
    needs: Needs,
}

impl Snapshot {
    /// A snapshot of flags. Of several with one key, the last counts.
    #[must_use]
    pub fn new(flags: impl IntoIterator<Item = Flag>) -> Self {
        let mut snapshot = Self::default();
        for flag in flags {
            let key = flag.key.as_str().to_owned();
            let held = Held { flag, needs: None };
            if let Some(other) = snapshot.places.get(&key).and_then(|place| snapshot.flags.get_mut(*place)) {
                *other = held;
            } else {
                snapshot.places.insert(key, snapshot.flags.len());
                snapshot.flags.push(held);
            }
        }
        let needs: Vec<_> = snapshot.flags.iter().map(|held| snapshot.needs(&held.flag)).collect();
        let mut costs = Costs::new(&needs);
        let kept: Vec<_> = (0..needs.len()).map(|place| costs.of(place).is_some()).collect();
        for ((held, needs), kept) in snapshot.flags.iter_mut().zip(needs).zip(kept) {
            held.needs = needs.filter(|_| kept);
        }
        snapshot
    }

    fn needs(&self, flag: &Flag) -> Needs {
        let place = |key: &str| self.places.get(key).copied();
        flag.prerequisites.iter().map(|one| Some((place(one.flag.as_str())?, one.variants.clone()))).collect()
    }

    /// The flags.
    pub fn flags(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter().map(|held| &held.flag)
    }

    /// The flag of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Flag> {
        self.held(key).map(|held| &held.flag)
    }

    fn held(&self, key: &str) -> Option<&Held> {
        self.places.get(key).and_then(|place| self.flags.get(*place))
    }

    /// What somebody gets of a flag at a moment; `None` when there is no such flag.
    #[must_use]
    pub fn evaluate(&self, key: &str, subject: &Subject<'_>, now: Timestamp) -> Option<Evaluation<'_>> {
        self.of(self.held(key)?, subject, now)
    }

    /// What somebody gets of every flag.
    pub fn evaluate_all(&self, subject: &Subject<'_>, now: Timestamp) -> impl Iterator<Item = Evaluation<'_>> {
        self.flags.iter().filter_map(move |held| self.of(held, subject, now))
    }

    fn of<'a>(&'a self, held: &'a Held, subject: &Subject<'_>, now: Timestamp) -> Option<Evaluation<'a>> {
        let flag = &held.flag;
        let is_on = flag.enabled && flag.window.has(now) && self.has_what_it_needs(held, subject, now);
        let (variant, reason) = if is_on {
            let ruled = flag.rules.iter().find_map(|rule| rule.gives(flag.key.as_str(), subject, now));
            let unruled = if flag.rules.is_empty() { Reason::Static } else { Reason::Default };
            ruled.unwrap_or((flag.default_variant.as_str(), unruled))
        } else {
            (flag.off_variant.as_str(), Reason::Disabled)
        };
        let value = flag.variants.get(variant)?;
        Some(Evaluation { flag, variant, value, reason })
    }

    fn has_what_it_needs(&self, held: &Held, subject: &Subject<'_>, now: Timestamp) -> bool {
        let Some(needs) = &held.needs else { return false };
        needs.iter().all(|(place, variants)| {
            let found = self.flags.get(*place).and_then(|other| self.of(other, subject, now));
            found.is_some_and(|found| variants.iter().any(|variant| variant == found.variant))
        })
    }
}

impl Rule {
    /// What the rule gives somebody, if anything.
    fn gives(&self, flag: &str, subject: &Subject<'_>, now: Timestamp) -> Option<(&str, Reason)> {
        if !self.window.has(now) || !self.conditions.iter().all(|condition| condition.holds(subject)) {
            return None;
        }
        if let Some(variant) = &self.variant {
            return Some((variant, Reason::TargetingMatch));
        }
        let [tenant, _] = subject.tenant;
        let by = if self.by == By::Tenant { tenant } else { subject.user? };
        let place = bucket(flag, by);
        let mut end = 0_u32;
        let share = self.split.iter().find(|share| {
            end = end.saturating_add(share.percent.buckets());
            place < end
        });
        share.map(|share| (share.variant.as_str(), Reason::Split))
    }
}

/// How many flags are looked at to evaluate one.
#[derive(Debug, Clone, Copy)]
enum Cost {
    NotYetKnown,
    Known(u32),
    /// It does not end, or not soon.
    TooHigh,
}

struct Costs<'a> {
    needs: &'a [Needs],
    known: Vec<Cost>,
}

impl<'a> Costs<'a> {
    fn new(needs: &'a [Needs]) -> Self {
        Self { needs, known: vec![Cost::NotYetKnown; needs.len()] }
    }

    fn of(&mut self, place: usize) -> Option<u32> {
        match self.known.get(place)? {
            Cost::Known(cost) => return Some(*cost),
            Cost::TooHigh => return None,
            Cost::NotYetKnown => {}
        }
        // Whoever comes back here meanwhile is in a circle.
        self.note(place, Cost::TooHigh);
        let needs = self.needs;
        let mut cost = 1_u32;
        for (other, _) in needs.get(place)?.as_ref()? {
            cost = cost.saturating_add(self.of(*other)?);
        }
        if cost > MOST_EVALUATED {
            return None;
        }
        self.note(place, Cost::Known(cost));
        Some(cost)
    }

    fn note(&mut self, place: usize, cost: Cost) {
        if let Some(known) = self.known.get_mut(place) {
            *known = cost;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

    fn flag(key: &str, changes: &Value) -> Flag {
        let mut flag = json!({
            "key": key, "kind": "string", "description": null, "enabled": true,
            "variants": { "a": "A", "b": "B", "off": "-" }, "default_variant": "a", "off_variant": "off",
            "from": null, "until": null, "rules": [], "prerequisites": [],
        });
        changes.as_object().unwrap().iter().for_each(|(name, value)| flag[name] = value.clone());
        serde_json::from_value(flag).unwrap()
    }

    fn given(flags: impl IntoIterator<Item = Flag>, user: &str) -> (String, Reason) {
        let attributes = Map::new();
        let subject = Subject {
            tenant: ["t", "acme"],
            plan: Some("gold"),
            roles: &[],
            user: Some(user),
            attributes: &attributes,
        };
        let snapshot = Snapshot::new(flags);
        let found = snapshot.evaluate("f", &subject, NOW).unwrap();
        assert_eq!(found.value, &found.flag.variants[found.variant]);
        (found.variant.to_owned(), found.reason)
    }

    fn rules(rules: &Value) -> (String, Reason) {
        given([flag("f", &json!({ "rules": rules }))], "ada")
    }

    fn got(variant: &str, reason: Reason) -> (String, Reason) {
        (variant.to_owned(), reason)
    }

    #[test]
    fn the_first_rule_that_gives_something_counts() {
        let gold = json!({ "attribute": "plan", "operator": "in", "values": ["gold"] });
        let grace = json!({ "attribute": "user", "operator": "in", "values": ["grace"] });
        assert_eq!(rules(&json!([])), got("a", Reason::Static));
        assert_eq!(rules(&json!([{ "conditions": [gold, grace], "variant": "b" }])), got("a", Reason::Default));
        let second = json!([{ "conditions": [grace], "variant": "off" }, { "conditions": [gold], "variant": "b" }, { "variant": "a" }]);
        assert_eq!(rules(&second), got("b", Reason::TargetingMatch));
        assert_eq!(rules(&json!([{ "split": [{ "variant": "b", "percent": "100" }] }])), got("b", Reason::Split));
        let nobody = json!([{ "split": [{ "variant": "b", "percent": "0" }] }, { "variant": "off" }]);
        assert_eq!(rules(&nobody), got("off", Reason::TargetingMatch));
    }

    #[test]
    fn time_counts_for_rules_and_for_the_flag() {
        let (before, after) = ("2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z");
        for (from, until, is_on) in
            [(before, after, true), ("2026-01-01T00:00:00Z", after, true), (before, "2026-01-01T00:00:00Z", false)]
        {
            let window = json!({ "from": from, "until": until });
            let expected = if is_on { got("a", Reason::Static) } else { got("off", Reason::Disabled) };
            assert_eq!(given([flag("f", &window)], "ada"), expected, "{from} {until}");
            let rule = json!([{ "from": from, "until": until, "variant": "b" }]);
            let expected = if is_on { got("b", Reason::TargetingMatch) } else { got("a", Reason::Default) };
            assert_eq!(rules(&rule), expected, "{from} {until}");
        }
    }

    #[test]
    fn a_flag_that_is_killed_or_lacks_something_gives_the_off_variant() {
        let off = got("off", Reason::Disabled);
        assert_eq!(given([flag("f", &json!({ "enabled": false, "rules": [{ "variant": "b" }] }))], "ada"), off);
        let needing = |variants: Value| flag("f", &json!({ "prerequisites": [{ "flag": "g", "variants": variants }] }));
        assert_eq!(given([needing(json!(["a"])), flag("g", &json!({}))], "ada"), got("a", Reason::Static));
        assert_eq!(given([needing(json!(["b"])), flag("g", &json!({}))], "ada"), off);
        assert_eq!(given([needing(json!(["a"]))], "ada"), off, "what it needs is not there");
        let back = flag("g", &json!({ "prerequisites": [{ "flag": "f", "variants": ["a", "b", "off"] }] }));
        assert_eq!(
            given([needing(json!(["a", "b", "off"])), back], "ada"),
            off,
            "a circle never ends, and is never met"
        );
    }

    #[test]
    fn who_has_no_key_is_in_no_part_and_a_company_has_one_place() {
        let attributes = Map::new();
        let split = json!([{ "variant": "b", "percent": "100" }]);
        let by = |by: &str, user: Option<&str>| {
            let snapshot = Snapshot::new([flag("f", &json!({ "rules": [{ "split": split, "by": by }] }))]);
            let subject = Subject { tenant: ["t", "acme"], plan: None, roles: &[], user, attributes: &attributes };
            snapshot.evaluate("f", &subject, NOW).unwrap().reason
        };
        assert_eq!(by("user", None), Reason::Default);
        assert_eq!(by("user", Some("ada")), Reason::Split);
        assert_eq!(by("tenant", None), Reason::Split);
    }

    proptest! {
        /// Raising a percentage gives the variant to others too, and takes it from nobody who had it.
        #[test]
        fn a_higher_percentage_takes_nothing_away(
            first in 0_u32..=60_000, shares in (0_u32..=40_000, 0_u32..=40_000), users in prop::collection::vec("[a-z0-9-]{1,36}", 1..40),
        ) {
            let percent = |buckets: u32| format!("{}.{:03}", buckets / 1_000, buckets % 1_000);
            let (low, high) = (shares.0.min(shares.1), shares.0.max(shares.1));
            let split = |second: u32| json!({ "rules": [{ "split": [
                { "variant": "off", "percent": percent(first) }, { "variant": "b", "percent": percent(second) },
            ] }] });
            for user in &users {
                let (had, has) = (given([flag("f", &split(low))], user), given([flag("f", &split(high))], user));
                prop_assert!(had.0 != "b" || has.0 == "b", "{user} lost it from {low} to {high}");
                // Nor does it take from those of a part before it.
                prop_assert!(had.0 != "off" || has.0 == "off", "{user} lost the first part");
            }
        }
    }
}
