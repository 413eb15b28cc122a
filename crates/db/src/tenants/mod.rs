//! Tenants as a whole: made, listed, renamed, suspended, archived, purged, with their features and their audit trail.
//!
//! Every operation writes its row of `public.tenant_audit` in its own transaction.

mod audit;
mod create;
mod documents;
mod features;
mod lifecycle;
mod list;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{SchemaName, Slug, TenantStatus};
use thiserror::Error;
use uuid::Uuid;

pub(crate) use audit::record;
pub use audit::{AuditEntry, audit_trail};
pub use create::{NewTenant, create};
pub(crate) use create::{
    activate, enter_new_schema, find_or_make_role, insert_row, make_role, make_schema, run, write_ledger,
};
pub(crate) use documents::move_documents;
pub use documents::{active_with_documents_in, documents_at, settle_documents, with_documents_elsewhere};
pub use features::{Feature, FeatureKey, features, sends_mail, set_feature, unset_feature};
pub(crate) use lifecycle::lock;
pub use lifecycle::{Renamed, change_status, purge, rename};
pub use list::{Page, by_id, by_slug, list, without_archive_since};

use crate::error::{Error, Result};

/// The display name of a tenant: 1 to 200 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TenantName(String);

/// A text that cannot be a tenant's name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a tenant's name has 1 to 200 characters and no control characters")]
pub struct TenantNameError;

impl TenantName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantName {
    type Err = TenantNameError;

    fn from_str(text: &str) -> Result<Self, TenantNameError> {
        let text = text.trim();
        if (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TenantNameError)
        }
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One company whose HR is hosted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Its id, for good.
    pub id: TenantId,
    /// Its short name; can be changed.
    pub slug: Slug,
    /// Its display name.
    pub name: TenantName,
    /// Its schema and role, for good.
    pub schema: SchemaName,
    /// Where it is in its life.
    pub status: TenantStatus,
    /// The commercial plan, which feature flags can refer to.
    pub plan: String,
    /// The last migration applied to its schema.
    pub schema_version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its row last changed.
    pub updated_at: Timestamp,
}

/// Who acts on a tenant, when, and under which id the act is recorded.
#[derive(Debug, Clone)]
pub struct Act {
    /// The id of the audit row.
    pub id: Uuid,
    /// Who does it, for example `cli:root`.
    pub actor: String,
    /// When.
    pub now: Timestamp,
    /// The request that it is part of, if any.
    pub request_id: Option<String>,
}

/// A row of `public.tenants` as it is read.
struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    schema_name: String,
    status: String,
    plan: String,
    schema_version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = Error;

    fn try_from(row: TenantRow) -> Result<Self> {
        let broken =
            |what: &str| Error::Refused(format!("the row of tenant {} has a {what} that Tenure cannot read", row.id));
        Ok(Self {
            id: row.id.into(),
            slug: row.slug.parse().map_err(|_| broken("slug"))?,
            name: row.name.parse().map_err(|_| broken("name"))?,
            schema: row.schema_name.parse().map_err(|_| broken("schema name"))?,
            status: row.status.parse().map_err(|_| broken("status"))?,
            plan: row.plan,
            schema_version: row.schema_version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
    }
}
