//! Which changes of settings are taken.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Chosen, DEFINITIONS, Definition, Usual};
use crate::money::Currency;

const CURRENCY: &str = "regional.currency";
const USUAL_CURRENCY: Currency = Currency::EUR;

/// What is wrong with one setting of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting's key, as it was given.
    pub key: String,
    /// What is wrong, in words that its writer can act on.
    pub message: String,
}

/// What a company has chosen after a change that names settings; null takes the choice of one back. Everything is checked, each setting by
/// itself and then those that have to fit each other.
///
/// # Errors
/// Everything that is wrong.
pub fn check(chosen: &Chosen, changes: &Map<String, Value>) -> Result<Chosen, Vec<Fault>> {
    let mut after = chosen.clone();
    let mut faults = Vec::new();
    for (key, value) in changes {
        let Some(definition) = Definition::of(key) else {
            faults.push(Fault { key: key.clone(), message: unknown(key) });
            continue;
        };
        let read = if value.is_null() { Ok(Value::Null) } else { definition.kind.read(value) };
        match read {
            Ok(value) => after.choose(definition, value),
            Err(message) => faults.push(Fault { key: key.clone(), message }),
        }
    }
    faults.extend(together(&after).into_iter().filter(|fault| concerns(fault, changes)));
    if faults.is_empty() { Ok(after) } else { Err(faults) }
}

/// Whether a fault of several settings is one that the change has brought: an older one must not keep anybody from changing something
/// else.
fn concerns(fault: &Fault, changes: &Map<String, Value>) -> bool {
    let group = |key: &str| key.split('.').next().map(ToOwned::to_owned);
    changes.keys().any(|key| group(key) == group(&fault.key))
}

/// What does not fit each other.
fn together(after: &Chosen) -> Vec<Fault> {
    let text = |key: &str| after.value(key).as_str().map(ToOwned::to_owned);
    let number = |key: &str| after.value(key).as_i64().unwrap_or_default();
    let mut faults = Vec::new();
    let mut fault = |key: &str, message: String| faults.push(Fault { key: key.to_owned(), message });
    let (start, end) = (text("working_time.day_start"), text("working_time.day_end"));
    if start >= end {
        fault("working_time.day_end", "is not after working_time.day_start".to_owned());
    }
    let length = minutes(end.as_deref()).saturating_sub(minutes(start.as_deref()));
    if length > 0 && number("working_time.break_minutes") >= length {
        fault("working_time.break_minutes", "is as long as the working day or longer".to_owned());
    }
    if text("notifications.quiet_from").is_some() != text("notifications.quiet_until").is_some() {
        let words = "is chosen together with notifications.quiet_from, or both are left open";
        fault("notifications.quiet_until", words.to_owned());
    }
    faults
}

fn minutes(time: Option<&str>) -> i64 {
    let read = |part: &str| part.parse().unwrap_or(0_i64);
    time.and_then(|time| time.split_once(':')).map_or(0, |(hour, minute)| read(hour) * 60 + read(minute))
}

/// Names the setting that was probably meant.
fn unknown(key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let alike = DEFINITIONS.iter().find(|one| one.key.ends_with(&format!(".{name}")) || one.key.starts_with(key));
    match alike {
        Some(one) if !key.is_empty() => format!("is no setting; there is {}", one.key),
        _ => "is no setting; GET /api/v1/settings/schema has those that there are".to_owned(),
    }
}

impl Chosen {
    /// What a setting is now; null for one that is left open or is not known.
    #[must_use]
    pub fn value(&self, key: &str) -> Value {
        let usual = || Definition::of(key).map_or(Value::Null, |definition| definition.usual.value());
        self.get(key).cloned().unwrap_or_else(usual)
    }

    /// A setting that the program goes by. A value that a later version has allowed and this one does not know counts as not chosen.
    #[must_use]
    pub fn number(&self, number: super::Number) -> i64 {
        let Some(definition) = Definition::of(number.key()) else { return 0 };
        let chosen = self.get(number.key()).and_then(|value| definition.kind.read(value).ok());
        let usual = if let Usual::Whole(usual) = definition.usual { usual } else { 0 };
        chosen.and_then(|value| value.as_i64()).unwrap_or(usual)
    }

    /// The currency of amounts that name none, and whether the company has chosen it.
    #[must_use]
    pub fn currency(&self) -> (Currency, bool) {
        let chosen = self.get(CURRENCY).and_then(|value| value.as_str()?.parse().ok());
        (chosen.unwrap_or(USUAL_CURRENCY), chosen.is_some())
    }

