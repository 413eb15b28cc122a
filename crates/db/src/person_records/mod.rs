//! What is kept of a person beside the employee's own row. Each kind of record is read as a whole, as a person has few of them; who
//! changes any of them has called [`hold`].

pub mod bank_accounts;
pub mod emergency_contacts;
pub mod identity_documents;

use tenure_core::ids::EmployeeId;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Makes the changes of a person's records follow each other until this transaction ends. Whether there is such a person.
///
/// # Errors
/// When the database refuses it.
pub async fn hold(tx: &mut TenantTx, person: EmployeeId) -> Result<bool> {
    let held =
        sqlx::query!("SELECT id FROM employees WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE", person.uuid(),);
    Ok(held.fetch_optional(&mut **tx).await?.is_some())
}
