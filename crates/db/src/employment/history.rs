//! Periods and assignments as they are shown, also as they were known at an earlier time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tenure_core::employment::{Field, Position, TerminationKind};
use tenure_core::ids::{EmployeeId, EmploymentPeriodId, JobAssignmentId};

use super::{fields, position};
use crate::employees::optional_word;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Where somebody stands from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The key.
    pub id: JobAssignmentId,
    /// The first day on which it holds.
    pub effective_from: Date,
    /// All that holds.
    pub position: Position,
    /// What was changed on that day.
    pub changed: BTreeSet<Field>,
    /// Why, in words.
    pub reason: Option<String>,
    /// When it took effect; `None` while its day lies ahead.
    pub applied_at: Option<Timestamp>,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// Since when it is known to be wrong; only where the past is asked for.
    pub superseded_at: Option<Timestamp>,
}

/// One time that somebody was employed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRow {
    /// The key.
    pub id: EmploymentPeriodId,
    /// The first day.
    pub hired_on: Date,
    /// The last day.
    pub terminated_on: Option<Date>,
    /// On whose initiative it ended.
    pub termination_kind: Option<TerminationKind>,
    /// Why, in words.
    pub termination_reason: Option<String>,
    /// Since when this is known.
    pub created_at: Timestamp,
}

/// Somebody's assignments by their days, as they are known now or were at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn assignments(
    tx: &mut TenantTx,
    person: EmployeeId,
    known_at: Option<Timestamp>,
) -> Result<Vec<Assignment>> {
    let found = sqlx::query!(
        r#"SELECT id, effective_from AS "effective_from: jiff_sqlx::Date", department_id, designation_id, manager_id, location_id,
                  employment_type, working_time_fraction, pay_grade, changed, reason,
                  applied_at AS "applied_at: jiff_sqlx::Timestamp", created_at AS "created_at: jiff_sqlx::Timestamp",
                  deleted_at AS "deleted_at: jiff_sqlx::Timestamp"
           FROM job_assignments
           WHERE employee_id = $1
             AND CASE WHEN $2::timestamptz IS NULL THEN deleted_at IS NULL
                      ELSE created_at <= $2 AND (deleted_at IS NULL OR deleted_at > $2) END
           ORDER BY effective_from"#,
        person.uuid(),
        known_at.map(ToSqlx::to_sqlx) as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let made = found.into_iter().map(|row| {
        Ok(Assignment {
            id: row.id.into(),
            effective_from: row.effective_from.to_jiff(),
            position: position!(row),
            changed: fields(&row.changed)?,
            reason: row.reason,
            applied_at: row.applied_at.map(jiff_sqlx::Timestamp::to_jiff),
            created_at: row.created_at.to_jiff(),
            superseded_at: row.deleted_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    });
    made.collect()
}

/// The times that somebody was employed, by their first days.
///
/// # Errors
/// When the database cannot be read.
pub async fn periods(tx: &mut TenantTx, person: EmployeeId) -> Result<Vec<PeriodRow>> {
    let found = sqlx::query!(
        r#"SELECT id, hired_on AS "hired_on: jiff_sqlx::Date", terminated_on AS "terminated_on: jiff_sqlx::Date", termination_kind,
                  termination_reason, created_at AS "created_at: jiff_sqlx::Timestamp"
           FROM employment_periods WHERE employee_id = $1 AND deleted_at IS NULL ORDER BY hired_on"#,
        person.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let made = found.into_iter().map(|row| {
        Ok(PeriodRow {
            id: row.id.into(),
            hired_on: row.hired_on.to_jiff(),
            terminated_on: row.terminated_on.map(jiff_sqlx::Date::to_jiff),
            termination_kind: optional_word(row.termination_kind.as_deref())?,
            termination_reason: row.termination_reason,
            created_at: row.created_at.to_jiff(),
        })
    });
    made.collect()
}
