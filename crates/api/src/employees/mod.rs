//! `/api/v1/employees`

mod body;
mod change;
mod export;
mod query;

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use tenure_app::employees;

pub(crate) use self::body::{Employee, EmployeePage};
pub(crate) use self::change::{__path_change, __path_delete, __path_restore, change, delete, restore};
use self::query::{ListParameters, WhenParameters};
use crate::caller::Call;
use crate::csv;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::version::{Versioned, versioned};

/// A page of the employees whom the caller may see, in the order of names unless `sort` gives another, with what colleagues know of them.
/// With `Accept: text/csv`, all employees of the filters: `limit` then does not count.
#[utoipa::path(
    get,
    path = "/api/v1/employees",
    tag = "employees",
    operation_id = "list_employees",
    params(ListParameters),
    responses((status = 200, description = "A page of the list", body = EmployeePage)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, headers: HeaderMap, parameters: Parameters) -> Result<Response, Problem> {
    let query = query::read(&parameters)?;
    if csv::is_wanted(&headers) {
        return export::export(call, query, parameters).await;
    }
    let page = employees::list(call.context(), call.caller(), query).await?;
    Ok(Json(EmployeePage::from(page)).into_response())
}

/// One employee, with the classes of fields that the caller may see: members of the others are absent. As of another day, status,
/// assignment, employment and pay are those of that day, and everything else is that of today. Reading more of somebody else than a
/// list shows is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}",
    tag = "employees",
    operation_id = "show_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), WhenParameters),
    responses((status = 200, description = "The employee", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(
    call: Call,
    PathId(id): PathId,
    Parameters(pairs): Parameters,
) -> Result<Versioned<Employee>, Problem> {
    let when = query::read_when(&pairs)?;
    let visible = employees::get(call.context(), call.caller(), id.into(), when).await?;
    Ok(versioned(visible.work.version, visible.into()))
}
