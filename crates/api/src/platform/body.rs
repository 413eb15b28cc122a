//! What operators see and send, as it looks on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::platform;
use tenure_app::platform::operations::{self as app, Asked};
use tenure_app::tenants::TenantRef;
use tenure_core::operations::State;
use tenure_core::tenant::{Slug, TenantStatus};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use uuid::Uuid;

use crate::fields::{Fields, boolean, id, nullable, text};
use crate::words::one_of;

/// A company that is hosted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tenant {
    id: Uuid,
    /// Its short name.
    #[schema(examples("acme"))]
    slug: String,
    name: String,
    /// Its schema in the database.
    #[schema(examples("tenant_acme_0198f3c2"))]
    schema: String,
    #[schema(schema_with = tenant_status)]
    status: TenantStatus,
    plan: String,
    /// The last migration of its schema.
    schema_version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of tenants, by slug.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantPage {
    pub(crate) data: Vec<Tenant>,
    /// To be given as `cursor` for the next page; null on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// An archive.
#[derive(Serialize, ToSchema)]
pub(crate) struct Backup {
    id: Uuid,
    /// The tenant that it was made of; null for the platform's own tables.
    tenant_id: Option<Uuid>,
    /// `running`, `good`, `failed`, `damaged` when a check found that it is not what was written, or `pruned` when its object was deleted.
    #[schema(examples("good"))]
    state: String,
    /// The version of the tenant's schema.
    schema_version: Option<i32>,
    /// The moment whose rows it holds.
    snapshot_at: Option<Timestamp>,
    size_bytes: Option<i64>,
    /// SHA-256 of the object, in hex.
    checksum: Option<String>,
    /// Why it failed.
    error: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// When it was last read through and found whole.
    verified_at: Option<Timestamp>,
    /// The last moment at which the tenant was found to be still as in this archive.
    unchanged_until: Option<Timestamp>,
    /// How many versions of documents it names.
    files: Option<i64>,
    /// How many of them could not be read when it was made.
    files_lost: Option<i64>,
    /// When a check found it damaged.
    damaged_at: Option<Timestamp>,
    /// What was wrong with it.
    damage: Option<String>,
}

/// A page of archives, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct BackupPage {
    pub(crate) data: Vec<Backup>,
    /// To be given as `cursor` for the next page; null on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// Something that an operator has asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Operation {
    id: Uuid,
    /// What is to be done, as it was asked for, with the tenant's id.
    #[schema(value_type = Object)]
    request: Value,
    #[schema(schema_with = operation_state)]
    state: State,
    /// Who has asked for it.
    #[schema(examples("operator:console"))]
    requested_by: String,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<String>,
}

/// Something that an operator has asked for, and what came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationWithResult {
    id: Uuid,
    /// What is to be done, as it was asked for, with the tenant's id.
    #[schema(value_type = Object)]
    request: Value,
    #[schema(schema_with = operation_state)]
    state: State,
    /// Who has asked for it.
    #[schema(examples("operator:console"))]
    requested_by: String,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<String>,
    /// What came of it; the members depend on the kind, and are those that the command of the same name prints with `--json`.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
}

/// A page of operations, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationPage {
    pub(crate) data: Vec<Operation>,
    /// To be given as `cursor` for the next page; null on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// What is asked for. Each kind has members of its own; others are errors.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewOperation {
    #[schema(schema_with = operation_kind)]
    kind: String,
    /// Slug or id of the tenant: of `backup`, `restore` and `undo_restore`.
    #[schema(examples("acme"))]
    tenant: Option<String>,
    /// The archive: of `verify` and `restore`.
    backup: Option<Uuid>,
    /// Of `verify`: also put its rows into a schema of their own, read them again and compare.
    deep: Option<bool>,
    /// Of `restore`: the slug of a new tenant that is made of the archive instead.
    r#as: Option<String>,
    /// Of `restore`: do all but the last step, and change nothing.
    dry_run: Option<bool>,
}

