//! Employments as they are known now, of one or many people in two statements.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::employment::{Employment, End, Period, Row, Timeline};
use tenure_core::ids::{DepartmentId, EmployeeId};
use uuid::Uuid;

use super::{fields, position};
use crate::employees::optional_word;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The employments of people. Who has none on record is not among them.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(tx: &mut TenantTx, people: &[EmployeeId]) -> Result<BTreeMap<EmployeeId, Employment>> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    let mut periods = periods(tx, &ids).await?;
    let mut rows = rows(tx, &ids).await?;
    let mut found = BTreeMap::new();
    for id in people {
        let (periods, rows) = (periods.remove(id).unwrap_or_default(), rows.remove(id).unwrap_or_default());
        if !periods.is_empty() {
            found.insert(*id, Employment::new(periods, Timeline::new(rows)));
        }
    }
    Ok(found)
}

/// Those who are in a department on a day or later, as far as is filed; people who were deleted are not among them.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_department(tx: &mut TenantTx, department: DepartmentId, from: Date) -> Result<Vec<EmployeeId>> {
    let found = sqlx::query_scalar!(
        r#"SELECT DISTINCT a.employee_id FROM job_assignments a JOIN employees e ON e.id = a.employee_id AND e.deleted_at IS NULL
           WHERE a.department_id = $1 AND a.deleted_at IS NULL
             AND NOT EXISTS (SELECT FROM job_assignments n WHERE n.employee_id = a.employee_id AND n.deleted_at IS NULL
                                                             AND n.effective_from > a.effective_from AND n.effective_from <= $2)
           ORDER BY a.employee_id"#,
        department.uuid(),
        from.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(EmployeeId::from).collect())
}

async fn periods(tx: &mut TenantTx, ids: &[Uuid]) -> Result<BTreeMap<EmployeeId, Vec<Period>>> {
    let found = sqlx::query!(
        r#"SELECT id, employee_id, hired_on AS "hired_on: jiff_sqlx::Date", terminated_on AS "terminated_on: jiff_sqlx::Date",
                  termination_kind, termination_reason
           FROM employment_periods WHERE employee_id = ANY ($1) AND deleted_at IS NULL"#,
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut periods: BTreeMap<EmployeeId, Vec<Period>> = BTreeMap::new();
    for row in found {
        let kind = optional_word(row.termination_kind.as_deref())?;
        let reason = row.termination_reason;
        let end = row.terminated_on.map(|last_day| End { last_day: last_day.to_jiff(), kind, reason });
        let period = Period { id: Some(row.id.into()), hired_on: row.hired_on.to_jiff(), end };
        periods.entry(row.employee_id.into()).or_default().push(period);
    }
    Ok(periods)
}

async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<BTreeMap<EmployeeId, Vec<Row>>> {
    let found = sqlx::query!(
        r#"SELECT id, employee_id, effective_from AS "effective_from: jiff_sqlx::Date", department_id, designation_id, manager_id,
                  location_id, employment_type, working_time_fraction, pay_grade, changed, reason
           FROM job_assignments WHERE employee_id = ANY ($1) AND deleted_at IS NULL"#,
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: BTreeMap<EmployeeId, Vec<Row>> = BTreeMap::new();
    for row in found {
        let made = Row {
            id: Some(row.id.into()),
            from: row.effective_from.to_jiff(),
            position: position!(row),
            changed: fields(&row.changed)?,
            reason: row.reason,
        };
        rows.entry(row.employee_id.into()).or_default().push(made);
    }
    Ok(rows)
}
