//! The list of employees as CSV.

use axum::response::Response;
use serde_json::Value;
use tenure_app::employees::{self, Query, WorkFields};
use tokio::sync::mpsc;
use tracing::Instrument;

use crate::caller::Call;
use crate::csv;
use crate::problem::Problem;
use crate::query::Parameters;

/// The columns, in their order.
const HEADER: [&str; 25] = [
    "id",
    "employee_number",
    "first_name",
    "middle_name",
    "last_name",
    "preferred_name",
    "work_email",
    "work_phone",
    "status",
    "employment_type",
    "hired_on",
    "terminated_on",
    "department_id",
    "department",
    "designation_id",
    "designation",
    "manager_id",
    "manager",
    "location_id",
    "location",
    "working_time_fraction",
    "pay_grade",
    "version",
    "created_at",
    "updated_at",
];

/// All employees of a query, written as they are read.
pub(super) async fn export(call: Call, query: Query, Parameters(asked): Parameters) -> Result<Response, Problem> {
    let asked: Value = asked.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    // One page is written while the next is read; no more is kept, however slowly it is taken.
    let (pages, mut read) = mpsc::channel::<Vec<WorkFields>>(1);
    let (pieces, written) = mpsc::channel(1);
    let exporting = async move {
        let write = async {
            let mut head = csv::line(HEADER);
            while let Some(page) = read.recv().await {
                let rows = page.iter().map(row);
                let piece = rows.fold(std::mem::take(&mut head), |text, row| text + &row);
                if pieces.send(piece).await.is_err() {
                    break;
                }
            }
            // Whoever still reads notices that nobody writes.
            drop(read);
        };
        let read = employees::export(call.context(), call.caller(), (query, asked), pages);
        tokio::join!(read, write).0
    };
    csv::answer("employees", written, tokio::spawn(exporting.in_current_span())).await
}

fn row(employee: &WorkFields) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let name = |first: &str, last: &str| format!("{first} {last}").trim().to_owned();
    let cells: [String; 25] = [
        employee.id.to_string(),
        employee.employee_number.clone(),
        employee.first_name.clone(),
        text(&employee.middle_name),
        employee.last_name.clone(),
        text(&employee.preferred_name),
        text(&employee.work_email),
        text(&employee.work_phone),
        employee.status.to_string(),
        shown(employee.employment_type.as_ref()),
        employee.hired_on.to_string(),
        shown(employee.terminated_on.as_ref()),
        shown(employee.department.as_ref().map(|department| department.id)),
        shown(employee.department.as_ref().map(|department| &department.name)),
        shown(employee.designation.as_ref().map(|designation| designation.id)),
        shown(employee.designation.as_ref().map(|designation| &designation.title)),
        shown(employee.manager.as_ref().map(|manager| manager.id)),
        shown(employee.manager.as_ref().map(|manager| name(&manager.first_name, &manager.last_name))),
        shown(employee.location.as_ref().map(|location| location.id)),
        shown(employee.location.as_ref().map(|location| &location.name)),
        shown(employee.working_time_fraction.as_ref()),
        text(&employee.pay_grade),
        employee.version.to_string(),
        employee.created_at.to_string(),
        employee.updated_at.to_string(),
    ];
    csv::line(cells.iter().map(String::as_str))
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
