//! What a company keeps of a person beside the employee's own row: whom to call, where pay goes, and what proves who it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::employment::{UnknownWord, vocabulary};
use crate::text::{Line, LineError};

const LONGEST_ACCOUNT: usize = 34;
const SHORTEST_IBAN: usize = 15;

vocabulary! {
    /// What an identity document is.
    DocumentKind, "kind of identity document" {
        /// A passport.
        Passport = "passport",
        /// A national identity card.
        NationalId = "national_id",
        /// The right to live in a country.
        ResidencePermit = "residence_permit",
        /// The right to work in a country.
        WorkPermit = "work_permit",
        /// The right to enter a country.
        Visa = "visa",
        /// A driving licence.
        DrivingLicence = "driving_licence",
        /// A number at the tax office.
        TaxId = "tax_id",
        /// A number at the social insurance.
        SocialSecurity = "social_security",
        /// Something else.
        Other = "other",
    }
}

/// A number that is shown only to those who may see it: `Debug` and the audit log have its last characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuardedNumber(String);

impl GuardedNumber {
    /// A number that was checked when it was stored.
    #[must_use]
    pub const fn stored(number: String) -> Self {
        Self(number)
    }

    /// The whole number.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four characters after an ellipsis; fewer of a number that has less than eight.
    #[must_use]
    pub fn masked(&self) -> Self {
        let length = self.0.chars().count();
        let shown = 4.min(length / 2);
        Self(std::iter::once('…').chain(self.0.chars().skip(length - shown)).collect())
    }
}

impl fmt::Debug for GuardedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked().0)
    }
}

/// The number of a bank account: an IBAN, or whatever the bank's country has. Without spaces, in capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountNumber(GuardedNumber);

/// Why a text is no [`AccountNumber`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AccountNumberError {
    /// It is empty, too long or has other characters.
    #[error("is not 1 to 34 letters and digits, with hyphens between them")]
    Form,
    /// It looks like an IBAN and is none.
    #[error("has the wrong check digits for an IBAN; compare it with what the bank says")]
    CheckDigits,
}

impl FromStr for AccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, AccountNumberError> {
        let number: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let number = number.to_ascii_uppercase();
        let known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        let between = !number.starts_with('-') && !number.ends_with('-');
        if number.is_empty() || number.len() > LONGEST_ACCOUNT || !number.bytes().all(known) || !between {
            Err(AccountNumberError::Form)
        } else if looks_like_iban(number.as_bytes()) && iban_remainder(number.as_bytes()) != 1 {
            Err(AccountNumberError::CheckDigits)
        } else {
            Ok(Self(GuardedNumber(number)))
        }
    }
}

/// Two letters of a country, two check digits, and no hyphen in what follows.
fn looks_like_iban(number: &[u8]) -> bool {
    let [first, second, third, fourth, rest @ ..] = number else { return false };
    let country = first.is_ascii_uppercase() && second.is_ascii_uppercase();
    let digits = third.is_ascii_digit() && fourth.is_ascii_digit();
    country && digits && number.len() >= SHORTEST_IBAN && !rest.contains(&b'-')
}

/// What is left when the number, its first four characters put last and its letters taken for 10 to 35, is divided by 97 (ISO 7064).
fn iban_remainder(number: &[u8]) -> u32 {
    let (head, rest) = number.split_at(number.len().min(4));
    rest.iter().chain(head).fold(0, |remainder, byte| {
        let value = char::from(*byte).to_digit(36).unwrap_or_default();
        let shift = if value > 9 { 100 } else { 10 };
        (remainder * shift + value) % 97
    })
}

/// The code of a bank: a BIC, or its number in its country (sort code, routing number). Without spaces and hyphens, in capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankCode(String);

/// A text that is no [`BankCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not 3 to 15 letters and digits")]
pub struct NoBankCode;

impl FromStr for BankCode {
    type Err = NoBankCode;

    fn from_str(text: &str) -> Result<Self, NoBankCode> {
        let code: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        let code = code.to_ascii_uppercase();
        let known = (3..=15).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if known { Ok(Self(code)) } else { Err(NoBankCode) }
    }
}

/// The number of an identity document: one line of at most 50 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentNumber(GuardedNumber);

impl FromStr for DocumentNumber {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        text.parse::<Line<50>>().map(|line| Self(GuardedNumber(line.into())))
    }
}

impl From<AccountNumber> for GuardedNumber {
    fn from(number: AccountNumber) -> Self {
        number.0
    }
}

impl From<DocumentNumber> for GuardedNumber {
    fn from(number: DocumentNumber) -> Self {
        number.0
    }
}

