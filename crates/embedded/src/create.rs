//! Making an installation's home: the data folder, the logins and the database. It is made beside its place and renamed when it is
//! whole, so that one which was cut off is begun anew.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::folder::Home;
use crate::logins::{DATABASE, Login, Passwords, write_secret};
use crate::{Durability, Error};

/// Makes the home at its place.
pub(crate) fn create(home: &Home, binaries: &Binaries, account: &Account, durability: Durability) -> Result<(), Error> {
    remove_unfinished(home);
    let staging = Home::new(with_suffix(home.path(), &format!("{UNFINISHED}{:08x}", rand::random::<u32>())));
    let made = fill(&staging, binaries, account, durability)
        .and_then(|()| fs::rename(staging.path(), home.path()).map_err(Error::io("put into place", home.path())));
    if made.is_err() {
        remove_unfinished(home);
    }
    made
}

const UNFINISHED: &str = ".unfinished-";

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes what was cut off. An `initdb` that outlived its parent may still be writing there: what cannot be removed now is removed
/// the next time, and in the meantime is in nobody's way.
fn remove_unfinished(home: &Home) {
    let prefix = with_suffix(home.path(), UNFINISHED);
    let beside = home.path().parent().and_then(|parent| fs::read_dir(parent).ok());
    for entry in beside.into_iter().flatten().flatten() {
        let path = entry.path();
        if path.as_os_str().as_encoded_bytes().starts_with(prefix.as_os_str().as_encoded_bytes())
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove an unfinished installation");
        }
    }
}

fn fill(home: &Home, binaries: &Binaries, account: &Account, durability: Durability) -> Result<(), Error> {
    fs::create_dir(home.path()).map_err(Error::io("make", home.path()))?;
    account.pass_through(home.path())?;
    for folder in [home.data(), home.socket(), home.log()] {
        account.own_folder(&folder)?;
    }
    account.require(&home.data())?;
    account.require_null_device(Path::new("/dev/null"))?;
    let passwords = Passwords::random();
    initdb(home, binaries, account, durability, &passwords)?;
    create_logins(home, binaries, account, &passwords)?;
    passwords.write(&home.logins())
}

fn initdb(
    home: &Home,
    binaries: &Binaries,
    account: &Account,
    durability: Durability,
    passwords: &Passwords,
) -> Result<(), Error> {
    let password_file = home.path().join("superuser");
    write_secret(&password_file, passwords.of(Login::Superuser))?;
    account.own(&password_file)?;
    let mut initdb = account.command(&binaries.initdb(), home.path());
    // Sorting by bytes is fast and is the same on every machine; letters beyond ASCII still have upper and lower case.
    initdb.args([
        "--encoding=UTF8",
        "--locale=C",
        "--lc-ctype=C.UTF-8",
        "--data-checksums",
        "--auth=scram-sha-256",
        "--no-instructions",
    ]);
    initdb.arg("--username").arg(Login::Superuser.role());
    initdb.arg("--pwfile").arg(&password_file).arg("--pgdata").arg(home.data());
    if durability == Durability::Disposable {
        initdb.arg("--no-sync");
    }
    run("initdb", initdb, "")?;
    fs::remove_file(&password_file).map_err(Error::io("remove", &password_file))
}

/// Writes the logins and the database into the data folder before any server listens on it.
fn create_logins(home: &Home, binaries: &Binaries, account: &Account, passwords: &Passwords) -> Result<(), Error> {
    let mut postgres = account.command(&binaries.postgres(), &home.data());
    // A statement that fails ends the program, and is not repeated in its error: it holds a password.
    postgres.args(["--single", "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"]);
    postgres.arg("-D").arg(home.data()).arg(Login::Superuser.database());
    run("postgres --single", postgres, &logins_sql(passwords))
}

/// One statement on each line, as single-user mode reads them.
fn logins_sql(passwords: &Passwords) -> String {
    let (owner, application) = (Login::Owner.role(), Login::Application.role());
    let (owner_password, application_password) = (passwords.of(Login::Owner), passwords.of(Login::Application));
    format!(
        "CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD '{owner_password}'\n\
         CREATE ROLE {application} LOGIN NOINHERIT PASSWORD '{application_password}'\n\
         CREATE DATABASE {DATABASE} OWNER {owner}\n\
         REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC\n\
         GRANT CONNECT ON DATABASE {DATABASE} TO {application}\n"
    )
}

fn run(program: &'static str, mut command: Command, input: &str) -> Result<(), Error> {
    let failed = |output: String| Error::Program { program, output };
    // A group of its own: Ctrl-C at the terminal ends this program in order, not its helper in the middle.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ended early says why on stderr, which tells more than the broken pipe.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())))
}
