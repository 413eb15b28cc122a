//! Whose reminders are to be planned, and up to which day they are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A tenant whose reminders somebody has taken to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The tenant.
    pub tenant: TenantId,
    /// Reminders up to this day were planned.
    pub until: Date,
    lease: Timestamp,
}

/// Has every active tenant's reminders planned from now on. Those of days before today are not made up for.
///
/// # Errors
/// When the database does not answer.
pub async fn add_plans(db: &Database, now: Timestamp, yesterday: Date) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.mail_plans (tenant_id, due_at, planned_until)
         SELECT id, $1, $2 FROM public.tenants WHERE status = 'active' ON CONFLICT (tenant_id) DO NOTHING",
        now.to_sqlx() as _,
        yesterday.to_sqlx() as _,
    )
    .execute(&db.application)
    .await?;
    Ok(())
}

/// Has the reminders of the transaction's tenant planned as soon as it has ended.
///
/// # Errors
/// When the database refuses it.
pub async fn plan_now(tx: &mut TenantTx, now: Timestamp, yesterday: Date) -> Result<()> {
    let tenant = tx.tenant();
    let sql = format!(
        "INSERT INTO public.mail_plans (tenant_id, due_at, planned_until) VALUES ('{tenant}', '{now}', '{yesterday}')
         ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(mail_plans.due_at, EXCLUDED.due_at)"
    );
    tx.as_platform(&sql).await
}

/// Takes tenants whose reminders are to be planned.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_plans(db: &Database, (now, until): (Timestamp, Timestamp), limit: u16) -> Result<Vec<Plan>> {
    let rows = sqlx::query!(
        r#"UPDATE public.mail_plans SET due_at = $2
           WHERE tenant_id IN (SELECT tenant_id FROM public.mail_plans WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id, planned_until AS "until: jiff_sqlx::Date", due_at AS "lease: jiff_sqlx::Timestamp""#,
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
    let plan = |tenant: Uuid, until: jiff_sqlx::Date, lease: jiff_sqlx::Timestamp| Plan {
        tenant: tenant.into(),
        until: until.to_jiff(),
        lease: lease.to_jiff(),
    };
    Ok(rows.into_iter().map(|row| plan(row.tenant_id, row.until, row.lease)).collect())
}

/// Notes that a tenant's reminders are planned up to a day, and when it is looked again; sooner, if somebody has asked for that meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(db: &Database, plan: &Plan, until: Date, next: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.mail_plans SET planned_until = $2, due_at = CASE WHEN due_at = $3 THEN $4 ELSE due_at END WHERE tenant_id = $1",
        plan.tenant.uuid(),
        until.to_sqlx() as _,
        plan.lease.to_sqlx() as _,
        next.to_sqlx() as _,
    )
    .execute(&db.application)
    .await?;
    Ok(())
}

/// Plans no more for a tenant that is not there.
///
/// # Errors
/// When the database does not answer.
pub async fn drop_plan(db: &Database, tenant: TenantId) -> Result<()> {
    sqlx::query!("DELETE FROM public.mail_plans WHERE tenant_id = $1", tenant.uuid()).execute(&db.application).await?;
    Ok(())
}
