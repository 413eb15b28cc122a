//! The documents of a tenant: what is kept as a body of JSON, in the tenant's schema or in MongoDB. What they hold lies there whole: no
//! change needs rows of tables and documents to change together, but for the audit log.

use tenure_db::TenantTx;
use tenure_store::documents::TenantDocuments;
pub use tenure_store::documents::{Collection, Documents, Error as DocumentsError, Find, Found, Place, Stored, id_of};

use crate::change::Change;
use crate::context::Context;

/// The documents of the tenant whose transaction this is, for reading; a change has a way of its own to them.
#[must_use]
pub fn of<'a>(context: &'a Context, tx: &'a mut TenantTx) -> TenantDocuments<'a> {
    let tenant = tx.tenant();
    context.documents.of(tenant, tx)
}

impl Change<'_> {
    /// The documents of the tenant. What is done to them is kept if the change is.
    pub(crate) fn documents(&mut self) -> TenantDocuments<'_> {
        of(self.context, &mut self.tx)
    }
}
