//! The foreign keys of a schema that is filled: they form circles, so no order of the tables could keep them.

use sqlx::postgres::PgConnection;
use tenure_core::tenant::SchemaName;

use super::quoted;
use crate::error::Result;
use crate::tenants::run;

/// A foreign key that is away while its table is filled.
#[derive(Debug)]
pub(super) struct ForeignKey {
    table: String,
    name: String,
    definition: String,
}

impl ForeignKey {
    /// Takes those of a schema's tables away.
    pub(super) async fn drop_all(tx: &mut PgConnection, schema: &SchemaName, names: &[&str]) -> Result<Vec<Self>> {
        let given: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let keys = sqlx::query_as!(
            Self,
            r#"SELECT given.name AS "table!", c.conname::text AS "name!", pg_get_constraintdef(c.oid) AS "definition!"
               FROM unnest($1::text[]) AS given (name)
                    JOIN pg_constraint c ON c.conrelid = to_regclass(quote_ident($2) || '.' || quote_ident(given.name)) AND c.contype = 'f'
               ORDER BY given.name, c.conname"#,
            &given,
            schema.as_str(),
        )
        .fetch_all(&mut *tx)
        .await?;
        for key in &keys {
            run(tx, &format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted(&key.table), quoted(&key.name))).await?;
        }
        Ok(keys)
    }

    /// Puts it back, which checks all rows.
    pub(super) async fn add(&self, tx: &mut PgConnection) -> Result<()> {
        let (table, name) = (quoted(&self.table), quoted(&self.name));
        run(tx, &format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", self.definition)).await
    }
}
