//! What operators ask for: noted by a server, done by whichever server or worker comes to it first.

use serde_json::Value;
use tenure_core::operations::{State, Wanted};
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::operations::{self, Asking};
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use super::operators::Operator;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::tenants::TenantRef;

pub use tenure_db::operations::Operation;

/// What is asked for, as operators name it.
#[derive(Debug, Clone)]
pub enum Asked {
    /// An archive of a tenant.
    Backup(TenantRef),
    /// Archives of every tenant and of the platform's tables.
    BackupAll,
    /// To check an archive; deep, to restore it into a schema of its own and compare.
    Verify {
        /// The archive.
        backup: Uuid,
        /// Whether to restore it too.
        deep: bool,
    },
    /// To bring a tenant back to what an archive holds.
    Restore {
        /// The tenant that the archive was made of.
        tenant: TenantRef,
        /// The archive.
        backup: Uuid,
        /// The slug of a new tenant that is made of it instead.
        new: Option<Slug>,
        /// To do all but the last step.
        dry_run: bool,
    },
    /// To take what the last restore replaced back into service.
    UndoRestore(TenantRef),
    /// To delete the archives that are no longer to be kept.
    Prune,
}

/// Notes what an operator asks for.
///
/// # Errors
/// `NotFound` for a tenant that is not there; `Rule` for one that was purged; `Conflict` while the same waits or is done.
pub async fn request(context: &Context, operator: &Operator, asked: Asked, request_id: &str) -> Result<Operation> {
    let wanted = find(context, asked).await?;
    let by = operator.actor();
    let asking = Asking { id: context.id(), by: &by, request_id, now: context.now() };
    operations::insert(&context.db, &wanted, &asking).await?.ok_or_else(|| {
        Error::Conflict(format!("an operation of the kind {} for the same waits or runs already", wanted.kind()))
    })
}

async fn find(context: &Context, asked: Asked) -> Result<Wanted> {
    Ok(match asked {
        Asked::Backup(tenant) => Wanted::Backup { tenant: there(context, &tenant).await?.id },
        Asked::BackupAll => Wanted::BackupAll {},
        Asked::Verify { backup, deep } => {
            super::backups::by_id(&context.db, backup).await?;
            Wanted::Verify { backup, deep }
        }
        Asked::Restore { tenant, backup, new, dry_run } => {
            let tenant = there(context, &tenant).await?.id;
            if super::backups::by_id(&context.db, backup).await?.tenant_id != Some(tenant) {
                return Err(Error::invalid("backup", "is an archive of another tenant"));
            }
            Wanted::Restore { tenant, backup, new, dry_run }
        }
        Asked::UndoRestore(tenant) => Wanted::UndoRestore { tenant: there(context, &tenant).await?.id },
        Asked::Prune => Wanted::Prune {},
    })
}

async fn there(context: &Context, which: &TenantRef) -> Result<Tenant> {
    let tenant = which.find(&context.db).await?;
    if tenant.status == TenantStatus::Purged {
        return Err(Error::Rule(format!("the tenant {} was purged", tenant.slug)));
    }
    Ok(tenant)
}

/// The newest first, from before an id on; of one state or of all.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    context: &Context,
    _: &Operator,
    state: Option<State>,
    (before, limit): (Option<Uuid>, u16),
) -> Result<Vec<Operation>> {
    Ok(operations::list(&context.db, state, before, limit).await?)
}

/// The one of an id, and what came of it.
///
/// # Errors
/// `NotFound`.
pub async fn get(context: &Context, _: &Operator, id: Uuid) -> Result<(Operation, Option<Value>)> {
    Ok(operations::by_id(&context.db, id).await?)
}
