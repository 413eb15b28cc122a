//! Documents in tables of the tenant's own schema, in the transaction of the tenant that is under way.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Map, Value};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, Postgres as Db, QueryBuilder};
use uuid::Uuid;

use super::Error;
use super::collection::Collection;
use super::find::Find;
use super::stored::Raw;
use super::walk::{ENOUGH, MOST};
use super::work::Work;

/// A transaction of a tenant: its search path leads to the tenant's tables.
#[derive(Debug)]
pub(super) struct Postgres<'a> {
    pub(super) tx: &'a mut PgConnection,
    /// The change under way, if this is of one.
    pub(super) work: Option<&'a mut Work>,
}

type Row =
    (Uuid, i32, jiff_sqlx::Timestamp, jiff_sqlx::Timestamp, Option<jiff_sqlx::Timestamp>, Json<Map<String, Value>>);

const COLUMNS: &str = "id, version, created_at, updated_at, expires_at, body";

// Names of tables and fields are those that the program declares; whatever comes from outside is a parameter.
impl Postgres<'_> {
    fn note_writing(&mut self) {
        if let Some(work) = &mut self.work {
            work.has_written_rows = true;
        }
    }

    pub(super) async fn insert(&mut self, collection: Collection, documents: &[Raw]) -> Result<(), Error> {
        self.note_writing();
        let sql = format!(
            "INSERT INTO {collection} ({COLUMNS})
             SELECT n.id, n.version, n.created_at, n.updated_at, n.expires_at, n.body
             FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[])
                  AS n ({COLUMNS})"
        );
        let times = |time: fn(&Raw) -> Timestamp| documents.iter().map(|raw| time(raw).to_sqlx()).collect::<Vec<_>>();
        let inserted = sqlx::query(AssertSqlSafe(sql))
            .bind(documents.iter().map(|raw| raw.id).collect::<Vec<_>>())
            .bind(documents.iter().map(|raw| raw.version).collect::<Vec<_>>())
            .bind(times(|raw| raw.created_at))
            .bind(times(|raw| raw.updated_at))
            .bind(documents.iter().map(|raw| raw.expires_at.map(ToSqlx::to_sqlx)).collect::<Vec<_>>())
            .bind(documents.iter().map(|raw| Json(&raw.body)).collect::<Vec<_>>())
            .execute(&mut *self.tx)
            .await;
        match inserted {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(Error::Taken(collection)),
            done => done.map(drop).map_err(Error::from),
        }
    }

    pub(super) async fn get(&mut self, collection: Collection, ids: &[Uuid]) -> Result<Vec<Raw>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM {collection} WHERE id = ANY ($1) ORDER BY id");
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(raw).collect())
    }

    pub(super) async fn replace(&mut self, collection: Collection, document: &Raw, read: i32) -> Result<(), Error> {
        self.note_writing();
        let sql = format!(
            "UPDATE {collection} SET version = $3, updated_at = $4, expires_at = $5, body = $6 WHERE id = $1 AND version = $2"
        );
        let updated = sqlx::query(AssertSqlSafe(sql))
            .bind(document.id)
            .bind(read)
            .bind(document.version)
            .bind(document.updated_at.to_sqlx())
            .bind(document.expires_at.map(ToSqlx::to_sqlx))
            .bind(Json(&document.body))
            .execute(&mut *self.tx)
            .await?;
        if updated.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale(collection)) }
    }

    pub(super) async fn find(&mut self, collection: Collection, find: &Find<'_>) -> Result<Vec<Raw>, Error> {
        let mut search = search("", collection, find);
        let rows: Vec<Row> = search.build_query_as().fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(raw).collect())
    }

    /// Goes from document to document, and no further than the page: those after it are not read.
    pub(super) async fn walk(&mut self, collection: Collection, after: Option<Uuid>) -> Result<Vec<Raw>, Error> {
        let first = if after.is_some() { "id > $3" } else { "$3::uuid IS NULL" };
        let sql = format!(
            "WITH RECURSIVE page (id, bytes, number) AS (
                 (SELECT id, octet_length(body::text)::bigint, 1 FROM {collection} WHERE {first} ORDER BY id LIMIT 1)
                 UNION ALL
                 SELECT next.id, page.bytes + next.bytes, page.number + 1
                 FROM page CROSS JOIN LATERAL (
                     SELECT id, octet_length(body::text) AS bytes FROM {collection} WHERE id > page.id ORDER BY id LIMIT 1) next
                 WHERE page.bytes < $1 AND page.number < $2)
             SELECT {COLUMNS} FROM {collection} JOIN page USING (id) ORDER BY id"
        );
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(i64::try_from(ENOUGH).unwrap_or(i64::MAX))
            .bind(i64::from(MOST))
            .bind(after)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(rows.into_iter().map(raw).collect())
    }

    pub(super) async fn count(&mut self, collection: Collection, equal: &[(&'static str, &str)]) -> Result<u64, Error> {
        let mut query = QueryBuilder::new(format!("SELECT count(*) FROM {collection} WHERE true"));
        push_equal(&mut query, equal);
        let count: i64 = query.build_query_scalar().fetch_one(&mut *self.tx).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    pub(super) async fn delete(&mut self, collection: Collection, id: Uuid, version: i32) -> Result<(), Error> {
        self.note_writing();
        let sql = format!("DELETE FROM {collection} WHERE id = $1 AND version = $2");
        let deleted = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(version).execute(&mut *self.tx).await?;
        if deleted.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale(collection)) }
    }

    pub(super) async fn delete_each(&mut self, collection: Collection, ids: &[Uuid]) -> Result<(), Error> {
        self.note_writing();
        let sql = format!("DELETE FROM {collection} WHERE id = ANY($1)");
        sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(&mut *self.tx).await?;
        Ok(())
    }

    pub(super) async fn clear(&mut self, collection: Collection) -> Result<u64, Error> {
        let cleared = sqlx::query(AssertSqlSafe(format!("DELETE FROM {collection}"))).execute(&mut *self.tx).await?;
        Ok(cleared.rows_affected())
    }

    /// Rows that somebody changes at the moment are left for the next time.
    pub(super) async fn expire(&mut self, collection: Collection, now: Timestamp, limit: u32) -> Result<u64, Error> {
        let sql = format!(
            "DELETE FROM {collection} WHERE id IN (
                 SELECT id FROM {collection} WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
        );
        let expired =
            sqlx::query(AssertSqlSafe(sql)).bind(now.to_sqlx()).bind(i64::from(limit)).execute(&mut *self.tx).await?;
        Ok(expired.rows_affected())
    }

    pub(super) async fn explain(&mut self, collection: Collection, find: &Find<'_>) -> Result<String, Error> {
        let mut search = search("EXPLAIN ", collection, find);
        let lines: Vec<String> = search.build_query_scalar().fetch_all(&mut *self.tx).await?;
        Ok(lines.join("\n"))
    }
}

