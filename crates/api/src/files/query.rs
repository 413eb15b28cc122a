//! The parameters of documents.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use tenure_app::files::{Filter, New, Of, Owner};
use tenure_app::{Error, PageStart};
use tenure_core::files::FileName;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT, Parameters};
use crate::words::document_category;

/// So many days from now on, when nothing is said.
const DEFAULT_DAYS: i32 = 30;

/// What lists of an owner take. [`filter`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many documents a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// `true` for those that were deleted, in place of those that are there. Needs the permission to restore them.
    #[param(default = false)]
    deleted: Option<bool>,
    /// Only those of a category.
    #[param(schema_with = document_category)]
    category: Option<String>,
}

/// What the list of those that expire takes. [`expiring`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ExpiringParameters {
    /// How many documents a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// Those whose last day lies before this one. Without it, in 30 days.
    before: Option<Date>,
}

/// What comes with a file. [`new_file`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct FileParameters {
    /// What the file is called, with its ending. Folders before it are left out.
    #[param(min_length = 1, max_length = 200)]
    name: String,
    /// What the document is called; without it, as the file.
    #[param(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Decides who may open it; without it `other`, which is guarded as sensitive.
    #[param(schema_with = document_category)]
    category: Option<String>,
    /// The last day on which the document is good.
    expires_on: Option<Date>,
    /// So many days before that day it is named as due.
    #[param(minimum = 0, maximum = 365, default = 30)]
    remind_days: Option<u16>,
    /// The request that it answers. The category is then the one that was asked for.
    request_id: Option<Uuid>,
}

/// Which version of a file. [`version_number`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct VersionParameter {
    /// The number of a version; without it the newest.
    #[param(minimum = 1)]
    version: Option<u32>,
}

/// Reads the parameters of a list of an owner.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn filter(Parameters(pairs): &Parameters, owner: Owner) -> Result<Filter, Error> {
    let of = Of::Owner(owner);
    let mut filter = Filter { of, category: None, deleted: false, after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => filter.limit = query::limit(value)?,
            "cursor" => filter.after = Some(place(List::Documents, value)?),
            "deleted" => filter.deleted = value.parse().map_err(|_| "is true or false".to_owned())?,
            "category" => filter.category = Some(parsed(value)?),
            _ => return Err("is not a parameter here; there are limit, cursor, deleted and category".to_owned()),
        }
        Ok(())
    })?;
    Ok(filter)
}

/// Reads the parameters of the list of those that expire.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn expiring(Parameters(pairs): &Parameters, today: Date) -> Result<Filter, Error> {
    let days: Span = DEFAULT_DAYS.days();
    let (mut before, mut after, mut limit) = (today.saturating_add(days), None, DEFAULT_LIMIT);
    query::read(pairs, |name, value| {
        match name {
            "limit" => limit = query::limit(value)?,
            "cursor" => after = Some(place(List::ExpiringDocuments, value)?),
            "before" => before = query::date(value)?,
            _ => return Err("is not a parameter here; there are limit, cursor and before".to_owned()),
        }
        Ok(())
    })?;
    Ok(Filter { of: Of::ExpiringBefore(before), category: None, deleted: false, after, limit })
}

/// Reads what comes with a file.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn new_file(Parameters(pairs): &Parameters, owner: Owner) -> Result<(New, FileName), Error> {
    let mut new = New { owner, category: None, title: None, expires_on: None, remind_days: None, request: None };
    let mut file = None;
    query::read(pairs, |name, value| {
        match name {
            "name" => file = Some(parsed(value)?),
            "title" => new.title = Some(parsed(value)?),
            "category" => new.category = Some(parsed(value)?),
            "expires_on" => new.expires_on = Some(query::date(value)?),
            "remind_days" => new.remind_days = Some(remind_days(value)?),
            "request_id" => new.request = Some(Uuid::try_parse(value).map_err(|_| "is not a UUID".to_owned())?.into()),
            _ => {
                let words =
                    "is not a parameter here; there are name, title, category, expires_on, remind_days and request_id";
                return Err(words.to_owned());
            }
        }
        Ok(())
    })?;
    Ok((new, file.ok_or_else(|| Error::invalid("name", "is missing"))?))
}

/// Reads the name of a file, which is all that comes with it.
///
/// # Errors
/// `Invalid` with what is wrong.
pub(super) fn name(Parameters(pairs): &Parameters) -> Result<FileName, Error> {
    let mut file = None;
    query::read(pairs, |name, value| match name {
        "name" => {
            file = Some(parsed(value)?);
            Ok(())
        }
        _ => Err("is not a parameter here; there is name".to_owned()),
    })?;
    file.ok_or_else(|| Error::invalid("name", "is missing"))
}

/// Reads which version is asked for.
///
/// # Errors
/// `Invalid` with what is wrong.
pub(super) fn version_number(Parameters(pairs): &Parameters) -> Result<Option<u32>, Error> {
    let mut number = None;
    query::read(pairs, |name, value| match name {
        "version" => {
            let whole = value.parse().ok().filter(|number| *number > 0);
            number = Some(whole.ok_or_else(|| "is a whole number from 1 on".to_owned())?);
            Ok(())
        }
        _ => Err("is not a parameter here; there is version".to_owned()),
    })?;
    Ok(number)
}

/// Reads where a page of what a person was asked for starts, and how long it is.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(super) fn requests(Parameters(pairs): &Parameters) -> Result<(Option<PageStart>, u16), Error> {
    let (mut after, mut limit) = (None, DEFAULT_LIMIT);
    query::read(pairs, |name, value| {
        match name {
            "limit" => limit = query::limit(value)?,
            "cursor" => after = Some(place(List::DocumentRequests, value)?),
            _ => return Err("is not a parameter here; there are limit and cursor".to_owned()),
        }
        Ok(())
    })?;
    Ok((after, limit))
}

fn place(list: List, value: &str) -> Result<PageStart, String> {
    let (id, [name]) = cursor::decode(list, value)?;
    Ok(PageStart { name, id })
}

fn parsed<T: std::str::FromStr<Err: ToString>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn remind_days(value: &str) -> Result<u16, String> {
    let days = value.parse().ok().filter(|days| *days <= 365);
    days.ok_or_else(|| "is a whole number from 0 to 365".to_owned())
}