impl From<BankCode> for String {
    fn from(code: BankCode) -> Self {
        code.0
    }
}

/// A change that would leave accounts without a primary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is the account that pay goes to; make another one primary instead")]
pub struct NoPrimary;

impl BankCode {
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AccountNumber {
    /// The whole number.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl DocumentNumber {
    /// The whole number.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// Whether an account is the primary one after a change of its own, as one among `all`. The first account is primary in any case, and
/// one that is primary stays so until another takes its place.
///
/// # Errors
/// When none would be primary.
pub const fn primary_after(was: bool, wanted: Option<bool>, others: usize) -> Result<bool, NoPrimary> {
    match (was, wanted) {
        (true, Some(false)) => Err(NoPrimary),
        (true, _) | (_, Some(true)) => Ok(true),
        (false, _) => Ok(others == 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(text: &str) -> Result<String, AccountNumberError> {
        text.parse::<AccountNumber>().map(|number| GuardedNumber::from(number).reveal().to_owned())
    }

    #[test]
    fn ibans_are_held_to_their_check_digits_and_other_numbers_are_not() {
        for (text, number) in [
            ("de02 1203 0000 0000 2020 51", "DE02120300000000202051"),
            ("GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
            ("NO93 8601 1117 947", "NO9386011117947"),
            ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84MALT011000012345MTLCAST001S"),
            ("12-3456-7890123-00", "12-3456-7890123-00"),
            ("000123456789", "000123456789"),
            ("DE02", "DE02"),
            ("7", "7"),
        ] {
            assert_eq!(account(text).as_deref(), Ok(number));
        }
        for wrong in ["DE03120300000000202051", "DE02120300000000202015", "NO9386011117948"] {
            assert_eq!(account(wrong), Err(AccountNumberError::CheckDigits), "{wrong}");
        }
        for wrong in ["", " ", "-1", "1-", "12/34", "ä", &"1".repeat(35)] {
            assert_eq!(account(wrong), Err(AccountNumberError::Form), "{wrong}");
        }
    }

    #[test]
    fn codes_are_known_by_their_form() {
        for (text, code) in [("byladem1001", "BYLADEM1001"), ("20-00-00", "200000"), ("021 000 021", "021000021")] {
            assert_eq!(text.parse::<BankCode>().map(String::from).as_deref(), Ok(code));
        }
        for wrong in ["", "AB", "AB!C", &"1".repeat(16)] {
            assert_eq!(wrong.parse::<BankCode>(), Err(NoBankCode), "{wrong}");
        }
    }

    #[test]
    fn a_number_is_masked_but_for_its_end() {
        for (number, masked) in
            [("DE02120300000000202051", "…2051"), ("12345678", "…5678"), ("1234", "…34"), ("7", "…")]
        {
            let number = GuardedNumber::stored(number.to_owned());
            assert_eq!((number.masked().reveal(), format!("{number:?}").as_str()), (masked, masked));
        }
    }

    proptest! {
        /// Of all pairs of check digits, one alone makes an IBAN of an account, and two digits that changed places are noticed.
        #[test]
        fn check_digits_find_slips(account_digits in "[0-9]{18}", at in 0_usize..17) {
            let right: Vec<String> = (2..=98)
                .map(|check| format!("DE{check:02}{account_digits}"))
                .filter(|number| account(number).is_ok())
                .collect();
            prop_assert_eq!(right.len(), 1);
            let mut slipped = right[0].clone().into_bytes();
            slipped.swap(4 + at, 5 + at);
            let slipped = String::from_utf8(slipped).unwrap();
            prop_assert_eq!(account(&slipped).is_ok(), slipped == right[0]);
        }

        /// Whatever is asked of accounts in whatever order, one of them is primary as soon as there is one.
        #[test]
        fn there_is_one_primary_account(steps in prop::collection::vec((prop::option::of(any::<prop::sample::Index>()), prop::option::of(any::<bool>())), 1..20)) {
            let mut accounts: Vec<bool> = Vec::new();
            for (which, wanted) in steps {
                let at = which.filter(|_| !accounts.is_empty()).map(|index| index.index(accounts.len()));
                let was = at.is_some_and(|at| accounts[at]);
                let others = accounts.len() - usize::from(at.is_some());
                let Ok(primary) = primary_after(was, wanted, others) else { continue };
                if primary {
                    accounts.fill(false);
                }
                match at {
                    Some(at) => accounts[at] = primary,
                    None => accounts.push(primary),
                }
                prop_assert_eq!(accounts.iter().filter(|primary| **primary).count(), 1);
            }
        }
    }
}
