//! Which employees match. The statement holds the conditions that were asked for and no others, and is planned for the values at
//! hand each time: with conditions that switch themselves off, or a plan that is kept for all values, PostgreSQL would read the whole
//! company where an index finds the page. Nothing of a request stands in its text; values are bound.

use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, QueryBuilder};
use tenure_core::employment::{EmployeeStatus, EmploymentType};
use tenure_core::ids::{DesignationId, EmployeeId, LocationId};
use uuid::Uuid;

use super::reach::{self, Reach};
use super::{AsOfDay, Filter, PageStart, Place, Sort, SortBy};
use crate::error::Result;
use crate::page::escaped;
use crate::tenant_tx::TenantTx;

type Sql = QueryBuilder<Postgres>;

/// A filter, and the keys that it means.
pub(super) struct Wanted<'a> {
    pub(super) filter: &'a Filter,
    /// Those of its department.
    pub(super) departments: Option<Vec<Uuid>>,
    /// Those of whom may be seen; `None` for everybody.
    pub(super) reach: Option<Reach>,
}

const NAMES: &str = "concat_ws(' ', nullif(e.first_name, ''), e.middle_name, e.last_name)";
const NAMES_REVERSED: &str = "concat_ws(', ', e.last_name, nullif(e.first_name, ''))";

/// The keys of a page.
pub(super) async fn page(
    tx: &mut TenantTx,
    wanted: Wanted<'_>,
    sort: Sort,
    after: Option<&PageStart>,
    limit: u16,
) -> Result<Vec<Uuid>> {
    let columns = columns(sort.by, wanted.filter.as_of.is_some());
    let mut sql = matching("SELECT e.id", wanted);
    if let Some(start) = after {
        push_after(&mut sql, (columns, sort.descending), start);
    }
    let direction = if sort.descending { " DESC" } else { "" };
    sql.push(" ORDER BY ").push(columns.join(&format!("{direction}, "))).push(direction);
    sql.push(" LIMIT ").push_bind(i64::from(limit));
    let keys = sql.build_query_scalar().persistent(false);
    Ok(keys.fetch_all(&mut **tx).await?)
}

/// How many there are.
pub(super) async fn count(tx: &mut TenantTx, wanted: Wanted<'_>) -> Result<i64> {
    let mut sql = matching("SELECT count(*)", wanted);
    Ok(sql.build_query_scalar().persistent(false).fetch_one(&mut **tx).await?)
}

/// What an order compares, with the key at the end. On a day the first day and the key are both of the employment, so that one index
/// has them.
fn columns(by: SortBy, on_a_day: bool) -> &'static [&'static str] {
    match by {
        SortBy::Name => &["e.last_name", "e.first_name", "e.id"],
        SortBy::EmployeeNumber => &["lower(e.employee_number)", "e.id"],
        SortBy::HiredOn if on_a_day => &["p.hired_on", "p.employee_id"],
        SortBy::HiredOn => &["e.hired_on", "e.id"],
    }
}

fn push_after(sql: &mut Sql, (columns, descending): (&[&str], bool), start: &PageStart) {
    sql.push(" AND (").push(columns.join(", ")).push(if descending { ") < (" } else { ") > (" });
    match &start.place {
        Place::Name { last_name, first_name } => {
            sql.push_bind(last_name.clone()).push(", ").push_bind(first_name.clone());
        }
        Place::EmployeeNumber(number) => {
            sql.push("lower(").push_bind(number.clone()).push(")");
        }
        Place::HiredOn(day) => {
            sql.push_bind(day.to_sqlx());
        }
    }
    sql.push(", ").push_bind(start.id.uuid()).push(")");
}

fn matching(select: &'static str, Wanted { filter, departments, reach }: Wanted<'_>) -> Sql {
    let mut sql = Sql::new(select);
    sql.push(" FROM employees e");
    let assignment = assignment(filter, departments);
    if let Some(day) = filter.as_of {
        push_in_force(&mut sql, day, ("p", "employment_periods", "hired_on"));
        if !assignment.is_empty() || filter.employment_type.is_some() {
            push_in_force(&mut sql, day, ("a", "job_assignments", "effective_from"));
        }
    }
    sql.push(" WHERE e.deleted_at IS ").push(if filter.deleted { "NOT NULL" } else { "NULL" });
    if let Some(reach) = reach {
        reach::push(&mut sql, reach);
    }
    // On a day, where people stood is in its assignment `a`, and when they came and went in the employment `p`.
    let (job, period) = if filter.as_of.is_some() { ("a.", "p.") } else { ("e.", "e.") };
    push_assignment(&mut sql, job, (filter.employment_type, assignment));
    push_employment(&mut sql, period, filter);
    for (needle, everywhere) in [(&filter.name, false), (&filter.search, true)] {
        if let Some(needle) = needle {
            push_needle(&mut sql, needle, everywhere);
        }
    }
    sql
}

