//! A company's intranet: a user whose one role reads everybody's work fields, so that nothing of it has to be audited.

use tenure_app::tokens::{self, Secret};
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use crate::Result;
use crate::bed::Bed;

const READER: &str = "intranet@bench.example";

/// Adds the user to a tenant, and gives a token of it.
pub(crate) async fn add(bed: &Bed, tenant: &Tenant) -> Result<Secret> {
    let mut tx = bed.context.db.begin(tenant.id).await?;
    sqlx::query(
        "WITH reader AS (INSERT INTO users (id, email, display_name, created_at, updated_at)
                         VALUES ($1, $3, 'Intranet', now(), now()) RETURNING id),
              role AS (INSERT INTO roles (id, key, name, created_at, updated_at)
                       VALUES ($2, 'intranet', 'Intranet', now(), now()) RETURNING id),
              permission AS (INSERT INTO role_permissions (role_id, permission, scope, created_at)
                             SELECT id, 'employees.read', 'all', now() FROM role)
         INSERT INTO user_roles (user_id, role_id, created_at) SELECT reader.id, role.id, now() FROM reader, role",
    )
    .bind(bed.context.id::<Uuid>())
    .bind(bed.context.id::<Uuid>())
    .bind(READER)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let token = tokens::Create {
        tenant: tenant.id,
        user: Some(READER.to_owned()),
        name: "intranet".to_owned(),
        valid_for: None,
    };
    Ok(tokens::create(&bed.context, &Actor::System, &token).await?.token)
}
