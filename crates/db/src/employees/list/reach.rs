//! Who may be seen, where that is not everybody. Looked up beforehand, as keys: so PostgreSQL knows how few people to expect, where a
//! condition that asks each person of the company would read them all to find a manager's eight.

use sqlx::{Postgres, QueryBuilder};
use tenure_core::access::Scope;
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

use super::Filter;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// From so many reports on, a page is full soon when people are asked one by one whether they are among them; to gather all of them
/// would take longer the more they are.
const MANY: usize = 1000;

/// The people whom narrower scopes than everything reach.
#[derive(Debug, Default)]
pub(super) struct Reach {
    people: Vec<Uuid>,
    departments: Vec<Uuid>,
    /// All whose managers lead up to this one, who are many.
    below: Option<EmployeeId>,
}

/// Whom a filter lets be seen, for a page; `None` for everybody.
pub(super) async fn of_page(tx: &mut TenantTx, filter: &Filter) -> Result<Option<Reach>> {
    look_up(tx, filter, MANY).await
}

/// Whom a filter lets be seen, all of them by their keys; `None` for everybody.
pub(super) async fn of_all(tx: &mut TenantTx, filter: &Filter) -> Result<Option<Reach>> {
    look_up(tx, filter, usize::MAX).await
}

async fn look_up(tx: &mut TenantTx, filter: &Filter, many: usize) -> Result<Option<Reach>> {
    if filter.visible.has(Scope::All) {
        return Ok(None);
    }
    let Some(viewer) = filter.viewer else { return Ok(Some(Reach::default())) };
    let (reports, department) = (filter.visible.has(Scope::Reports), filter.visible.has(Scope::Department));
    let mut reach = Reach::default();
    if reports || department {
        let found = sqlx::query!(
            r#"WITH RECURSIVE below AS (
                   SELECT id FROM employees WHERE $2 AND manager_id = $1
                   UNION
                   SELECT e.id FROM employees e JOIN below b ON e.manager_id = b.id
               ), departments_below AS (
                   SELECT department_id AS id FROM employees WHERE $3 AND id = $1 AND department_id IS NOT NULL
                   UNION
                   SELECT d.id FROM departments d JOIN departments_below b ON d.parent_id = b.id
               )
               SELECT ARRAY(SELECT id FROM below LIMIT $4) AS "people!: Vec<Uuid>",
                      ARRAY(SELECT id FROM departments_below) AS "departments!: Vec<Uuid>""#,
            viewer.uuid(),
            reports,
            department,
            i64::try_from(many).unwrap_or(i64::MAX),
        )
        .fetch_one(&mut **tx)
        .await?;
        reach = Reach { people: found.people, departments: found.departments, below: None };
    }
    if reach.people.len() >= many {
        reach = Reach { people: Vec::new(), below: Some(viewer), ..reach };
    }
    if filter.visible.has(Scope::Own) {
        reach.people.push(viewer.uuid());
    }
    Ok(Some(reach))
}

/// The condition that somebody is among them.
pub(super) fn push(sql: &mut QueryBuilder<Postgres>, reach: Reach) {
    sql.push(" AND (false");
    if !reach.people.is_empty() {
        sql.push(" OR e.id = ANY (").push_bind(reach.people).push(")");
    }
    if !reach.departments.is_empty() {
        sql.push(" OR e.department_id = ANY (").push_bind(reach.departments).push(")");
    }
    if let Some(manager) = reach.below {
        sql.push(
            " OR EXISTS (WITH RECURSIVE above AS (SELECT e.manager_id AS id
              UNION SELECT m.manager_id FROM employees m JOIN above ON m.id = above.id) SELECT FROM above WHERE id = ",
        );
        sql.push_bind(manager.uuid()).push(")");
    }
    sql.push(")");
}
