//! Database URLs, whose passwords are never shown by accident.

use std::fmt;
use std::fs::File;
use std::str::FromStr;

use tenure_app::Cache;
use tenure_app::cache::Patience;
use tenure_app::documents::Documents;
use tenure_db::connect::parse_url;
use url::Url;

use super::value::nearest;

const MASK: &str = "***";
const SCHEMES: [&str; 2] = ["postgres", "postgresql"];
/// The parameters that name files.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];
/// The parameters that connections honour, by the names that other PostgreSQL clients know.
const PARAMETERS: [&str; 13] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// A PostgreSQL URL. `Debug` and `Display` hide its password; [`DatabaseUrl::expose`] does not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DatabaseUrl(Url);

impl DatabaseUrl {
    /// Takes `postgres://…` or `postgresql://…`. The error does not repeat the text, as it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| {
            format!("not a URL ({error}); write postgres://user:password@host/database, reserved characters as %XX")
        })?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err("the URL must begin with postgres://".to_owned());
        }
        for (name, value) in url.query_pairs() {
            check_parameter(&name, &value)?;
        }
        parse_url(text).map_err(|error| error.to_string())?;
        Ok(Self(url))
    }

    /// The URL with its password.
    pub(crate) fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The parts of the URL, the password among them.
    pub(crate) const fn parts(&self) -> &Url {
        &self.0
    }
}

/// Refuses what the library would pass over: a misspelt `sslmode` would leave the connection open to be read. The value is not
/// repeated, as it may be a password.
fn check_parameter(name: &str, value: &str) -> Result<(), String> {
    if !PARAMETERS.contains(&name) && !name.starts_with("options[") {
        let meant = nearest(name, PARAMETERS.into_iter()).unwrap_or_default();
        return Err(format!("the URL has an unknown parameter {name}; the nearest known one is {meant}"));
    }
    if FILES.contains(&name) && !value.starts_with("-----BEGIN") {
        File::open(value).map_err(|error| format!("{name}={value} of the URL: {error}"))?;
    }
    Ok(())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        // A URL without a host can hold no password in its authority, and setting one is refused.
        let masked = shown.password().is_none() || shown.set_password(Some(MASK)).is_ok();
        if shown.query().is_some() {
            let pairs: Vec<_> = self.0.query_pairs().collect();
            let mask = |(name, value)| if name == "password" { (name, MASK.into()) } else { (name, value) };
            shown.query_pairs_mut().clear().extend_pairs(pairs.into_iter().map(mask));
        }
        f.write_str(if masked { shown.as_str() } else { MASK })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Where the cache is: `memory:`, `redis://…` or `redis-cluster://…`. `Debug` and `Display` hide its password; [`CacheUrl::expose`] does
/// not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CacheUrl(String);

impl CacheUrl {
    /// The error does not repeat the text, as it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = "not a place for the cache; write memory:, redis://user:password@host:6379/0, with TLS rediss://…, or \
                     redis-cluster://user:password@host:6379,host:6379";
        Cache::open(text, 0, Patience::default()).map_err(|_| wrong)?;
        Ok(Self(text.to_owned()))
    }

    /// The URL with its password.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CacheUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(&self.0, f)
    }
}

impl fmt::Debug for CacheUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheUrl({self})")
    }
}

/// Where documents are: `postgres:` or `mongodb://…`. `Debug` and `Display` hide its password; [`DocumentsUrl::expose`] does not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DocumentsUrl(String);

impl DocumentsUrl {
    /// The error does not repeat the text, as it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Documents::place_of(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }

    /// The same, or none where nothing is written.
    pub(super) fn optional(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() { Ok(None) } else { Self::parse(text).map(Some) }
    }

    /// Whether the two could not be told apart.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        let [this, that] = [self, other].map(|url| Documents::place_of(&url.0).ok());
        this == that
    }

    /// The URL with its password.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(&self.0, f)
    }
}

impl fmt::Debug for DocumentsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentsUrl({self})")
    }
}

impl FromStr for DocumentsUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

/// Writes a URL without its password. It may name several hosts, which a [`Url`] may not.
fn write_masked(url: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, hosts) = rest.rsplit_once('@')?;
        Some((scheme, user.split_once(':')?.0, hosts))
    });
    match parts {
        Some((scheme, user, hosts)) => write!(f, "{scheme}://{user}:{MASK}@{hosts}"),
        None => f.write_str(url),
    }
}

#[cfg(test)]
mod tests {
    use super::{CacheUrl, DatabaseUrl, DocumentsUrl};

    #[test]
    fn the_password_of_the_documents_is_hidden_and_a_refused_url_is_not_repeated() {
        let shown = |text: &str| DocumentsUrl::parse(text).unwrap().to_string();
        assert_eq!(shown("mongodb://app:s3cret@a:1,b:2/hr?tls=true"), "mongodb://app:***@a:1,b:2/hr?tls=true");
        assert_eq!(shown("mongodb://a/hr"), "mongodb://a/hr");
        assert_eq!(shown("postgres:"), "postgres:");
        for text in ["", "mongodb://app:s3cret@a", "mongodb+srv://app:s3cret@a/hr", "redis://app:s3cret@a/hr"] {
            assert!(!DocumentsUrl::parse(text).unwrap_err().contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn the_password_of_the_cache_is_hidden_and_a_refused_url_is_not_repeated() {
        let url = CacheUrl::parse("rediss://tenure:s3cret@cache:6380/1").unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "rediss://tenure:***@cache:6380/1 CacheUrl(rediss://tenure:***@cache:6380/1)"
        );
        assert_eq!(CacheUrl::parse("memory:").unwrap().to_string(), "memory:");
        assert_eq!(CacheUrl::parse("redis-cluster://:s3cret@a,b").unwrap().to_string(), "redis-cluster://:***@a,b");
        for text in ["", "memory", "http://app:s3cret@cache", "redis://app:s3cret@cache:port"] {
            assert!(!CacheUrl::parse(text).unwrap_err().contains("s3cret"), "{text}");
        }
    }

    fn shown(text: &str) -> String {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({url})"));
        url.to_string()
    }

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        assert_eq!(
            shown("postgres://app:s3cret@db/tenure?sslmode=require"),
            "postgres://app:***@db/tenure?sslmode=require"
        );
        assert_eq!(
            shown("postgresql://db/tenure?user=a&password=s3cret"),
            "postgresql://db/tenure?user=a&password=***"
        );
        assert_eq!(shown("postgres:///tenure?host=%2Frun"), "postgres:///tenure?host=%2Frun");
    }

    #[test]
    fn a_parameter_that_would_be_passed_over_is_refused() {
        let reason = |parameters| DatabaseUrl::parse(&format!("postgres://app@db/tenure?{parameters}")).unwrap_err();
        let misspelt = "the URL has an unknown parameter sslmodus; the nearest known one is sslmode";
        assert_eq!(reason("sslmodus=verify-full"), misspelt);
        assert!(reason("sslmode=verify").contains("verify"), "{}", reason("sslmode=verify"));
        assert!(reason("sslrootcert=/no/such.pem").starts_with("sslrootcert=/no/such.pem of the URL: "));
        assert!(!reason("passwort=s3cret").contains("s3cret"));
    }

    #[test]
    fn a_refused_url_is_not_repeated() {
        for text in ["postgres://app:s3/cret@db/tenure", "mysql://app:s3cret@db", "app:s3cret@db/tenure", "s3cret"] {
            let reason = DatabaseUrl::parse(text).unwrap_err();
            assert!(!reason.contains("s3"), "{reason}");
        }
    }
}
