//! The parameters of the employee list.

use jiff::Timestamp;
use jiff::civil::Date;
use tenure_app::Error;
use tenure_app::employees::{DepartmentFilter, Filter, PageStart, Place, Query, Sort, SortBy, When};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::query::{self, DEFAULT_LIMIT, Parameters};

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
    /// `next_cursor` of the page before. Keep the filters and the order as they were.
    cursor: Option<String>,
    /// The order, with the id where employees are equal in it; `-` before it reverses it.
    #[param(schema_with = crate::words::employee_sort)]
    sort: Option<String>,
    /// Show department, job title, manager, employment type, status and dates as they were on this day, without those who were hired
    /// later. Filters then apply to that day too.
    as_of: Option<Date>,
    /// Only employees of this department, by id or by name in whatever case; those of departments below it are not included.
    #[param(min_length = 1, max_length = 200)]
    department: Option<String>,
    /// Only employees of the department of this id and of those below it. Not together with `department`.
    under: Option<Uuid>,
    /// Only employees with the job title of this id.
    designation_id: Option<Uuid>,
    /// Only employees who report directly to the one of this id.
    manager_id: Option<Uuid>,
    /// Only employees at the place of work of this id.
    location_id: Option<Uuid>,
    /// Only employees of this status.
    #[param(schema_with = crate::words::employee_status)]
    status: Option<String>,
    /// Only employees with this kind of contract.
    #[param(schema_with = crate::words::employment_type_filter)]
    employment_type: Option<String>,
    /// Only employees hired on this day or later.
    hired_from: Option<Date>,
    /// Only employees hired on this day or earlier.
    hired_to: Option<Date>,
    /// Only employees whose name, as `First Middle Last` or `Last, First`, or whose preferred name contains this in whatever case.
    #[param(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Only employees whose name, number or work mail address contains this in whatever case.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// `true` for those who were deleted, in place of the others. Needs `employees.write`; not together with `as_of`.
    #[param(default = false)]
    deleted: Option<bool>,
}

const NAMES: &str = "limit, cursor, sort, as_of, department, under, designation_id, manager_id, location_id, status, \
                     employment_type, hired_from, hired_to, name, q and deleted";

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong: unknown names, names given twice, values that cannot be.
pub(crate) fn read(Parameters(pairs): &Parameters) -> Result<Query, Error> {
    // A cursor is one of an order, so that is known first.
    let sort = pairs.iter().find(|(name, _)| name == "sort").and_then(|(_, value)| value.parse().ok());
    let sort = sort.unwrap_or_default();
    let mut query = Query { filter: Filter::default(), as_of: None, sort, after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| match name {
        "limit" => query::limit(value).map(|limit| query.limit = limit),
        "cursor" => place(sort, value).map(|start| query.after = Some(start)),
        "sort" => value.parse().map(|sort| query.sort = sort).map_err(|error| format!("{error}")),
        "as_of" | "deleted" if query.as_of.is_some() || query.filter.deleted => {
            Err("is not taken together with the other of as_of and deleted".to_owned())
        }
        "as_of" => query::date(value).map(|day| query.as_of = Some(day)),
        "deleted" => {
            value.parse().map(|deleted| query.filter.deleted = deleted).map_err(|_| "is true or false".to_owned())
        }
        _ => set(&mut query.filter, name, value),
    })?;
    Ok(query)
}

fn set(filter: &mut Filter, name: &str, value: &str) -> Result<(), String> {
    match name {
        "department" | "under" if filter.department.is_some() => {
            return Err("is not taken together with the other of department and under".to_owned());
        }
        "department" => filter.department = Some(department(value)?),
        "under" => filter.department = Some(DepartmentFilter::Under(id(value)?)),
        "designation_id" => filter.designation = Some(id(value)?),
        "manager_id" => filter.manager = Some(id(value)?),
        "location_id" => filter.location = Some(id(value)?),
        "status" => filter.status = Some(value.parse().map_err(|error| format!("{error}"))?),
        "employment_type" => filter.employment_type = Some(value.parse().map_err(|error| format!("{error}"))?),
        "hired_from" => filter.hired_from = Some(query::date(value)?),
        "hired_to" => filter.hired_to = Some(query::date(value)?),
        "name" => filter.name = Some(text(value)?),
        "q" => filter.search = Some(text(value)?),
        _ => return Err(format!("is not a parameter here; there are {NAMES}")),
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

fn place(sort: Sort, value: &str) -> Result<PageStart, String> {
    let (id, [given, first, second]) = cursor::decode(List::Employees, value)?;
    if given != sort.to_string() {
        return Err(format!("is one of the order {given}; give the same sort with it"));
    }
    let place = match sort.by {
        SortBy::Name => Place::Name { last_name: first, first_name: second },
        SortBy::EmployeeNumber => Place::EmployeeNumber(first),
        SortBy::HiredOn => Place::HiredOn(query::date(&first)?),
    };
    Ok(PageStart { place, id: id.into() })
}

fn id<T: From<Uuid>>(value: &str) -> Result<T, String> {
    Uuid::try_parse(value).map(T::from).map_err(|_| "is not a UUID".to_owned())
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
        read(&Parameters(pairs)).map_err(|error| match error {
            Error::Invalid(errors) => errors.into_iter().map(|error| error.field).collect(),
            other => vec![other.to_string()],
        })
    }

    #[test]
    fn without_parameters_it_is_the_first_page() {
        let query = read_all(&[]).unwrap();
        assert_eq!((query.limit, query.after, query.filter.status), (50, None, None));
    }

    #[test]
    fn a_department_is_an_id_or_a_name() {
        let id = "0198f3c2-0000-7000-8000-000000000001";
        let department = |value| read_all(&[("department", value)]).unwrap().filter.department;
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
        assert_eq!(read_all(&[("status", "on_leave")]).unwrap().filter.status, Some(EmployeeStatus::OnLeave));
    }

    #[test]
    fn a_cursor_holds_for_the_order_that_gave_it() {
        let of = |sort: &str| cursor::encode(List::Employees, Uuid::from_u128(7), [sort, "2020-01-01", ""]);
        let given = of("-hired_on");
        let query = read_all(&[("cursor", &given), ("sort", "-hired_on")]).unwrap();
        assert_eq!(query.after.unwrap().place, Place::HiredOn("2020-01-01".parse().unwrap()));
        for other in ["hired_on", "name", "employee_number"] {
            assert_eq!(read_all(&[("sort", other), ("cursor", &given)]).unwrap_err(), ["cursor"], "{other}");
        }
        assert_eq!(read_all(&[("cursor", &given)]).unwrap_err(), ["cursor"]);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let under = "0198f3c2-0000-7000-8000-000000000001";
        assert_eq!(read_all(&[("department", "Sales"), ("under", under)]).unwrap_err(), ["under"]);
        assert_eq!(read_all(&[("as_of", "2020-01-01"), ("deleted", "true")]).unwrap_err(), ["deleted"]);
        for wrong in ["2020-1-1", "2020-02-30", "20200101", "1800-01-01", "2020-01-01T00:00:00Z"] {
            assert_eq!(read_all(&[("hired_from", wrong)]).unwrap_err(), ["hired_from"], "{wrong}");
        }
    }
}
