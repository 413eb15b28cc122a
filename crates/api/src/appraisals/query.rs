//! The parameters that the lists of appraisals have in common.

use tenure_app::appraisals::Ask;
use tenure_app::{Error, PageStart};
use utoipa::IntoParams;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT, Parameters};

/// What every list takes, for the API's description. [`read`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct PageParameters {
    /// How many rows a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
}

/// Reads the parameters. `own` reads those that the list has besides, whose `names` it gives, and answers `None` to what it does not know.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn read(
    list: List,
    Parameters(pairs): &Parameters,
    names: &str,
    mut own: impl FnMut(&str, &str) -> Option<Result<(), String>>,
) -> Result<Ask, Error> {
    let mut ask = Ask { after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => ask.limit = query::limit(value)?,
            "cursor" => ask.after = Some(place(list, value)?),
            _ => {
                let unknown = || Err(format!("is not a parameter here; there are limit, cursor{names}"));
                return own(name, value).unwrap_or_else(unknown);
            }
        }
        Ok(())
    })?;
    Ok(ask)
}

fn place(list: List, value: &str) -> Result<PageStart, String> {
    let (id, [name]) = cursor::decode(list, value)?;
    Ok(PageStart { name, id })
}
