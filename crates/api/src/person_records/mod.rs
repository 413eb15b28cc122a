//! What is kept of a person beside the employee's own row, below `/api/v1/employees/{id}`.

pub(crate) mod bank_accounts;
pub(crate) mod emergency_contacts;
pub(crate) mod identity_documents;

use uuid::Uuid;

/// The path of a person's records of one kind.
fn path(person: Uuid, kind: &str) -> String {
    format!("/api/v1/employees/{person}/{kind}")
}