pub(crate) fn tenant_status() -> Schema {
    one_of(TenantStatus::ALL.iter(), false, "Where a tenant is in its life.")
}

pub(crate) fn operation_state() -> Schema {
    one_of(State::ALL.iter().map(|state| state.as_str()), false, "How far an operation is.")
}

const KINDS: [&str; 6] = ["backup", "backup_all", "verify", "restore", "undo_restore", "prune"];

fn operation_kind() -> Schema {
    one_of(KINDS.iter(), false, "What is to be done.")
}

impl NewOperation {
    pub(crate) fn read(mut fields: Fields) -> Result<Asked, Error> {
        let tenant = |fields: &mut Fields| fields.required("tenant", tenant);
        let asked = match fields.required("kind", |value| kind(&value)) {
            Some("backup") => tenant(&mut fields).map(Asked::Backup),
            Some("backup_all") => Some(Asked::BackupAll),
            Some("verify") => {
                let (backup, deep) = (fields.required("backup", id), flag(&mut fields, "deep"));
                backup.map(|backup| Asked::Verify { backup, deep })
            }
            Some("restore") => {
                let (tenant, backup) = (tenant(&mut fields), fields.required("backup", id));
                let new = fields.optional("as", nullable(text::<Slug>)).flatten();
                let dry_run = flag(&mut fields, "dry_run");
                tenant.zip(backup).map(|(tenant, backup)| Asked::Restore { tenant, backup, new, dry_run })
            }
            Some("undo_restore") => tenant(&mut fields).map(Asked::UndoRestore),
            Some(_) => Some(Asked::Prune),
            None => None,
        };
        fields.finish(asked)
    }
}

fn kind(value: &Value) -> Result<&'static str, String> {
    let known = KINDS.into_iter().find(|kind| value.as_str() == Some(kind));
    known.ok_or_else(|| format!("is none of {}", KINDS.join(", ")))
}

fn tenant(value: Value) -> Result<TenantRef, String> {
    text(value)
}

fn flag(fields: &mut Fields, name: &str) -> bool {
    fields.optional(name, nullable(boolean)).flatten().unwrap_or_default()
}

impl From<platform::Tenant> for Tenant {
    fn from(tenant: platform::Tenant) -> Self {
        Self {
            id: tenant.id.uuid(),
            slug: tenant.slug.to_string(),
            name: tenant.name.to_string(),
            schema: tenant.schema.to_string(),
            status: tenant.status,
            plan: tenant.plan,
            schema_version: tenant.schema_version,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }
    }
}

impl From<platform::Backup> for Backup {
    fn from(backup: platform::Backup) -> Self {
        Self {
            id: backup.id,
            tenant_id: backup.tenant_id.map(Uuid::from),
            state: backup.state,
            schema_version: backup.schema_version,
            snapshot_at: backup.snapshot_at,
            size_bytes: backup.size_bytes,
            checksum: backup.checksum,
            error: backup.error,
            created_at: backup.created_at,
            finished_at: backup.finished_at,
            verified_at: backup.verified_at,
            unchanged_until: backup.unchanged_until,
            files: backup.files,
            files_lost: backup.files_lost,
            damaged_at: backup.damaged_at,
            damage: backup.damage,
        }
    }
}

impl From<app::Operation> for Operation {
    fn from(operation: app::Operation) -> Self {
        Self {
            id: operation.id,
            request: operation.request,
            state: operation.state,
            requested_by: operation.requested_by,
            requested_at: operation.requested_at,
            started_at: operation.started_at,
            ended_at: operation.ended_at,
            error: operation.error,
        }
    }
}

impl From<(app::Operation, Option<Value>)> for OperationWithResult {
    fn from((operation, result): (app::Operation, Option<Value>)) -> Self {
        let Operation { id, request, state, requested_by, requested_at, started_at, ended_at, error } =
            operation.into();
        Self { id, request, state, requested_by, requested_at, started_at, ended_at, error, result }
    }
}
