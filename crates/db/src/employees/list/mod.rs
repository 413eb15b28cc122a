//! A page of the employee list: first the keys of those who match, then what is shown of them.

mod matching;
mod reach;
mod rows;
mod sort;

use jiff::civil::Date;
use tenure_core::access::ScopeSet;
use tenure_core::employment::{EmployeeStatus, EmploymentType};
use tenure_core::ids::{DepartmentId, DesignationId, EmployeeId, LocationId};
use uuid::Uuid;

pub use sort::{PageStart, Place, Sort, SortBy, UnknownSort};

use self::matching::Wanted;
use super::WorkFields;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Who is listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only people of this department.
    pub department: Option<DepartmentFilter>,
    /// Only people of this job title.
    pub designation: Option<DesignationId>,
    /// Only people who report to this one directly.
    pub manager: Option<EmployeeId>,
    /// Only people of this place of work.
    pub location: Option<LocationId>,
    /// Only people of this status.
    pub status: Option<EmployeeStatus>,
    /// Only people with this kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// Only people hired on this day or later.
    pub hired_from: Option<Date>,
    /// Only people hired on this day or earlier.
    pub hired_to: Option<Date>,
    /// Only people whose name, as `First Middle Last` or `Last, First`, or whose preferred name contains this text in whatever
    /// case.
    pub name: Option<String>,
    /// The same, or whose number or mail address at work contains it.
    pub search: Option<String>,
    /// Where people stood on this day, without those who were hired later; `None` for where they stand.
    pub as_of: Option<AsOfDay>,
    /// The people who were deleted, instead of the others.
    pub deleted: bool,
    /// The people who may be seen: those who lie in one of these scopes, as seen from `viewer`.
    pub visible: ScopeSet,
    /// Who looks; without an employee, only [`Scope::All`](tenure_core::access::Scope::All) shows anybody.
    pub viewer: Option<EmployeeId>,
}

/// Departments by key or by name, which several departments may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepartmentFilter {
    /// The one of this key.
    Id(DepartmentId),
    /// Those of this name, in whatever case.
    Name(String),
    /// The one of this key, and all below it.
    Under(DepartmentId),
}

/// A day on which people are looked at, and the present day: only of the latter it is known who is away for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOfDay {
    /// The day.
    pub on: Date,
    /// The present day.
    pub today: Date,
}

/// At most `limit` employees in an order, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    sort: Sort,
    after: Option<&PageStart>,
    limit: u16,
) -> Result<Vec<WorkFields>> {
    let departments = departments(tx, filter).await?;
    let reach = reach::of_page(tx, filter).await?;
    let keys = matching::page(tx, Wanted { filter, departments, reach }, sort, after, limit).await?;
    match filter.as_of {
        None => rows::of_today(tx, &keys).await,
        Some(day) => rows::as_of(tx, &keys, day).await,
    }
}

/// How many employees match.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(tx: &mut TenantTx, filter: &Filter) -> Result<i64> {
    let departments = departments(tx, filter).await?;
    let reach = reach::of_all(tx, filter).await?;
    matching::count(tx, Wanted { filter, departments, reach }).await
}

/// The keys that a department filter means. Looked up beforehand: with the keys at hand PostgreSQL knows how many people to expect
/// and which index finds them.
async fn departments(tx: &mut TenantTx, filter: &Filter) -> Result<Option<Vec<Uuid>>> {
    let keys = match &filter.department {
        None => return Ok(None),
        Some(DepartmentFilter::Id(id)) => vec![id.uuid()],
        Some(DepartmentFilter::Name(name)) => {
            let found = sqlx::query_scalar!(
                "SELECT id FROM departments WHERE lower(name) = lower($1) AND deleted_at IS NULL",
                name,
            );
            found.fetch_all(&mut **tx).await?
        }
        Some(DepartmentFilter::Under(id)) => below(tx, *id).await?,
    };
    Ok(Some(keys))
}

async fn below(tx: &mut TenantTx, top: DepartmentId) -> Result<Vec<Uuid>> {
    let keys = sqlx::query_scalar!(
        r#"WITH RECURSIVE tree AS (
               SELECT id FROM departments WHERE id = $1 AND deleted_at IS NULL
               UNION
               SELECT d.id FROM departments d JOIN tree t ON d.parent_id = t.id WHERE d.deleted_at IS NULL
           )
           SELECT id AS "id!" FROM tree"#,
        top.uuid(),
    );
    Ok(keys.fetch_all(&mut **tx).await?)
}
