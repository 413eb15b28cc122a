//! Making a tenant: its row, role, schema, tables and first user, in one transaction. Cut off anywhere, nothing is left.

use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, raw_sql};
use tenure_core::access::BuiltInRole;
use tenure_core::document_address::DocumentPlace;
use tenure_core::ids::{RoleId, TenantId, UserId};
use tenure_core::tenant::{SchemaName, Slug};
use uuid::Uuid;

use super::documents::place_documents;
use super::lifecycle::{lock, slug_taken};
use super::{Act, Tenant, TenantName, audit};
use crate::connect::Database;
use crate::error::{Error, Result, violated_constraint};
use crate::migrate::{MigrationSet, check_platform, grants, platform_behind};

/// PostgreSQL 16 made inheriting from a role, and switching to it, two separate rights.
const SEPARATE_SET_OPTION: i32 = 160_000;

/// What a new tenant starts with. Ids come in, so that the whole is a function of its inputs.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its id.
    pub id: TenantId,
    /// Its slug.
    pub slug: Slug,
    /// Its display name.
    pub name: TenantName,
    /// Its first user, who has the role `owner`.
    pub owner: UserId,
    /// The owner's mail address.
    pub owner_email: String,
    /// The ids of the built-in roles.
    pub roles: [(BuiltInRole, RoleId); BuiltInRole::ALL.len()],
    /// Where its documents are to lie.
    pub documents: Option<DocumentPlace>,
}

/// Makes a tenant that is ready to be used.
///
/// # Errors
/// `Conflict` when the slug is taken, also by a creation that is under way at the same time; `SchemaTaken` when another id is
/// needed; `Migration` when the platform is behind, or ahead and another.
pub async fn create(db: &Database, migrations: &MigrationSet, new: &NewTenant, act: &Act) -> Result<Tenant> {
    match attempt(db, migrations, new, act).await {
        // The tables of a tenant stand on what the newest platform has, and this program may not know what a newer one wants.
        Err(error @ Error::Sql(_)) => {
            check_platform(db).await?;
            Err(platform_behind(&mut *db.owner.acquire().await?).await?.unwrap_or(error))
        }
        outcome => outcome,
    }
}

async fn attempt(db: &Database, migrations: &MigrationSet, new: &NewTenant, act: &Act) -> Result<Tenant> {
    let schema = SchemaName::for_tenant(&new.slug, new.id);
    let mut tx = db.owner.begin().await?;
    insert_row(&mut tx, new.id, &new.slug, &new.name, &schema, act).await?;
    if let Some(place) = &new.documents {
        place_documents(&mut tx, new.id, place).await?;
    }
    make_role(&mut tx, db, &schema).await?;
    make_schema(&mut tx, migrations, &schema).await?;
    insert_roles_and_owner(&mut tx, new, act).await?;
    write_ledger(&mut tx, migrations, new.id, migrations.latest(), act).await?;
    activate(&mut tx, new.id).await?;
    let tenant = lock(&mut tx, new.id).await?;
    let after = json!({ "slug": tenant.slug, "name": tenant.name, "schema": tenant.schema, "owner": new.owner_email });
    audit::record(&mut tx, new.id, act, "created", None, Some(after)).await?;
    tx.commit().await?;
    Ok(tenant)
}

/// The row comes first: its unique slug makes a second creation wait for this one and then fail.
pub(crate) async fn insert_row(
    tx: &mut PgConnection,
    id: TenantId,
    slug: &Slug,
    name: &TenantName,
    schema: &SchemaName,
    act: &Act,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.tenants (id, slug, name, schema_name, status, schema_version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'provisioning', 0, $5, $5)",
        id.uuid(),
        slug.as_str(),
        name.as_str(),
        schema.as_str(),
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await
    .map_err(|error| match violated_constraint(&error).as_deref() {
        Some("tenants_schema_name_key") => Error::SchemaTaken(schema.clone()),
        _ => slug_taken(error, slug),
    })?;
    Ok(())
}

