//! What is stored when employments change: what held is superseded, what holds from now on is added. Four statements, however many
//! people there are.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use tenure_core::employment::{EmploymentType, End, Field, Fraction, Period, Row, TerminationKind};
use uuid::Uuid;

use super::Operations;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Stores what has changed. `new_id` makes ids. Who calls it has called [`super::lock`], and calls [`super::settle`] afterwards.
///
/// # Errors
/// When the database refuses a row.
pub async fn save(
    tx: &mut TenantTx,
    operations: &[Operations],
    now: Timestamp,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<()> {
    let superseded = operations.iter().flat_map(|(_, of)| &of.periods_superseded).map(|id| id.uuid());
    let superseded_rows = operations.iter().flat_map(|(_, of)| &of.rows_superseded).map(|id| id.uuid());
    supersede(tx, &superseded.collect::<Vec<_>>(), &superseded_rows.collect::<Vec<_>>(), now).await?;
    let periods = operations.iter().flat_map(|(id, of)| of.periods_added.iter().map(move |period| (id.uuid(), period)));
    add_periods(tx, &periods.collect::<Vec<_>>(), now, new_id).await?;
    let rows = operations.iter().flat_map(|(id, of)| of.rows_added.iter().map(move |row| (id.uuid(), row)));
    add_rows(tx, &rows.collect::<Vec<_>>(), now, new_id).await
}

async fn supersede(tx: &mut TenantTx, periods: &[Uuid], rows: &[Uuid], now: Timestamp) -> Result<()> {
    if !periods.is_empty() {
        let ended = sqlx::query!(
            "UPDATE employment_periods SET deleted_at = $2 WHERE id = ANY ($1)",
            periods,
            now.to_sqlx() as _
        );
        ended.execute(&mut **tx).await?;
    }
    if !rows.is_empty() {
        let ended =
            sqlx::query!("UPDATE job_assignments SET deleted_at = $2 WHERE id = ANY ($1)", rows, now.to_sqlx() as _);
        ended.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn add_periods(
    tx: &mut TenantTx,
    periods: &[(Uuid, &Period)],
    now: Timestamp,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<()> {
    if periods.is_empty() {
        return Ok(());
    }
    let of_end = |period: &Period, part: fn(&End) -> Option<String>| period.end.as_ref().and_then(part);
    let kind = |end: &End| end.kind.map(TerminationKind::as_str).map(str::to_owned);
    sqlx::query!(
        "INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, termination_kind, termination_reason, created_at)
         SELECT given.*, $7 FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[], $5::text[], $6::text[]) AS given",
        &column(periods, |_| new_id()),
        &column(periods, |(person, _)| *person),
        &column(periods, |(_, period)| period.hired_on.to_sqlx()) as _,
        &column(periods, |(_, period)| period.end.as_ref().map(|end| end.last_day.to_sqlx())) as _,
        &column(periods, |(_, period)| of_end(period, kind)) as _,
        &column(periods, |(_, period)| of_end(period, |end| end.reason.clone())) as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn add_rows(
    tx: &mut TenantTx,
    rows: &[(Uuid, &Row)],
    now: Timestamp,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let kind = |row: &Row| row.position.employment_type.map(EmploymentType::as_str);
    let fraction = |row: &Row| -> Option<Decimal> { row.position.working_time_fraction.map(Fraction::decimal) };
    sqlx::query!(
        "INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, location_id,
             employment_type, working_time_fraction, pay_grade, reason, changed, created_at)
         SELECT id, employee_id, effective_from, department_id, designation_id, manager_id, location_id, employment_type,
                working_time_fraction, pay_grade, reason, string_to_array(changed, ','), $13
         FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
                     $9::numeric[], $10::text[], $11::text[], $12::text[])
             AS given (id, employee_id, effective_from, department_id, designation_id, manager_id, location_id, employment_type,
                       working_time_fraction, pay_grade, reason, changed)",
        &column(rows, |_| new_id()),
        &column(rows, |(person, _)| *person),
        &column(rows, |(_, row)| row.from.to_sqlx()) as _,
        &column(rows, |(_, row)| row.position.department_id.map(Uuid::from)) as _,
        &column(rows, |(_, row)| row.position.designation_id.map(Uuid::from)) as _,
        &column(rows, |(_, row)| row.position.manager_id.map(Uuid::from)) as _,
        &column(rows, |(_, row)| row.position.location_id.map(Uuid::from)) as _,
        &column(rows, |(_, row)| kind(row)) as _,
        &column(rows, |(_, row)| fraction(row)) as _,
        &column(rows, |(_, row)| row.position.pay_grade.as_deref()) as _,
        &column(rows, |(_, row)| row.reason.as_deref()) as _,
        &column(rows, |(_, row)| words(row)),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The fields that a row changed. Arrays of one statement have to be of one length, so they travel as one text each.
fn words(row: &Row) -> String {
    row.changed.iter().copied().map(Field::as_str).collect::<Vec<_>>().join(",")
}

/// One column of rows, as the array that is sent for it.
fn column<'a, R, T>(rows: &'a [R], value: impl FnMut(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
