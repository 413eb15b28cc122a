//! The way to a mail server.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Duration;

use lettre::address::Address;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use tenure_app::mail::{Claim, Letter, Outcome};
use thiserror::Error as ThisError;
use tokio::time::timeout;
use url::Url;

/// So many times the time that one answer may take is given to a whole mail.
const ANSWERS: u32 = 4;
/// The longest words of a server that are kept.
const LONGEST: usize = 300;
/// What a server says about whoever sends and not about one mail: it may be mended, and the mail is sent then. Commands that it does not know,
/// and a login that it refuses or wants.
const OF_THE_SENDER: [u16; 9] = [500, 501, 502, 503, 504, 530, 534, 535, 538];

/// Why a mail server cannot be used. No message has the URL in it, for it may have a password.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The URL is none that is known.
    #[error("{0}")]
    Url(&'static str),
    /// The authorities to trust cannot be read.
    #[error("the authorities of the mail server's certificate cannot be used: {0}")]
    Authorities(String),
    /// The sender's address is none.
    #[error("it is no mail address")]
    From,
    /// It does not answer as it should.
    #[error("{0}")]
    Away(String),
}

const NO_URL: Error = Error::Url(
    "not a mail server; write smtp://user:password@host:587 for STARTTLS, or smtps://user:password@host:465",
);

/// Where a mail server is, and how it is spoken with.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `smtp://…` or `smtps://…`, with `?tls=none` for no encryption, and `?ca=FILE` for authorities of one's own.
    pub url: &'a str,
    /// The address that mail comes from.
    pub from: &'a str,
    /// How long an answer is waited for.
    pub answer: Duration,
}

impl Place<'_> {
    /// Finds out whether a URL can be used, without speaking with anybody.
    ///
    /// # Errors
    /// When the URL, or the file of authorities that it names, cannot be used.
    pub fn check_url(url: &str) -> Result<(), Error> {
        match parts(url)?.authorities {
            Some(file) => authorities(&file).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Finds out whether mail can come from an address.
    ///
    /// # Errors
    /// When it is none.
    pub fn check_from(address: &str) -> Result<(), Error> {
        address.parse::<Address>().map(|_| ()).map_err(|_| Error::From)
    }
}

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    whole: Duration,
}

struct Parts {
    host: String,
    port: Option<u16>,
    credentials: Option<Credentials>,
    is_wrapped: bool,
    is_plain: bool,
    authorities: Option<String>,
}

impl Smtp {
    /// A mail server, not spoken with yet.
    ///
    /// # Errors
    /// When the URL or the address cannot be used.
    pub fn open(place: &Place<'_>) -> Result<Self, Error> {
        let from: Address = place.from.parse().map_err(|_| Error::From)?;
        let parts = parts(place.url)?;
        let tls = tls(&parts)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(parts.host)
            .port(parts.port.unwrap_or(if parts.is_wrapped { 465 } else { 587 }))
            .hello_name(ClientId::Domain(from.domain().to_owned()))
            .timeout(Some(place.answer))
            .tls(tls);
        if let Some(credentials) = parts.credentials {
            builder = builder.credentials(credentials);
        }
        Ok(Self { transport: builder.build(), from, whole: place.answer.saturating_mul(ANSWERS) })
    }

    /// Connects, encrypts and signs in, as for a mail.
    ///
    /// # Errors
    /// `Away`, with the reason.
    pub async fn check(&self) -> Result<(), Error> {
        match timeout(self.whole, self.transport.test_connection()).await {
            Err(_) => Err(Error::Away("it does not answer in time".to_owned())),
            Ok(Err(error)) => Err(Error::Away(words(&error))),
            Ok(Ok(false)) => Err(Error::Away("it ends the connection".to_owned())),
            Ok(Ok(true)) => Ok(()),
        }
    }

    /// Sends a letter under a name of its own; says too whether the server could be spoken with at all.
    pub async fn send(&self, letter: &Letter, name: &str) -> (Outcome, bool) {
        let message = match self.message(letter, name) {
            Ok(message) => message,
            Err(reason) => return (Outcome::Refused(reason), true),
        };
        let Ok(sent) = timeout(self.whole, self.transport.send(message)).await else {
            return (Outcome::Failed("the mail server does not answer in time".to_owned()), false);
        };
        let Err(error) = sent else { return (Outcome::Sent, true) };
        let status = error.status().map(u16::from);
        let words = words(&error);
        match status {
            Some(code) if error.is_permanent() && !OF_THE_SENDER.contains(&code) => (Outcome::Refused(words), true),
            Some(_) => (Outcome::Failed(words), true),
            None => (Outcome::Failed(words), false),
        }
    }

    /// The name of a message is the same each time that it is sent, so that a mail program shows it once.
    pub(crate) fn name_of(claim: &Claim) -> String {
        claim.id.to_string()
    }

    fn message(&self, letter: &Letter, name: &str) -> Result<Message, String> {
        let address = |text: &str| text.parse::<Address>().map_err(|_| format!("{text:?} is no mail address"));
        let sender = Mailbox::new(Some(on_one_line(&letter.sender)), self.from.clone());
        let mut message = Message::builder()
            .from(sender)
            .to(Mailbox::new(None, address(&letter.to)?))
            .subject(on_one_line(&letter.subject))
            .message_id(Some(format!("<{name}@{}>", self.from.domain())))
            .header(ContentType::TEXT_PLAIN);
        if let Some(reply_to) = &letter.reply_to {
            message = message.reply_to(Mailbox::new(None, address(reply_to)?));
        }
        message.body(letter.body.clone()).map_err(|error| error.to_string())
    }
}

