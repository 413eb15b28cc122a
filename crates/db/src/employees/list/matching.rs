//! Which employees match. The statement holds the conditions that were asked for and no others, and is planned for the values at
//! hand each time: with conditions that switch themselves off, or a plan that is kept for all values, PostgreSQL would read the whole
//! company where an index finds the page. Nothing of a request stands in its text; values are bound.

use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, QueryBuilder};
use tenure_core::access::Scope;
use tenure_core::employment::{EmployeeStatus, EmploymentType};
use tenure_core::ids::{DesignationId, EmployeeId, LocationId};
use uuid::Uuid;

use super::{AsOfDay, Filter, PageStart, Place, Sort, SortBy};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

type Sql = QueryBuilder<Postgres>;
/// A filter, and the keys that its department means.
type Wanted<'a> = (&'a Filter, Option<Vec<Uuid>>);

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
    let hired_on = if wanted.0.as_of.is_some() { "p.hired_on" } else { "e.hired_on" };
    let mut sql = matching("SELECT e.id", wanted);
    if let Some(start) = after {
        push_after(&mut sql, sort, hired_on, start);
    }
    let direction = if sort.descending { " DESC" } else { "" };
    sql.push(" ORDER BY ");
    for column in columns(sort.by, hired_on) {
        sql.push(column).push(direction).push(", ");
    }
    sql.push("e.id").push(direction).push(" LIMIT ").push_bind(i64::from(limit));
    let keys = sql.build_query_scalar().persistent(false);
    Ok(keys.fetch_all(&mut **tx).await?)
}

/// How many there are.
pub(super) async fn count(tx: &mut TenantTx, wanted: Wanted<'_>) -> Result<i64> {
    let mut sql = matching("SELECT count(*)", wanted);
    Ok(sql.build_query_scalar().persistent(false).fetch_one(&mut **tx).await?)
}

