//! `/api/v1/employees/{id}/emergency-contacts`

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use std::ops::RangeInclusive;
use tenure_app::Error;
use tenure_app::person_records::emergency_contacts as app;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path;
use crate::caller::Call;
use crate::fields::{Fields, nullable, text, whole};
use crate::listing::{Form, Listing};
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const POSITIONS: RangeInclusive<i32> = 0..=1000;

/// Somebody to be called when something happens to an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmergencyContact {
    id: Uuid,
    employee_id: Uuid,
    name: String,
    /// What the contact is to the employee.
    relationship: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// In which order they are called.
    position: i32,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The emergency contacts of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmergencyContactList {
    /// In the order in which they are called. All of them: an employee has at most 50.
    data: Vec<EmergencyContact>,
}

impl Listing for EmergencyContactList {
    const FILE: &'static str = "emergency-contacts";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "name",
        "relationship",
        "phone",
        "email",
        "position",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A contact to be made. It has a `phone` or an `email`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewEmergencyContact {
    #[schema(min_length = 1, max_length = 200, examples("Annabella King"))]
    name: String,
    #[schema(min_length = 1, max_length = 100, examples("daughter"))]
    relationship: Option<String>,
    #[schema(min_length = 1, max_length = 50, examples("+44 20 7946 0000"))]
    phone: Option<String>,
    #[schema(min_length = 1, max_length = 254)]
    email: Option<String>,
    #[schema(minimum = 0, maximum = 1000, default = 0, nullable = false)]
    position: Option<i32>,
}

/// What is to change in a contact. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct EmergencyContactChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    relationship: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    phone: Option<String>,
    #[schema(min_length = 1, max_length = 254)]
    email: Option<String>,
    #[schema(minimum = 0, maximum = 1000, nullable = false)]
    position: Option<i32>,
}

impl NewEmergencyContact {
    fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let name = fields.required("name", text::<app::Name>);
        let relationship = fields.optional("relationship", nullable(text)).flatten();
        let phone = fields.optional("phone", nullable(text)).flatten();
        let email = fields.optional("email", nullable(text)).flatten();
        let position = fields.optional("position", |value| whole(value, POSITIONS)).unwrap_or_default();
        fields.finish(name.map(|name| app::Content { name, relationship, phone, email, position }))
    }
}

impl EmergencyContactChanges {
    fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            name: fields.optional("name", text),
            relationship: fields.optional("relationship", nullable(text)),
            phone: fields.optional("phone", nullable(text)),
            email: fields.optional("email", nullable(text)),
            position: fields.optional("position", |value| whole(value, POSITIONS)),
        };
        fields.finish(Some(changes))
    }
}

impl From<app::EmergencyContact> for EmergencyContact {
    fn from(row: app::EmergencyContact) -> Self {
        Self {
            id: row.id.uuid(),
            employee_id: row.employee_id.uuid(),
            name: row.name,
            relationship: row.relationship,
            phone: row.phone,
            email: row.email,
            position: row.position,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The emergency contacts of an employee. Reading those of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/emergency-contacts",
    tag = "employees",
    operation_id = "list_emergency_contacts",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "All emergency contacts", body = EmergencyContactList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, PathId(person): PathId) -> Result<Response, Problem> {
    let rows = app::list(call.context(), call.caller(), person.into()).await?;
    form.answer(EmergencyContactList { data: rows.into_iter().map(EmergencyContact::from).collect() })
}

/// One emergency contact of an employee. Reading that of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/emergency-contacts/{record_id}",
    tag = "employees",
    operation_id = "show_emergency_contact",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The emergency contact's id")),
    responses((status = 200, description = "The emergency contact", body = EmergencyContact, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathIds(person, id): PathIds) -> Result<Versioned<EmergencyContact>, Problem> {
    let row = app::get(call.context(), call.caller(), person.into(), id.into()).await?;
    Ok(versioned(row.version, row.into()))
}

/// Adds a contact. Employees do that themselves, too.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/emergency-contacts",
    tag = "employees",
    operation_id = "create_emergency_contact",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewEmergencyContact,
    responses((status = 201, description = "The emergency contact that was made", body = EmergencyContact,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    PathId(person): PathId,
    fields: Fields,
) -> Result<Created<EmergencyContact>, Problem> {
    let content = NewEmergencyContact::read(fields)?;
    let made = app::create(call.context(), call.caller(), person.into(), content).await?;
    Ok(created(&path(person, "emergency-contacts"), made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a contact that the body names; null empties one.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/emergency-contacts/{record_id}",
    tag = "employees",
    operation_id = "change_emergency_contact",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The emergency contact's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = EmergencyContactChanges,
    responses((status = 200, description = "The emergency contact as it is now", body = EmergencyContact, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathIds(person, id): PathIds,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<EmergencyContact>, Problem> {
    let changes = EmergencyContactChanges::read(fields)?;
    let row = app::change(call.context(), call.caller(), person.into(), version.of(id), changes).await?;
    Ok(versioned(row.version, row.into()))
}

/// Deletes a contact.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/emergency-contacts/{record_id}",
    tag = "employees",
    operation_id = "delete_emergency_contact",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The emergency contact's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathIds(person, id): PathIds, version: IfMatch) -> Result<StatusCode, Problem> {
    app::delete(call.context(), call.caller(), person.into(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
