//! The values of a record's own fields: what may be written, and what of it is seen.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{Class, Definition, Kind};

const MAX_TEXT: usize = 4_000;
const FIRST_DAY: Date = date(1900, 1, 1);
const LAST_DAY: Date = date(2199, 12, 31);

/// A member that is not as its definition asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The member.
    pub key: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a member.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// It has to be there.
    #[error("is missing")]
    Missing,
    /// The company has defined no such field.
    #[error("is not one of the company's fields")]
    Undefined,
    /// It is no text, or too long.
    #[error("is not a text of 1 to 4,000 characters")]
    Text,
    /// It is no number.
    #[error("is not a number")]
    Number,
    /// It is no day.
    #[error("is not a day from 1900 to 2199, written as 2026-01-15")]
    Date,
    /// It is no boolean.
    #[error("is neither true nor false")]
    Boolean,
    /// It is none of the words.
    #[error("is not one of the words to choose from: {0}")]
    Choice(String),
    /// It is no list of some of the words.
    #[error("is not a list of different words of these: {0}")]
    MultipleChoice(String),
}

/// Everything that is wrong in what a record's fields are to be. `before` are the fields as they were, for a record that is there.
///
/// What stays as it was is never wrong: it may be older than its definition, or come from an import.
#[must_use]
pub fn check(
    definitions: &[Definition],
    before: Option<&Map<String, Value>>,
    after: &Map<String, Value>,
) -> Vec<Wrong> {
    let was = |key: &str| before.and_then(|before| before.get(key));
    let missing = definitions.iter().filter(|definition| {
        let goes = before.is_none() || was(&definition.key).is_some();
        definition.required && goes && !after.contains_key(&definition.key)
    });
    let missing = missing.map(|definition| Wrong { key: definition.key.clone(), fault: Fault::Missing });
    let changed = after.iter().filter(|(key, value)| was(key) != Some(*value));
    let wrong = changed.filter_map(|(key, value)| {
        let fault = match find(definitions, key) {
            Some(definition) => form(definition, value).err()?,
            None => Fault::Undefined,
        };
        Some(Wrong { key: key.clone(), fault })
    });
    missing.chain(wrong).collect()
}

/// The fields with new values for some of them; null takes one away.
#[must_use]
pub fn merge(before: &Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    let mut after = before.clone();
    for (key, value) in new {
        if value.is_null() {
            after.remove(&key);
        } else {
            after.insert(key, value);
        }
    }
    after
}

/// The classes of members by their keys: of those that are defined, and of those that were when they were defined last. Values outlive
/// their definitions, and are then for nobody else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes(BTreeMap<String, Class>);

impl FromIterator<(String, Class)> for Classes {
    fn from_iter<T: IntoIterator<Item = (String, Class)>>(classes: T) -> Self {
        Self(classes.into_iter().collect())
    }
}

impl Classes {
    /// The class of a member. What the company has never defined is sensitive.
    #[must_use]
    pub fn of(&self, key: &str) -> Class {
        self.0.get(key).copied().unwrap_or(Class::Sensitive)
    }

    /// The members whose class may be seen.
    #[must_use]
    pub fn visible(&self, custom: Map<String, Value>, may_see: impl Fn(Class) -> bool) -> Map<String, Value> {
        custom.into_iter().filter(|(key, _)| may_see(self.of(key))).collect()
    }
}

fn find<'a>(definitions: &'a [Definition], key: &str) -> Option<&'a Definition> {
    definitions.iter().find(|definition| definition.key == key)
}

/// Checks the form of a value. A number is a JSON number and never a text, so that 3 and "3" do not stand side by side.
fn form(definition: &Definition, value: &Value) -> Result<(), Fault> {
    let words = || definition.choices.join(", ");
    let is_word = |value: &Value| value.as_str().is_some_and(|text| definition.choices.iter().any(|word| word == text));
    let (right, fault): (bool, fn(String) -> Fault) = match definition.kind {
        Kind::Text => (value.as_str().is_some_and(is_text), |_| Fault::Text),
        Kind::Number => (value.is_number(), |_| Fault::Number),
        Kind::Date => (value.as_str().is_some_and(is_day), |_| Fault::Date),
        Kind::Boolean => (value.is_boolean(), |_| Fault::Boolean),
        Kind::Choice => (is_word(value), Fault::Choice),
        Kind::MultipleChoice => (value.as_array().is_some_and(|items| is_set(items, is_word)), Fault::MultipleChoice),
    };
    if right { Ok(()) } else { Err(fault(words())) }
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(MAX_TEXT).is_none()
}

/// Whether a text is a day in the one form that sorts as it reads.
fn is_day(text: &str) -> bool {
    let day = text.parse::<Date>().ok().filter(|day| (FIRST_DAY..=LAST_DAY).contains(day));
    day.is_some_and(|day| day.to_string() == text)
}

