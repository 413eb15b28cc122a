//! Amounts of money as spreadsheets write them. Which mark is the decimal one is decided over the whole column.

use std::str::FromStr;

use rust_decimal::Decimal;
use thiserror::Error;

use crate::money::{Currency, MAX_WHOLE_DIGITS, SCALE};

/// Signs that stand for one currency only; `$` and `¥` stand for several and say nothing.
const SIGNS: &[(char, Option<&str>)] =
    &[('€', Some("EUR")), ('£', Some("GBP")), ('₹', Some("INR")), ('$', None), ('¥', None)];

/// The mark before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// `62,506.00`
    Point,
    /// `62.506,00`
    Comma,
}

/// A word that is not a decimal mark.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a decimal mark; use point (62,506.00) or comma (62.506,00)")]
pub struct DecimalMarkError(String);

impl FromStr for DecimalMark {
    type Err = DecimalMarkError;

    fn from_str(text: &str) -> Result<Self, DecimalMarkError> {
        match text {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err(DecimalMarkError(text.to_owned())),
        }
    }
}

/// An amount, and the currency where the cell names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) value: Decimal,
    pub(super) currency: Option<Currency>,
}

/// A text that is no amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum AmountError {
    #[error("not an amount of money")]
    Form,
    #[error("negative")]
    Negative,
    #[error("more than {SCALE} decimals")]
    Decimals,
    #[error("more than {MAX_WHOLE_DIGITS} digits before the decimals")]
    Digits,
    #[error("separators do not fit the column, which has a decimal {0}")]
    Separators(&'static str),
}

/// The decimal mark that a value shows; none where it has no decimals, or where its mark may separate thousands (`62,506`).
pub(super) fn evidence(text: &str) -> Option<DecimalMark> {
    let digits = bare(text).ok()?.0;
    let (last, mark) = digits.char_indices().filter_map(|(at, c)| mark(c).map(|mark| (at, mark))).next_back()?;
    let (whole, decimals) = digits.split_at(last);
    let decimals = decimals.chars().count() - 1;
    let is_repeated = whole.chars().any(|c| self::mark(c) == Some(mark));
    let other_is_present = whole.chars().any(|c| self::mark(c).is_some_and(|other| other != mark));
    let may_be_thousands = decimals == 3 && matches!(whole.len(), 1..=3) && whole != "0";
    match (is_repeated, other_is_present) {
        (true, true) => None,
        (true, false) => Some(mark.other()),
        (false, true) => Some(mark),
        (false, false) => (!may_be_thousands).then_some(mark),
    }
}

/// The mark that separates thousands in a value which shows no decimals: `62,506` may only be read with a decimal point
/// beside other such values.
pub(super) fn thousands(text: &str) -> Option<DecimalMark> {
    let digits = bare(text).ok()?.0;
    if evidence(text).is_some() { None } else { digits.chars().find_map(mark).map(DecimalMark::other) }
}

/// Reads an amount with the given decimal mark.
pub(super) fn parse(text: &str, mark: DecimalMark) -> Result<Amount, AmountError> {
    let (digits, currency) = bare(text)?;
    let (whole, decimals) = digits.split_once(mark.char()).unwrap_or((&digits, ""));
    let has_stray_mark = decimals.chars().any(|c| !c.is_ascii_digit()) || (digits.ends_with(mark.char()));
    let whole = ungrouped(whole, mark.other().char());
    let (Some(whole), false) = (whole, has_stray_mark) else { return Err(AmountError::Separators(mark.name())) };
    let decimals = decimals.trim_end_matches('0');
    if u32::try_from(decimals.len()).is_ok_and(|length| length > SCALE) {
        return Err(AmountError::Decimals);
    }
    if u32::try_from(whole.trim_start_matches('0').len()).is_ok_and(|length| length > MAX_WHOLE_DIGITS) {
        return Err(AmountError::Digits);
    }
    let value = Decimal::from_str(&format!("{whole}.{decimals}0")).map_err(|_| AmountError::Form)?;
    Ok(Amount { value: value.normalize(), currency })
}

impl DecimalMark {
    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    const fn char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }
}

const fn mark(c: char) -> Option<DecimalMark> {
    match c {
        '.' => Some(DecimalMark::Point),
        ',' => Some(DecimalMark::Comma),
        _ => None,
    }
}

/// Digits and marks of an amount, without its currency, spaces and apostrophes.
fn bare(text: &str) -> Result<(String, Option<Currency>), AmountError> {
    let text = text.trim();
    let in_parentheses = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let (text, currency) = without_currency(in_parentheses.unwrap_or(text));
    let (text, has_minus) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (text, currency) = if currency.is_some() { (text, currency) } else { without_currency(text) };
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '\u{2019}')).collect();
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || mark(c).is_some());
    match (is_number, has_minus || in_parentheses.is_some()) {
        (false, _) => Err(AmountError::Form),
        (true, true) => Err(AmountError::Negative),
        (true, false) => Ok((digits, currency)),
    }
}