fn columns(by: SortBy, hired_on: &'static str) -> &'static [&'static str] {
    match by {
        SortBy::Name => &["e.last_name", "e.first_name"],
        SortBy::EmployeeNumber => &["lower(e.employee_number)"],
        SortBy::HiredOn if hired_on == "p.hired_on" => &["p.hired_on"],
        SortBy::HiredOn => &["e.hired_on"],
    }
}

fn push_after(sql: &mut Sql, sort: Sort, hired_on: &'static str, start: &PageStart) {
    sql.push(" AND (").push(columns(sort.by, hired_on).join(", ")).push(", e.id) ");
    sql.push(if sort.descending { "<" } else { ">" }).push(" (");
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

fn matching(select: &'static str, (filter, departments): Wanted<'_>) -> Sql {
    let mut sql = Sql::new("");
    push_scopes(&mut sql, filter);
    sql.push(select).push(" FROM employees e");
    if let Some(day) = filter.as_of {
        push_day(&mut sql, day);
    }
    sql.push(" WHERE e.deleted_at IS ").push(if filter.deleted { "NOT NULL" } else { "NULL" });
    push_visible(&mut sql, filter);
    push_assignment(&mut sql, filter, departments);
    push_employment(&mut sql, filter);
    for (needle, everywhere) in [(&filter.name, false), (&filter.search, true)] {
        if let Some(needle) = needle {
            push_needle(&mut sql, needle, everywhere);
        }
    }
    sql
}

/// Where people stood on a day: their employment `p`, and their place in the company `a`.
fn push_day(sql: &mut Sql, day: AsOfDay) {
    sql.push(
        " CROSS JOIN LATERAL (SELECT hired_on, terminated_on FROM employment_periods
          WHERE employee_id = e.id AND deleted_at IS NULL AND hired_on <= ",
    );
    sql.push_bind(day.on.to_sqlx()).push(
        " ORDER BY hired_on DESC LIMIT 1) p
          LEFT JOIN LATERAL (SELECT department_id, designation_id, manager_id, location_id, employment_type FROM job_assignments
          WHERE employee_id = e.id AND deleted_at IS NULL AND effective_from <= ",
    );
    sql.push_bind(day.on.to_sqlx()).push(" ORDER BY effective_from DESC LIMIT 1) a ON true");
}

/// Those whom a narrower scope than everything reaches through others.
fn push_scopes(sql: &mut Sql, filter: &Filter) {
    let Some(viewer) = filter.viewer.filter(|_| !filter.visible.has(Scope::All)) else { return };
    sql.push("WITH RECURSIVE below AS (SELECT id FROM employees WHERE manager_id = ").push_bind(viewer.uuid());
    sql.push(
        " UNION SELECT e.id FROM employees e JOIN below b ON e.manager_id = b.id
        ), departments_below AS (SELECT department_id AS id FROM employees WHERE id = ",
    );
    sql.push_bind(viewer.uuid())
        .push(" UNION SELECT d.id FROM departments d JOIN departments_below b ON d.parent_id = b.id) ");
}

/// Who may be seen, as people stand today.
fn push_visible(sql: &mut Sql, filter: &Filter) {
    if filter.visible.has(Scope::All) {
        return;
    }
    let Some(viewer) = filter.viewer else {
        sql.push(" AND false");
        return;
    };
    sql.push(" AND (false");
    if filter.visible.has(Scope::Own) {
        sql.push(" OR e.id = ").push_bind(viewer.uuid());
    }
    if filter.visible.has(Scope::Reports) {
        sql.push(" OR e.id IN (SELECT id FROM below)");
    }
    if filter.visible.has(Scope::Department) {
        sql.push(" OR e.department_id IN (SELECT id FROM departments_below)");
    }
    sql.push(")");
}

fn push_assignment(sql: &mut Sql, filter: &Filter, departments: Option<Vec<Uuid>>) {
    let one = |key: Option<Uuid>| key.map(|key| vec![key]);
    let conditions = [
        ("department_id", departments),
        ("designation_id", one(filter.designation.map(DesignationId::uuid))),
        ("manager_id", one(filter.manager.map(EmployeeId::uuid))),
        ("location_id", one(filter.location.map(LocationId::uuid))),
    ];
    for (column, keys) in conditions {
        let Some(keys) = keys else { continue };
        let Some(day) = filter.as_of else {
            sql.push(" AND e.").push(column).push(" = ANY (").push_bind(keys).push(")");
            continue;
        };
        sql.push(" AND a.").push(column).push(" = ANY (").push_bind(keys.clone()).push(")");
        // The same said of whoever was ever there, which an index finds.
        sql.push(
            " AND e.id IN (SELECT employee_id FROM job_assignments WHERE deleted_at IS NULL AND effective_from <= ",
        );
        sql.push_bind(day.on.to_sqlx()).push(" AND ").push(column).push(" = ANY (").push_bind(keys).push("))");
    }
}

fn push_employment(sql: &mut Sql, filter: &Filter) {
    let (job, period) = if filter.as_of.is_some() { ("a", "p") } else { ("e", "e") };
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
    if let Some(kind) = filter.employment_type {
        sql.push(" AND ").push(job).push(".employment_type = ").push_bind(EmploymentType::as_str(kind));
    }
    for (bound, relation) in [(filter.hired_from, ".hired_on >= "), (filter.hired_to, ".hired_on <= ")] {
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

/// A text for LIKE that stands for itself.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_like_would_read_as_a_pattern_stands_for_itself() {
        assert_eq!(escaped(r"50%_a\b"), r"50\%\_a\\b");
    }

    #[test]
    fn the_statement_holds_what_was_asked_for_and_no_value_of_it() {
        let filter = Filter { search: Some("o'brien".to_owned()), ..Filter::default() };
        let text = matching("SELECT e.id", (&filter, None)).sql().as_str().to_owned();
        assert!(!text.contains("brien") && !text.contains("department_id"), "{text}");
    }
}
