//! Takes a written date apart, before it is known which number is the day and which the month.

use super::date::DateError;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Numbers that spreadsheets show instead of a date between 1927 and 2119 when the cell is formatted as a number.
const SERIALS: std::ops::RangeInclusive<u32> = 10_000..=80_000;

/// A date as it is written.
pub(super) enum Written {
    /// Begins with a year of four digits, or names its month: `2011-07-05`, `5-Jul-2011`, `Jul 5, 2011`.
    Plain { year: Year, month: i8, day: i8 },
    /// Three numbers of which none is a year of four digits in front: `7/5/2011`, `05.07.11`.
    Numbers { parts: [Number; 3], dotted: bool },
}

/// A number of at most four digits.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub(super) value: i16,
    pub(super) digits: usize,
}

/// A year of two or of four digits.
#[derive(Clone, Copy)]
pub(super) enum Year {
    Full(i16),
    Short(i16),
}

/// A year by how many digits it has.
pub(super) fn full_or_short(year: Number) -> Result<Year, DateError> {
    match year.digits {
        4 => Ok(Year::Full(year.value)),
        2 => Ok(Year::Short(year.value)),
        _ => Err(DateError::Form),
    }
}

/// Takes a text apart. A time of day behind the date is passed over.
pub(super) fn written(text: &str) -> Result<Written, DateError> {
    let text = without_time(text.trim());
    if text.parse().is_ok_and(|number: u32| SERIALS.contains(&number)) {
        return Err(DateError::Serial);
    }
    let parts: Vec<&str> = text
        .split(|c: char| matches!(c, '/' | '-' | '.' | ',') || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect();
    let &[a, b, c] = parts.as_slice() else { return Err(DateError::Form) };
    match (number(a), number(b), number(c)) {
        (Some(a), Some(b), Some(c)) if a.digits == 4 => plain(a, b.value, c),
        (Some(a), Some(b), Some(c)) => Ok(Written::Numbers { parts: [a, b, c], dotted: text.contains('.') }),
        (Some(a), None, Some(c)) if a.digits == 4 => plain(a, month(b)?, c),
        (Some(a), None, Some(c)) => plain(c, month(b)?, a),
        (None, Some(b), Some(c)) => plain(c, month(a)?, b),
        _ => Err(DateError::Form),
    }
}

fn plain(year: Number, month: i16, day: Number) -> Result<Written, DateError> {
    let small = |value: i16| i8::try_from(value).map_err(|_| DateError::Impossible);
    Ok(Written::Plain { year: full_or_short(year)?, month: small(month)?, day: small(day.value)? })
}

/// The part before a time of day: `2011-07-05T00:00:00`, `7/5/2011 12:00 AM`.
fn without_time(text: &str) -> &str {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) if date.ends_with(|c: char| c.is_ascii_digit()) => (date, time),
        _ => text.split_once(' ').unwrap_or((text, "")),
    };
    if time.contains(':') { date } else { text }
}

fn number(text: &str) -> Option<Number> {
    let is_short = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short { Some(Number { value: text.parse().ok()?, digits: text.len() }) } else { None }
}

/// A month by its English name or at least the first three letters of it.
fn month(text: &str) -> Result<i16, DateError> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.to_ascii_lowercase();
    let found = (1..)
        .zip(NAMES.iter().zip(MONTHS))
        .find(|(_, (name, short))| name.starts_with(&text) && text.starts_with(short));
    found.map(|(month, _)| month).ok_or(DateError::Form)
}
