//! The parameters of the employee list.

use jiff::Timestamp;
use jiff::civil::Date;
use tenure_app::Error;
use tenure_app::employees::{DepartmentFilter, PageStart, Query, When};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT};

/// Longer than any name that the database takes.
const LONGEST_TEXT: usize = 200;

/// What the list takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// How many employees a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the filters as they were.
    cursor: Option<String>,
    /// Only employees of this department, by id or by name in whatever case; those of departments below it are not included.
    #[param(min_length = 1, max_length = 200)]
    department: Option<String>,
    /// Only employees of this status.
    #[param(schema_with = crate::openapi::employee_status)]
    status: Option<String>,
    /// Only employees whose name, as `First Middle Last` or `Last, First`, or whose preferred name contains this in whatever case.
    #[param(min_length = 1, max_length = 200)]
    name: Option<String>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong: unknown names, names given twice, values that cannot be.
pub(crate) fn read(pairs: &[(String, String)]) -> Result<Query, Error> {
    let mut query = Query { department: None, status: None, name: None, after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| set(&mut query, name, value))?;
    Ok(query)
}

fn set(query: &mut Query, name: &str, value: &str) -> Result<(), String> {
    match name {
        "limit" => query.limit = query::limit(value)?,
        "cursor" => query.after = Some(place(value)?),
        "department" => query.department = Some(department(value)?),
        "status" => query.status = Some(value.parse().map_err(|error| format!("{error}"))?),
        "name" => query.name = Some(text(value)?),
        _ => return Err("is not a parameter here; there are limit, cursor, department, status and name".to_owned()),
    }
    Ok(())
}

/// As of when one employee is shown, for the API's description. [`read_when`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct WhenParameters {
    /// The day to show; without it, today.
    as_of: Option<Date>,
    /// Show what was known at this time; without it, what is known now.
    known_at: Option<Timestamp>,
}

/// Reads as of when one employee is shown.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read_when(pairs: &[(String, String)]) -> Result<When, Error> {
    let mut when = When::default();
    query::read(pairs, |name, value| {
        match name {
            "as_of" => when.as_of = Some(query::date(value)?),
            "known_at" => when.known_at = Some(query::moment(value)?),
            _ => return Err("is not a parameter here; there are as_of and known_at".to_owned()),
        }
        Ok(())
    })?;
    Ok(when)
}

fn place(value: &str) -> Result<PageStart, String> {
    let (id, [last_name, first_name]) = cursor::decode(List::Employees, value)?;
    Ok(PageStart { last_name, first_name, id: id.into() })
}

fn department(value: &str) -> Result<DepartmentFilter, String> {
    match Uuid::try_parse(value) {
        Ok(id) => Ok(DepartmentFilter::Id(id.into())),
        Err(_) => text(value).map(DepartmentFilter::Name),
    }
}

/// A text to look for. PostgreSQL takes no NUL, and nothing that is stored holds other control characters.
fn text(value: &str) -> Result<String, String> {
    let value = value.trim();
    if (1..=LONGEST_TEXT).contains(&value.chars().count()) && !value.chars().any(char::is_control) {
        Ok(value.to_owned())
    } else {
        Err(format!("has 1 to {LONGEST_TEXT} characters and no control characters"))
    }
}

#[cfg(test)]
mod tests {
    use tenure_core::employment::EmployeeStatus;

    use super::*;

    fn read_all(pairs: &[(&str, &str)]) -> Result<Query, Vec<String>> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(&pairs).map_err(|error| match error {
            Error::Invalid(errors) => errors.into_iter().map(|error| error.field).collect(),
            other => vec![other.to_string()],
        })
    }

    #[test]
    fn without_parameters_it_is_the_first_page() {
        let query = read_all(&[]).unwrap();
        assert_eq!((query.limit, query.after, query.status), (50, None, None));
    }

    #[test]
    fn a_department_is_an_id_or_a_name() {
        let id = "0198f3c2-0000-7000-8000-000000000001";
        let department = |value| read_all(&[("department", value)]).unwrap().department;
        assert_eq!(department(id), Some(DepartmentFilter::Id(id.parse().unwrap())));
        assert_eq!(department(" IT/IS "), Some(DepartmentFilter::Name("IT/IS".to_owned())));
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let all = [("limit", "0"), ("status", "gone"), ("name", "a\0"), ("cursor", "x"), ("sort", "1"), ("limit", "5")];
        assert_eq!(read_all(&all).unwrap_err(), ["limit", "status", "name", "cursor", "sort", "limit"]);
        for wrong in ["201", "-1", "1e1", "", " 5"] {
            assert_eq!(read_all(&[("limit", wrong)]).unwrap_err(), ["limit"], "{wrong:?}");
        }
        assert_eq!(read_all(&[("status", "on_leave")]).unwrap().status, Some(EmployeeStatus::OnLeave));
    }
}