/// Takes a sign or a code off either end.
fn without_currency(text: &str) -> (&str, Option<Currency>) {
    let text = text.trim();
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(*sign).or_else(|| text.strip_suffix(*sign)) {
            return (rest.trim(), code.and_then(|code| code.parse().ok()));
        }
    }
    let (front, rest) = text.split_at_checked(3).unwrap_or(("", text));
    if let Ok(currency) = front.parse() {
        return (rest.trim(), Some(currency));
    }
    let (rest, back) = text.split_at_checked(text.len().saturating_sub(3)).unwrap_or((text, ""));
    back.parse().map_or((text, None), |currency| (rest.trim(), Some(currency)))
}

/// The digits of a whole number whose thousands may be separated: groups of three, or of two before the last as in India.
fn ungrouped(whole: &str, separator: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(separator).collect();
    let all_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let well_grouped = match groups.as_slice() {
        [_] => true,
        [first, between @ .., last] => {
            first.len() <= 3
                && last.len() == 3
                && (between.iter().all(|group| group.len() == 3) || between.iter().all(|group| group.len() == 2))
        }
        [] => false,
    };
    (all_digits && well_grouped).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, mark: DecimalMark) -> Result<String, AmountError> {
        parse(text, mark).map(|amount| amount.value.to_string())
    }

    #[test]
    fn amounts_are_read_with_the_separators_of_many_countries() {
        use DecimalMark::{Comma, Point};
        for (text, mark, expected) in [
            ("62506", Point, "62506"),
            ("62,506", Point, "62506"),
            ("$62,506.00", Point, "62506"),
            ("$ 62,506.50", Point, "62506.5"),
            ("62.506,00", Comma, "62506"),
            ("1 234,5", Comma, "1234.5"),
            ("1\u{202f}234,5 €", Comma, "1234.5"),
            ("CHF 62'506", Point, "62506"),
            ("62’506.25 CHF", Point, "62506.25"),
            ("12,34,567.89", Point, "1234567.89"),
            ("0.1234", Point, "0.1234"),
            ("999999999999999.9999", Point, "999999999999999.9999"),
        ] {
            assert_eq!(read(text, mark), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_currency_is_taken_from_its_code_or_an_unambiguous_sign() {
        let currency = |text| parse(text, DecimalMark::Point).unwrap().currency.map(String::from);
        assert_eq!(currency("CHF 100").as_deref(), Some("CHF"));
        assert_eq!(currency("100 USD").as_deref(), Some("USD"));
        assert_eq!(currency("€100").as_deref(), Some("EUR"));
        assert_eq!(currency("$100"), None);
    }

    #[test]
    fn what_is_no_salary_is_refused_with_its_reason() {
        for (text, error) in [
            ("-5", AmountError::Negative),
            ("$-5", AmountError::Negative),
            ("-$5", AmountError::Negative),
            ("(5.00)", AmountError::Negative),
            ("1.23456", AmountError::Decimals),
            ("1234567890123456", AmountError::Digits),
            ("1,23", AmountError::Separators("point")),
            ("1,2345.00", AmountError::Separators("point")),
            ("1.2.3", AmountError::Separators("point")),
            ("5.", AmountError::Separators("point")),
            ("a lot", AmountError::Form),
            ("", AmountError::Form),
            ("$", AmountError::Form),
            ("1e5", AmountError::Form),
        ] {
            assert_eq!(read(text, DecimalMark::Point), Err(error), "{text}");
        }
    }

    #[test]
    fn values_show_the_decimal_mark_of_their_column() {
        use DecimalMark::{Comma, Point};
        for (text, expected) in [
            ("62,506.00", Some(Point)),
            ("62.506,00", Some(Comma)),
            ("1234.5", Some(Point)),
            ("1 234,5", Some(Comma)),
            ("1,234,567", Some(Point)),
            ("0.125", Some(Point)),
            ("1234.125", Some(Point)),
            ("62,506", None),
            ("62.506", None),
            ("62506", None),
        ] {
            assert_eq!(evidence(text), expected, "{text}");
        }
        assert_eq!((thousands("62,506"), thousands("62.506"), thousands("62506")), (Some(Point), Some(Comma), None));
    }

    proptest! {
        #[test]
        fn any_amount_is_read_back_from_both_styles(whole in 0u64..1_000_000_000, cents in 0u32..100) {
            let groups = |separator: &str| {
                let digits = whole.to_string();
                let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
                groups.join(separator)
            };
            let expected = Decimal::from_str(&format!("{whole}.{cents:02}")).unwrap();
            for (text, mark) in [
                (format!("{}.{cents:02}", groups(",")), DecimalMark::Point),
                (format!("{},{cents:02}", groups(".")), DecimalMark::Comma),
                (format!("{},{cents:02}", groups(" ")), DecimalMark::Comma),
            ] {
                prop_assert_eq!(evidence(&text), Some(mark), "{}", text);
                prop_assert_eq!(parse(&text, mark).map(|amount| amount.value), Ok(expected), "{}", text);
            }
        }

        #[test]
        fn reading_any_text_as_an_amount_never_panics(text in "[-0-9.,' $€(]{0,20}|.*") {
            let _ = (evidence(&text), thousands(&text), parse(&text, DecimalMark::Comma));
        }
    }
}
