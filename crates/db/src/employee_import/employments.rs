//! What an import means for employments: new people begin, and of the others what differs holds as of the day of the import, or is
//! corrected where it is a first or last day.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::employment::{Employment, End, Field, Position};
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

use super::Import;
use super::lookup::from_line;
use crate::employees::optional_word;
use crate::employment::{self, Moment, position};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What the file says of somebody whose employment is on record.
struct Said {
    person: EmployeeId,
    hired_on: Date,
    end: Option<End>,
    as_of: Date,
    position: Position,
}

/// A row of which the person would manage himself or herself, directly or through others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The line.
    pub line: usize,
    /// Those in the circle.
    pub names: String,
}

/// Writes the employments of those whose rows were written, after the rows. Gives the rows that must not be kept as they are.
pub(super) async fn save(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<Vec<Closed>> {
    begin(tx, import).await?;
    let said = said(tx).await?;
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<EmployeeId> = said.iter().map(|said| said.person).collect();
    let mut stored = employment::load(tx, &people).await?;
    let changed = said.into_iter().map(|Said { person, hired_on, end, as_of, position }| {
        let before: Employment = stored.remove(&person).unwrap_or_default();
        let mut after = before.clone();
        after.follow((hired_on, end), (as_of, import.today), position);
        (after.new_manager_from(&before).map(|from| (person, from)), (person, after.since(&before)))
    });
    let (news, changed): (Vec<_>, Vec<_>) = changed.unzip();
    employment::save(tx, &changed, import.now, new_id).await?;
    employment::settle(tx, &people, Moment { today: import.today, now: import.now }, false).await?;
    circles(tx, import, &news.into_iter().flatten().collect::<Vec<_>>()).await
}

/// Begins the employments of new people. A person's own id is not in use as a key of these tables.
async fn begin(tx: &mut TenantTx, import: &Import<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, termination_kind, termination_reason, created_at)
         SELECT r.employee_id, r.employee_id, r.hired_on, r.terminated_on, r.termination_kind, r.termination_reason, $1
         FROM employee_import_rows r WHERE r.after IS NOT NULL AND r.before IS NULL",
        import.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    let all: Vec<String> = Field::ALL.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, employment_type,
             changed, applied_at, created_at)
         SELECT r.employee_id, r.employee_id, r.hired_on, r.department_id, r.designation_id, r.manager_id, r.employment_type, $2, $1, $1
         FROM employee_import_rows r WHERE r.after IS NOT NULL AND r.before IS NULL",
        import.now.to_sqlx() as _,
        &all,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Those of whom something differs that holds from a day on. What no file says is as in the row.
async fn said(tx: &mut TenantTx) -> Result<Vec<Said>> {
    let rows = sqlx::query!(
        r#"SELECT e.id, e.hired_on AS "hired_on: jiff_sqlx::Date", e.terminated_on AS "terminated_on: jiff_sqlx::Date",
                  e.termination_kind, e.termination_reason, r.salary_as_of AS "as_of: jiff_sqlx::Date", e.department_id,
                  e.designation_id, e.manager_id, e.location_id, e.employment_type, e.working_time_fraction, e.pay_grade
           FROM employee_import_rows r JOIN employees e ON e.id = r.employee_id
           WHERE r.before ?| ARRAY['hired_on', 'terminated_on', 'termination_kind', 'termination_reason', 'status', 'department_id',
                                   'designation_id', 'manager_id', 'employment_type']
           ORDER BY r.line"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let said = rows.into_iter().map(|row| {
        let kind = optional_word(row.termination_kind.as_deref())?;
        let reason = row.termination_reason;
        Ok(Said {
            person: row.id.into(),
            hired_on: row.hired_on.to_jiff(),
            end: row.terminated_on.map(|last_day| End { last_day: last_day.to_jiff(), kind, reason }),
            as_of: row.as_of.to_jiff(),
            position: position!(row),
        })
    });
    said.collect()
}

/// The rows by which people would report to each other, together with what is filed ahead. As of today the rows were checked before.
async fn circles(tx: &mut TenantTx, import: &Import<'_>, news: &[(EmployeeId, Date)]) -> Result<Vec<Closed>> {
    let Some(from) = news.iter().map(|(_, from)| *from).min() else { return Ok(Vec::new()) };
    let filed_ahead = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM job_assignments WHERE applied_at IS NULL AND deleted_at IS NULL) AS "found!""#
    );
    if from >= import.today && !filed_ahead.fetch_one(&mut **tx).await? {
        return Ok(Vec::new());
    }
    let people: Vec<EmployeeId> = news.iter().map(|(person, _)| *person).collect();
    let found = employment::circles(tx, &people, from.min(import.today), import.today).await?;
    let (people, names): (Vec<Uuid>, Vec<String>) =
        found.into_iter().map(|circle| (circle.person.uuid(), circle.names.join(", "))).unzip();
    let rows = sqlx::query!(
        r#"SELECT r.line, c.names AS "names!" FROM unnest($1::uuid[], $2::text[]) AS c (person, names)
           JOIN employee_import_rows r ON r.employee_id = c.person ORDER BY r.line"#,
        &people,
        &names,
    );
    let rows = rows.fetch_all(&mut **tx).await?.into_iter();
    rows.map(|row| Ok(Closed { line: from_line(row.line)?, names: row.names })).collect()
}
