//! Of whom a rule holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing that has to be so of somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// `tenant`, `plan`, `role` and `user` are what Tenure knows; any other name is one of the request's own attributes.
    pub attribute: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what: any of these will do. Empty for `exists` and `missing`.
    #[serde(default)]
    pub values: Vec<Value>,
}

/// How an attribute is compared. Of an attribute that is a list, one item is enough; for the two that begin with *not*, none may be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// It is one of the values.
    In,
    /// It is none of them; also when it is not there.
    NotIn,
    /// It is a text that begins with one of them.
    StartsWith,
    /// It is a text that ends with one of them.
    EndsWith,
    /// It is a text with one of them in it.
    Contains,
    /// It is a number or a moment before the value.
    Below,
    /// It is that or after it.
    AtLeast,
    /// It is there.
    Exists,
    /// It is not there, or null.
    Missing,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::In,
        Self::NotIn,
        Self::StartsWith,
        Self::EndsWith,
        Self::Contains,
        Self::Below,
        Self::AtLeast,
        Self::Exists,
        Self::Missing,
    ];

    /// The word that stands for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Contains => "contains",
            Self::Below => "below",
            Self::AtLeast => "at_least",
            Self::Exists => "exists",
            Self::Missing => "missing",
        }
    }
}

/// For whom a flag is evaluated.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The company, by its id and by its short name: a rule may name either.
    pub tenant: [&'a str; 2],
    /// The company's plan, if it has one.
    pub plan: Option<&'a str>,
    /// The user's roles.
    pub roles: &'a [String],
    /// The user, or whatever else is the targeting key.
    pub user: Option<&'a str>,
    /// What else the request says of the user.
    pub attributes: &'a Map<String, Value>,
}

