//! What is kept for a time goes by itself when the time is over.

use jiff::SignedDuration;
use sqlx::{query_scalar, raw_sql};
use tenure_app::{Context, passing};
use tenure_db::TenantTx;
use tenure_testkit::{NOW, TestInstallation};

/// Of each kind, one that is over and one that is not, as of the tests' moment.
const ROWS: &str = "
    INSERT INTO first_answers (user_id, key, fingerprint, created_at)
    SELECT id, key, sha256(''), made::timestamptz FROM users,
        (VALUES ('over', '2026-01-14T09:29:59Z'), ('kept', '2026-01-14T09:30:01Z')) AS given (key, made);
    INSERT INTO sign_in_failures (subject, failures, last_failed_at)
    VALUES ('over', 1, '2026-01-14T09:29:59Z'), ('kept', 1, '2026-01-14T09:30:01Z');
    INSERT INTO password_resets (id, user_id, token_hash, created_at, expires_at)
    SELECT gen_random_uuid(), id, sha256(hash), made::timestamptz, made::timestamptz + interval '1 hour' FROM users,
        (VALUES (''::bytea, '2025-12-01T00:00:00Z'), ('a', '2026-01-15T09:00:00Z')) AS given (hash, made);
    INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at, ended_at)
    SELECT gen_random_uuid(), id, sha256(hash), '2025-11-01', '2025-11-01', expires::timestamptz, '2025-11-02' FROM users,
        (VALUES (''::bytea, '2025-12-01T00:00:00Z'), ('a', '2026-01-01T00:00:00Z')) AS given (hash, expires)";

async fn rows(tx: &mut TenantTx) -> Vec<i64> {
    let count = "SELECT unnest(ARRAY[(SELECT count(*) FROM first_answers), (SELECT count(*) FROM sign_in_failures),
                                     (SELECT count(*) FROM password_resets), (SELECT count(*) FROM sessions)])";
    query_scalar(count).fetch_all(&mut **tx).await.unwrap()
}

#[tokio::test]
async fn what_is_over_goes_from_every_company_that_is_not_archived() {
    let installation = TestInstallation::new().await;
    let mut companies = Vec::new();
    for slug in ["acme", "globex", "initech"] {
        let tenant = installation.tenant(slug).await;
        let mut tx = installation.db.begin(tenant.id).await.unwrap();
        raw_sql(ROWS).execute(&mut *tx).await.unwrap();
        assert_eq!(rows(&mut tx).await, [2, 2, 2, 2]);
        tx.commit().await.unwrap();
        companies.push(tenant.id);
    }
    let rest = "UPDATE public.tenants SET status = CASE slug WHEN 'globex' THEN 'suspended' WHEN 'initech' THEN 'archived' ELSE status END";
    raw_sql(rest).execute(installation.db.owner_pool()).await.unwrap();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    passing::remove(&context).await.unwrap();
    for (tenant, left) in companies.into_iter().zip([1, 1, 2]) {
        let mut tx = installation.db.begin_snapshot(tenant).await.unwrap();
        assert_eq!(rows(&mut tx).await, [left; 4]);
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn however_much_is_over_all_of_it_goes() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let mut tx = installation.db.begin(tenant.id).await.unwrap();
    let many = "INSERT INTO sign_in_failures (subject, failures, last_failed_at) SELECT n::text, 1, '2020-01-01' FROM generate_series(1, 12345) n";
    raw_sql(many).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let context = Context::repeatable(installation.db.clone(), NOW + SignedDuration::from_hours(1), 1);
    passing::remove(&context).await.unwrap();
    let mut tx = installation.db.begin_read(tenant.id).await.unwrap();
    assert_eq!(rows(&mut tx).await, [0; 4]);
    tx.rollback().await.unwrap();
}
