//! Where PostgreSQL's programs are, and which version they are.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

pub(crate) const OLDEST: u32 = 15;
pub(crate) const NEWEST: u32 = 18;

/// A folder that holds `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest accepted server that is installed, for a new installation.
    pub(crate) fn newest() -> Result<Self, Error> {
        let installed = installed()?;
        let found = installed.iter().map(|server| format!("{} in {}", server.major, server.folder.display())).collect();
        choose(installed, |major| (OLDEST..=NEWEST).contains(&major)).ok_or(Error::NoServer { found })
    }

    /// The server that can run data which exist: PostgreSQL reads only data of its own major version.
    pub(crate) fn for_data(data: &Path) -> Result<Self, Error> {
        let file = data.join("PG_VERSION");
        let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
        let major = text.trim().parse().unwrap_or_default();
        choose(installed()?, |installed| installed == major)
            .ok_or_else(|| Error::OtherVersion { data: data.to_owned(), major })
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

fn choose(installed: Vec<Binaries>, accepts: impl Fn(u32) -> bool) -> Option<Binaries> {
    installed.into_iter().filter(|server| accepts(server.major)).max_by_key(|server| server.major)
}

fn installed() -> Result<Vec<Binaries>, Error> {
    if let Some(folder) = std::env::var_os("TENURE_PG_BIN") {
        let folder = PathBuf::from(folder);
        return probe(&folder).map(|server| vec![server]).ok_or(Error::NotAServer { folder });
    }
    let mut folders = on_path(std::env::var_os("PATH"));
    folders.extend(debian());
    // `initdb` on PATH is often a link to one of Debian's folders: look at each server once.
    folders.sort();
    folders.dedup();
    Ok(folders.iter().filter_map(|folder| probe(folder)).collect())
}

fn on_path(path: Option<OsString>) -> Vec<PathBuf> {
    let path = path.unwrap_or_default();
    let programs = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    programs.filter_map(|program| fs::canonicalize(program).ok()?.parent().map(Path::to_owned)).collect()
}

fn debian() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).collect()
}

fn probe(folder: &Path) -> Option<Binaries> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { folder: folder.to_owned(), major })
}

/// From `postgres (PostgreSQL) 15.18 (Debian …)`, and from `… 19beta1`, which has no point.
fn major_version(text: &str) -> Option<u32> {
    let version = text.split_once(") ")?.1;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(major: u32) -> Binaries {
        Binaries { folder: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")), major }
    }

    #[test]
    fn versions_are_read_as_each_distribution_prints_them() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18.0\n"), Some(18));
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_version("bash: something else"), None);
    }

    #[test]
    fn the_newest_accepted_server_is_chosen() {
        let installed = vec![server(14), server(15), server(17), server(19)];
        assert_eq!(choose(installed, |major| (OLDEST..=NEWEST).contains(&major)), Some(server(17)));
        assert_eq!(choose(vec![server(14)], |major| major >= OLDEST), None);
    }

    #[test]
    fn without_a_path_nothing_is_found_on_it() {
        assert!(on_path(None).is_empty());
    }
}
