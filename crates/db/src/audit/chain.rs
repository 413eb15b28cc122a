//! The chain of the audit log: what a transaction has written is sealed at its end, and the whole is verified.
//!
//! The hash of an entry is written out in three statements, here twice and in migration 0008, and has to be the same in each.

use futures_util::TryStreamExt;
use sqlx::raw_sql;
use tenure_core::audit::{Anchor, Fault, Hash, Link};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// The most entries of one link. A transaction that wrote more adds several.
const LARGEST_LINK: usize = 50_000;
/// Links that are examined by one statement.
const BATCH: i64 = 500;

/// Adds what a transaction has written to the chain. It is to be the last statement before the commit: from here on other writers
/// wait for this one.
pub(crate) async fn seal(tx: &mut TenantTx, entries: &[Uuid]) -> Result<()> {
    for entries in entries.chunks(LARGEST_LINK) {
        add_link(tx, entries).await?;
    }
    Ok(())
}

/// The entries are hashed before the head is taken, so that nobody waits for that.
async fn add_link(tx: &mut TenantTx, entries: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "WITH hashed AS MATERIALIZED (
             SELECT a.id, n.place, a.created_at,
                 sha256(convert_to(jsonb_build_array(a.id, (extract(epoch FROM a.created_at) * 1000000)::bigint, a.actor_kind,
                     a.actor_id, a.actor, a.action, a.entity, a.entity_id, a.before, a.after, a.request_id)::text, 'UTF8')) AS hash
             FROM unnest($1::uuid[]) WITH ORDINALITY AS n (id, place) JOIN audit_log a ON a.id = n.id
         ), given AS MATERIALIZED (
             SELECT array_agg(id ORDER BY place) AS entries, array_agg(hash ORDER BY place) AS entry_hashes, count(*) AS size,
                 string_agg(uuid_send(id), ''::bytea ORDER BY place) || string_agg(hash, ''::bytea ORDER BY place) AS bytes,
                 max(created_at) AS created_at
             FROM hashed HAVING count(*) > 0
         ), head AS MATERIALIZED (
             SELECT position, hash FROM audit_head WHERE EXISTS (SELECT FROM given) FOR UPDATE
         ), link AS (
             INSERT INTO audit_chain (position, entries, entry_hashes, prev_hash, hash, created_at)
             SELECT head.position + 1, given.entries, given.entry_hashes, head.hash,
                 sha256(int8send(head.position + 1) || head.hash || int8send(given.size) || given.bytes
                     || int8send((extract(epoch FROM given.created_at) * 1000000)::bigint)),
                 given.created_at
             FROM given, head
             RETURNING position, hash
         )
         UPDATE audit_head SET position = link.position, hash = link.hash FROM link",
        entries,
    )
    .execute(tx.with_own_plan())
    .await?;
    Ok(())
}

/// Lets a transaction run as long as it takes to read the whole log.
///
/// # Errors
/// When the database refuses it.
pub async fn take_time(tx: &mut TenantTx) -> Result<()> {
    raw_sql("SET LOCAL statement_timeout = 0").execute(&mut **tx).await?;
    Ok(())
}

/// What the last writer has noted of the chain's end.
///
/// # Errors
/// When the database cannot be read; `Refused` when the note itself is gone.
pub async fn head(tx: &mut TenantTx) -> Result<Anchor> {
    let row = sqlx::query!("SELECT position, hash FROM audit_head").fetch_optional(&mut **tx).await?;
    let row = row.ok_or_else(|| Error::Refused("the audit log's head was removed".to_owned()))?;
    Ok(Anchor { position: row.position, hash: hash(row.hash)? })
}

/// The links after a position, at most as many as are examined at once, each with the hash that its contents give.
///
/// # Errors
/// When the database cannot be read.
pub async fn links(tx: &mut TenantTx, after: i64) -> Result<Vec<Link>> {
    let rows = sqlx::query!(
        r#"SELECT c.position, c.prev_hash, c.hash,
                  sha256(int8send(c.position) || c.prev_hash || int8send(cardinality(c.entries)::bigint)
                      || (SELECT string_agg(uuid_send(e.id), ''::bytea ORDER BY e.place)
                          FROM unnest(c.entries) WITH ORDINALITY AS e (id, place))
                      || (SELECT string_agg(e.hash, ''::bytea ORDER BY e.place)
                          FROM unnest(c.entry_hashes) WITH ORDINALITY AS e (hash, place))
                      || int8send((extract(epoch FROM c.created_at) * 1000000)::bigint)) AS computed
           FROM audit_chain c WHERE c.position > $1 ORDER BY c.position LIMIT $2"#,
        after,
        BATCH,
    )
    .fetch_all(&mut **tx)
    .await?;
    let link = |(position, prev_hash, stored, computed): (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>)| {
        // A link that holds nulls has no hash, and so none that fits.
        let computed = computed.map_or(Ok(Hash::OF_NOTHING), hash)?;
        Ok(Link { position, prev_hash: hash(prev_hash)?, hash: hash(stored)?, computed })
    };
    rows.into_iter().map(|row| link((row.position, row.prev_hash, row.hash, row.computed))).collect()
}

/// How many entries some links cover; those that are gone or not as they were written go to `found`.
///
/// # Errors
/// When the database cannot be read.
pub async fn compare_entries(
    tx: &mut TenantTx,
    (first, last): (i64, i64),
    found: &mut impl FnMut(Fault),
) -> Result<i64> {
    let covered = sqlx::query_scalar!(
        r#"SELECT COALESCE(sum(cardinality(entries)), 0)::bigint AS "covered!" FROM audit_chain WHERE position BETWEEN $1 AND $2"#,
        first,
        last,
    )
    .fetch_one(&mut **tx)
    .await?;
    let mut differing = sqlx::query!(
        r#"SELECT c.position AS "position!", e.id AS "entry!", a.id IS NULL AS "removed!"
           FROM audit_chain c CROSS JOIN LATERAL unnest(c.entries, c.entry_hashes) AS e (id, hash) LEFT JOIN audit_log a ON a.id = e.id
           WHERE c.position BETWEEN $1 AND $2 AND e.id IS NOT NULL AND e.hash IS DISTINCT FROM
               sha256(convert_to(jsonb_build_array(a.id, (extract(epoch FROM a.created_at) * 1000000)::bigint, a.actor_kind,
                   a.actor_id, a.actor, a.action, a.entity, a.entity_id, a.before, a.after, a.request_id)::text, 'UTF8'))
           ORDER BY c.position"#,
        first,
        last,
    )
    .fetch(&mut **tx);
    while let Some(row) = differing.try_next().await? {
        let (entry, position) = (row.entry, row.position);
        let removed = Fault::EntryRemoved { entry, position };
        found(if row.removed { removed } else { Fault::EntryChanged { entry, position } });
    }
    Ok(covered)
}

/// The entries that no link covers go to `found`.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_unlinked(tx: &mut TenantTx, found: &mut impl FnMut(Fault)) -> Result<()> {
    let mut unlinked = sqlx::query_scalar!(
        "SELECT a.id FROM audit_log a
         WHERE NOT EXISTS (SELECT FROM audit_chain c CROSS JOIN LATERAL unnest(c.entries) AS e (id) WHERE e.id = a.id)"
    )
    .fetch(&mut **tx);
    while let Some(entry) = unlinked.try_next().await? {
        found(Fault::EntryUnlinked { entry });
    }
    Ok(())
}

fn hash(bytes: Vec<u8>) -> Result<Hash> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| Error::Refused("a hash has not 32 bytes".to_owned()))?;
    Ok(bytes.into())
}
