//! The trail of what operators do to the platform itself.

use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::Result;
use crate::tenants::Act;

/// Writes a row of it: what was done to what, which was so before and is so after.
pub(crate) async fn record(
    tx: &mut PgConnection,
    act: &Act,
    action: &str,
    subject: &str,
    (before, after): (Option<Value>, Option<Value>),
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.platform_audit (id, action, actor, subject, before, after, request_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        act.id,
        action,
        act.actor,
        subject,
        before,
        after,
        act.request_id,
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
