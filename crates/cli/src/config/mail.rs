//! Whether and by whom mail is sent. The server's password is never shown by accident.

use std::fmt;
use std::time::Duration;

use tenure_jobs::{Place, Smtp};
use url::Url;

use super::layers::Layers;
use super::problem::Problem;
use super::value::{optional_link, short_duration, whole};
use crate::error::Error;

const MASK: &str = "***";

/// Mail to people.
#[derive(Debug)]
pub(crate) struct Mail {
    /// Not set: none is sent.
    pub(crate) server: Option<MailServer>,
    pub(crate) at_once: usize,
    pub(crate) per_second: u16,
}

impl Mail {
    pub(super) fn read(from: &mut Layers) -> Result<Self, Problem> {
        let timeout = from.get("mail.timeout", short_duration)?;
        let address = from.get("mail.from", MailServer::optional_from)?;
        let link = from.get("mail.link", optional_link)?;
        let url = from.get("mail.url", MailServer::optional_url)?;
        from.show_as("mail.url", url.as_deref().map(MailServer::shown).unwrap_or_default());
        if url.is_some() && address.is_none() {
            from.reject_value("mail.from", "it is not set, but mail.url is");
        }
        let server = url.zip(address).map(|(url, address)| MailServer::new(url, address, link, timeout));
        let (at_once, per_second) =
            (from.get("mail.at_once", whole(1..=64))?, from.get("mail.per_second", whole(1..=1000))?);
        Ok(Self { server, at_once, per_second })
    }
}

/// A mail server, and what mails say of where they come from. `Debug` hides its password.
#[derive(Clone)]
pub(crate) struct MailServer {
    url: String,
    from: String,
    answer: Duration,
    /// Where people work with Tenure.
    pub(crate) link: Option<String>,
}

impl MailServer {
    const fn new(url: String, from: String, link: Option<String>, answer: Duration) -> Self {
        Self { url, from, answer, link }
    }

    /// A URL that can be used, or nothing for an empty text. The error does not repeat it, as it may hold a password.
    pub(crate) fn optional_url(text: &str) -> Result<Option<String>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Place::check_url(text).map(|()| Some(text.to_owned())).map_err(|error| error.to_string())
    }

    /// An address that mail can come from, or nothing for an empty text.
    pub(crate) fn optional_from(text: &str) -> Result<Option<String>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Place::check_from(text).map(|()| Some(text.to_owned())).map_err(|error| format!("{text:?}: {error}"))
    }

    /// The server, not spoken with yet.
    pub(crate) fn open(&self) -> Result<Smtp, Error> {
        Ok(Smtp::open(&self.place())?)
    }

    fn place(&self) -> Place<'_> {
        Place { url: &self.url, from: &self.from, answer: self.answer }
    }

    /// A URL without its password; of one that cannot be used, nothing.
    pub(crate) fn shown(url: &str) -> String {
        match Url::parse(url) {
            Ok(mut shown) if shown.has_host() && shown.password().is_some() => match shown.set_password(Some(MASK)) {
                Ok(()) => shown.to_string(),
                Err(()) => MASK.to_owned(),
            },
            Ok(shown) if shown.has_host() => shown.to_string(),
            _ if url.is_empty() => String::new(),
            _ => MASK.to_owned(),
        }
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailServer({} from {})", Self::shown(&self.url), self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_the_mail_server_is_hidden_and_a_refused_url_is_not_repeated() {
        let url = "smtp://hr%40acme.example:s3cret@mail.acme.example:587";
        assert_eq!(MailServer::shown(url), "smtp://hr%40acme.example:***@mail.acme.example:587");
        let server = MailServer::new(url.to_owned(), "hr@acme.example".to_owned(), None, Duration::from_secs(1));
        assert!(!format!("{server:?}").contains("s3cret"));
        for url in ["hr:s3cret@mail", "imap://hr:s3cret@mail", "smtp://hr:s3cret@mail?x=1", "s3cret"] {
            assert!(!MailServer::optional_url(url).unwrap_err().contains("s3cret"), "{url}");
            assert!(!MailServer::shown(url).contains("s3cret"), "{url}");
        }
    }
}
