//! The columns of `employees` that show today what periods and assignments say.

use jiff_sqlx::ToSqlx;
use serde_json::{Map, Value};
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

use super::Moment;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Somebody whose row was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Who.
    pub id: EmployeeId,
    /// The columns that changed, as they were.
    pub before: Value,
    /// As they are.
    pub after: Value,
}

/// Makes the rows of people show what holds today, and gives those whose rows were written. The current employment is the one that
/// today lies in; between two it is the one that begins next, and after the last it is that one. A person who has not begun it yet stands
/// where he or she will on its first day. With `always`, the versions of all rows grow, for what is filed ahead is a change of the person
/// too. What takes effect is noted as applied.
///
/// # Errors
/// When the database refuses it.
pub async fn settle(tx: &mut TenantTx, people: &[EmployeeId], moment: Moment, always: bool) -> Result<Vec<Settled>> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    let written = sqlx::query!(
        r#"WITH wanted AS (
               SELECT e.id, p.hired_on, p.terminated_on, p.termination_kind, p.termination_reason,
                      CASE WHEN p.terminated_on < $2 THEN 'terminated'
                           WHEN p.hired_on > $2 THEN 'pending'
                           WHEN e.status = 'pending' OR (e.status = 'terminated' AND p.terminated_on IS DISTINCT FROM $2)
                               OR e.terminated_on < p.hired_on THEN 'active'
                           ELSE e.status END AS status,
                      a.department_id, a.designation_id, a.manager_id, a.location_id, a.employment_type, a.working_time_fraction,
                      a.pay_grade
               FROM employees e
               CROSS JOIN LATERAL (
                   SELECT hired_on, terminated_on, termination_kind, termination_reason FROM employment_periods
                   WHERE employee_id = e.id AND deleted_at IS NULL
                   ORDER BY hired_on <= $2 AND coalesce(terminated_on >= $2, true) DESC, hired_on > $2 DESC, abs(hired_on - $2)
                   LIMIT 1
               ) p
               CROSS JOIN LATERAL (
                   SELECT department_id, designation_id, manager_id, location_id, employment_type, working_time_fraction, pay_grade
                   FROM job_assignments
                   WHERE employee_id = e.id AND deleted_at IS NULL AND effective_from <= greatest($2, p.hired_on)
                   ORDER BY effective_from DESC LIMIT 1
               ) a
               WHERE e.id = ANY ($1)
           )
           UPDATE employees e
           SET hired_on = w.hired_on, terminated_on = w.terminated_on, termination_kind = w.termination_kind,
               termination_reason = w.termination_reason, status = w.status, department_id = w.department_id,
               designation_id = w.designation_id, manager_id = w.manager_id, location_id = w.location_id,
               employment_type = w.employment_type, working_time_fraction = w.working_time_fraction, pay_grade = w.pay_grade,
               version = e.version + 1, updated_at = $3
           FROM wanted w JOIN employees o ON o.id = w.id
           WHERE e.id = w.id
             AND ($4 OR (o.hired_on, o.terminated_on, o.termination_kind, o.termination_reason, o.status, o.department_id,
                         o.designation_id, o.manager_id, o.location_id, o.employment_type, o.working_time_fraction, o.pay_grade)
                  IS DISTINCT FROM (w.hired_on, w.terminated_on, w.termination_kind, w.termination_reason, w.status, w.department_id,
                         w.designation_id, w.manager_id, w.location_id, w.employment_type, w.working_time_fraction, w.pay_grade))
           RETURNING e.id, to_jsonb(o) AS "before!", to_jsonb(e) AS "after!""#,
        &ids,
        moment.today.to_sqlx() as _,
        moment.now.to_sqlx() as _,
        always,
    )
    .fetch_all(&mut **tx)
    .await?;
    note_applied(tx, &ids, moment).await?;
    let settled = written.into_iter().map(|row| {
        let (before, after) = difference(&row.before, &row.after);
        Settled { id: row.id.into(), before, after }
    });
    Ok(settled.collect())
}

async fn note_applied(tx: &mut TenantTx, ids: &[Uuid], moment: Moment) -> Result<()> {
    sqlx::query!(
        "UPDATE job_assignments a SET applied_at = $3 FROM employees e
         WHERE e.id = a.employee_id AND a.employee_id = ANY ($1) AND a.applied_at IS NULL AND a.deleted_at IS NULL
           AND a.effective_from <= greatest($2, e.hired_on)",
        ids,
        moment.today.to_sqlx() as _,
        moment.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What differs between two states of a row, less what differs with every change.
fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (mut was, mut is) = (Map::new(), Map::new());
    for (column, value) in after.as_object().into_iter().flatten() {
        let old = before.get(column).unwrap_or(&Value::Null);
        if old != value && column != "updated_at" && column != "version" {
            was.insert(column.clone(), old.clone());
            is.insert(column.clone(), value.clone());
        }
    }
    (Value::Object(was), Value::Object(is))
}
