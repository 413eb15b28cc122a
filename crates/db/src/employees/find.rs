//! One employee with everything on record, in one statement.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::EmployeeId;
use tenure_core::money::Money;

use super::{Employee, Pay, PersonalFields, SensitiveFields, optional_word, word, work_fields};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// What is read beside the employee's row.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Whether to read the pay.
    pub pay: bool,
    /// The day on which the pay shall hold.
    pub on: Date,
}

/// A day, and what was known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The day.
    pub on: Date,
    /// When it was known; `None` for now.
    pub known_at: Option<Timestamp>,
    /// The present day: a leave of absence is known of it alone.
    pub today: Date,
}

/// The columns of the statements below.
struct Row {
    id: uuid::Uuid,
    employee_number: String,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    preferred_name: Option<String>,
    work_email: Option<String>,
    work_phone: Option<String>,
    personal_email: Option<String>,
    personal_phone: Option<String>,
    birth_date: Option<jiff_sqlx::Date>,
    gender: Option<String>,
    marital_status: Option<String>,
    citizenship: Option<String>,
    address: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country_code: Option<String>,
    status: String,
    employment_type: Option<String>,
    hired_on: jiff_sqlx::Date,
    terminated_on: Option<jiff_sqlx::Date>,
    termination_kind: Option<String>,
    termination_reason: Option<String>,
    custom: serde_json::Value,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    department_id: Option<uuid::Uuid>,
    department: Option<String>,
    designation_id: Option<uuid::Uuid>,
    designation: Option<String>,
    manager_id: Option<uuid::Uuid>,
    manager_first_name: Option<String>,
    manager_last_name: Option<String>,
    location_id: Option<uuid::Uuid>,
    location: Option<String>,
    working_time_fraction: Option<rust_decimal::Decimal>,
    pay_grade: Option<String>,
    base: Option<rust_decimal::Decimal>,
    currency: Option<String>,
    pay_period: Option<String>,
    effective_from: Option<jiff_sqlx::Date>,
}

/// An employee by id; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: EmployeeId, wanted: Wanted) -> Result<Option<Employee>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                  e.personal_email, e.personal_phone, e.birth_date AS "birth_date: jiff_sqlx::Date", e.gender, e.marital_status,
                  e.citizenship, e.address, e.city, e.region, e.postal_code, e.country_code, e.status, e.employment_type,
                  e.hired_on AS "hired_on: jiff_sqlx::Date", e.terminated_on AS "terminated_on: jiff_sqlx::Date",
                  e.termination_kind, e.termination_reason, e.custom, e.version,
                  e.created_at AS "created_at: jiff_sqlx::Timestamp", e.updated_at AS "updated_at: jiff_sqlx::Timestamp",
                  e.department_id, d.name AS "department?", e.designation_id, g.title AS "designation?",
                  e.manager_id, m.first_name AS "manager_first_name?", m.last_name AS "manager_last_name?",
                  e.location_id, l.name AS "location?", e.working_time_fraction, e.pay_grade,
                  s.base AS "base?", s.currency AS "currency?", s.pay_period AS "pay_period?",
                  s.effective_from AS "effective_from?: jiff_sqlx::Date"
           FROM employees e
           LEFT JOIN departments d ON d.id = e.department_id
           LEFT JOIN designations g ON g.id = e.designation_id
           LEFT JOIN employees m ON m.id = e.manager_id
           LEFT JOIN locations l ON l.id = e.location_id
           LEFT JOIN LATERAL (
               SELECT base, currency, pay_period, effective_from FROM salary_assignments
               WHERE $2 AND employee_id = e.id AND effective_from <= $3 AND deleted_at IS NULL
               ORDER BY effective_from DESC LIMIT 1
           ) s ON true
           WHERE e.id = $1 AND e.deleted_at IS NULL"#,
        id.uuid(),
        wanted.pay,
        wanted.on.to_sqlx() as _,
    )
    .fetch_optional(tx.with_own_plan())
    .await?;
    row.map(Employee::try_from).transpose()
}

