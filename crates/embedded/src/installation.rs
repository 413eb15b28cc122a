//! Opening an installation, sharing it, and leaving it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::folder;
use crate::logins::{DatabaseUrl, Login, Passwords};
use crate::server::{self, Address};
use crate::{Durability, Error, create};

/// A folder that holds, or shall hold, a private PostgreSQL.
#[derive(Debug, Clone)]
pub struct Installation {
    folder: PathBuf,
}

/// An installation whose server answers. Dropping it leaves: the last program to leave stops the server.
#[derive(Debug)]
pub struct Running {
    folder: PathBuf,
    passwords: Passwords,
    address: Address,
    durability: Durability,
    /// Locked, shared, for as long as this program uses the server; `None` once it has left.
    users: Option<File>,
}

/// What starts the server of an installation again when it is gone; of use for as long as its [`Running`] is kept.
#[derive(Debug, Clone)]
pub struct Keeper {
    folder: PathBuf,
    address: Address,
    durability: Durability,
}

impl Installation {
    /// The installation in a folder, be it there already or not.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Whether it has been made.
    #[must_use]
    pub fn exists(&self) -> bool {
        folder::home(&self.folder).is_whole()
    }

    /// Makes the installation if it is not there, then joins its server or starts it, and waits until it answers.
    ///
    /// `durability` holds for a server that this call starts. The first time takes some seconds, later starts a fraction of one; after
    /// a crash PostgreSQL recovers first.
    pub fn open(&self, durability: Durability) -> Result<Running, Error> {
        fs::create_dir_all(&self.folder).map_err(Error::io("make", &self.folder))?;
        let folder = fs::canonicalize(&self.folder).map_err(Error::io("find", &self.folder))?;
        // Held until the server answers: whoever comes in the meantime waits, and then joins.
        let _gate = enter_gate(&folder)?;
        if !folder::home(&folder).is_whole() {
            make_home(&folder, durability)?;
        }
        let home = folder::home(&folder);
        let users = open_lock(&folder.join("users"))?;
        users.lock_shared().map_err(Error::io("lock", &folder.join("users")))?;
        let passwords = Passwords::read(&home.logins())?;
        let address = server::join_or_start(&home, durability, None)?;
        Ok(Running { folder, passwords, address, durability, users: Some(users) })
    }

    /// The URL of a login if the server answers now; starts nothing.
    pub fn running_url(&self, login: Login) -> Result<Option<DatabaseUrl>, Error> {
        if !self.exists() {
            return Ok(None);
        }
        let home = self.home()?;
        let Some(address) = server::answers_at(&home)? else {
            return Ok(None);
        };
        Ok(Some(Passwords::read(&home.logins())?.url(login, &address)))
    }

    /// Stops the server, whoever uses it; `false` when none runs.
    pub fn stop(&self) -> Result<bool, Error> {
        if !self.exists() {
            return Ok(false);
        }
        let _gate = enter_gate(&self.folder)?;
        server::stop(&self.home()?)
    }

    /// Stops the server, whoever uses it, and removes the installation with all its data. What else lies in the folder stays.
    pub fn remove(&self) -> Result<(), Error> {
        self.stop()?;
        if !self.exists() {
            return Ok(());
        }
        let home = self.home()?;
        fs::remove_dir_all(home.path()).map_err(Error::io("remove", home.path()))?;
        // The link to a home elsewhere and the locks are not always there, and a folder that holds more is not ours to remove.
        for part in ["postgres", "users", "gate"] {
            let _ = fs::remove_file(self.folder.join(part));
        }
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }

    fn home(&self) -> Result<folder::Home, Error> {
        let folder = fs::canonicalize(&self.folder).map_err(Error::io("find", &self.folder))?;
        Ok(folder::home(&folder))
    }
}

fn make_home(folder: &Path, durability: Durability) -> Result<(), Error> {
    let account = Account::choose()?;
    let binaries = Binaries::newest()?;
    account.pass_through(folder)?;
    let home = folder::site(folder, &account)?;
    tracing::info!(folder = %home.path().display(), "making a new database, once");
    create::create(&home, &binaries, &account, durability)
}

fn enter_gate(folder: &Path) -> Result<File, Error> {
    let path = folder.join("gate");
    let gate = open_lock(&path)?;
    gate.lock().map_err(Error::io("lock", &path))?;
    Ok(gate)
}

fn open_lock(path: &Path) -> Result<File, Error> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(Error::io("open", path))
}

impl Running {
    /// The URL of a login, in the form that sqlx and libpq read.
    #[must_use]
    pub fn url(&self, login: Login) -> DatabaseUrl {
        self.passwords.url(login, &self.address)
    }

    /// What starts the server again should it die, from whatever thread.
    #[must_use]
    pub fn keeper(&self) -> Keeper {
        Keeper { folder: self.folder.clone(), address: self.address.clone(), durability: self.durability }
    }

    /// Leaves, and stops the server if nobody else uses it. Dropping does the same, but can only log what goes wrong.
    pub fn close(mut self) -> Result<(), Error> {
        self.leave()
    }

    /// Leaves without stopping the server, which then runs until [`Installation::stop`], or until the next to open the installation
    /// leaves it as the last.
    pub fn leave_running(mut self) {
        self.users = None;
    }

    fn leave(&mut self) -> Result<(), Error> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let _gate = enter_gate(&self.folder)?;
        users.unlock().map_err(Error::io("unlock", &self.folder.join("users")))?;
        // Only under the gate does anybody ask for this lock: it fails when, and only when, others use the server.
        if users.try_lock().is_err() {
            return Ok(());
        }
        // Asks again which server that is: another program may have started it anew after a crash.
        server::stop(&folder::home(&self.folder)).map(drop)
    }
}

impl Keeper {
    /// Starts the server where it was if it does not answer there, and waits until it does; `false` when it was there, or when
    /// nobody uses it any more.
    pub fn keep_up(&self) -> Result<bool, Error> {
        let home = folder::home(&self.folder);
        if server::answers_at(&home)?.is_some() {
            return Ok(false);
        }
        let _gate = enter_gate(&self.folder)?;
        // It may have been stopped by the last to leave, while this waited at the gate.
        if server::answers_at(&home)?.is_some() || open_lock(&self.folder.join("users"))?.try_lock().is_ok() {
            return Ok(false);
        }
        server::join_or_start(&home, self.durability, Some(&self.address))?;
        Ok(true)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::error!(%error, "cannot leave the database in order");
        }
    }
}
