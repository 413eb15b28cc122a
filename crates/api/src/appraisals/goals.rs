//! `/api/v1/employees/{id}/goals`

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::Error;
use tenure_app::appraisals as app;
use tenure_core::goals::Status;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::caller::Call;
use crate::fields::{Fields, date, id as uuid, nullable, text};
use crate::listing::{Form, Listing};
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};
use crate::words::{goal_standing, goal_status};

/// A goal of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct Goal {
    id: Uuid,
    employee_id: Uuid,
    /// The cycle of appraisals in whose score it counts.
    cycle_id: Option<Uuid>,
    /// The goal that it is a part of.
    parent_id: Option<Uuid>,
    title: String,
    description: Option<String>,
    starts_on: Option<Date>,
    due_on: Option<Date>,
    #[schema(schema_with = goal_status)]
    status: Status,
    /// In per cent. Of a goal with goals below it that are not archived, their average.
    #[schema(examples("62.50"))]
    progress: String,
    /// Whether the progress is that of the goals below it.
    follows: bool,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The goals of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct GoalList {
    /// By cycle, those of none first. All of them: an employee has at most 100.
    data: Vec<Goal>,
}

impl Listing for GoalList {
    const FILE: &'static str = "goals";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "cycle_id",
        "parent_id",
        "title",
        "description",
        "starts_on",
        "due_on",
        "status",
        "progress",
        "follows",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A goal to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewGoal {
    #[schema(min_length = 1, max_length = 200, examples("Halve the time of a release"))]
    title: String,
    #[schema(min_length = 1, max_length = 2000)]
    description: Option<String>,
    cycle_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    starts_on: Option<Date>,
    due_on: Option<Date>,
    #[schema(pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$", default = "0", nullable = false)]
    progress: Option<String>,
}

/// What is to change in a goal. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct GoalChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(min_length = 1, max_length = 2000)]
    description: Option<String>,
    cycle_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    starts_on: Option<Date>,
    due_on: Option<Date>,
    #[schema(schema_with = goal_standing, required = false)]
    status: Option<String>,
    #[schema(pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$", nullable = false)]
    progress: Option<String>,
}

impl NewGoal {
    fn read(mut fields: Fields) -> Result<app::NewGoal, Error> {
        let title = fields.required("title", text);
        let description = fields.optional("description", nullable(text)).flatten();
        let cycle_id = fields.optional("cycle_id", nullable(uuid)).flatten();
        let parent_id = fields.optional("parent_id", nullable(uuid)).flatten();
        let starts_on = fields.optional("starts_on", nullable(date)).flatten();
        let due_on = fields.optional("due_on", nullable(date)).flatten();
        let progress = fields.optional("progress", text).unwrap_or_default();
        let made = |title| app::NewGoal { title, description, cycle_id, parent_id, starts_on, due_on, progress };
        fields.finish(title.map(made))
    }
}

impl GoalChanges {
    fn read(mut fields: Fields) -> Result<app::GoalChanges, Error> {
        let changes = app::GoalChanges {
            title: fields.optional("title", text),
            description: fields.optional("description", nullable(text)),
            cycle_id: fields.optional("cycle_id", nullable(uuid)),
            parent_id: fields.optional("parent_id", nullable(uuid)),
            starts_on: fields.optional("starts_on", nullable(date)),
            due_on: fields.optional("due_on", nullable(date)),
            standing: fields.optional("status", text),
            progress: fields.optional("progress", text),
        };
        fields.finish(Some(changes))
    }
}

impl From<app::ShownGoal> for Goal {
    fn from(app::ShownGoal { goal: row, progress, status, follows }: app::ShownGoal) -> Self {
        Self {
            id: row.id,
            employee_id: row.body.employee_id.uuid(),
            cycle_id: row.body.cycle_id,
            parent_id: row.body.parent_id,
            title: row.body.title,
            description: row.body.description,
            starts_on: row.body.starts_on,
            due_on: row.body.due_on,
            status,
            progress: progress.to_string(),
            follows,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The goals of an employee.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/goals",
    tag = "appraisals",
    operation_id = "list_goals",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "All goals", body = GoalList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, PathId(person): PathId) -> Result<Response, Problem> {
    let goals = app::goals(call.context(), call.caller(), person.into()).await?;
    form.answer(GoalList { data: goals.into_iter().map(Goal::from).collect() })
}

/// One goal of an employee.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/goals/{goal_id}",
    tag = "appraisals",
    operation_id = "show_goal",
    params(("id" = Uuid, Path, description = "The employee's id"), ("goal_id" = Uuid, Path, description = "The goal's id")),
    responses((status = 200, description = "The goal", body = Goal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathIds(person, id): PathIds) -> Result<Versioned<Goal>, Problem> {
    let shown = app::goal(call.context(), call.caller(), person.into(), id).await?;
    Ok(versioned(shown.goal.version, shown.into()))
}

/// Adds a goal. Employees do that themselves, too.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/goals",
    tag = "appraisals",
    operation_id = "create_goal",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewGoal,
    responses((status = 201, description = "The goal that was made", body = Goal,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, PathId(person): PathId, fields: Fields) -> Result<Created<Goal>, Problem> {
    let new = NewGoal::read(fields)?;
    let made = app::create_goal(call.context(), call.caller(), person.into(), new).await?;
    let path = format!("/api/v1/employees/{person}/goals");
    Ok(created(&path, made.goal.id, made.goal.version, made.into()))
}

/// Changes those fields of a goal that the body names; null empties one. `status` puts it aside, ends it, or opens it again; while it is
/// open, its status follows from its progress.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/goals/{goal_id}",
    tag = "appraisals",
    operation_id = "change_goal",
    params(("id" = Uuid, Path, description = "The employee's id"), ("goal_id" = Uuid, Path, description = "The goal's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = GoalChanges,
    responses((status = 200, description = "The goal as it is now", body = Goal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathIds(person, id): PathIds,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Goal>, Problem> {
    let changes = GoalChanges::read(fields)?;
    let shown = app::change_goal(call.context(), call.caller(), person.into(), version.of(id), changes).await?;
    Ok(versioned(shown.goal.version, shown.into()))
}

/// Deletes a goal that has none below it.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/goals/{goal_id}",
    tag = "appraisals",
    operation_id = "delete_goal",
    params(("id" = Uuid, Path, description = "The employee's id"), ("goal_id" = Uuid, Path, description = "The goal's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathIds(person, id): PathIds, version: IfMatch) -> Result<StatusCode, Problem> {
    app::delete_goal(call.context(), call.caller(), person.into(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