fn parts(text: &str) -> Result<Parts, Error> {
    let url = Url::parse(text).map_err(|_| NO_URL)?;
    let is_wrapped = match url.scheme() {
        "smtps" => true,
        "smtp" => false,
        _ => return Err(NO_URL),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(NO_URL)?.to_owned();
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned).map_err(|_| NO_URL);
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => Some(Credentials::new(decoded(user)?, decoded(password)?)),
        _ => return Err(Error::Url("the URL has a user without a password, or a password without a user")),
    };
    let (mut is_plain, mut authorities) = (false, None);
    for (key, value) in url.query_pairs() {
        match (key.as_ref(), value.as_ref()) {
            ("tls", "required") => {}
            ("tls", "none") if !is_wrapped => is_plain = true,
            ("ca", file) if Path::new(file).is_absolute() => authorities = Some(file.to_owned()),
            _ => {
                return Err(Error::Url(
                    "the URL has a parameter that is not known; there are tls=none of smtp://, and ca=/whole/path",
                ));
            }
        }
    }
    Ok(Parts { host, port: url.port(), credentials, is_wrapped, is_plain, authorities })
}

fn tls(parts: &Parts) -> Result<Tls, Error> {
    if parts.is_plain {
        return Ok(Tls::None);
    }
    let host = parts.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let mut parameters = TlsParameters::builder(host);
    if let Some(file) = &parts.authorities {
        parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(authorities(file)?);
    }
    let parameters = parameters.build().map_err(|error| Error::Authorities(error.to_string()))?;
    Ok(if parts.is_wrapped { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}

fn authorities(file: &str) -> Result<Certificate, Error> {
    let pem = fs::read(file).map_err(|error| Error::Authorities(format!("{file}: {error}")))?;
    Certificate::from_pem(&pem).map_err(|error| Error::Authorities(format!("{file}: {error}")))
}

/// What went wrong, on one line and not at any length: a server says what it likes.
fn words(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    on_one_line(&words).chars().take(LONGEST).collect()
}

/// Without line breaks, which would begin headers, and other control characters, which no header may have.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Duration = Duration::from_secs(1);

    fn open(url: &str) -> Result<Smtp, Error> {
        Smtp::open(&Place { url, from: "hr@acme.example", answer: ANSWER })
    }

    #[test]
    fn mail_is_encrypted_unless_the_url_says_otherwise() {
        let of = |url| tls(&parts(url).unwrap()).unwrap();
        assert!(matches!(of("smtp://mail.acme.example"), Tls::Required(_)));
        assert!(matches!(of("smtps://mail.acme.example"), Tls::Wrapper(_)));
        assert!(matches!(of("smtp://127.0.0.1:25?tls=none"), Tls::None));
    }

    #[test]
    fn a_url_that_cannot_be_used_is_refused_and_not_repeated() {
        for url in [
            "",
            "mail.acme.example",
            "http://hr:s3cret@mail.acme.example",
            "smtp://hr@mail.acme.example",
            "smtp://:s3cret@mail.acme.example",
            "smtps://hr:s3cret@mail.acme.example?tls=none",
            "smtp://hr:s3cret@mail.acme.example?tsl=none",
            "smtp://hr:s3cret@mail.acme.example?ca=ca.pem",
            "smtp://hr:s3cret@mail.acme.example?ca=/no/such/file",
        ] {
            let error = open(url).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{url}: {error}");
        }
        assert!(matches!(Smtp::open(&Place { url: "smtp://a", from: "hr", answer: ANSWER }), Err(Error::From)));
    }

    #[test]
    fn a_reserved_character_of_the_password_is_written_encoded() {
        let parts = parts("smtp://hr%40acme.example:a%2Fb%20c@mail.acme.example").unwrap();
        assert_eq!(parts.credentials, Some(Credentials::new("hr@acme.example".to_owned(), "a/b c".to_owned())));
    }

    #[test]
    fn nothing_that_a_name_or_subject_holds_makes_a_header_or_another_recipient() {
        let hostile = "Acme\r\nBcc: eve@evil.example\r\n\r\nbody \" <eve@evil.example>,";
        let letter = Letter {
            to: "ada@acme.example".to_owned(),
            sender: hostile.to_owned(),
            reply_to: None,
            subject: hostile.to_owned(),
            body: "Hello\r\n.\r\nQUIT\n".to_owned(),
        };
        let message = open("smtp://mail.acme.example").unwrap().message(&letter, "1").unwrap();
        let recipients: Vec<String> = message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(recipients, ["ada@acme.example"]);
        let sent = String::from_utf8(message.formatted()).unwrap();
        let head = sent.split("\r\n\r\n").next().unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split(':').next())
            .collect();
        let expected = [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Date",
            "MIME-Version",
        ];
        for name in &names {
            assert!(expected.contains(name), "{sent}");
        }
    }
}
