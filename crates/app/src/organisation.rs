//! What the records of the organisation have in common: departments, designations and locations.

use tenure_core::access::Permission;
use tenure_db::page::Part;

use crate::caller::Principal;
use crate::error::Result;

/// Denies a part of a list to who may not see it: what was deleted is for those who can restore it.
pub(crate) fn may_list(actor: &Principal, part: &Part) -> Result<()> {
    actor.require(if part.deleted { Permission::OrganisationWrite } else { Permission::OrganisationRead })
}
