//! What an import writes into the audit log, in one statement for all rows.

use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::Import;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Things that were made, of which the file says the name alone.
pub(super) struct Made<'a> {
    /// What they are, for example `department`.
    pub(super) entity: &'a str,
    /// What their name is called.
    pub(super) key: &'a str,
    pub(super) ids: &'a [Uuid],
    pub(super) names: &'a [String],
}

/// Records that things were made.
pub(super) async fn record_made(
    tx: &mut TenantTx,
    import: &Import<'_>,
    made: &Made<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<()> {
    let audit_ids: Vec<Uuid> = made.ids.iter().map(|_| new_id()).collect();
    sqlx::query!(
        "INSERT INTO audit_log (id, actor_kind, actor_id, actor, action, entity, entity_id, after, request_id, created_at)
         SELECT n.audit_id, $4, $5, $6, $7 || '.created', $7, n.id, jsonb_build_object($8::text, n.name), $9, $10
         FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (audit_id, id, name)",
        &audit_ids,
        made.ids,
        made.names,
        import.actor.kind(),
        import.actor.user_id(),
        import.actor.name(),
        made.entity,
        made.key,
        import.id.to_string(),
        import.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.seal_at_commit(&format!("{}.created", made.entity), audit_ids);
    Ok(())
}

/// Records each employee who was made or changed, with the columns that changed, and each new salary.
pub(super) async fn record_people(tx: &mut TenantTx, import: &Import<'_>) -> Result<()> {
    let written = sqlx::query_scalar!(
        "WITH entries AS MATERIALIZED (
             SELECT r.audit_id AS id, CASE WHEN r.before IS NULL THEN 'employee.created' ELSE 'employee.updated' END AS action,
                    'employee' AS entity, r.employee_id AS entity_id, r.before, r.after
             FROM employee_import_rows r WHERE r.after IS NOT NULL
             UNION ALL
             SELECT r.salary_audit_id, 'salary.assigned', 'salary_assignment', r.salary_id, NULL,
                    jsonb_build_object('employee_id', r.employee_id, 'effective_from', r.salary_from, 'base', r.salary_base::text,
                                       'currency', r.salary_currency, 'pay_period', r.salary_pay_period)
             FROM employee_import_rows r WHERE r.salary_from IS NOT NULL
         )
         INSERT INTO audit_log (id, actor_kind, actor_id, actor, action, entity, entity_id, before, after, request_id, created_at)
         SELECT n.id, $1, $2, $3, n.action, n.entity, n.entity_id, n.before, n.after, $4, $5 FROM entries n
         RETURNING id",
        import.actor.kind(),
        import.actor.user_id(),
        import.actor.name(),
        import.id.to_string(),
        import.now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    tx.seal_at_commit("employee.updated", written);
    Ok(())
}
