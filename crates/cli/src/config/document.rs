//! A configuration file as a flat list of keys with their lines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::layers::Kind;

/// One `key = value` of a file.
pub(super) struct Item {
    /// `section.key`; only `key` when it stands outside any section.
    pub(super) key: String,
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) scalar: Scalar,
}

/// A value: of a type that options have, as text, or the name of any other type.
pub(super) enum Scalar {
    Known(Kind, String),
    Other(&'static str),
}

/// A file that is not TOML.
pub(super) struct SyntaxError {
    /// Counted from 1.
    pub(super) line: usize,
    /// Without any of the file's text, which may hold a password.
    pub(super) message: String,
}

/// Takes a TOML document apart.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, SyntaxError> {
    let table = DeTable::parse(text).map_err(|error| SyntaxError {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let mut items = Vec::new();
    for (name, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(section) => {
                let prefix = format!("{}.", name.get_ref());
                items.extend(section.iter().map(|(key, value)| item(text, &prefix, key, value)));
            }
            _ => items.push(item(text, "", name, value)),
        }
    }
    Ok(items)
}

fn item(text: &str, prefix: &str, key: &Spanned<impl AsRef<str>>, value: &Spanned<DeValue<'_>>) -> Item {
    Item {
        key: format!("{prefix}{}", key.get_ref().as_ref()),
        line: line_at(text, key.span().start),
        scalar: scalar(value.get_ref()),
    }
}

fn scalar(value: &DeValue<'_>) -> Scalar {
    match value {
        DeValue::String(text) => Scalar::Known(Kind::Text, text.to_string()),
        DeValue::Integer(digits) => i128::from_str_radix(digits.as_str(), digits.radix())
            .map_or(Scalar::Other("a very large number"), |number| Scalar::Known(Kind::Whole, number.to_string())),
        DeValue::Float(_) => Scalar::Other("a fraction"),
        DeValue::Boolean(_) => Scalar::Other("true or false"),
        DeValue::Datetime(_) => Scalar::Other("a date or time"),
        DeValue::Array(_) => Scalar::Other("a list"),
        DeValue::Table(_) => Scalar::Other("a section"),
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
