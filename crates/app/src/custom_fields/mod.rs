//! The fields that a company adds to its records: their definitions, and the values that records have of them.

mod change;
mod values;

use tenure_core::access::Permission;
use tenure_core::custom_fields::Entity;
use tenure_core::ids::CustomFieldId;
use tenure_db::custom_fields;

pub use tenure_db::custom_fields::{Choice, Content, CustomField, Label};

pub use self::change::{Changes, change, create, delete};
pub use self::values::{Custom, change_of_employee};
pub(crate) use self::values::{check, check_new_employee, visible};
use crate::caller::{self, Caller};
use crate::context::Context;
use crate::error::{Error, Result};

/// One field.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: CustomFieldId) -> Result<CustomField> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::OrganisationRead)?;
        custom_fields::find(tx, id).await?.ok_or_else(|| Error::not_found("field", &id))
    })
    .await
}

/// All fields of one kind of record, or of all kinds, in their order.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, entity: Option<Entity>) -> Result<Vec<CustomField>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::OrganisationRead)?;
        Ok(custom_fields::list(tx, entity).await?)
    })
    .await
}
