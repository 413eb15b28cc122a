//! The tokens and passwords of the demo, kept beside its data so that the next start shows the same.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tenure_app::tokens::Secret;
use tenure_core::access::BuiltInRole;
use tenure_core::sign_in::Password;

use crate::error::Error;

/// Texts of tokens and passwords by tenant and role.
type ByTenantAndRole = BTreeMap<String, BTreeMap<String, String>>;

/// What stands between the key of a role and the end of its password's name.
const PASSWORD: &str = " password";

/// The file of the tokens.
pub(super) struct TokenFile {
    path: PathBuf,
    tokens: ByTenantAndRole,
    changed: bool,
}

impl TokenFile {
    /// Reads what an earlier start kept. A file that is not there or is damaged holds nothing: new tokens are made then.
    pub(super) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let tokens = serde_json::from_str(&text).unwrap_or_default();
        Self { path: path.to_owned(), tokens, changed: false }
    }

    /// The token of a role, as an earlier start kept it.
    pub(super) fn kept(&self, tenant: &str, role: BuiltInRole) -> Option<Secret> {
        self.tokens.get(tenant)?.get(role.key())?.parse().ok()
    }

    /// The password of a role's user, as an earlier start kept it.
    pub(super) fn kept_password(&self, tenant: &str, role: BuiltInRole) -> Option<Password> {
        self.tokens.get(tenant)?.get(&format!("{role}{PASSWORD}"))?.parse().ok()
    }

    /// Notes the token that is shown for a role now.
    pub(super) fn note(&mut self, tenant: &str, role: BuiltInRole, token: &Secret) {
        self.keep(tenant, role.key().to_owned(), token.reveal());
    }

    /// Notes the password that is shown for a role now.
    pub(super) fn note_password(&mut self, tenant: &str, role: BuiltInRole, password: &Password) {
        self.keep(tenant, format!("{role}{PASSWORD}"), password.reveal().to_owned());
    }

    fn keep(&mut self, tenant: &str, name: String, text: String) {
        let of_tenant = self.tokens.entry(tenant.to_owned()).or_default();
        self.changed |= of_tenant.get(&name) != Some(&text);
        of_tenant.insert(name, text);
    }

    /// Writes what has changed, for nobody but the owner of the file to read.
    pub(super) fn write(&self) -> Result<(), Error> {
        if !self.changed {
            return Ok(());
        }
        let new = self.path.with_extension("new");
        let text = serde_json::to_string_pretty(&self.tokens).map_err(io::Error::from);
        let written = text.and_then(|text| {
            // One that was cut off may be there, with other rights.
            if new.exists() {
                fs::remove_file(&new)?;
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(text.as_bytes())?;
            fs::rename(&new, &self.path)
        });
        written.map_err(|cause| Error::File { path: self.path.clone(), cause })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TOKEN: &str = "tnr_0198f3c2000070008000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn a_token_is_kept_for_the_next_start_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo-tokens.json");
        let mut file = TokenFile::read(&path);
        assert!(file.kept("acme", BuiltInRole::Owner).is_none());
        file.note("acme", BuiltInRole::Owner, &TOKEN.parse().unwrap());
        file.write().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let kept = TokenFile::read(&path).kept("acme", BuiltInRole::Owner);
        assert_eq!(kept.map(|token| token.reveal()).as_deref(), Some(TOKEN));
    }

    #[test]
    fn a_damaged_file_holds_nothing_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo-tokens.json");
        fs::write(&path, "{\"acme\":").unwrap();
        fs::write(path.with_extension("new"), "cut off").unwrap();
        let mut file = TokenFile::read(&path);
        assert!(file.kept("acme", BuiltInRole::Owner).is_none());
        file.note("acme", BuiltInRole::Owner, &TOKEN.parse().unwrap());
        file.write().unwrap();
        assert!(TokenFile::read(&path).kept("acme", BuiltInRole::Owner).is_some());
    }
}
