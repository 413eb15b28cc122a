//! The parameters of the audit log.

use jiff::Timestamp;
use tenure_app::Error;
use tenure_app::audit::{Filter, PageStart, Query};
use tenure_core::text::Line;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT};

/// What the list takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many entries a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the filters as they were.
    cursor: Option<String>,
    /// Only what was done in this way, for example `department.updated`.
    #[param(min_length = 1, max_length = 100)]
    action: Option<String>,
    /// Only what was done to things of this kind, for example `employee`.
    #[param(min_length = 1, max_length = 63)]
    entity: Option<String>,
    /// Only what was done to the thing of this id.
    entity_id: Option<Uuid>,
    /// Only what the user of this id did.
    actor_id: Option<Uuid>,
    /// Only what was part of the request of this id.
    #[param(min_length = 1, max_length = 200)]
    request_id: Option<String>,
    /// Only what was done at this moment or later.
    from: Option<Timestamp>,
    /// Only what was done before this moment.
    to: Option<Timestamp>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read(pairs: &[(String, String)]) -> Result<Query, Error> {
    let mut query = Query { filter: Filter::default(), after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| set(&mut query, name, value))?;
    Ok(query)
}

fn set(query: &mut Query, name: &str, value: &str) -> Result<(), String> {
    let filter = &mut query.filter;
    match name {
        "limit" => query.limit = query::limit(value)?,
        "cursor" => query.after = Some(place(value)?),
        "action" => filter.action = Some(text::<100>(value)?),
        "entity" => filter.entity = Some(text::<63>(value)?),
        "entity_id" => filter.entity_id = Some(id(value)?),
        "actor_id" => filter.actor_id = Some(id(value)?),
        "request_id" => filter.request_id = Some(text::<200>(value)?),
        "from" => filter.from = Some(query::moment(value)?),
        "to" => filter.to = Some(query::moment(value)?),
        _ => {
            let words = "is not a parameter here; there are limit, cursor, action, entity, entity_id, actor_id, request_id, from and to";
            return Err(words.to_owned());
        }
    }
    Ok(())
}

fn text<const MAX: usize>(value: &str) -> Result<String, String> {
    value.parse().map(|text: Line<MAX>| text.to_string()).map_err(|error| error.to_string())
}

fn id(value: &str) -> Result<Uuid, String> {
    Uuid::try_parse(value).map_err(|_| "is not a UUID".to_owned())
}

fn place(value: &str) -> Result<PageStart, String> {
    let (id, [micros]) = cursor::decode(List::Audit, value)?;
    let created_at = micros.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let created_at = created_at.ok_or_else(|| "is not a cursor that this list has given".to_owned())?;
    Ok(PageStart { created_at: query::storable(created_at), id })
}
