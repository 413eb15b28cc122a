//! The parameters of the user list.

use tenure_app::Error;
use tenure_app::users::{Filter, PageStart, Query};
use utoipa::IntoParams;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT, Parameters};

/// What the list takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many users a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the filters as they were.
    cursor: Option<String>,
    /// Only users whose mail address or name contains this.
    #[param(min_length = 1, max_length = 254)]
    q: Option<String>,
    /// Only users who are `active`, or `suspended`.
    status: Option<String>,
    /// Only users who have the role of this key.
    role: Option<String>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read(Parameters(pairs): &Parameters) -> Result<Query, Error> {
    let mut query = Query { filter: Filter::default(), after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => query.limit = query::limit(value)?,
            "cursor" => query.after = Some(place(value)?),
            "q" => query.filter.text = Some(word(value)?),
            "status" => query.filter.status = Some(value.parse().map_err(|error| format!("{error}"))?),
            "role" => query.filter.role = Some(word(value)?),
            _ => return Err("is not a parameter here; there are limit, cursor, q, status and role".to_owned()),
        }
        Ok(())
    })?;
    Ok(query)
}

fn word(value: &str) -> Result<String, String> {
    if value.is_empty() || value.contains('\0') || value.len() > 254 {
        return Err("is empty, too long, or has a NUL character".to_owned());
    }
    Ok(value.to_owned())
}

fn place(value: &str) -> Result<PageStart, String> {
    let (id, [email]) = cursor::decode(List::Users, value)?;
    Ok(PageStart { email, id: id.into() })
}
