//! Sessions: the times for which users are signed in.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::{SessionId, UserId};

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A session that is about to begin. Of its secret only the hash is in it.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Who signs in.
    pub user: UserId,
    /// SHA-256 of its secret part.
    pub hash: [u8; 32],
    /// Where it is begun, as far as it is known.
    pub origin: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Now.
    pub now: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// A session that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// Where it was begun.
    pub address: Option<String>,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Begins a session and notes with the user that somebody signed in.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(tx: &mut TenantTx, session: &NewSession) -> Result<()> {
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, token_hash, address, user_agent, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        session.id.uuid(),
        session.user.uuid(),
        session.hash.as_slice(),
        session.origin,
        session.user_agent,
        session.now.to_sqlx() as _,
        session.expires_at.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE users SET last_signed_in_at = $2 WHERE id = $1",
        session.user.uuid(),
        session.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The sessions of a user that are under way, newest first, at most 1,000.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, user: UserId, now: Timestamp, idle_since: Timestamp) -> Result<Vec<Session>> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id, address, user_agent, created_at AS "created_at: jiff_sqlx::Timestamp",
                  last_seen_at AS "last_seen_at: jiff_sqlx::Timestamp", expires_at AS "expires_at: jiff_sqlx::Timestamp"
           FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_seen_at > $3
           ORDER BY id DESC LIMIT 1000"#,
        user.uuid(),
        now.to_sqlx() as _,
        idle_since.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let sessions = rows.into_iter().map(|row| Session {
        id: row.id.into(),
        user_id: row.user_id.into(),
        address: row.address,
        user_agent: row.user_agent,
        created_at: row.created_at.to_jiff(),
        last_seen_at: row.last_seen_at.to_jiff(),
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(sessions.collect())
}

/// Whose session it is, if it has not ended.
///
/// # Errors
/// When the database cannot be read.
pub async fn user_of(tx: &mut TenantTx, id: SessionId) -> Result<Option<UserId>> {
    let user = sqlx::query_scalar!("SELECT user_id FROM sessions WHERE id = $1 AND ended_at IS NULL", id.uuid());
    Ok(user.fetch_optional(&mut **tx).await?.map(UserId::from))
}

/// Ends a session.
///
/// # Errors
/// When the database refuses it.
pub async fn end(tx: &mut TenantTx, id: SessionId, now: Timestamp) -> Result<()> {
    let statement = sqlx::query!(
        "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        id.uuid(),
        now.to_sqlx() as _,
    );
    statement.execute(&mut **tx).await?;
    Ok(())
}

/// Ends all sessions of a user, but for one that may go on, and gives how many there were.
///
/// # Errors
/// When the database refuses it.
pub async fn end_all(tx: &mut TenantTx, user: UserId, but: Option<SessionId>, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR id <> $2)",
        user.uuid(),
        but.map(SessionId::uuid),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
