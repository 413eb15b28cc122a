//! What a tenant is called and which states it moves through.

mod name;
mod status;

pub use name::{SLUG_MAX, SchemaName, SchemaNameError, Slug, SlugError};
pub use status::{TenantStatus, Transition, TransitionError, UnknownStatus};
