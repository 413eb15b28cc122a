//! What the objects of tenants' files are called.

use tenure_core::ids::{DocumentId, TenantId};
use uuid::Uuid;

/// The folder of everything that a tenant keeps.
#[must_use]
pub fn folder_of(tenant: TenantId) -> String {
    format!("files/{tenant}")
}

/// The object of one version of a document. No name is used twice.
#[must_use]
pub fn object_of(tenant: TenantId, document: DocumentId, version: Uuid) -> String {
    format!("{}/{document}/{version}", folder_of(tenant))
}
