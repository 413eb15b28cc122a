//! The parameters of the list of flags.

use tenure_app::Error;
use tenure_app::flags::{Filter, Origin};
use utoipa::IntoParams;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT, Parameters};

/// What the list takes, for the API's description. [`read`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many rows a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the filters as they were.
    cursor: Option<String>,
    /// Only those of the company or of the platform.
    #[param(schema_with = crate::words::flag_origin, required = false)]
    origin: Option<String>,
    /// `true` for those that are stale: unchanged for as many days as the setting `flags.stale_days` says, while everybody gets the same.
    stale: Option<bool>,
}

/// Which part of the list is asked for.
pub(super) struct Query {
    pub(super) filter: Filter,
    pub(super) after: Option<String>,
    pub(super) limit: u16,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn read(Parameters(pairs): &Parameters) -> Result<Query, Error> {
    let mut found = Query { filter: Filter::default(), after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => found.limit = query::limit(value)?,
            "cursor" => {
                let (_, [key]) = cursor::decode(List::Flags, value)?;
                found.after = Some(key);
            }
            "origin" => found.filter.origin = Some(origin(value)?),
            "stale" => found.filter.stale = Some(value.parse().map_err(|_| "is true or false".to_owned())?),
            _ => return Err("is not a parameter here; there are limit, cursor, origin and stale".to_owned()),
        }
        Ok(())
    })?;
    Ok(found)
}

fn origin(value: &str) -> Result<Origin, String> {
    let known = Origin::ALL.into_iter().find(|origin| origin.word() == value);
    known.ok_or_else(|| "is platform or tenant".to_owned())
}
