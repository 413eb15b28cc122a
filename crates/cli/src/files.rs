//! Where files are kept, and by which keys.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tenure_app::files::{Files, MasterKey, MasterKeys, Objects};
use tenure_store::sealed::KEY_BYTES;

use crate::config;
use crate::error::Error;
use crate::installation::FOLDER;

/// Files as configured; `None` where nothing says where they are kept.
pub(crate) fn open(is_embedded: bool, configured: &config::Files) -> Result<Option<Files>, Error> {
    let place = place(is_embedded, configured)?;
    Ok(place.map(|(objects, keys)| Files::new(objects, keys, configured.limits)))
}

/// Where files are and what opens them, for what makes and restores archives.
pub(crate) struct ForArchives(Option<(Objects, MasterKeys)>);

impl ForArchives {
    pub(crate) fn open(is_embedded: bool, configured: &config::Files) -> Result<Self, Error> {
        Ok(Self(place(is_embedded, configured)?))
    }

    pub(crate) fn files<'a>(
        &'a self,
        random: &'a (dyn Fn() -> [u8; KEY_BYTES] + Sync),
    ) -> Option<tenure_backup::Files<'a>> {
        self.0.as_ref().map(|(objects, master)| tenure_backup::Files { objects, master, random })
    }
}

/// The place and keys as configured; an embedded installation has its own.
fn place(is_embedded: bool, configured: &config::Files) -> Result<Option<(Objects, MasterKeys)>, Error> {
    let folder = Path::new(FOLDER);
    let objects = match &configured.url {
        Some(url) => Objects::open(url, &configured.s3),
        None if is_embedded => Objects::folder(&folder.join("files")),
        None => return Ok(None),
    };
    let objects = objects.map_err(|error| Error::Files(error.to_string()))?;
    let keys = match &configured.key_file {
        Some(file) => read_keys(file)?,
        None if is_embedded => own_keys(&folder.join("files.key"))?,
        None => return Err(Error::NoFilesKey),
    };
    Ok(Some((objects, keys)))
}

fn read_keys(file: &Path) -> Result<MasterKeys, Error> {
    let text = fs::read_to_string(file).map_err(|cause| Error::File { path: file.to_owned(), cause })?;
    MasterKeys::parse(&text).map_err(|error| Error::Files(format!("{} {error}", file.display())))
}

/// The key of an embedded installation, made when it is not there, for nobody but the owner of the file to read. Of two programs that make
/// it at once, one does.
fn own_keys(file: &Path) -> Result<MasterKeys, Error> {
    if file.exists() {
        return read_keys(file);
    }
    let key = MasterKey::from_bytes(rand::random());
    let new = file.with_extension(format!("new-{}", std::process::id()));
    let written = || {
        let mut opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        opened.write_all(key.to_text().as_bytes())?;
        opened.sync_all()?;
        // Unlike renaming, linking does not replace a key that files may be encrypted by already.
        let linked = fs::hard_link(&new, file);
        fs::remove_file(&new)?;
        linked
    };
    match written() {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => Err(Error::File { path: file.to_owned(), cause }),
        _ => read_keys(file),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_installations_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("files.key");
        own_keys(&file).unwrap();
        let made = fs::read(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        own_keys(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), made);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(&file, "secret").unwrap();
        let refused = own_keys(&file).unwrap_err().to_string();
        assert!(refused.contains("files.key") && !refused.contains("secret"), "{refused}");
    }
}