/// An attribute's value, wherever it comes from.
#[derive(Clone, Copy)]
enum Given<'a> {
    Texts(&'a [&'a str]),
    Roles(&'a [String]),
    Json(&'a Value),
    Nothing,
}

impl Condition {
    /// Whether it is so.
    #[must_use]
    pub fn holds(&self, subject: &Subject<'_>) -> bool {
        let one: [&str; 1];
        let given = match self.attribute.as_str() {
            "tenant" => Given::Texts(&subject.tenant),
            "plan" | "user" => {
                let known = if self.attribute == "plan" { subject.plan } else { subject.user };
                match known {
                    Some(text) => {
                        one = [text];
                        Given::Texts(&one)
                    }
                    None => Given::Nothing,
                }
            }
            "role" => Given::Roles(subject.roles),
            other => subject.attributes.get(other).map_or(Given::Nothing, Given::Json),
        };
        match self.operator {
            Operator::Exists => given.is_there(),
            Operator::Missing => !given.is_there(),
            Operator::NotIn => !self.some_value(given, Operator::In),
            operator => self.some_value(given, operator),
        }
    }

    fn some_value(&self, given: Given<'_>, operator: Operator) -> bool {
        self.values.iter().any(|value| given.some(|found| compare(operator, found, value)))
    }
}

/// One item of what was given.
#[derive(Clone, Copy)]
enum Item<'a> {
    Text(&'a str),
    Json(&'a Value),
}

impl<'a> Given<'a> {
    fn is_there(self) -> bool {
        match self {
            Self::Texts(texts) => !texts.is_empty(),
            Self::Roles(roles) => !roles.is_empty(),
            Self::Json(value) => !value.is_null(),
            Self::Nothing => false,
        }
    }

    fn some(self, mut is: impl FnMut(Item<'a>) -> bool) -> bool {
        let item = |value: &'a Value| match value {
            Value::String(text) => Item::Text(text),
            other => Item::Json(other),
        };
        match self {
            Self::Texts(texts) => texts.iter().any(|text| is(Item::Text(text))),
            Self::Roles(roles) => roles.iter().any(|role| is(Item::Text(role))),
            Self::Json(Value::Array(items)) => items.iter().any(|value| is(item(value))),
            Self::Json(value) => is(item(value)),
            Self::Nothing => false,
        }
    }
}

fn compare(operator: Operator, found: Item<'_>, value: &Value) -> bool {
    match (found, value) {
        (Item::Text(found), Value::String(value)) => match operator {
            Operator::In => found == value,
            Operator::StartsWith => found.starts_with(value.as_str()),
            Operator::EndsWith => found.ends_with(value.as_str()),
            Operator::Contains => found.contains(value.as_str()),
            Operator::Below => moments(found, value).is_some_and(|(found, value)| found < value),
            Operator::AtLeast => moments(found, value).is_some_and(|(found, value)| found >= value),
            Operator::NotIn | Operator::Exists | Operator::Missing => false,
        },
        (Item::Json(found), value) => match operator {
            Operator::In => {
                found == value || numbers(found, value).is_some_and(|(found, value)| found.total_cmp(&value).is_eq())
            }
            Operator::Below => numbers(found, value).is_some_and(|(found, value)| found < value),
            Operator::AtLeast => numbers(found, value).is_some_and(|(found, value)| found >= value),
            _ => false,
        },
        (Item::Text(_), _) => false,
    }
}

fn numbers(found: &Value, value: &Value) -> Option<(f64, f64)> {
    Some((found.as_f64()?, value.as_f64()?))
}

fn moments(found: &str, value: &str) -> Option<(Timestamp, Timestamp)> {
    Some((found.parse().ok()?, value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(condition: Value) -> bool {
        let Value::Object(attributes) = json!({
            "country": "DE", "age": 40, "beta": true, "groups": ["sales", "emea"], "nothing": null,
            "since": "2026-01-15T09:00:00Z",
        }) else {
            panic!("no object")
        };
        let roles = ["employee".to_owned(), "manager".to_owned()];
        let subject = Subject {
            tenant: ["0198f3c2-0000-7000-8000-000000000001", "acme"],
            plan: Some("gold"),
            roles: &roles,
            user: None,
            attributes: &attributes,
        };
        serde_json::from_value::<Condition>(condition).unwrap().holds(&subject)
    }

    #[test]
    fn what_is_so_holds() {
        for condition in [
            json!({ "attribute": "tenant", "operator": "in", "values": ["other", "acme"] }),
            json!({ "attribute": "tenant", "operator": "in", "values": ["0198f3c2-0000-7000-8000-000000000001"] }),
            json!({ "attribute": "plan", "operator": "starts_with", "values": ["go"] }),
            json!({ "attribute": "role", "operator": "in", "values": ["manager"] }),
            json!({ "attribute": "role", "operator": "not_in", "values": ["owner"] }),
            json!({ "attribute": "user", "operator": "missing" }),
            json!({ "attribute": "country", "operator": "exists" }),
            json!({ "attribute": "country", "operator": "not_in", "values": ["FR"] }),
            json!({ "attribute": "city", "operator": "not_in", "values": ["Paris"] }),
            json!({ "attribute": "age", "operator": "at_least", "values": [40] }),
            json!({ "attribute": "age", "operator": "below", "values": [40.5] }),
            json!({ "attribute": "age", "operator": "in", "values": [40.0] }),
            json!({ "attribute": "beta", "operator": "in", "values": [true] }),
            json!({ "attribute": "groups", "operator": "contains", "values": ["mea"] }),
            json!({ "attribute": "groups", "operator": "ends_with", "values": ["les"] }),
            json!({ "attribute": "nothing", "operator": "missing" }),
            json!({ "attribute": "since", "operator": "below", "values": ["2026-01-15T10:30:00+01:00"] }),
        ] {
            assert!(holds(condition.clone()), "{condition}");
        }
    }

    #[test]
    fn what_is_not_so_does_not_hold() {
        for condition in [
            json!({ "attribute": "tenant", "operator": "in", "values": [] }),
            json!({ "attribute": "plan", "operator": "in", "values": ["silver"] }),
            json!({ "attribute": "role", "operator": "not_in", "values": ["owner", "manager"] }),
            json!({ "attribute": "user", "operator": "in", "values": ["ada"] }),
            json!({ "attribute": "city", "operator": "exists" }),
            json!({ "attribute": "age", "operator": "in", "values": ["40"] }),
            json!({ "attribute": "age", "operator": "below", "values": [40] }),
            json!({ "attribute": "country", "operator": "at_least", "values": [1] }),
            json!({ "attribute": "country", "operator": "below", "values": ["FR"] }),
            json!({ "attribute": "beta", "operator": "starts_with", "values": ["t"] }),
            json!({ "attribute": "since", "operator": "at_least", "values": ["2026-01-16T00:00:00Z"] }),
        ] {
            assert!(!holds(condition.clone()), "{condition}");
        }
    }
}
