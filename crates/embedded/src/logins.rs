//! The three logins of an installation, their passwords and the URLs by which clients connect.

use std::fmt;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::Error;
use crate::server::Address;

/// The database that holds Tenure's data.
pub(crate) const DATABASE: &str = "tenure";

/// Whom to connect as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// `tenure_owner`: owns the database, provisions and migrates.
    Owner,
    /// `tenure_app`: serves requests.
    Application,
    /// `postgres`: the superuser, for tests and for repairs by hand; Tenure itself does not use it.
    Superuser,
}

impl Login {
    const ALL: [Self; 3] = [Self::Owner, Self::Application, Self::Superuser];

    /// The role's name in PostgreSQL.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::Owner => "tenure_owner",
            Self::Application => "tenure_app",
            Self::Superuser => "postgres",
        }
    }

    pub(crate) const fn database(self) -> &'static str {
        match self {
            Self::Owner | Self::Application => DATABASE,
            Self::Superuser => "postgres",
        }
    }
}

/// A URL with a password in it. `Debug` hides it, and there is no `Display`, so that it reaches no log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL, password included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// The password of each login: 32 hexadecimal digits, so that no text that it is written into needs quoting.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Passwords {
    owner: String,
    application: String,
    superuser: String,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords(…)")
    }
}

impl Passwords {
    pub(crate) fn random() -> Self {
        let password = || format!("{:032x}", rand::random::<u128>());
        Self { owner: password(), application: password(), superuser: password() }
    }

    pub(crate) fn of(&self, login: Login) -> &str {
        match login {
            Login::Owner => &self.owner,
            Login::Application => &self.application,
            Login::Superuser => &self.superuser,
        }
    }

    /// Writes them to a new file that only its owner reads: a line `role=password` for each login.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Error> {
        let lines = Login::ALL.map(|login| format!("{}={}\n", login.role(), self.of(login)));
        write_secret(file, &lines.concat())
    }

    pub(crate) fn read(file: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(file).map_err(Error::io("read", file))?;
        let password = |login: Login| {
            let mut entries = text.lines().filter_map(|line| line.split_once('='));
            entries.find(|(role, _)| *role == login.role()).map(|(_, password)| password.to_owned())
        };
        let all = (password(Login::Owner), password(Login::Application), password(Login::Superuser));
        let (Some(owner), Some(application), Some(superuser)) = all else {
            return Err(Error::Logins { file: file.to_owned() });
        };
        Ok(Self { owner, application, superuser })
    }

    /// The URL of a login, in the form that sqlx and libpq both read.
    pub(crate) fn url(&self, login: Login, address: &Address) -> DatabaseUrl {
        let (role, password, database) = (login.role(), self.of(login), login.database());
        // Nothing leaves this machine: TLS would only cost a round trip for the question.
        DatabaseUrl(match address {
            Address::Socket { folder, port } => {
                let folder = percent_encoded(folder.as_os_str().as_bytes());
                format!("postgres://{role}:{password}@localhost:{port}/{database}?host={folder}&sslmode=disable")
            }
            Address::Loopback { port } => {
                format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
            }
        })
    }
}

/// Writes a new file that only its owner reads.
pub(crate) fn write_secret(file: &Path, text: &str) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    opened.and_then(|mut new| new.write_all(text.as_bytes())).map_err(Error::io("write", file))
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn passwords_survive_their_file_which_only_the_owner_reads() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logins");
        let written = Passwords::random();
        written.write(&file).unwrap();
        assert!(Passwords::read(&file).unwrap() == written);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_password_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logins");
        fs::write(&file, "tenure_owner=abc\n").unwrap();
        let error = Passwords::read(&file).err().unwrap().to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
    }

    #[test]
    fn a_socket_folder_with_odd_characters_is_escaped_in_the_url() {
        let address = Address::Socket { folder: PathBuf::from("/srv/a b/ü&c"), port: 5432 };
        let url = Passwords::random().url(Login::Owner, &address);
        assert!(url.as_str().ends_with("/tenure?host=%2Fsrv%2Fa%20b%2F%C3%BC%26c&sslmode=disable"), "{}", url.as_str());
    }

    #[test]
    fn debug_output_hides_the_password() {
        let passwords = Passwords::random();
        let url = passwords.url(Login::Application, &Address::Loopback { port: 5000 });
        assert!(url.as_str().contains(passwords.of(Login::Application)));
        assert!(!format!("{url:?} {passwords:?}").contains(passwords.of(Login::Application)));
    }
}