/// The row of a table that holds on a day: the latest until then. As a join, for PostgreSQL to begin with its rows where they are few
/// or in the order that is wanted.
fn push_in_force(sql: &mut Sql, day: AsOfDay, (row, table, from): (&str, &str, &str)) {
    sql.push(format!(
        " JOIN {table} {row} ON {row}.employee_id = e.id AND {row}.deleted_at IS NULL AND {row}.{from} <= "
    ));
    sql.push_bind(day.on.to_sqlx()).push(format!(
        " AND NOT EXISTS (SELECT FROM {table} later WHERE later.employee_id = {row}.employee_id AND later.deleted_at IS NULL
          AND later.{from} > {row}.{from} AND later.{from} <= "
    ));
    sql.push_bind(day.on.to_sqlx()).push(")");
}

/// The columns of an assignment that are asked for, and their keys.
fn assignment(filter: &Filter, departments: Option<Vec<Uuid>>) -> Vec<(&'static str, Vec<Uuid>)> {
    let one = |key: Option<Uuid>| key.map(|key| vec![key]);
    let conditions = [
        ("department_id", departments),
        ("designation_id", one(filter.designation.map(DesignationId::uuid))),
        ("manager_id", one(filter.manager.map(EmployeeId::uuid))),
        ("location_id", one(filter.location.map(LocationId::uuid))),
    ];
    conditions.into_iter().filter_map(|(column, keys)| Some((column, keys?))).collect()
}

fn push_assignment(sql: &mut Sql, job: &str, (kind, keys): (Option<EmploymentType>, Vec<(&'static str, Vec<Uuid>)>)) {
    for (column, keys) in keys {
        sql.push(" AND ").push(job).push(column);
        // With one value alone an index that has the order after it gives that order.
        match keys.as_slice() {
            [key] => sql.push(" = ").push_bind(*key),
            _ => sql.push(" = ANY (").push_bind(keys).push(")"),
        };
    }
    if let Some(kind) = kind {
        sql.push(" AND ").push(job).push("employment_type = ").push_bind(EmploymentType::as_str(kind));
    }
}

fn push_employment(sql: &mut Sql, period: &str, filter: &Filter) {
    if let Some(status) = filter.status {
        match filter.as_of {
            None => sql.push(" AND e.status = "),
            Some(day) => {
                sql.push(" AND CASE WHEN p.terminated_on < ")
                    .push_bind(day.on.to_sqlx())
                    .push(" THEN 'terminated' WHEN ");
                sql.push_bind(day.on == day.today);
                sql.push(" AND e.status NOT IN ('pending', 'terminated') THEN e.status ELSE 'active' END = ")
            }
        };
        sql.push_bind(EmployeeStatus::as_str(status));
    }
    for (bound, relation) in [(filter.hired_from, "hired_on >= "), (filter.hired_to, "hired_on <= ")] {
        if let Some(day) = bound {
            sql.push(" AND ").push(period).push(relation).push_bind(day.to_sqlx());
        }
    }
}

/// The index on `search_text` finds who may match; that text joins several fields, so each is then looked at by itself.
fn push_needle(sql: &mut Sql, needle: &str, everywhere: bool) {
    sql.push(" AND e.search_text LIKE lower(").push_bind(format!("%{}%", escaped(needle))).push(") AND (false");
    let fields: &[&str] = if everywhere {
        &[NAMES, NAMES_REVERSED, "e.preferred_name", "e.employee_number", "e.work_email"]
    } else {
        &[NAMES, NAMES_REVERSED, "e.preferred_name"]
    };
    for field in fields {
        sql.push(" OR strpos(lower(").push(field).push("), lower(").push_bind(needle.to_owned()).push(")) > 0");
    }
    sql.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_holds_what_was_asked_for_and_no_value_of_it() {
        let filter = Filter { search: Some("o'brien".to_owned()), ..Filter::default() };
        let text = matching("SELECT e.id", Wanted { filter: &filter, departments: None, reach: None })
            .sql()
            .as_str()
            .to_owned();
        assert!(!text.contains("brien") && !text.contains("department_id"), "{text}");
    }
}
