//! Where the parts of an installation lie.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::account::Account;

/// Where data go whose folder the server's user cannot reach, for example one in `/root`.
const ELSEWHERE: &str = "/var/lib/tenure";

/// The folder with the data of one server and what belongs to them.
#[derive(Debug, Clone)]
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// PostgreSQL's own folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("socket")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    pub(crate) fn logins(&self) -> PathBuf {
        self.0.join("logins")
    }

    pub(crate) fn start_log(&self) -> PathBuf {
        self.0.join("start.log")
    }

    /// Whether it was made to its end: it gets its name only then.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_dir()
    }
}

/// The installation's home, be it made already or not.
pub(crate) fn home(installation: &Path) -> Home {
    let inside = installation.join("postgres");
    Home(fs::read_link(&inside).unwrap_or(inside))
}

/// Where to make the home of an installation that has none. It is remembered before anything is made there.
pub(crate) fn site(installation: &Path, account: &Account) -> Result<Home, Error> {
    let decided = home(installation);
    if decided.path().parent() != Some(installation) {
        make_elsewhere()?;
        return Ok(decided);
    }
    if account.can_enter(installation)? {
        return Ok(decided);
    }
    make_elsewhere()?;
    let away = Path::new(ELSEWHERE).join(name_elsewhere(installation));
    symlink(&away, decided.path()).map_err(Error::io("make the link", decided.path()))?;
    Ok(Home(away))
}

fn make_elsewhere() -> Result<(), Error> {
    fs::create_dir_all(ELSEWHERE).map_err(Error::io("make", Path::new(ELSEWHERE)))
}

/// The project's name for people, and chance so that a second installation of that name, or one made after the first was removed
/// by hand, never meets the data of another.
fn name_elsewhere(installation: &Path) -> String {
    let project = installation.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let safe: String = project.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{safe}-{:08x}", rand::random::<u32>())
}
