//! `/api/v1/custom-fields`, and what an employee has of them.

mod body;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::{Error, custom_fields};
use tenure_core::custom_fields::Entity;
use utoipa::IntoParams;

pub(crate) use self::body::{CustomField, CustomFieldList, EmployeeCustomFields};
use self::body::{CustomFieldChanges, NewCustomField};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::Form;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::version::{Created, IfMatch, Versioned, created, versioned};
use crate::words::custom_field_entity;

const PATH: &str = "/api/v1/custom-fields";

/// What the list takes, for the API's description. [`list`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// Only the fields of one kind of record.
    #[param(schema_with = custom_field_entity, required = false)]
    entity: Option<String>,
}

/// The fields that the company has added to its records.
#[utoipa::path(
    get,
    path = "/api/v1/custom-fields",
    tag = "organisation",
    operation_id = "list_custom_fields",
    params(ListParameters),
    responses((status = 200, description = "The fields", body = CustomFieldList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, Parameters(pairs): Parameters) -> Result<Response, Problem> {
    let entity = entity(&pairs)?;
    let fields = custom_fields::list(call.context(), call.caller(), entity).await?;
    form.answer(CustomFieldList::from(fields))
}

fn entity(pairs: &[(String, String)]) -> Result<Option<Entity>, Error> {
    let mut entity = None;
    query::read(pairs, |name, value| match name {
        "entity" => value.parse().map(|known| entity = Some(known)).map_err(|error| format!("{error}")),
        _ => Err("is not a parameter here; there is entity".to_owned()),
    })?;
    Ok(entity)
}

/// One field of the company's own.
#[utoipa::path(
    get,
    path = "/api/v1/custom-fields/{id}",
    tag = "organisation",
    operation_id = "show_custom_field",
    params(("id" = Uuid, Path, description = "The field's id")),
    responses((status = 200, description = "The field", body = CustomField, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<CustomField>, Problem> {
    let field = custom_fields::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(field.version, field.into()))
}

/// Defines a field. Its key, its kind and the kind of record that has it never change.
#[utoipa::path(
    post,
    path = "/api/v1/custom-fields",
    tag = "organisation",
    operation_id = "create_custom_field",
    request_body = NewCustomField,
    responses((status = 201, description = "The field that was defined", body = CustomField,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<CustomField>, Problem> {
    let content = NewCustomField::read(fields)?;
    let made = custom_fields::create(call.context(), call.caller(), content).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// Changes what the body names of a field's definition. Values that records have stay as they are.
#[utoipa::path(
    patch,
    path = "/api/v1/custom-fields/{id}",
    tag = "organisation",
    operation_id = "change_custom_field",
    params(("id" = Uuid, Path, description = "The field's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = CustomFieldChanges,
    responses((status = 200, description = "The field as it is now", body = CustomField, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<CustomField>, Problem> {
    let changes = CustomFieldChanges::read(fields)?;
    let field = custom_fields::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(field.version, field.into()))
}

/// Deletes the definition of a field. The values that records have of it stay, as those of a field that is not defined.
#[utoipa::path(
    delete,
    path = "/api/v1/custom-fields/{id}",
    tag = "organisation",
    operation_id = "delete_custom_field",
    params(("id" = Uuid, Path, description = "The field's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    custom_fields::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes those of the company's own fields of an employee that the body names; null takes one away. Each field takes the
/// permission to write its class.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/custom-fields",
    tag = "employees",
    operation_id = "change_employee_custom_fields",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The version of the employee, as an ETag")),
    request_body(content = Object, description = "New values by the fields' keys"),
    responses((status = 200, description = "The fields as they are now", body = EmployeeCustomFields,
        headers(("ETag", description = "The employee's version")))),
    security(("token" = [])),
)]
pub(crate) async fn change_of_employee(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<EmployeeCustomFields>, Problem> {
    let new = fields.members("custom")?;
    let values = custom_fields::change_of_employee(call.context(), call.caller(), version.of(id), new).await?;
    Ok(versioned(values.version, values.into()))
}
