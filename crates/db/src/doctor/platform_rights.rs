//! Whether the platform's tables are open to the application as they must be, and to nobody else.

use std::collections::BTreeSet;

use tenure_core::tenant::SchemaName;

use super::State;
use crate::connect::Database;
use crate::error::Result;
use crate::migrate::{APPLICATION_RIGHTS, MigrationSet, platform_version};

/// How a right on the schema is written beside those on its tables.
const ON_SCHEMA: &str = "SCHEMA public";

/// A right of somebody: on what, which, whose.
type Right = (String, String, String);

/// Compares the rights on what the owner has in `public` with those that the migrations give.
pub(super) async fn examine(db: &Database) -> Result<(State, String)> {
    if platform_version(db).await? < MigrationSet::platform().latest() {
        return Ok((State::Ok, "compared when the platform is up to date".to_owned()));
    }
    let found = found(db).await?;
    let expected = expected(db);
    let missing: Vec<String> =
        expected.difference(&found).map(|(on, right, whom)| format!("GRANT {right} ON {on} TO \"{whom}\"")).collect();
    if !missing.is_empty() {
        return Ok((State::Failed, format!("the application lacks rights; as the owner: {}", missing.join("; "))));
    }
    let more: Vec<&Right> = found.difference(&expected).collect();
    // A tenant's role has the name of its schema.
    let is_open = |(_, _, whom): &Right| whom == "PUBLIC" || whom.parse::<SchemaName>().is_ok();
    let state = match (more.is_empty(), more.iter().any(|right| is_open(right))) {
        (true, _) => return Ok((State::Ok, "the application has what it needs, and tenants have nothing".to_owned())),
        // Tenants reach what is not theirs.
        (false, true) => State::Failed,
        (false, false) => State::Warning,
    };
    let shown: Vec<String> = more.iter().map(|(on, right, whom)| format!("{whom} has {right} on {on}")).collect();
    Ok((state, format!("more than Tenure gives: {}", shown.join(", "))))
}

fn expected(db: &Database) -> BTreeSet<Right> {
    if db.has_single_login() {
        return BTreeSet::new();
    }
    let login = db.application_login();
    let right = |on: String, right: &str| (on, right.to_owned(), login.to_owned());
    let mut all = BTreeSet::from([right(ON_SCHEMA.to_owned(), "USAGE")]);
    for (rights, tables) in APPLICATION_RIGHTS {
        for table in *tables {
            all.extend(rights.iter().map(|word| right(format!("public.{table}"), word)));
        }
    }
    all
}

/// The rights that others than the owner have. What belongs to somebody else, such as an extension of the operator's, is theirs to judge.
async fn found(db: &Database) -> Result<BTreeSet<Right>> {
    let rows = sqlx::query!(
        r#"SELECT o.name AS "name!", acl.privilege_type AS "right!", coalesce(r.rolname::text, 'PUBLIC') AS "whom!"
           FROM (SELECT 'public.' || relname AS name, relacl AS acl, relowner AS owner FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
                     AND pg_get_userbyid(relowner) = current_user
                 UNION ALL
                 SELECT 'SCHEMA public', nspacl, nspowner FROM pg_namespace WHERE nspname = 'public') o
           CROSS JOIN LATERAL aclexplode(o.acl) acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
           WHERE acl.grantee <> o.owner AND acl.grantee <> current_user::regrole"#
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.right, row.whom)).collect())
}
