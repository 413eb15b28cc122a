//! What a setting may be, and what it is when nobody has chosen.

use serde_json::{Value, json};

use crate::contact::Email;
use crate::money::Currency;
use crate::place::{CountryCode, TimeZoneName};

/// The days of the week in their order.
pub const WEEKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number from the one to the other.
    Whole(i64, i64),
    /// A text on one line of at most so many characters.
    Text(usize),
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Some of some words, at least one.
    Choices(&'static [&'static str]),
    /// A language, perhaps with a script and a region: `en`, `de-CH`, `zh-Hant-TW`.
    Locale,
    /// A time zone by its IANA name.
    TimeZone,
    /// A currency by ISO 4217.
    Currency,
    /// A country by ISO 3166-1.
    Country,
    /// A time of the day: `09:00`.
    Time,
    /// A day of every year: `04-01`. The 29th of February is none.
    YearDay,
    /// A colour: `#1f5eff`.
    Colour,
    /// An address beginning with `https://`.
    Url,
    /// A mail address.
    Email,
}

/// What a setting is unless a company chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// Nothing: the setting may be left open.
    Nothing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A text.
    Text(&'static str),
    /// Some words.
    Words(&'static [&'static str]),
}

impl Usual {
    /// The value.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Boolean(value) => value.into(),
            Self::Whole(value) => value.into(),
            Self::Text(value) => value.into(),
            Self::Words(value) => value.into(),
        }
    }
}

impl Kind {
    /// The value in the form in which it is kept, if the setting may be so.
    ///
    /// # Errors
    /// What is wrong, in words that its writer can act on.
    pub fn read(self, value: &Value) -> Result<Value, String> {
        match self {
            Self::Boolean if value.is_boolean() => Ok(value.clone()),
            Self::Boolean => Err("is neither true nor false".to_owned()),
            Self::Whole(least, most) => {
                let number = value.as_i64().filter(|number| (least..=most).contains(number));
                number.map(Value::from).ok_or_else(|| format!("is not a whole number from {least} to {most}"))
            }
            Self::Choices(words) => choices(value, words),
            _ => match value {
                Value::String(text) => self.text(text).map(Value::from),
                _ => Err("is not a text".to_owned()),
            },
        }
    }

    fn text(self, text: &str) -> Result<String, String> {
        match self {
            Self::Text(most) => line(text, most),
            Self::Choice(words) if words.contains(&text) => Ok(text.to_owned()),
            Self::Choice(words) => Err(format!("is not one of {}", words.join(", "))),
            Self::Locale if is_locale(text) => Ok(text.to_owned()),
            Self::Locale => Err("is not a language like en, de-CH or zh-Hant-TW".to_owned()),
            Self::TimeZone => parsed::<TimeZoneName>(text),
            Self::Currency => text
                .parse::<Currency>()
                .map(String::from)
                .map_err(|_| "is not a currency's three capital letters by ISO 4217, for example EUR".to_owned()),
            Self::Country => parsed::<CountryCode>(text),
            Self::Time if is_time(text) => Ok(text.to_owned()),
            Self::Time => Err("is not a time of the day like 09:00".to_owned()),
            Self::YearDay if is_year_day(text) => Ok(text.to_owned()),
            Self::YearDay => Err("is not a day of every year like 04-01, month first".to_owned()),
            Self::Colour if is_colour(text) => Ok(text.to_ascii_lowercase()),
            Self::Colour => Err("is not a colour like #1f5eff".to_owned()),
            Self::Url if is_url(text) => Ok(text.to_owned()),
            Self::Url => {
                Err("is not an address of at most 500 characters that begins with https:// and a host".to_owned())
            }
            Self::Email => parsed::<Email>(text),
            Self::Boolean | Self::Whole(..) | Self::Choices(_) => Err("is a text".to_owned()),
        }
    }

