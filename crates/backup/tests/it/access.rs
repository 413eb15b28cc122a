//! Who is let in after a restore.

use tenure_backup::Target;
use tenure_core::ids::TenantId;
use tenure_db::archive;
use tenure_testkit::{act, new_id};
use uuid::Uuid;

use crate::Bed;

/// Users `kept`, `left` and `gone`, each with a password, a session, a token and a way to a new password.
const PEOPLE: &str = "
    INSERT INTO users (id, email, display_name, password_hash, password_changed_at, created_at, updated_at)
    SELECT gen_random_uuid(), name || '@acme.example', name, '$argon2id$' || name, '2026-01-01', '2026-01-01', '2026-01-01'
    FROM unnest(ARRAY['kept', 'left', 'gone']) name;
    INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
    SELECT gen_random_uuid(), id, sha256(email::bytea), '2026-01-01', '2026-01-01', '2027-01-01' FROM users WHERE password_hash IS NOT NULL;
    INSERT INTO api_tokens (id, user_id, name, token_hash, created_at)
    SELECT gen_random_uuid(), id, display_name, sha256(email::bytea), '2026-01-01' FROM users WHERE password_hash IS NOT NULL;
    INSERT INTO password_resets (id, user_id, token_hash, created_at, expires_at)
    SELECT gen_random_uuid(), id, sha256(email::bytea), '2026-01-01', '2027-01-01' FROM users WHERE password_hash IS NOT NULL;";

/// What works of each: `s`ession, `t`oken and `r`eset, the password, and the status.
const STATE: &str = "
    SELECT u.display_name || ' ' || concat_ws('',
             (SELECT 's' FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL),
             (SELECT 't' FROM api_tokens t WHERE t.user_id = u.id AND t.revoked_at IS NULL),
             (SELECT 'r' FROM password_resets r WHERE r.user_id = u.id AND r.used_at IS NULL))
           || ' ' || coalesce(substr(password_hash, 11), 'none') || ' ' || CASE WHEN deleted_at IS NULL THEN status ELSE 'deleted' END
    FROM users u WHERE u.display_name IN ('kept', 'left', 'gone') ORDER BY u.display_name DESC";

async fn state(bed: &Bed, tenant: TenantId) -> Vec<String> {
    let mut tx = bed.installation.db.begin(tenant).await.unwrap();
    let state = sqlx::query_scalar(STATE).fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    state
}

#[tokio::test]
async fn a_restore_lets_nobody_in_by_what_was_withdrawn_since() {
    let bed = Bed::new().await;
    bed.run(PEOPLE).await;
    let backup = bed.create().await;
    bed.run("UPDATE sessions SET ended_at = now() WHERE user_id = (SELECT id FROM users WHERE display_name = 'left')")
        .await;
    bed.run("UPDATE api_tokens SET revoked_at = now() WHERE name = 'left'").await;
    bed.run("DELETE FROM password_resets WHERE user_id = (SELECT id FROM users WHERE display_name = 'left')").await;
    bed.run(
        "UPDATE users SET password_hash = '$argon2id$new', password_changed_at = now() WHERE display_name = 'left'",
    )
    .await;
    bed.run("UPDATE users SET deleted_at = now() WHERE display_name = 'gone'").await;
    // Another secret under the id that an operator knows.
    bed.run("UPDATE api_tokens SET token_hash = sha256('other') WHERE name = 'gone'").await;
    let restored = bed.restorer().restore(backup.id, &Target::Same(bed.tenant.id), &act()).await.unwrap();
    let closed = restored.closed.unwrap();
    assert_eq!((closed.sessions, closed.tokens, closed.users), (1, 2, 1));
    assert_eq!(
        state(&bed, bed.tenant.id).await,
        ["left  new active", "kept str kept active", "gone sr gone suspended"]
    );
}

#[tokio::test]
async fn who_was_suspended_stays_out_and_blocks_of_who_guesses_stay() {
    let bed = Bed::new().await;
    bed.run(PEOPLE).await;
    let backup = bed.create().await;
    bed.run("UPDATE users SET status = 'suspended' WHERE display_name = 'left'").await;
    bed.run("INSERT INTO sign_in_failures (subject, failures, last_failed_at) VALUES ('x', 9, now())").await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(state(&bed, bed.tenant.id).await[0], "left str left suspended");
    bed.run("DO $$ BEGIN ASSERT (SELECT failures = 9 FROM sign_in_failures WHERE subject = 'x'); END $$").await;
}

#[tokio::test]
async fn what_is_withdrawn_after_a_restore_stays_so_when_that_is_undone() {
    let bed = Bed::new().await;
    bed.run(PEOPLE).await;
    let backup = bed.create().await;
    bed.run(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at)
             SELECT gen_random_uuid(), id, 'later', sha256('later'), now() FROM users WHERE display_name = 'kept'",
    )
    .await;
    bed.restore(backup.id).await.unwrap();
    bed.run("UPDATE api_tokens SET revoked_at = now() WHERE name = 'left'").await;
    bed.run(
        "UPDATE users SET password_hash = '$argon2id$new', password_changed_at = now() WHERE display_name = 'left'",
    )
    .await;
    bed.run("UPDATE sessions SET ended_at = now() WHERE user_id = (SELECT id FROM users WHERE display_name = 'left')")
        .await;
    bed.run("UPDATE users SET status = 'suspended' WHERE display_name = 'gone'").await;
    archive::undo(&bed.installation.db, bed.tenant.id, &act()).await.unwrap();
    let state = "SELECT name FROM api_tokens WHERE revoked_at IS NULL ORDER BY name";
    let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    let tokens: Vec<String> = sqlx::query_scalar(state).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(tokens, ["gone", "kept", "later"], "the one that was made meanwhile works");
    let left: (String, String, bool) = sqlx::query_as(
        "SELECT (SELECT password_hash FROM users WHERE display_name = 'left'), (SELECT status FROM users WHERE display_name = 'gone'),
                (SELECT ended_at IS NOT NULL FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.display_name = 'left')",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(left, ("$argon2id$new".to_owned(), "suspended".to_owned(), true));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nothing_that_opens_a_tenant_opens_a_copy_of_it() {
    let bed = Bed::new().await;
    bed.run(PEOPLE).await;
    let backup = bed.create().await;
    let id = TenantId::from(Uuid::from_u128(new_id::<Uuid>().as_u128().rotate_left(64)));
    let target = Target::New { id, slug: "copy".parse().unwrap(), name: "Copy".parse().unwrap() };
    bed.restorer().restore(backup.id, &target, &act()).await.unwrap();
    assert_eq!(state(&bed, id).await, ["left  none active", "kept  none active", "gone  none active"]);
    assert_eq!(state(&bed, bed.tenant.id).await[1], "kept str kept active");
}
