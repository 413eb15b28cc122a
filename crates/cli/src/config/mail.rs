//! The mail server, whose password is never shown by accident.

use std::fmt;
use std::time::Duration;

use tenure_jobs::{Place, Smtp};
use url::Url;

use crate::error::Error;

const MASK: &str = "***";

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
    pub(crate) const fn new(url: String, from: String, link: Option<String>, answer: Duration) -> Self {
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
