//! Bank accounts of employees.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::ids::{BankAccountId, EmployeeId};
use tenure_core::money::Currency;
use tenure_core::person_records::{AccountNumber, BankCode, GuardedNumber};
use tenure_core::text::Line;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// In whose name an account is.
pub type Holder = Line<200>;
/// What a bank is called.
pub type BankName = Line<200>;

/// A bank account of an employee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// The key.
    pub id: BankAccountId,
    /// Whose it is.
    pub employee_id: EmployeeId,
    /// In whose name it is.
    pub holder: String,
    /// An IBAN, or the account's number where there is none.
    pub account_number: GuardedNumber,
    /// A BIC, or the number of the bank in its country.
    pub bank_code: Option<String>,
    /// The bank.
    pub bank_name: Option<String>,
    /// The currency, ISO 4217.
    pub currency: Option<String>,
    /// Whether pay goes to it.
    pub is_primary: bool,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of an account its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// In whose name it is.
    pub holder: Holder,
    /// An IBAN, or the account's number where there is none.
    pub account_number: AccountNumber,
    /// A BIC, or the number of the bank in its country.
    pub bank_code: Option<BankCode>,
    /// The bank.
    pub bank_name: Option<BankName>,
    /// The currency, ISO 4217.
    pub currency: Option<Currency>,
    /// Whether pay goes to it.
    pub is_primary: bool,
}

/// The columns of the statements below.
struct Row {
    id: uuid::Uuid,
    employee_id: uuid::Uuid,
    holder: String,
    account_number: String,
    bank_code: Option<String>,
    bank_name: Option<String>,
    currency: Option<String>,
    is_primary: bool,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl BankAccount {
    /// The account as the audit log keeps it.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self { account_number: self.account_number.masked(), ..self.clone() }
    }
}

impl From<Row> for BankAccount {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            employee_id: row.employee_id.into(),
            holder: row.holder,
            account_number: GuardedNumber::stored(row.account_number),
            bank_code: row.bank_code,
            bank_name: row.bank_name,
            currency: row.currency,
            is_primary: row.is_primary,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}

/// The accounts of a person, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, person: EmployeeId) -> Result<Vec<BankAccount>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, employee_id, holder, account_number, bank_code, bank_name, currency, is_primary, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM bank_accounts WHERE employee_id = $1 AND deleted_at IS NULL
           ORDER BY id"#,
        person.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(BankAccount::from).collect())
}

/// Makes an account.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(
    tx: &mut TenantTx,
    id: BankAccountId,
    person: EmployeeId,
    content: &Content,
    now: Timestamp,
) -> Result<BankAccount> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO bank_accounts (id, employee_id, holder, account_number, bank_code, bank_name, currency, is_primary, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
           RETURNING id, employee_id, holder, account_number, bank_code, bank_name, currency, is_primary, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        person.uuid(),
        content.holder.as_str(),
        content.account_number.reveal(),
        content.bank_code.as_ref().map(BankCode::as_str),
        content.bank_name.as_ref().map(BankName::as_str),
        content.currency.map(String::from),
        content.is_primary,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Writes an account as it is now to be; whose it is, its version, its times and its key stay the database's own.
///
/// # Errors
/// When the database refuses it.
pub async fn update(tx: &mut TenantTx, record: &BankAccount, now: Timestamp) -> Result<BankAccount> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE bank_accounts SET holder = $2, account_number = $3, bank_code = $4, bank_name = $5, currency = $6, is_primary = $7,
                  version = version + 1, updated_at = $8
           WHERE id = $1
           RETURNING id, employee_id, holder, account_number, bank_code, bank_name, currency, is_primary, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        record.id.uuid(),
        record.holder,
        record.account_number.reveal(),
        record.bank_code,
        record.bank_name,
        record.currency,
        record.is_primary,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Deletes an account.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: BankAccountId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE bank_accounts SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