/// Makes the tenant's role, which may do nothing yet, and lets the application's login switch to it without inheriting from it.
pub(crate) async fn make_role(tx: &mut PgConnection, db: &Database, schema: &SchemaName) -> Result<()> {
    let version = sqlx::query_scalar!(r#"SELECT current_setting('server_version_num')::int AS "version!""#)
        .fetch_one(&mut *tx)
        .await?;
    let options = if version >= SEPARATE_SET_OPTION { " WITH INHERIT FALSE, SET TRUE" } else { "" };
    let login = db.application_login().replace('"', "\"\"");
    run(tx, &format!("CREATE ROLE \"{schema}\" NOLOGIN NOINHERIT")).await.map_err(|error| {
        match error.sqlstate().as_deref() {
            // The second is what a role made at the same moment in another database of the cluster looks like.
            Some("42710" | "23505") => Error::SchemaTaken(schema.clone()),
            _ => error,
        }
    })?;
    run(tx, &format!("GRANT \"{schema}\" TO \"{login}\"{options}")).await
}

/// The same for a tenant that has lost its schema. Its role may be left of it, but not be in use in another database of the cluster.
pub(crate) async fn find_or_make_role(tx: &mut PgConnection, db: &Database, schema: &SchemaName) -> Result<()> {
    let is_left = sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM pg_roles r JOIN pg_auth_members m ON m.roleid = r.oid JOIN pg_roles l ON l.oid = m.member
             WHERE r.rolname = $1 AND l.rolname = $2 AND NOT EXISTS (
                 SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
                   AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))) AS "is_left!""#,
        schema.as_str(),
        db.application_login(),
    );
    if is_left.fetch_one(&mut *tx).await? { Ok(()) } else { make_role(tx, db, schema).await }
}

/// Makes a tenant's schema with its tables, as they are at the newest version.
pub(crate) async fn make_schema(tx: &mut PgConnection, migrations: &MigrationSet, schema: &SchemaName) -> Result<()> {
    enter_new_schema(tx, schema).await?;
    for statement in migrations.baseline() {
        run(tx, statement).await?;
    }
    for statement in grants(&migrations.tables(), schema) {
        run(tx, &statement).await?;
    }
    Ok(())
}

/// Makes an empty schema that its role may use, and makes it the path of what follows.
pub(crate) async fn enter_new_schema(tx: &mut PgConnection, schema: &SchemaName) -> Result<()> {
    run(tx, &format!("CREATE SCHEMA \"{schema}\"")).await?;
    run(tx, &format!("GRANT USAGE ON SCHEMA \"{schema}\" TO \"{schema}\"")).await?;
    run(tx, &format!("SET LOCAL search_path = \"{schema}\"")).await
}

async fn insert_roles_and_owner(tx: &mut PgConnection, new: &NewTenant, act: &Act) -> Result<()> {
    let ids: Vec<Uuid> = new.roles.iter().map(|(_, id)| id.uuid()).collect();
    let keys: Vec<String> = new.roles.iter().map(|(role, _)| role.key().to_owned()).collect();
    let names: Vec<String> = new.roles.iter().map(|(role, _)| role.name().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO roles (id, key, name, built_in, created_at, updated_at)
         SELECT id, key, name, true, $4, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (id, key, name)",
        &ids,
        &keys,
        &names,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO users (id, email, display_name, status, created_at, updated_at) VALUES ($1, $2, $3, 'active', $4, $4)",
        new.owner.uuid(),
        new.owner_email,
        BuiltInRole::Owner.name(),
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO user_roles (user_id, role_id, created_at) SELECT $1, id, $2 FROM roles WHERE key = 'owner'",
        new.owner.uuid(),
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts the migrations up to a version on record as applied, whether they were or the baseline that equals them.
pub(crate) async fn write_ledger(
    tx: &mut PgConnection,
    migrations: &MigrationSet,
    id: TenantId,
    version: i32,
    act: &Act,
) -> Result<()> {
    let applied: Vec<_> = migrations.between(0, version).collect();
    let versions: Vec<i32> = applied.iter().map(|migration| migration.version).collect();
    let names: Vec<String> = applied.iter().map(|migration| migration.name.to_string()).collect();
    let checksums: Vec<String> = applied.iter().map(|migration| migration.checksum.clone()).collect();
    sqlx::query!(
        "INSERT INTO public.tenant_migrations (tenant_id, version, name, checksum, state, recorded_at)
         SELECT $1, version, name, checksum, 'applied', $5
         FROM unnest($2::int[], $3::text[], $4::text[]) AS applied (version, name, checksum)",
        id.uuid(),
        &versions,
        &names,
        &checksums,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("UPDATE public.tenants SET schema_version = $2 WHERE id = $1", id.uuid(), version).execute(tx).await?;
    Ok(())
}

/// A tenant that has its schema is ready to be used.
pub(crate) async fn activate(tx: &mut PgConnection, id: TenantId) -> Result<()> {
    sqlx::query!("UPDATE public.tenants SET status = 'active' WHERE id = $1", id.uuid()).execute(tx).await?;
    Ok(())
}

/// Sends one statement that the program itself made.
pub(crate) async fn run(tx: &mut PgConnection, statement: &str) -> Result<()> {
    raw_sql(AssertSqlSafe(statement)).execute(tx).await?;
    Ok(())
}
