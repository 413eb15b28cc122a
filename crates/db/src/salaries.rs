//! What people earn, from a day on. A correction deletes a row softly and adds another, so that what was known at a time can be asked.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tenure_core::employment::PayPeriod;
use tenure_core::ids::{EmployeeId, SalaryAssignmentId};
use tenure_core::money::Currency;
use tenure_core::text::Line;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Why a salary was set.
pub type Reason = Line<500>;

/// What somebody earns from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salary {
    /// The key.
    pub id: SalaryAssignmentId,
    /// Who earns it.
    pub employee_id: EmployeeId,
    /// The first day on which it holds.
    pub effective_from: Date,
    /// What is paid for one period.
    pub base: Decimal,
    /// The currency.
    pub currency: Currency,
    /// The period that is paid for.
    pub pay_period: PayPeriod,
    /// Why it was set.
    pub reason: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was filed.
    pub created_at: Timestamp,
}

/// What of a salary its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The first day on which it holds.
    pub effective_from: Date,
    /// What is paid for one period.
    pub base: Decimal,
    /// The currency.
    pub currency: Currency,
    /// The period that is paid for.
    pub pay_period: PayPeriod,
    /// Why it is set.
    pub reason: Option<String>,
}

struct Row {
    id: uuid::Uuid,
    employee_id: uuid::Uuid,
    effective_from: jiff_sqlx::Date,
    base: Decimal,
    currency: String,
    pay_period: String,
    reason: Option<String>,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for Salary {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            employee_id: row.employee_id.into(),
            effective_from: row.effective_from.to_jiff(),
            base: row.base,
            currency: row.currency.parse().map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))))?,
            pay_period: row.pay_period.parse().map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))))?,
            reason: row.reason,
            version: row.version,
            created_at: row.created_at.to_jiff(),
        })
    }
}

/// The salaries of an employee, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, employee: EmployeeId) -> Result<Vec<Salary>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, employee_id, effective_from AS "effective_from: jiff_sqlx::Date", base, currency, pay_period, reason, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp"
           FROM salary_assignments WHERE employee_id = $1 AND deleted_at IS NULL ORDER BY effective_from DESC"#,
        employee.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Salary::try_from).collect()
}

/// A salary of an employee; `None` when there is none, or when it was taken back.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, employee: EmployeeId, id: SalaryAssignmentId) -> Result<Option<Salary>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, employee_id, effective_from AS "effective_from: jiff_sqlx::Date", base, currency, pay_period, reason, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp"
           FROM salary_assignments WHERE id = $1 AND employee_id = $2 AND deleted_at IS NULL"#,
        id.uuid(),
        employee.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Salary::try_from).transpose()
}

/// Files a salary.
///
/// # Errors
/// `Taken` when another one holds from the same day.
pub async fn insert(
    tx: &mut TenantTx,
    (id, employee): (SalaryAssignmentId, EmployeeId),
    content: &Content,
    now: Timestamp,
) -> Result<Salary> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, reason, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           RETURNING id, employee_id, effective_from AS "effective_from: jiff_sqlx::Date", base, currency, pay_period, reason, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        employee.uuid(),
        content.effective_from.to_sqlx() as _,
        content.base,
        content.currency.to_string(),
        content.pay_period.as_str(),
        content.reason,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    row.try_into()
}

/// Takes a salary back that is still of a version; says whether there was one.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, salary: &Salary, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE salary_assignments SET deleted_at = $3, updated_at = $3, version = version + 1
         WHERE id = $1 AND version = $2 AND deleted_at IS NULL",
        salary.id.uuid(),
        salary.version,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[(
            "salary_assignments_effective_key",
            "effective_from",
            "is the day of another salary of this employee; correct that one",
        )],
    )
}
