//! The parameters of the department list.

use tenure_app::Error;
use tenure_app::departments::{Filter, PageStart, Query};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT};

/// What the list takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many departments a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the filters as they were.
    cursor: Option<String>,
    /// Only departments directly under the one of this id; `top` for those under none.
    parent: Option<String>,
    /// Only the department of this id and those below it. Not together with `parent`.
    under: Option<Uuid>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read(pairs: &[(String, String)]) -> Result<Query, Error> {
    let mut query = Query { filter: Filter::All, after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| set(&mut query, name, value))?;
    Ok(query)
}

fn set(query: &mut Query, name: &str, value: &str) -> Result<(), String> {
    match name {
        "limit" => query.limit = query::limit(value)?,
        "cursor" => query.after = Some(place(value)?),
        "parent" | "under" if query.filter != Filter::All => {
            return Err("is not taken together with the other of parent and under".to_owned());
        }
        "parent" if value == "top" => query.filter = Filter::Top,
        "parent" => query.filter = Filter::Parent(id(value)?.into()),
        "under" => query.filter = Filter::Under(id(value)?.into()),
        _ => return Err("is not a parameter here; there are limit, cursor, parent and under".to_owned()),
    }
    Ok(())
}

fn id(value: &str) -> Result<Uuid, String> {
    Uuid::try_parse(value).map_err(|_| "is not a UUID".to_owned())
}

fn place(value: &str) -> Result<PageStart, String> {
    let (id, [name]) = cursor::decode(List::Departments, value)?;
    Ok(PageStart { name, id: id.into() })
}
