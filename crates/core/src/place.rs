//! Where a place lies: its country and its time zone, by the words that the world has agreed on.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZoneDatabase;
use serde::Serialize;
use thiserror::Error;

use crate::import;

/// The code of a country, ISO 3166-1 alpha-2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CountryCode(String);

/// The name of a time zone in the IANA database, for example `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TimeZoneName(String);

/// A text that is no [`CountryCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a country's two letters by ISO 3166-1, for example DE")]
pub struct NoCountry;

/// A text that is no [`TimeZoneName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a time zone's IANA name, for example Europe/Berlin")]
pub struct NoTimeZone;

impl FromStr for CountryCode {
    type Err = NoCountry;

    fn from_str(text: &str) -> Result<Self, NoCountry> {
        let code = text.trim().to_ascii_uppercase();
        if import::is_country_code(&code) { Ok(Self(code)) } else { Err(NoCountry) }
    }
}

impl FromStr for TimeZoneName {
    type Err = NoTimeZone;

    /// Reads a name in whatever case. The zones are those that the program was built with, whatever machine it runs on.
    fn from_str(text: &str) -> Result<Self, NoTimeZone> {
        let zone = TimeZoneDatabase::bundled().get(text.trim()).map_err(|_| NoTimeZone)?;
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or(NoTimeZone)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.0
    }
}

impl From<TimeZoneName> for String {
    fn from(name: TimeZoneName) -> Self {
        name.0
    }
}

impl CountryCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TimeZoneName {
    /// The name as the database writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_their_letters_in_whatever_case() {
        assert_eq!(" de ".parse::<CountryCode>().unwrap().as_str(), "DE");
        for wrong in ["", "DEU", "Germany", "XX", "D1"] {
            assert_eq!(wrong.parse::<CountryCode>(), Err(NoCountry), "{wrong}");
        }
    }

    #[test]
    fn time_zones_are_known_by_their_names_and_written_as_the_database_does() {
        for (text, name) in
            [("Europe/Berlin", "Europe/Berlin"), ("america/new_york", "America/New_York"), ("utc", "UTC")]
        {
            assert_eq!(text.parse::<TimeZoneName>().unwrap().as_str(), name);
        }
        for wrong in ["", "Europe/Atlantis", "+02:00", "CEST", "Berlin"] {
            assert_eq!(wrong.parse::<TimeZoneName>(), Err(NoTimeZone), "{wrong}");
        }
    }
}
