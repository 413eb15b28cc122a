//! `/api/v1/employees/{id}/bank-accounts`

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use tenure_app::Error;
use tenure_app::person_records::bank_accounts as app;
use tenure_core::person_records::AccountNumber;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path;
use crate::caller::Call;
use crate::fields::{Fields, boolean, nullable, text};
use crate::listing::{Form, Listing};
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

/// A bank account of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct BankAccount {
    id: Uuid,
    employee_id: Uuid,
    /// In whose name it is.
    holder: String,
    /// An IBAN, or the account's number where there is none.
    account_number: String,
    /// A BIC, or the number of the bank in its country.
    bank_code: Option<String>,
    bank_name: Option<String>,
    /// ISO 4217.
    currency: Option<String>,
    /// Whether pay goes to it. One of an employee's accounts is.
    is_primary: bool,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The bank accounts of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct BankAccountList {
    /// The oldest first. All of them: an employee has at most 50.
    data: Vec<BankAccount>,
}

impl Listing for BankAccountList {
    const FILE: &'static str = "bank-accounts";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "holder",
        "account_number",
        "bank_code",
        "bank_name",
        "currency",
        "is_primary",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A bank account to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewBankAccount {
    #[schema(min_length = 1, max_length = 200)]
    holder: String,
    /// An IBAN, whose check digits must be right, or the account's number where there is none. Spaces do not count.
    #[schema(examples("DE02 1203 0000 0000 2020 51"))]
    account_number: String,
    /// A BIC, or the number of the bank in its country (sort code, routing number).
    #[schema(examples("BYLADEM1001"))]
    bank_code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    bank_name: Option<String>,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Whether pay goes to it from now on. The first account is primary in any case.
    #[schema(default = false, nullable = false)]
    is_primary: Option<bool>,
}

/// What is to change in a bank account. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct BankAccountChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    holder: Option<String>,
    /// An IBAN, whose check digits must be right, or the account's number where there is none. Spaces do not count.
    #[schema(nullable = false)]
    account_number: Option<String>,
    /// A BIC, or the number of the bank in its country (sort code, routing number).
    bank_code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    bank_name: Option<String>,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Whether pay goes to it from now on. What is primary stays so until another takes its place.
    #[schema(nullable = false)]
    is_primary: Option<bool>,
}

impl NewBankAccount {
    fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let holder = fields.required("holder", text::<app::Holder>);
        let account_number = fields.required("account_number", text::<AccountNumber>);
        let bank_code = fields.optional("bank_code", nullable(text)).flatten();
        let bank_name = fields.optional("bank_name", nullable(text)).flatten();
        let currency = fields.optional("currency", nullable(text)).flatten();
        let is_primary = fields.optional("is_primary", boolean).unwrap_or_default();
        fields.finish(holder.zip(account_number).map(|(holder, account_number)| app::Content {
            holder,
            account_number,
            bank_code,
            bank_name,
            currency,
            is_primary,
        }))
    }
}

impl BankAccountChanges {
    fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            holder: fields.optional("holder", text),
            account_number: fields.optional("account_number", text),
            bank_code: fields.optional("bank_code", nullable(text)),
            bank_name: fields.optional("bank_name", nullable(text)),
            currency: fields.optional("currency", nullable(text)),
            is_primary: fields.optional("is_primary", boolean),
        };
        fields.finish(Some(changes))
    }
}

impl From<app::BankAccount> for BankAccount {
    fn from(row: app::BankAccount) -> Self {
        Self {
            id: row.id.uuid(),
            employee_id: row.employee_id.uuid(),
            holder: row.holder,
            account_number: row.account_number.reveal().to_owned(),
            bank_code: row.bank_code,
            bank_name: row.bank_name,
            currency: row.currency,
            is_primary: row.is_primary,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The bank accounts of an employee. Reading those of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/bank-accounts",
    tag = "employees",
    operation_id = "list_bank_accounts",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "All bank accounts", body = BankAccountList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, PathId(person): PathId) -> Result<Response, Problem> {
    let rows = app::list(call.context(), call.caller(), person.into()).await?;
    form.answer(BankAccountList { data: rows.into_iter().map(BankAccount::from).collect() })
}

/// One bank account of an employee. Reading that of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/bank-accounts/{record_id}",
    tag = "employees",
    operation_id = "show_bank_account",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The bank account's id")),
    responses((status = 200, description = "The bank account", body = BankAccount, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathIds(person, id): PathIds) -> Result<Versioned<BankAccount>, Problem> {
    let row = app::get(call.context(), call.caller(), person.into(), id.into()).await?;
    Ok(versioned(row.version, row.into()))
}

/// Adds a bank account. One that is primary takes the place of the one that was.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/bank-accounts",
    tag = "employees",
    operation_id = "create_bank_account",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewBankAccount,
    responses((status = 201, description = "The bank account that was made", body = BankAccount,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    PathId(person): PathId,
    fields: Fields,
) -> Result<Created<BankAccount>, Problem> {
    let content = NewBankAccount::read(fields)?;
    let made = app::create(call.context(), call.caller(), person.into(), content).await?;
    Ok(created(&path(person, "bank-accounts"), made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a bank account that the body names; null empties one. One that becomes primary takes the place of the one that was.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/bank-accounts/{record_id}",
    tag = "employees",
    operation_id = "change_bank_account",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The bank account's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = BankAccountChanges,
    responses((status = 200, description = "The bank account as it is now", body = BankAccount, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathIds(person, id): PathIds,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<BankAccount>, Problem> {
    let changes = BankAccountChanges::read(fields)?;
    let row = app::change(call.context(), call.caller(), person.into(), version.of(id), changes).await?;
    Ok(versioned(row.version, row.into()))
}

/// Deletes a bank account. The primary one goes last.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/bank-accounts/{record_id}",
    tag = "employees",
    operation_id = "delete_bank_account",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The bank account's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathIds(person, id): PathIds, version: IfMatch) -> Result<StatusCode, Problem> {
    app::delete(call.context(), call.caller(), person.into(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
