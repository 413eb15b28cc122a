//! Which user runs the server. PostgreSQL refuses to run as root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, geteuid};

use crate::Error;

/// The user who runs the server and owns its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user who runs this program.
    Caller,
    /// Somebody else, as this program runs as root.
    Other { uid: Uid, gid: Gid, name: String },
}

impl Account {
    /// Who shall run a new installation.
    pub(crate) fn choose() -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self::Caller);
        }
        let known = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
        known.map(|user| Self::Other { uid: user.uid, gid: user.gid, name: user.name }).ok_or(Error::NoAccount)
    }

    /// Who runs an installation that exists: the owner of its data, also when root opens what another user made.
    pub(crate) fn owner_of(data: &Path) -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self::Caller);
        }
        let owner = fs::metadata(data).map_err(Error::io("look at", data))?;
        let (uid, gid) = (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid()));
        let name = User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
        Ok(Self::Other { uid, gid, name })
    }

    /// A program to be run by this user in a folder, without the caller's environment: it may hold secrets, and variables such as
    /// `PGDATA` or `LC_ALL` would change what the server does.
    pub(crate) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir(folder);
        if let Self::Other { uid, gid, .. } = self {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }

    /// Whether this user may enter a folder. Tried, not computed: access lists and mounts have their say too.
    pub(crate) fn can_enter(&self, folder: &Path) -> Result<bool, Error> {
        let mut probe = self.command(&PathBuf::from("/bin/true"), folder);
        match probe.stdin(Stdio::null()).status() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(Error::io("enter", folder)(error)),
        }
    }

    /// Refuses a folder that this user may not enter.
    pub(crate) fn require(&self, folder: &Path) -> Result<(), Error> {
        match self {
            Self::Other { name, .. } if !self.can_enter(folder)? => {
                Err(Error::Unreachable { account: name.clone(), folder: folder.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a machine on which this user may not write to `/dev/null`: initdb would fail with something that does not name it. Tried, as
    /// the user's rights are.
    pub(crate) fn require_null_device(&self, device: &Path) -> Result<(), Error> {
        let mut probe = self.command(Path::new("/bin/sh"), Path::new("/"));
        probe.args(["-c", ": >>\"$1\"", "sh"]).arg(device).stdin(Stdio::null()).stderr(Stdio::null());
        let written = probe.status().map_err(Error::io("write to", device))?;
        if written.success() {
            return Ok(());
        }
        Err(Error::NullDevice { account: self.name(), device: device.to_owned() })
    }

    fn name(&self) -> String {
        match self {
            Self::Caller => {
                User::from_uid(geteuid()).ok().flatten().map_or_else(|| geteuid().to_string(), |user| user.name)
            }
            Self::Other { name, .. } => name.clone(),
        }
    }

    /// Makes a folder that only this user enters, and nobody else but root.
    pub(crate) fn own_folder(&self, path: &Path) -> Result<(), Error> {
        fs::create_dir(path).map_err(Error::io("make", path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::io("protect", path))?;
        self.own(path)
    }

    /// Hands a file or folder to this user.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Caller => Ok(()),
            Self::Other { uid, gid, .. } => {
                chown(path, Some(uid.as_raw()), Some(gid.as_raw())).map_err(Error::io("change the owner of", path))
            }
        }
    }

    /// Closes a folder of the caller to all but the caller; this user's group may pass through, not look or write.
    pub(crate) fn pass_through(&self, path: &Path) -> Result<(), Error> {
        let mode = match self {
            Self::Caller => 0o700,
            Self::Other { gid, .. } => {
                chown(path, None, Some(gid.as_raw())).map_err(Error::io("change the group of", path))?;
                0o710
            }
        };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::io("protect", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_device_that_may_not_be_written_is_named_with_who_may_not_and_the_mend() {
        let account = Account::choose().unwrap();
        account.require_null_device(Path::new("/dev/null")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let device = folder.path().join("null");
        fs::write(&device, "").unwrap();
        fs::set_permissions(&device, fs::Permissions::from_mode(0o444)).unwrap();
        let said = account.require_null_device(&device).unwrap_err().to_string();
        let mend = format!("cannot write to {0}, which its programs need; as root: chmod 666 {0}", device.display());
        assert_eq!(said, format!("the user {}, who runs PostgreSQL, {mend}", account.name()));
    }
}