    /// The kind as JSON Schema (2020-12), without title and default.
    #[must_use]
    pub fn schema(self) -> Value {
        match self {
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Self::Text(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Choices(words) => {
                let items = json!({ "type": "string", "enum": words });
                json!({ "type": "array", "items": items, "minItems": 1, "uniqueItems": true })
            }
            Self::Locale => {
                json!({ "type": "string", "pattern": "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$" })
            }
            Self::TimeZone => json!({ "type": "string", "minLength": 1, "format": "time-zone" }),
            Self::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
            Self::Country => json!({ "type": "string", "pattern": "^[A-Z]{2}$" }),
            Self::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
            Self::YearDay => json!({ "type": "string", "pattern": "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" }),
            Self::Colour => json!({ "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" }),
            Self::Url => json!({ "type": "string", "pattern": "^https://", "maxLength": 500, "format": "uri" }),
            Self::Email => json!({ "type": "string", "maxLength": 254, "format": "email" }),
        }
    }
}

/// Each word once, in the order in which the setting knows them, so that two ways to say the same are the same.
fn choices(value: &Value, words: &[&str]) -> Result<Value, String> {
    let wrong = || format!("is not a list of one or more of {}, each once", words.join(", "));
    let given = value.as_array().filter(|given| !given.is_empty()).ok_or_else(wrong)?;
    let known: Vec<&str> = words.iter().copied().filter(|word| given.iter().any(|item| item == word)).collect();
    if known.len() == given.len() { Ok(known.into()) } else { Err(wrong()) }
}

fn line(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        Err("is empty; null leaves it open".to_owned())
    } else if text.chars().nth(most).is_some() {
        Err(format!("has more than {most} characters"))
    } else if text.chars().any(char::is_control) {
        Err("has a line break or another control character".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

fn parsed<T: std::str::FromStr<Err: ToString> + Into<String>>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(Into::into).map_err(|error| error.to_string())
}

fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-').peekable();
    let all = |part: &str, is: fn(&u8) -> bool| part.bytes().all(|byte| is(&byte));
    let language = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && all(part, u8::is_ascii_lowercase));
    let is_script = |part: &&str| {
        let mut letters = part.chars();
        part.len() == 4
            && letters.next().is_some_and(|first| first.is_ascii_uppercase())
            && letters.all(|letter| letter.is_ascii_lowercase())
    };
    parts.next_if(is_script);
    let is_region = |part: &&str| {
        (part.len() == 2 && all(part, u8::is_ascii_uppercase)) || (part.len() == 3 && all(part, u8::is_ascii_digit))
    };
    parts.next_if(is_region);
    language && parts.next().is_none()
}

/// Two numbers of two digits each, with a sign between.
fn two_by_two(text: &str, sign: char) -> Option<(u8, u8)> {
    let (first, second) = text.split_once(sign)?;
    let number = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    Some((number(first)?, number(second)?))
}

fn is_time(text: &str) -> bool {
    two_by_two(text, ':').is_some_and(|(hour, minute)| hour < 24 && minute < 60)
}

fn is_year_day(text: &str) -> bool {
    two_by_two(text, '-').is_some_and(|(month, day)| {
        let longest = match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=longest).contains(&day)
    })
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_url(text: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "\"<>\\^`{|}".contains(letter);
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && !host.contains('@') && text.chars().count() <= 500 && !text.chars().any(odd)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn takes(kind: Kind, text: &str) -> bool {
        kind.read(&text.into()).is_ok()
    }

    #[test]
    fn texts_of_each_form_are_told_from_others() {
        for (kind, good, bad) in [
            (Kind::Locale, ["en", "de-CH", "zh-Hant-TW"], ["EN", "de_CH", "zh-TW-Hant"]),
            (Kind::TimeZone, ["UTC", "Europe/Berlin", "asia/tokyo"], ["", "Berlin", "+01:00"]),
            (Kind::Currency, ["EUR", "USD", "XOF"], ["eur", "EU", "€"]),
            (Kind::Country, ["DE", "us", "GB"], ["", "XX", "Germany"]),
            (Kind::Time, ["00:00", "09:30", "23:59"], ["24:00", "9:30", "09:60"]),
            (Kind::YearDay, ["01-01", "02-28", "12-31"], ["02-29", "13-01", "04-31"]),
            (Kind::Colour, ["#000000", "#1F5EFF", "#1f5eff"], ["1f5eff", "#fff", "#gggggg"]),
            (Kind::Url, ["https://a.example", "https://a/b?c", "https://a"], ["http://a", "https://", "https://a@b"]),
            (Kind::Email, ["a@b", "hr@acme.example", "o'brien@x"], ["", "a", "a@b@c"]),
            (Kind::Text(3), ["a", "äöü", " abc "], ["", "abcd", "a\nb"]),
        ] {
            assert!(good.iter().all(|text| takes(kind, text)), "{kind:?} refuses one of {good:?}");
            assert!(!bad.iter().any(|text| takes(kind, text)), "{kind:?} takes one of {bad:?}");
        }
    }

    #[test]
    fn choices_are_kept_in_one_order() {
        let kind = Kind::Choices(WEEKDAYS);
        assert_eq!(kind.read(&json!(["friday", "monday"])), Ok(json!(["monday", "friday"])));
        for bad in [json!([]), json!(["monday", "monday"]), json!(["someday"]), json!("monday"), json!([1])] {
            assert!(kind.read(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(text in "\\PC{0,12}", which in 0_usize..7) {
            let kinds = [Kind::Locale, Kind::TimeZone, Kind::Country, Kind::Colour, Kind::Url, Kind::Email, Kind::Text(10)];
            if let Ok(kept) = kinds[which].read(&text.into()) {
                prop_assert_eq!(kinds[which].read(&kept), Ok(kept));
            }
        }

        #[test]
        fn whole_numbers_lie_within_their_bounds(number in any::<i64>(), least in -9_i64..9, more in 0_i64..9) {
            let taken = Kind::Whole(least, least + more).read(&number.into()).is_ok();
            prop_assert_eq!(taken, number >= least && number <= least + more);
        }
    }
}
