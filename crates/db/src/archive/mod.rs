//! A tenant's rows as a whole: read in one snapshot, and put into a schema made for them.
//!
//! Nothing here asks PostgreSQL's catalogue for "all tables of a schema", which takes longer with every tenant: the program knows
//! from its migrations which tables a version has, and looks each up by its name.

mod access;
mod copy_in;
mod documents;
mod foreign_keys;
mod hold;
mod kept;
mod leftovers;
mod load;
mod moving;
mod platform;
mod snapshot;
pub(crate) mod turns;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;

use crate::error::{Error, Result};

pub use access::Closed;
pub use copy_in::CopyIn;
pub use documents::DocumentRow;
pub use hold::Hold;
pub(crate) use kept::drop_kept;
pub use kept::{Kept, drop_kept_schema, replaced_before, undo};
pub use leftovers::Leftover;
pub use load::Loading;
pub use moving::Moving;
pub use platform::{PlatformLoading, has_schema, tenants_without_schema};
pub use snapshot::{Snapshot, SnapshotFacts};

/// One form of text for values and one order of rows that nobody changed, whatever the server or the login have set.
const TEXT_FORM: &str = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; \
     SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 3; SET LOCAL statement_timeout = 0; \
     SET LOCAL synchronize_seqscans = off; SET LOCAL idle_in_transaction_session_timeout = 0";

/// A table and those of its columns that hold data of their own, in the table's order. Generated columns are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name, without a schema.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
}

impl Table {
    fn column_list(&self) -> String {
        self.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Some tables of the transaction's schema, written out for a statement.
fn table_list(schema: &str, tables: &[&str]) -> String {
    tables.iter().map(|table| format!("{}.{}", quoted(schema), quoted(table))).collect::<Vec<_>>().join(", ")
}

/// The tables of a schema.
struct Described {
    /// By their names.
    tables: Vec<Table>,
    /// The names of those whose files have no page. No snapshot that was taken before finds a row in them: it would be on a page, which is kept for as
    /// long as the snapshot can see it.
    without_pages: HashSet<String>,
}

/// What the catalogue says of tables. Unlogged ones hold nothing that must last, and a replica cannot read them.
async fn describe(connection: &mut PgConnection, schema: &str, names: &[&str]) -> Result<Described> {
    let given: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let rows = sqlx::query!(
        r#"SELECT given.name AS "name!", c.relpersistence = 'u' AS "unlogged!", array_agg(a.attname::text ORDER BY a.attnum) AS "columns!",
                  pg_relation_size(c.oid) = 0 AS "without_pages!"
           FROM unnest($1::text[]) AS given (name)
                JOIN pg_class c ON c.oid = to_regclass(quote_ident($2) || '.' || quote_ident(given.name))
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           GROUP BY given.name, c.oid, c.relpersistence ORDER BY given.name"#,
        &given,
        schema,
    )
    .fetch_all(connection)
    .await?;
    if rows.len() != names.len() {
        let missing: Vec<&str> =
            names.iter().copied().filter(|name| rows.iter().all(|row| row.name != *name)).collect();
        return Err(Error::Refused(format!(
            "{schema} lacks {}; `tenure migrate verify` says what else",
            missing.join(", ")
        )));
    }
    let lasting: Vec<_> = rows.into_iter().filter(|row| !row.unlogged).collect();
    let without_pages = lasting.iter().filter(|row| row.without_pages).map(|row| row.name.clone()).collect();
    let tables = lasting.into_iter().map(|row| Table { name: row.name, columns: row.columns }).collect();
    Ok(Described { tables, without_pages })
}
