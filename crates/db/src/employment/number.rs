//! The numbers that the company gives to its employees.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::employment::Pattern;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

const KEY: &str = "employee_number";
/// The greatest number that the table takes.
const LAST: i64 = 999_999_999_999;

/// How the next numbers are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The pattern as a text.
    pub pattern: String,
    /// The number that is tried next.
    pub next_value: i64,
    /// Grows with each change by a person; 0 while nothing was chosen.
    pub version: i32,
}

/// The sequence of employee numbers; what holds when the company has chosen none.
///
/// # Errors
/// When the database cannot be read.
pub async fn sequence(tx: &mut TenantTx) -> Result<Sequence> {
    let found =
        sqlx::query_as!(Sequence, "SELECT pattern, next_value, version FROM number_sequences WHERE key = $1", KEY)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.unwrap_or_else(|| Sequence { pattern: Pattern::DEFAULT.to_owned(), next_value: 1, version: 0 }))
}

/// Stores another pattern and number, and gives the sequence with its new version.
///
/// # Errors
/// When the database refuses it.
pub async fn put_sequence(tx: &mut TenantTx, pattern: &Pattern, next_value: i64, now: Timestamp) -> Result<Sequence> {
    let stored = sqlx::query_as!(
        Sequence,
        "INSERT INTO number_sequences AS s (key, pattern, next_value, version, updated_at) VALUES ($1, $2, $3, 1, $4)
         ON CONFLICT (key) DO UPDATE SET pattern = excluded.pattern, next_value = excluded.next_value, version = s.version + 1,
                                         updated_at = excluded.updated_at
         RETURNING pattern, next_value, version",
        KEY,
        pattern.to_string(),
        next_value,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(stored)
}

/// Takes the next number that nobody has. Who else asks waits until this transaction ends, so that no number is given twice, and
/// none is lost when it is undone.
///
/// # Errors
/// `Refused` when the numbers are used up.
pub async fn take_number(tx: &mut TenantTx, year: i16, now: Timestamp) -> Result<String> {
    let held = sqlx::query!(
        "INSERT INTO number_sequences AS s (key, pattern, next_value, version, updated_at) VALUES ($1, $2, 1, 0, $3)
         ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at RETURNING pattern, next_value",
        KEY,
        Pattern::DEFAULT,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    let pattern: Pattern = held.pattern.parse().map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))))?;
    let free = free(tx, &pattern.parts(year), held.next_value).await?.filter(|number| *number < LAST);
    let free = free.ok_or_else(|| Error::Refused("the sequence of employee numbers is used up".to_owned()))?;
    sqlx::query!("UPDATE number_sequences SET next_value = $2 WHERE key = $1", KEY, free + 1)
        .execute(&mut **tx)
        .await?;
    Ok(pattern.format(year, free))
}

/// The first number from one on that nobody has. A company has fewer people than are looked at.
async fn free(tx: &mut TenantTx, (before, digits, after): &(String, usize, String), from: i64) -> Result<Option<i64>> {
    let found = sqlx::query_scalar!(
        r#"SELECT n FROM (SELECT generate_series($1::bigint, $1 + 10000000) AS n) AS numbers
           WHERE NOT EXISTS (SELECT FROM employees e WHERE e.deleted_at IS NULL AND lower(e.employee_number)
                                 = lower($2 || lpad(n::text, greatest($3, length(n::text)), '0') || $4))
           LIMIT 1"#,
        from,
        before,
        i32::try_from(*digits).unwrap_or_default(),
        after,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.flatten())
}
