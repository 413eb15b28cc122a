//! Amounts of money: exact decimals with a currency, never floats.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Digits after the decimal point that the database keeps (`numeric(19,4)`).
pub const SCALE: u32 = 4;
/// The largest amount that `numeric(19,4)` holds: 15 digits before the point.
pub const MAX_WHOLE_DIGITS: u32 = 15;

/// A currency by its ISO 4217 code, for example `EUR`. The code's form is checked, not its presence in the standard's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is not an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a currency code; use three capital letters as in ISO 4217, for example EUR")]
pub struct CurrencyError(String);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(CurrencyError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// An amount in a currency. On the wire the amount is a decimal string: `{"amount": "62506.00", "currency": "USD"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The amount, exact.
    pub amount: Decimal,
    /// The currency it is in.
    pub currency: Currency,
}

/// An amount that is paid: not negative, with at most 15 digits before the point and 4 after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidAmount(Decimal);

/// A text that is no [`PaidAmount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not an amount like 62506.50: digits, at most 15 before the point and 4 after it")]
pub struct NoPaidAmount;

impl PaidAmount {
    /// The amount.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for PaidAmount {
    type Err = NoPaidAmount;

    fn from_str(text: &str) -> Result<Self, NoPaidAmount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most: u32| {
            u32::try_from(part.len()).is_ok_and(|length| (1..=most).contains(&length))
                && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, MAX_WHOLE_DIGITS) || !digits(fraction, SCALE) {
            return Err(NoPaidAmount);
        }
        Decimal::from_str_exact(text).map(Self).map_err(|_| NoPaidAmount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paid_amounts_are_plain_decimals_that_the_database_holds() {
        for good in ["0", "62506.5", "999999999999999.9999", "0.1250"] {
            assert_eq!(good.parse::<PaidAmount>().unwrap().decimal().to_string(), good);
        }
        for bad in ["", "-1", "+1", "1.", ".5", "1e3", "1,000", "1.00001", "1000000000000000", " 1", "1_000", "٣"] {
            assert_eq!(bad.parse::<PaidAmount>(), Err(NoPaidAmount), "{bad:?}");
        }
    }

    #[test]
    fn currency_codes_are_three_capitals() {
        assert_eq!("EUR".parse::<Currency>().unwrap().to_string(), "EUR");
        for bad in ["", "eur", "EURO", "E1R", "ÄÖ"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn money_is_a_decimal_string_on_the_wire() {
        let money = Money { amount: Decimal::new(6_250_600, 2), currency: "USD".parse().unwrap() };
        assert_eq!(serde_json::to_string(&money).unwrap(), r#"{"amount":"62506.00","currency":"USD"}"#);
    }
}
