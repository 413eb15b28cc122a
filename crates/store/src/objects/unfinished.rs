//! What uploads that were cut off have left. In a folder, an unfinished object is a file beside its place, with `#` and a number after the name; in
//! a bucket nobody sees it.

use std::path::Path;
use std::{fs, io};

use tokio::task::spawn_blocking;

use super::{Objects, Result};

impl Objects {
    /// Deletes what uploads of an object that were cut off have left. In a bucket there is nothing to do.
    ///
    /// # Errors
    /// `File`.
    pub fn delete_unfinished(&self, key: &str) -> Result<()> {
        let Some(root) = &self.folder else { return Ok(()) };
        let place = root.join(key);
        let (Some(folder), Some(name)) = (place.parent(), place.file_name().and_then(|name| name.to_str())) else {
            return Ok(());
        };
        if !folder.is_dir() {
            return Ok(());
        }
        let unfinished = format!("{name}#");
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|found| found.starts_with(&unfinished)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The same of all objects below a folder of keys. None of them may be on its way.
    ///
    /// # Errors
    /// `File`.
    pub async fn delete_unfinished_below(&self, below: &str) -> Result<()> {
        let Some(root) = &self.folder else { return Ok(()) };
        let folder = root.join(below);
        Ok(spawn_blocking(move || delete_unfinished_in(&folder)).await.map_err(io::Error::other)??)
    }
}

fn delete_unfinished_in(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            delete_unfinished_in(&entry.path())?;
        } else if entry.file_name().to_str().is_some_and(|name| name.contains('#')) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_cut_off_upload_left_goes_with_the_object() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in ["b#1", "b#2", "bc#1"] {
            fs::write(folder.path().join("a").join(name), "half").unwrap();
        }
        objects.delete("a/b").await.unwrap();
        assert_eq!(names(&folder.path().join("a")), ["bc#1"]);
    }

    #[tokio::test]
    async fn what_cut_off_uploads_left_goes_and_whole_objects_stay() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        for within in ["a/b", "ab"] {
            fs::create_dir_all(folder.path().join(within)).unwrap();
            for name in ["c", "c#1", "d#12"] {
                fs::write(folder.path().join(within).join(name), "half").unwrap();
            }
        }
        objects.delete_unfinished_below("a").await.unwrap();
        objects.delete_unfinished_below("nowhere").await.unwrap();
        assert_eq!(names(&folder.path().join("a/b")), ["c"]);
        assert_eq!(names(&folder.path().join("ab")).len(), 3, "of another folder");
    }

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }
}