fn is_set(items: &[Value], is_word: impl Fn(&Value) -> bool) -> bool {
    let repeated = |(at, item): (usize, &Value)| items.iter().take(at).any(|earlier| earlier == item);
    !items.is_empty() && items.iter().all(is_word) && !items.iter().enumerate().any(repeated)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn definition(key: &str, kind: Kind, required: bool) -> Definition {
        let choices = if kind.has_choices() { vec!["S".to_owned(), "M".to_owned()] } else { Vec::new() };
        Definition { key: key.to_owned(), kind, required, choices, class: Class::Public }
    }

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("{value} is no object") };
        members
    }

    fn keys(wrong: &[Wrong]) -> Vec<&str> {
        wrong.iter().map(|wrong| wrong.key.as_str()).collect()
    }

    #[test]
    fn each_kind_takes_its_form_and_no_other() {
        let good = [
            (Kind::Text, json!("a\nb")),
            (Kind::Number, json!(-1.5)),
            (Kind::Date, json!("2026-01-15")),
            (Kind::Boolean, json!(false)),
            (Kind::Choice, json!("S")),
            (Kind::MultipleChoice, json!(["M", "S"])),
        ];
        for (kind, value) in &good {
            assert_eq!(form(&definition("a", *kind, false), value), Ok(()), "{kind}: {value}");
        }
        for (kind, value) in [
            (Kind::Text, json!("")),
            (Kind::Text, json!("a".repeat(4_001))),
            (Kind::Text, json!(1)),
            (Kind::Number, json!("1")),
            (Kind::Date, json!("2026-02-30")),
            (Kind::Date, json!("20260115")),
            (Kind::Date, json!("1899-12-31")),
            (Kind::Date, json!("2026-01-15T00:00")),
            (Kind::Boolean, json!("true")),
            (Kind::Choice, json!("L")),
            (Kind::Choice, json!(["S"])),
            (Kind::MultipleChoice, json!("S")),
            (Kind::MultipleChoice, json!([])),
            (Kind::MultipleChoice, json!(["S", "S"])),
            (Kind::MultipleChoice, json!(["S", 1])),
        ] {
            assert!(form(&definition("a", kind, false), &value).is_err(), "{kind}: {value}");
        }
        for kind in Kind::ALL {
            assert!(form(&definition("a", *kind, false), &Value::Null).is_err(), "{kind}");
        }
    }

    #[test]
    fn what_is_required_is_there_from_the_start_and_is_not_taken_away() {
        let definitions = [definition("size", Kind::Choice, true)];
        let (none, some) = (Map::new(), object(json!({ "size": "S" })));
        assert_eq!(check(&definitions, None, &none), [Wrong { key: "size".to_owned(), fault: Fault::Missing }]);
        assert_eq!(check(&definitions, None, &some), []);
        assert_eq!(keys(&check(&definitions, Some(&some), &none)), ["size"]);
        assert_eq!(check(&definitions, Some(&none), &none), [], "a record that is older than the definition");
    }

    #[test]
    fn what_is_not_defined_may_stay_and_go() {
        let definitions = [definition("size", Kind::Choice, false)];
        let before = object(json!({ "size": "S", "badge": 17 }));
        assert_eq!(check(&definitions, Some(&before), &object(json!({ "badge": 17 }))), []);
        assert_eq!(check(&definitions, Some(&before), &object(json!({ "size": "M" }))), []);
        assert_eq!(keys(&check(&definitions, Some(&before), &object(json!({ "badge": 18 })))), ["badge"]);
        assert_eq!(keys(&check(&definitions, None, &object(json!({ "badge": 17 })))), ["badge"]);
    }

    #[test]
    fn members_are_seen_by_class_and_what_was_never_defined_is_sensitive() {
        let classes: Classes =
            [("size".to_owned(), Class::Public), ("bonus".to_owned(), Class::Pay)].into_iter().collect();
        let custom = object(json!({ "size": "S", "bonus": 7, "badge": 17 }));
        let seen = |class| classes.visible(custom.clone(), |own| own == class);
        assert_eq!(seen(Class::Public), object(json!({ "size": "S" })));
        assert_eq!(seen(Class::Pay), object(json!({ "bonus": 7 })));
        assert_eq!(seen(Class::Sensitive), object(json!({ "badge": 17 })));
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            prop_oneof!["S", "M", "L", "2026-01-15", ".{0,5}"].prop_map(Value::from),
            prop::collection::vec(prop_oneof!["S", "M", "L"], 0..3).prop_map(Value::from),
        ]
    }

    fn record() -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::btree_map("[a-e]", value(), 0..5).prop_map(|members| members.into_iter().collect())
    }

    fn definitions() -> impl Strategy<Value = Vec<Definition>> {
        let one = (prop::sample::select(Kind::ALL), any::<bool>());
        prop::collection::btree_map("[a-d]", one, 0..4).prop_map(|fields| {
            fields.into_iter().map(|(key, (kind, required))| definition(&key, kind, required)).collect()
        })
    }

    proptest! {
        #[test]
        fn what_stays_as_it_was_is_never_wrong(definitions in definitions(), record in record()) {
            prop_assert_eq!(check(&definitions, Some(&record), &record), []);
        }

        /// What was found right is complete, defined and of the right form, and what was found wrong is not.
        #[test]
        fn a_new_record_is_right_or_its_faults_are_named(definitions in definitions(), record in record()) {
            let wrong = check(&definitions, None, &record);
            for definition in &definitions {
                let right = match record.get(&definition.key) {
                    Some(value) => form(definition, value).is_ok(),
                    None => !definition.required,
                };
                prop_assert_eq!(right, !keys(&wrong).contains(&definition.key.as_str()), "{:?}", definition);
            }
            for key in record.keys() {
                let defined = definitions.iter().any(|definition| definition.key == *key);
                prop_assert!(defined || keys(&wrong).contains(&key.as_str()), "{}", key);
            }
        }

        /// A merge changes what it names and nothing else.
        #[test]
        fn a_merge_names_what_it_changes(before in record(), new in record()) {
            let after = merge(&before, new.clone());
            for key in before.keys().chain(new.keys()) {
                let expected = match new.get(key) {
                    Some(Value::Null) => None,
                    Some(value) => Some(value),
                    None => before.get(key),
                };
                prop_assert_eq!(after.get(key), expected, "{}", key);
            }
        }
    }
}
