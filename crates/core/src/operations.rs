//! What operators ask for over HTTP, and a server or a worker does later.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::ids::TenantId;
use crate::tenant::Slug;

/// What is to be done. Its JSON is stored, and is the body of a request but for how a tenant is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wanted {
    /// An archive of a tenant.
    Backup {
        /// The tenant.
        tenant: TenantId,
    },
    /// Archives of every tenant and of the platform's tables.
    BackupAll {},
    /// To read an archive through and check every sum and count in it.
    Verify {
        /// The archive.
        backup: Uuid,
        /// Whether its rows are also put into a schema of their own, and compared.
        deep: bool,
    },
    /// To bring a tenant back to what an archive holds.
    Restore {
        /// The tenant that the archive was made of.
        tenant: TenantId,
        /// The archive.
        backup: Uuid,
        /// The slug of a new tenant that is made of it instead.
        #[serde(rename = "as")]
        new: Option<Slug>,
        /// To do all but the last step.
        dry_run: bool,
    },
    /// To take what the last restore replaced back into service.
    UndoRestore {
        /// The tenant.
        tenant: TenantId,
    },
    /// To delete the archives that are no longer to be kept.
    Prune {},
}

impl Wanted {
    /// Its kind in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Backup { .. } => "backup",
            Self::BackupAll {} => "backup_all",
            Self::Verify { .. } => "verify",
            Self::Restore { .. } => "restore",
            Self::UndoRestore { .. } => "undo_restore",
            Self::Prune {} => "prune",
        }
    }

    /// The tenant, or the archive, that it is about. The same kind is done for one subject once at a time.
    #[must_use]
    pub fn subject(&self) -> Option<Uuid> {
        match self {
            Self::Backup { tenant } | Self::Restore { tenant, .. } | Self::UndoRestore { tenant } => {
                Some(tenant.uuid())
            }
            Self::Verify { backup, .. } => Some(*backup),
            Self::BackupAll {} | Self::Prune {} => None,
        }
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has begun it.
    Queued,
    /// Somebody does it.
    Running,
    /// It is done.
    Done,
    /// It is done but for what its result names.
    Partial,
    /// It failed or was cut off.
    Failed,
}

/// A word that is no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not queued, running, done, partial or failed")]
pub struct UnknownState;

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Partial, Self::Failed];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_comes_back_from_its_json_under_its_kind() {
        let (tenant, backup) = (TenantId::from(Uuid::from_u128(7)), Uuid::from_u128(8));
        let new = Some("acme-copy".parse().unwrap());
        for wanted in [
            Wanted::Backup { tenant },
            Wanted::BackupAll {},
            Wanted::Verify { backup, deep: true },
            Wanted::Restore { tenant, backup, new, dry_run: false },
            Wanted::Restore { tenant, backup, new: None, dry_run: true },
            Wanted::UndoRestore { tenant },
            Wanted::Prune {},
        ] {
            let json = serde_json::to_value(&wanted).unwrap();
            assert_eq!(json["kind"], wanted.kind());
            assert_eq!(serde_json::from_value::<Wanted>(json).unwrap(), wanted);
        }
    }

    #[test]
    fn a_state_comes_back_from_its_word() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!("paused".parse::<State>(), Err(UnknownState));
    }
}
