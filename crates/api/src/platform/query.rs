//! The parameters of operators' lists.

use tenure_app::Error;
use tenure_app::tenants::TenantRef;
use tenure_core::operations::State;
use tenure_core::tenant::{Slug, TenantStatus};
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::{operation_state, tenant_status};
use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT};

/// What the list of tenants takes, for the API's description. [`tenants`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct TenantParameters {
    /// How many tenants a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// Only tenants of this status; without it, all but the purged.
    #[param(schema_with = tenant_status)]
    status: Option<String>,
}

/// What the list of archives takes, for the API's description. [`backups`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct BackupParameters {
    /// How many archives a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// Only archives of the tenant of this slug or id.
    tenant: Option<String>,
}

/// What the list of operations takes, for the API's description. [`operations`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct OperationParameters {
    /// How many operations a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// Only operations of this state.
    #[param(schema_with = operation_state)]
    state: Option<String>,
}

/// What the list of flags takes, for the API's description. [`flags`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct FlagParameters {
    /// How many flags a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// `true` for those that are stale: unchanged for 30 days, while everybody gets the same.
    stale: Option<bool>,
}

/// A filter, the place where a page starts, and how many rows it holds.
pub(crate) struct Page<F, P> {
    pub(crate) filter: Option<F>,
    pub(crate) after: Option<P>,
    pub(crate) limit: u16,
}

impl<F, P> Page<F, P> {
    /// Reads the parameters of a list: those of all, and its one filter.
    fn read(
        pairs: &[(String, String)],
        place: impl Fn(&str) -> Result<P, String>,
        (name_of_filter, filter): (&str, impl Fn(&str) -> Result<F, String>),
    ) -> Result<Self, Error> {
        let mut page = Self { filter: None, after: None, limit: DEFAULT_LIMIT };
        query::read(pairs, |name, value| {
            match name {
                "limit" => page.limit = query::limit(value)?,
                "cursor" => page.after = Some(place(value)?),
                name if name == name_of_filter => page.filter = Some(filter(value)?),
                _ => return Err(format!("is not a parameter here; there are limit, cursor and {name_of_filter}")),
            }
            Ok(())
        })?;
        Ok(page)
    }

    /// The rows of a page of which one more was read than it holds, and whether there are more.
    pub(crate) fn cut<T>(&self, mut rows: Vec<T>) -> (Vec<T>, bool) {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        (rows, more)
    }

    /// One more than the page holds.
    pub(crate) const fn wanted(&self) -> u16 {
        self.limit.saturating_add(1)
    }
}

/// Reads the parameters of the list of tenants.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn tenants(pairs: &[(String, String)]) -> Result<Page<TenantStatus, Slug>, Error> {
    let place = |value: &str| {
        let (_, [slug]) = cursor::decode(List::Tenants, value)?;
        slug.parse().map_err(|_| "is not a cursor that this list has given".to_owned())
    };
    let status = |value: &str| value.parse().map_err(|_| "is no status of a tenant".to_owned());
    Page::read(pairs, place, ("status", status))
}

/// Reads the parameters of the list of archives.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn backups(pairs: &[(String, String)]) -> Result<Page<TenantRef, Uuid>, Error> {
    let tenant = |value: &str| value.parse().map_err(|_| "is no slug or id of a tenant".to_owned());
    Page::read(pairs, |value| id(List::Backups, value), ("tenant", tenant))
}

/// Reads the parameters of the list of operations.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn operations(pairs: &[(String, String)]) -> Result<Page<State, Uuid>, Error> {
    let state = |value: &str| value.parse().map_err(|error| format!("{error}"));
    Page::read(pairs, |value| id(List::Operations, value), ("state", state))
}

/// Reads the parameters of the list of flags.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn flags(pairs: &[(String, String)]) -> Result<Page<bool, String>, Error> {
    let place = |value: &str| {
        let (_, [key]) = cursor::decode(List::PlatformFlags, value)?;
        Ok(key)
    };
    let stale = |value: &str| value.parse().map_err(|_| "is true or false".to_owned());
    Page::read(pairs, place, ("stale", stale))
}

fn id(list: List, value: &str) -> Result<Uuid, String> {
    let (id, [_]) = cursor::decode(list, value)?;
    Ok(id)
}
