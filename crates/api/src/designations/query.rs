//! The parameters of the designation list.

use tenure_app::Error;
use tenure_app::designations::{PageStart, Query};
use utoipa::IntoParams;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT};

/// What the list takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many designations a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read(pairs: &[(String, String)]) -> Result<Query, Error> {
    let mut query = Query { after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => query.limit = query::limit(value)?,
            "cursor" => query.after = Some(place(value)?),
            _ => return Err("is not a parameter here; there are limit and cursor".to_owned()),
        }
        Ok(())
    })?;
    Ok(query)
}

fn place(value: &str) -> Result<PageStart, String> {
    let (id, [title]) = cursor::decode(List::Designations, value)?;
    Ok(PageStart { title, id: id.into() })
}