/// An employee as of a day: assignment, employment and pay are those of the day, everything else is that of today. Of somebody who is
/// hired later it shows how he or she will begin. `None` also when nothing was known of an employment.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_as_of(tx: &mut TenantTx, id: EmployeeId, pay: bool, as_of: AsOf) -> Result<Option<Employee>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                  e.personal_email, e.personal_phone, e.birth_date AS "birth_date: jiff_sqlx::Date", e.gender, e.marital_status,
                  e.citizenship, e.address, e.city, e.region, e.postal_code, e.country_code,
                  CASE WHEN p.terminated_on < $3 THEN 'terminated' WHEN p.hired_on > $3 THEN 'pending'
                       WHEN $3 = $5 AND e.status NOT IN ('pending', 'terminated') THEN e.status ELSE 'active' END AS "status!",
                  a.employment_type, p.hired_on AS "hired_on: jiff_sqlx::Date", p.terminated_on AS "terminated_on: jiff_sqlx::Date",
                  p.termination_kind, p.termination_reason, e.custom, e.version,
                  e.created_at AS "created_at: jiff_sqlx::Timestamp", e.updated_at AS "updated_at: jiff_sqlx::Timestamp",
                  a.department_id, d.name AS "department?", a.designation_id, g.title AS "designation?",
                  a.manager_id, m.first_name AS "manager_first_name?", m.last_name AS "manager_last_name?",
                  a.location_id, l.name AS "location?", a.working_time_fraction, a.pay_grade,
                  s.base AS "base?", s.currency AS "currency?", s.pay_period AS "pay_period?",
                  s.effective_from AS "effective_from?: jiff_sqlx::Date"
           FROM employees e
           CROSS JOIN LATERAL (
               SELECT hired_on, terminated_on, termination_kind, termination_reason FROM employment_periods
               WHERE employee_id = e.id AND CASE WHEN $4::timestamptz IS NULL THEN deleted_at IS NULL
                                                 ELSE created_at <= $4 AND (deleted_at IS NULL OR deleted_at > $4) END
               ORDER BY hired_on > $3, CASE WHEN hired_on > $3 THEN hired_on - $3 ELSE $3 - hired_on END LIMIT 1
           ) p
           CROSS JOIN LATERAL (
               SELECT department_id, designation_id, manager_id, location_id, employment_type, working_time_fraction, pay_grade
               FROM job_assignments
               WHERE employee_id = e.id AND effective_from <= greatest($3, p.hired_on)
                 AND CASE WHEN $4::timestamptz IS NULL THEN deleted_at IS NULL
                          ELSE created_at <= $4 AND (deleted_at IS NULL OR deleted_at > $4) END
               ORDER BY effective_from DESC LIMIT 1
           ) a
           LEFT JOIN departments d ON d.id = a.department_id
           LEFT JOIN designations g ON g.id = a.designation_id
           LEFT JOIN employees m ON m.id = a.manager_id
           LEFT JOIN locations l ON l.id = a.location_id
           LEFT JOIN LATERAL (
               SELECT base, currency, pay_period, effective_from FROM salary_assignments
               WHERE $2 AND employee_id = e.id AND effective_from <= $3
                 AND CASE WHEN $4::timestamptz IS NULL THEN deleted_at IS NULL
                          ELSE created_at <= $4 AND (deleted_at IS NULL OR deleted_at > $4) END
               ORDER BY effective_from DESC LIMIT 1
           ) s ON true
           WHERE e.id = $1 AND e.deleted_at IS NULL"#,
        id.uuid(),
        pay,
        as_of.on.to_sqlx() as _,
        as_of.known_at.map(ToSqlx::to_sqlx) as _,
        as_of.today.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Employee::try_from).transpose()
}

impl TryFrom<Row> for Employee {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let pay = row.pay()?;
        let personal = PersonalFields {
            personal_email: row.personal_email,
            personal_phone: row.personal_phone,
            birth_date: row.birth_date.map(jiff_sqlx::Date::to_jiff),
            gender: optional_word(row.gender.as_deref())?,
            marital_status: optional_word(row.marital_status.as_deref())?,
            citizenship: row.citizenship,
            address: row.address,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            country_code: row.country_code,
        };
        let sensitive = SensitiveFields {
            termination_kind: optional_word(row.termination_kind.as_deref())?,
            termination_reason: row.termination_reason,
        };
        let custom = serde_json::from_value(row.custom).map_err(Error::decode)?;
        let work = work_fields!(row);
        Ok(Self { work, personal, sensitive, pay, custom })
    }
}

impl Row {
    fn pay(&self) -> Result<Option<Pay>> {
        let (Some(amount), Some(currency), Some(period), Some(from)) =
            (self.base, &self.currency, &self.pay_period, self.effective_from)
        else {
            return Ok(None);
        };
        let currency = currency.parse().map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))))?;
        Ok(Some(Pay { base: Money { amount, currency }, period: word(period)?, effective_from: from.to_jiff() }))
    }
}
