//! What a schema really consists of, read from PostgreSQL's catalogue in a form that can be compared.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::postgres::PgConnection;

use crate::error::Result;

/// Everything in one schema: the name of each object with its definition, in both of which the schema's own name is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<String, String>);

/// A difference between what a schema should be and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What differs, for example `index employees_manager_id_idx`.
    pub object: String,
    /// Its definition as it should be; `None` when it should not be there.
    pub expected: Option<String>,
    /// Its definition as it is; `None` when it is missing.
    pub found: Option<String>,
}

impl Catalogue {
    /// What differs in another schema that should equal this one.
    #[must_use]
    pub fn drift(&self, found: &Self) -> Vec<Drift> {
        let mut objects: Vec<&String> = self.0.keys().chain(found.0.keys()).collect();
        objects.sort();
        objects.dedup();
        let drift = objects.into_iter().map(|object| Drift {
            object: object.clone(),
            expected: self.0.get(object).cloned(),
            found: found.0.get(object).cloned(),
        });
        drift.filter(|drift| drift.expected != drift.found).collect()
    }
}

/// Reads some schemas at once: a pass over the catalogue costs the same for one schema as for many.
///
/// The tenant's role appears as `tenant`, the owner's login as `owner`, so that equal schemas read equal.
pub(super) async fn read(connection: &mut PgConnection, schemas: &[String]) -> Result<BTreeMap<String, Catalogue>> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(CATALOGUE_SQL).bind(schemas).fetch_all(connection).await?;
    let mut catalogues: BTreeMap<String, Catalogue> =
        schemas.iter().map(|name| (name.clone(), Catalogue::default())).collect();
    for (schema, object, definition) in rows {
        catalogues.entry(schema).or_default().0.insert(object, definition);
    }
    Ok(catalogues)
}

const CATALOGUE_SQL: &str = r"
WITH space AS MATERIALIZED (
    SELECT oid, nspname, nspowner, nspacl, quote_ident(nspname) || '.' AS prefix FROM pg_namespace WHERE nspname = ANY($1)
), relation AS MATERIALIZED (
    SELECT c.*, s.nspname, s.prefix FROM pg_class c JOIN space s ON s.oid = c.relnamespace WHERE c.relnamespace IN (SELECT oid FROM space)
), tables AS MATERIALIZED (
    SELECT * FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), rights AS (
    SELECT nspname, nspname AS schema, 'schema' AS object, nspowner AS owner, acl.* FROM space, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) acl
    UNION ALL
    SELECT nspname, nspname, 'table ' || relname, relowner, acl.* FROM tables, aclexplode(coalesce(relacl, acldefault('r', relowner))) acl
    UNION ALL
    SELECT t.nspname, t.nspname, 'column ' || t.relname || '.' || a.attname, t.relowner, acl.*
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0, aclexplode(a.attacl) acl
)
SELECT nspname::text, 'schema' AS object, 'owned by ' || CASE WHEN nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN 'owner' ELSE nspowner::regrole::text END AS definition
FROM space
UNION ALL
SELECT nspname::text, 'table ' || relname,
       concat_ws(' ', CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'foreign table' END,
                 CASE relpersistence WHEN 'u' THEN 'unlogged' END, CASE WHEN relrowsecurity THEN 'row security' END,
                 'owned by ' || CASE WHEN relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN 'owner' ELSE relowner::regrole::text END)
FROM tables
UNION ALL
SELECT t.nspname::text, 'column ' || t.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 CASE WHEN a.attcollation NOT IN (0, 100) THEN 'collate ' || a.attcollation::regcollation END,
                 CASE a.attgenerated WHEN 's' THEN 'generated' WHEN 'v' THEN 'generated virtual' END, CASE WHEN a.attidentity <> '' THEN 'identity' END,
                 'default ' || replace(pg_get_expr(d.adbin, d.adrelid), t.prefix, ''))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT r.nspname::text, 'index ' || r.relname, replace(pg_get_indexdef(i.indexrelid), r.prefix, '') || CASE WHEN i.indisvalid THEN '' ELSE ' (not valid)' END
FROM relation r JOIN pg_index i ON i.indexrelid = r.oid
UNION ALL
SELECT t.nspname::text, 'constraint ' || t.relname || '.' || c.conname, replace(pg_get_constraintdef(c.oid), t.prefix, '')
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype <> 'n'
UNION ALL
SELECT t.nspname::text, 'trigger ' || t.relname || '.' || g.tgname, replace(pg_get_triggerdef(g.oid), t.prefix, '')
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT s.nspname::text, 'function ' || replace(p.oid::regprocedure::text, s.prefix, ''), md5(p.prosrc)
FROM space s JOIN pg_proc p ON p.pronamespace = s.oid
UNION ALL
SELECT nspname::text, 'right ' || object || ' to ' || CASE WHEN grantee = 0 THEN 'everyone' WHEN grantee = owner THEN 'owner'
           WHEN pg_get_userbyid(grantee) = schema THEN 'tenant' ELSE pg_get_userbyid(grantee)::text END,
       string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type)
FROM rights GROUP BY nspname, schema, object, grantee, owner
UNION ALL
SELECT s.nspname::text, 'role', concat_ws(' ', 'role', CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcreaterole THEN 'createrole' END,
           CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolbypassrls THEN 'bypassrls' END, CASE WHEN rolcanlogin THEN 'login' END,
           CASE WHEN rolinherit THEN 'inherit' END)
FROM space s JOIN pg_roles r ON r.rolname = s.nspname
UNION ALL
SELECT s.nspname::text, 'membership of tenant in ' || pg_get_userbyid(m.roleid), 'member'
FROM space s JOIN pg_roles r ON r.rolname = s.nspname JOIN pg_auth_members m ON m.member = r.oid
UNION ALL
SELECT s.nspname::text, 'membership in tenant of ' || pg_get_userbyid(m.member), string_agg(CASE WHEN m.admin_option THEN 'admin' ELSE 'member' END, ', ' ORDER BY m.admin_option)
FROM space s JOIN pg_roles r ON r.rolname = s.nspname JOIN pg_auth_members m ON m.roleid = r.oid GROUP BY s.nspname, m.member";

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(objects: &[(&str, &str)]) -> Catalogue {
        Catalogue(objects.iter().map(|(object, definition)| ((*object).to_owned(), (*definition).to_owned())).collect())
    }

    #[test]
    fn drift_names_what_is_missing_added_and_changed() {
        let reference = catalogue(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let found = catalogue(&[("a", "1"), ("c", "9"), ("d", "4")]);
        let drift = |object: &str, expected: Option<&str>, found: Option<&str>| Drift {
            object: object.into(),
            expected: expected.map(Into::into),
            found: found.map(Into::into),
        };
        assert_eq!(
            reference.drift(&found),
            [drift("b", Some("2"), None), drift("c", Some("3"), Some("9")), drift("d", None, Some("4"))]
        );
        assert!(reference.drift(&reference).is_empty());
    }
}
