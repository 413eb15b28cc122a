//! What is asked of the database before a merge.

use sqlx::raw_sql;
use tenure_core::import::{Colleague, EmployeeRow, PersonName, Stored, TakenEmail};

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Keeps all others from changing people and pay until the transaction ends; they can read. A second import into the tenant
/// waits here. Also lets statements run for minutes and sort in memory: they work on all rows of a file at once.
///
/// # Errors
/// When the tables are not free within ten minutes.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql(
        "SET LOCAL statement_timeout = '10min';
         SET LOCAL work_mem = '64MB';
         LOCK TABLE departments, designations, job_assignments, employees, salary_assignments, employee_import_rows IN SHARE ROW EXCLUSIVE MODE",
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is stored about the people whom the rows' numbers find.
///
/// # Errors
/// When the database cannot be read.
pub async fn stored(tx: &mut TenantTx, rows: &[EmployeeRow]) -> Result<Vec<Stored>> {
    let (lines, numbers) = lines_and_numbers(rows.iter())?;
    let found = sqlx::query!(
        r#"SELECT f.line AS "line!", e.status, e.termination_kind, e.termination_reason,
                  e.birth_date AS "birth_date: jiff_sqlx::Date", e.terminated_on AS "terminated_on: jiff_sqlx::Date"
           FROM unnest($1::integer[], $2::text[]) AS f (line, number)
           JOIN employees e ON lower(e.employee_number) = lower(f.number) AND e.deleted_at IS NULL"#,
        &lines,
        &numbers,
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = found.into_iter().map(|row| {
        Ok(Stored {
            line: from_line(row.line)?,
            birth_date: row.birth_date.map(jiff_sqlx::Date::to_jiff),
            status: row.status.parse().map_err(undecodable)?,
            terminated_on: row.terminated_on.map(jiff_sqlx::Date::to_jiff),
            termination_kind: row.termination_kind.map(|kind| kind.parse()).transpose().map_err(undecodable)?,
            termination_reason: row.termination_reason,
        })
    });
    stored.collect()
}

/// The rows whose work address is another employee's at present.
///
/// # Errors
/// When the database cannot be read.
pub async fn taken_emails(tx: &mut TenantTx, rows: &[EmployeeRow]) -> Result<Vec<TakenEmail>> {
    let with_email = || rows.iter().filter(|row| row.work_email.is_some());
    let (lines, numbers) = lines_and_numbers(with_email())?;
    let emails: Vec<String> = with_email().filter_map(|row| row.work_email.clone()).collect();
    let found = sqlx::query!(
        r#"WITH f AS (SELECT * FROM unnest($1::integer[], $2::text[], $3::text[]) AS f (line, number, email))
           SELECT f.line AS "line!", e.employee_number AS holder, g.line AS "freed_by?"
           FROM f
           JOIN employees e ON lower(e.work_email) = lower(f.email) AND lower(e.employee_number) <> lower(f.number)
                AND e.deleted_at IS NULL
           LEFT JOIN f g ON lower(g.number) = lower(e.employee_number)"#,
        &lines,
        &numbers,
        &emails,
    )
    .fetch_all(&mut **tx)
    .await?;
    let taken = found.into_iter().map(|row| {
        let freed_by = row.freed_by.map(from_line).transpose()?;
        Ok(TakenEmail { line: from_line(row.line)?, holder: row.holder, freed_by })
    });
    taken.collect()
}

/// Everybody who is stored, as possible managers.
///
/// # Errors
/// When the database cannot be read.
pub async fn colleagues(tx: &mut TenantTx) -> Result<Vec<Colleague>> {
    let rows = sqlx::query!(
        r#"SELECT e.employee_number, e.first_name, e.middle_name, e.last_name, m.employee_number AS "manager?"
           FROM employees e LEFT JOIN employees m ON m.id = e.manager_id AND m.deleted_at IS NULL
           WHERE e.deleted_at IS NULL"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let colleagues = rows.into_iter().map(|row| Colleague {
        number: row.employee_number,
        name: PersonName { first: row.first_name, middle: row.middle_name, last: row.last_name },
        manager: row.manager,
    });
    Ok(colleagues.collect())
}

fn lines_and_numbers<'a>(rows: impl Iterator<Item = &'a EmployeeRow>) -> Result<(Vec<i32>, Vec<String>)> {
    let pairs = rows.map(|row| Ok((i32::try_from(row.line).map_err(undecodable)?, row.number.clone())));
    pairs.collect()
}

pub(super) fn from_line(line: i32) -> Result<usize> {
    usize::try_from(line).map_err(undecodable)
}

/// Something that the table's own constraints rule out.
fn undecodable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Sql(sqlx::Error::Decode(Box::new(error)))
}
