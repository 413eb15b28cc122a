//! The fields that a company adds to its records: what a definition may say, and which values it lets in.

mod values;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use values::{Classes, Fault, Wrong, check, merge};

use crate::access::Permission;
use crate::employment::{UnknownWord, vocabulary};

/// How many words a field may give to choose from.
pub const MAX_CHOICES: usize = 200;

vocabulary! {
    /// The kinds of records that have fields of the company's own.
    Entity, "kind of record" {
        /// An employee.
        Employee = "employee",
        /// A department.
        Department = "department",
        /// A designation.
        Designation = "designation",
        /// A location.
        Location = "location",
    }

    /// What a field holds.
    Kind, "kind of field" {
        /// A text of up to 4,000 characters.
        Text = "text",
        /// A number.
        Number = "number",
        /// A day.
        Date = "date",
        /// True or false.
        Boolean = "boolean",
        /// One of some words.
        Choice = "choice",
        /// Some of some words.
        MultipleChoice = "multiple_choice",
    }

    /// Who may see and change a field of an employee. The fields of other records are public within the company.
    Class, "class of fields" {
        /// Whoever sees the employee's work fields.
        Public = "public",
        /// Whoever sees the personal fields.
        Personal = "personal",
        /// Whoever sees the sensitive fields.
        Sensitive = "sensitive",
        /// Whoever sees the pay.
        Pay = "pay",
    }
}

impl Class {
    /// What it takes to see fields of the class.
    #[must_use]
    pub const fn read(self) -> Permission {
        match self {
            Self::Public => Permission::EmployeesRead,
            Self::Personal => Permission::EmployeesReadPersonal,
            Self::Sensitive => Permission::EmployeesReadSensitive,
            Self::Pay => Permission::PayRead,
        }
    }

    /// What it takes to change them.
    #[must_use]
    pub const fn write(self) -> Permission {
        match self {
            Self::Public => Permission::EmployeesWrite,
            Self::Personal => Permission::EmployeesWritePersonal,
            Self::Sensitive => Permission::EmployeesWriteSensitive,
            Self::Pay => Permission::PayWrite,
        }
    }
}

impl Kind {
    /// Whether there are words to choose from.
    #[must_use]
    pub const fn has_choices(self) -> bool {
        matches!(self, Self::Choice | Self::MultipleChoice)
    }
}

/// The member of a record's `custom` object that holds a field: a small letter, then small letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Key(String);

/// A text that is no [`Key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a small letter followed by at most 62 small letters, digits and underscores, for example t_shirt_size")]
pub struct NoKey;

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        if begins && text.len() <= 63 && text.bytes().all(letters) { Ok(Self(text.to_owned())) } else { Err(NoKey) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

/// What is asked of a field's values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The member of `custom`.
    pub key: String,
    /// What the field holds.
    pub kind: Kind,
    /// Whether every record has it.
    pub required: bool,
    /// The words to choose from; none for other kinds.
    pub choices: Vec<String>,
    /// Who may see and change it.
    pub class: Class,
}

/// Why a definition cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DefinitionError {
    /// There is nothing to choose from.
    #[error("has no words, and this kind of field is a choice of some")]
    NoChoices,
    /// There is something to choose from, and the field is none of words.
    #[error("has words, and this kind of field is no choice of some")]
    NeedlessChoices,
    /// There is too much to choose from.
    #[error("has more than {MAX_CHOICES} words")]
    ManyChoices,
    /// A word is there twice.
    #[error("has a word twice")]
    RepeatedChoice,
    /// The fields of departments, designations and locations have no classes.
    #[error("is public for the fields of departments, designations and locations")]
    NotPublic,
}

impl DefinitionError {
    /// The field of the definition that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NotPublic => "class",
            _ => "choices",
        }
    }
}

impl Definition {
    /// Checks that the definition can be one of a kind of record.
    ///
    /// # Errors
    /// When choices or class do not go with the kinds of the field and the record.
    pub fn check(&self, entity: Entity) -> Result<(), DefinitionError> {
        let repeated = |(at, word): (usize, &String)| self.choices.iter().take(at).any(|earlier| earlier == word);
        if self.kind.has_choices() && self.choices.is_empty() {
            Err(DefinitionError::NoChoices)
        } else if !self.kind.has_choices() && !self.choices.is_empty() {
            Err(DefinitionError::NeedlessChoices)
        } else if self.choices.len() > MAX_CHOICES {
            Err(DefinitionError::ManyChoices)
        } else if self.choices.iter().enumerate().any(repeated) {
            Err(DefinitionError::RepeatedChoice)
        } else if entity != Entity::Employee && self.class != Class::Public {
            Err(DefinitionError::NotPublic)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(kind: Kind, choices: &[&str], class: Class) -> Definition {
        let choices = choices.iter().map(|word| (*word).to_owned()).collect();
        Definition { key: "a".to_owned(), kind, required: false, choices, class }
    }

    #[test]
    fn keys_are_names_of_small_letters() {
        for good in ["a", "t_shirt_size", "a1", &"a".repeat(63)] {
            assert_eq!(good.parse::<Key>().unwrap().to_string(), good);
        }
        for bad in ["", "1a", "_a", "A", "a b", "ä", "a-b", &"a".repeat(64)] {
            assert_eq!(bad.parse::<Key>(), Err(NoKey), "{bad}");
        }
    }

    #[test]
    fn choices_and_class_go_with_the_kinds_of_field_and_record() {
        for (definition, entity, expected) in [
            (definition(Kind::Choice, &["S", "M"], Class::Pay), Entity::Employee, Ok(())),
            (definition(Kind::Text, &[], Class::Public), Entity::Location, Ok(())),
            (definition(Kind::Choice, &[], Class::Public), Entity::Location, Err(DefinitionError::NoChoices)),
            (definition(Kind::Date, &["S"], Class::Public), Entity::Employee, Err(DefinitionError::NeedlessChoices)),
            (
                definition(Kind::MultipleChoice, &["S", "M", "S"], Class::Public),
                Entity::Employee,
                Err(DefinitionError::RepeatedChoice),
            ),
            (definition(Kind::Text, &[], Class::Personal), Entity::Department, Err(DefinitionError::NotPublic)),
        ] {
            assert_eq!(definition.check(entity), expected, "{definition:?}");
        }
        let mut many = definition(Kind::Choice, &[], Class::Public);
        many.choices = (0..=MAX_CHOICES).map(|number| number.to_string()).collect();
        assert_eq!(many.check(Entity::Employee), Err(DefinitionError::ManyChoices));
    }
}
