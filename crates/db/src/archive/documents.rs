//! Documents that lie elsewhere, as the rows that they would be in the tenant's schema.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Snapshot, Table};
use crate::error::Result;

/// A document with all that its row has.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// What it holds.
    pub body: Map<String, Value>,
}

impl Snapshot {
    /// Documents in the text form of `COPY`, as the table that they would lie in has it. PostgreSQL itself writes the values, so that they
    /// are the same whether they came from a table or not.
    ///
    /// # Errors
    /// Database errors, as for a body that PostgreSQL cannot hold.
    pub async fn text_of(&mut self, table: &Table, rows: &[DocumentRow]) -> Result<Vec<u8>> {
        let times =
            |time: fn(&DocumentRow) -> Timestamp| rows.iter().map(|row| time(row).to_sqlx()).collect::<Vec<_>>();
        let expire: Vec<_> = rows.iter().map(|row| row.expires_at.map(ToSqlx::to_sqlx)).collect();
        let found = sqlx::query!(
            r#"SELECT n.id::text AS "id!", n.version::text AS "version!", n.created_at::text AS "created_at!",
                      n.updated_at::text AS "updated_at!", n.expires_at::text, n.body::text AS "body!"
               FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[])
                    WITH ORDINALITY AS n (id, version, created_at, updated_at, expires_at, body, place)
               ORDER BY n.place"#,
            &rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.version).collect::<Vec<_>>(),
            times(|row| row.created_at) as _,
            times(|row| row.updated_at) as _,
            expire as _,
            rows.iter().map(|row| Json(&row.body)).collect::<Vec<_>>() as _,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut text = Vec::new();
        for row in found {
            for (at, column) in table.columns.iter().enumerate() {
                if at > 0 {
                    text.push(b'\t');
                }
                let value = match column.as_str() {
                    "id" => Some(row.id.as_str()),
                    "version" => Some(row.version.as_str()),
                    "created_at" => Some(row.created_at.as_str()),
                    "updated_at" => Some(row.updated_at.as_str()),
                    "expires_at" => row.expires_at.as_deref(),
                    "body" => Some(row.body.as_str()),
                    _ => None,
                };
                write_value(&mut text, value);
            }
            text.push(b'\n');
        }
        Ok(text)
    }
}

/// What stands for the end of a value or a row, and the sign that says so, are written with the sign before them.
fn write_value(text: &mut Vec<u8>, value: Option<&str>) {
    let Some(value) = value else { return text.extend_from_slice(b"\\N") };
    for byte in value.bytes() {
        match byte {
            b'\\' => text.extend_from_slice(b"\\\\"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            _ => text.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_copy_has_them() {
        let mut text = Vec::new();
        write_value(&mut text, Some("a\\b\tc\nd\re"));
        write_value(&mut text, None);
        assert_eq!(text, b"a\\\\b\\tc\\nd\\re\\N");
    }
}