    /// What every setting is, in the order of the definitions, and whether the company has chosen it.
    #[must_use]
    pub fn effective(&self) -> Vec<(&'static Definition, Value, bool)> {
        let one = |definition: &'static Definition| {
            let chosen = self.get(definition.key);
            (definition, chosen.cloned().unwrap_or_else(|| definition.usual.value()), chosen.is_some())
        };
        DEFINITIONS.iter().map(one).collect()
    }

    /// What every setting is, by its key.
    #[must_use]
    pub fn values(&self) -> BTreeMap<&'static str, Value> {
        self.effective().into_iter().map(|(definition, value, _)| (definition.key, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Number, OF_MAIL};
    use super::*;

    fn changed(changes: Value) -> Result<Chosen, Vec<String>> {
        let Value::Object(changes) = changes else { panic!("no object") };
        check(&Chosen::default(), &changes).map_err(|faults| faults.into_iter().map(|fault| fault.key).collect())
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let changes = json!({
            "regional.currency": "euro", "regional.locale": "de", "odd": 1, "working_time.day_start": "18:00",
            "notifications.quiet_from": "20:00",
        });
        let wrong = ["odd", "regional.currency", "working_time.day_end", "notifications.quiet_until"];
        assert_eq!(changed(changes).unwrap_err(), wrong.map(ToOwned::to_owned));
    }

    #[test]
    fn null_takes_a_choice_back_and_what_is_usual_is_no_choice() {
        let chosen = changed(json!({ "regional.currency": "CHF", "password.min_length": 12 })).unwrap();
        assert_eq!(chosen, changed(json!({ "regional.currency": "CHF" })).unwrap());
        let Value::Object(back) = json!({ "regional.currency": null }) else { panic!("no object") };
        assert_eq!(check(&chosen, &back).unwrap(), Chosen::default());
    }

    #[test]
    fn a_misspelt_group_is_shown_the_right_one() {
        let Value::Object(changes) = json!({ "locale": "de" }) else { panic!("no object") };
        let faults = check(&Chosen::default(), &changes).unwrap_err();
        assert_eq!(faults[0].message, "is no setting; there is regional.locale");
    }

    #[test]
    fn what_the_program_goes_by_is_a_number_within_its_bounds() {
        for number in Number::ALL {
            let definition = Definition::of(number.key()).unwrap();
            assert!(definition.in_use && matches!(definition.kind, super::super::Kind::Whole(..)), "{number}");
            assert_eq!(Usual::Whole(Chosen::default().number(number)), definition.usual);
        }
        let currency = Definition::of(CURRENCY).unwrap();
        assert!(currency.in_use && currency.usual.value() == json!(USUAL_CURRENCY), "{currency:?}");
        assert!(OF_MAIL.iter().all(|key| Definition::of(key).is_some_and(|definition| definition.in_use)));
        let used = DEFINITIONS.iter().filter(|definition| definition.in_use).count();
        assert_eq!(used, Number::ALL.len() + OF_MAIL.len() + 1, "what is said to be in use is read somewhere");
    }

    #[test]
    fn amounts_are_in_the_currency_that_is_chosen_or_in_the_usual_one() {
        let chosen = changed(json!({ "regional.currency": "CHF" })).unwrap();
        assert_eq!(chosen.currency(), ("CHF".parse().unwrap(), true));
        assert_eq!(Chosen::default().currency(), (Currency::EUR, false));
    }

    proptest! {
        /// Whatever is sent, what is kept is what the definitions allow, and sending it again changes nothing.
        #[test]
        fn what_is_taken_is_allowed_and_taken_again(
            values in prop::collection::vec((0_usize..100, prop_oneof![
                any::<bool>().prop_map(Value::from), (-3_i64..400).prop_map(Value::from), "[a-z0-9:#-]{0,8}".prop_map(Value::from), Just(Value::Null),
            ]), 0..12),
        ) {
            let changes: Map<String, Value> = values
                .into_iter()
                .map(|(at, value)| (DEFINITIONS[at % DEFINITIONS.len()].key.to_owned(), value))
                .collect();
            if let Ok(after) = check(&Chosen::default(), &changes) {
                for (definition, value, chosen) in after.effective() {
                    prop_assert!(!chosen || definition.kind.read(&value) == Ok(value.clone()), "{} {value}", definition.key);
                }
                prop_assert_eq!(check(&after, &changes), Ok(after));
            }
        }
    }
}