/// A field as the indexes have it: in the order of its bytes, which is the same on every server and in MongoDB.
fn expression(field: &str) -> String {
    format!(r#"((body ->> '{field}') COLLATE "C")"#)
}

fn search(prefix: &str, collection: Collection, find: &Find<'_>) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new(format!("{prefix}SELECT {COLUMNS} FROM {collection} WHERE true"));
    push_equal(&mut query, find.equal);
    let by = find.by.map(expression);
    if let Some(by) = &by {
        query.push(format!(" AND {by} IS NOT NULL"));
        for (sign, bound) in [(">=", find.from), ("<", find.before)] {
            if let Some(bound) = bound {
                query.push(format!(" AND {by} {sign} ")).push_bind(bound.to_owned());
            }
        }
    }
    let (sign, direction) = if find.descending { ("<", "DESC") } else { (">", "ASC") };
    match (&by, find.after) {
        (Some(by), Some(after)) => {
            query.push(format!(" AND ({by}, id) {sign} (")).push_bind(after.value.clone());
            query.push(", ").push_bind(after.id).push(")");
        }
        (None, Some(after)) => {
            query.push(format!(" AND id {sign} ")).push_bind(after.id);
        }
        (_, None) => {}
    }
    let order = by.map(|by| format!("{by} {direction}, ")).unwrap_or_default();
    query.push(format!(" ORDER BY {order}id {direction} LIMIT ")).push_bind(find.rows());
    query
}

fn push_equal(query: &mut QueryBuilder<Db>, equal: &[(&'static str, &str)]) {
    for (field, value) in equal {
        query.push(format!(" AND {} = ", expression(field))).push_bind((*value).to_owned());
    }
}

fn raw((id, version, created_at, updated_at, expires_at, Json(body)): Row) -> Raw {
    Raw {
        id,
        version,
        created_at: created_at.to_jiff(),
        updated_at: updated_at.to_jiff(),
        expires_at: expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        body,
    }
}
