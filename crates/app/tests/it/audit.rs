//! What a superuser does to an audit log behind Tenure's back, and that the verification names it.

use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_app::audit::{Anchor, Fault, Verified, verify};
use tenure_app::tokens::{self, Create};
use tenure_app::{Actor, Context};
use tenure_db::tenants::Tenant;
use tenure_testkit::{NOW, TestInstallation};
use uuid::Uuid;

/// A tenant whose audit log has four entries, in a link each.
struct Attacked {
    installation: TestInstallation,
    tenant: Tenant,
    context: Context,
    /// What the chain was before anything was done to it.
    anchor: Anchor,
}

impl Attacked {
    async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await;
        let context = Context::repeatable(installation.db.clone(), NOW, 1);
        write(&context, &tenant, 4).await;
        let sound = verify(&context, tenant.id, None, |fault| panic!("{fault}")).await.unwrap();
        assert_eq!((sound.entries, sound.links, sound.head.position), (4, 4, 4));
        Self { installation, tenant, context, anchor: sound.head }
    }

    /// Runs statements as a superuser in the tenant's schema.
    async fn attack(&self, sql: &str) {
        let mut connection = self.installation.superuser().await;
        let statement = format!("SET search_path = \"{}\"; {sql}", self.tenant.schema);
        connection.execute(raw_sql(AssertSqlSafe(statement))).await.unwrap();
    }

    /// The entry of a link.
    async fn entry(&self, position: i64) -> Uuid {
        let mut tx = self.installation.db.begin(self.tenant.id).await.unwrap();
        let query = sqlx::query_scalar("SELECT entries[1] FROM audit_chain WHERE position = $1").bind(position);
        query.fetch_one(&mut *tx).await.unwrap()
    }

    async fn found(&self, anchor: Option<Anchor>) -> Vec<Fault> {
        let mut found = Vec::new();
        let verified = verify(&self.context, self.tenant.id, anchor, |fault| found.push(fault)).await;
        let Verified { faults, .. } = verified.unwrap();
        assert_eq!(faults, u64::try_from(found.len()).unwrap());
        found
    }
}

async fn write(context: &Context, tenant: &Tenant, entries: usize) {
    for _ in 0..entries {
        let create = Create { tenant: tenant.id, user: None, name: "test".to_owned(), valid_for: None };
        tokens::create(context, &Actor::System, &create).await.unwrap();
    }
}

#[tokio::test]
async fn a_sound_log_has_no_faults_and_meets_an_earlier_anchor_as_it_grows() {
    let log = Attacked::new().await;
    write(&log.context, &log.tenant, 2).await;
    assert_eq!(log.found(Some(log.anchor)).await, []);
}

#[tokio::test]
async fn a_changed_entry_is_named_whichever_column_it_is() {
    let columns = [
        "actor = 'eve'",
        "action = 'token.revoked'",
        "entity_id = NULL",
        "after = after || '{\"name\": \"x\"}'",
        "before = '{}'",
        "request_id = 'r'",
        "created_at = created_at + interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "actor_kind = 'operator'",
        "entity = 'other'",
    ];
    let log = Attacked::new().await;
    write(&log.context, &log.tenant, columns.len()).await;
    let mut expected = Vec::new();
    for (position, column) in (1..).zip(columns) {
        let entry = log.entry(position).await;
        log.attack(&format!("UPDATE audit_log SET {column} WHERE id = '{entry}'")).await;
        expected.push(Fault::EntryChanged { entry, position });
    }
    assert_eq!(log.found(None).await, expected);
}

#[tokio::test]
async fn a_removed_and_an_inserted_entry_are_named() {
    let log = Attacked::new().await;
    let entry = log.entry(3).await;
    let inserted: Uuid = "0198f3c2-0000-7000-8000-000000000001".parse().unwrap();
    log.attack(&format!(
        "INSERT INTO audit_log (id, actor_kind, actor, action, entity, created_at)
             SELECT '{inserted}', actor_kind, actor, action, entity, created_at FROM audit_log WHERE id = '{entry}';
         DELETE FROM audit_log WHERE id = '{entry}'"
    ))
    .await;
    let expected = [Fault::EntryRemoved { entry, position: 3 }, Fault::EntryUnlinked { entry: inserted }];
    assert_eq!(log.found(None).await, expected);
}

#[tokio::test]
async fn a_link_that_was_changed_removed_or_put_in_anothers_place_is_named() {
    let log = Attacked::new().await;
    log.attack("UPDATE audit_chain SET created_at = '2020-01-01' WHERE position = 2").await;
    assert_eq!(log.found(None).await, [Fault::LinkChanged { position: 2 }]);

    let log = Attacked::new().await;
    let entry = log.entry(2).await;
    log.attack("DELETE FROM audit_chain WHERE position = 2").await;
    assert_eq!(log.found(None).await, [Fault::LinksMissing { from: 2, to: 2 }, Fault::EntryUnlinked { entry }]);

    // The two links whose contents are the same but for the entry are told apart by their hashes.
    let log = Attacked::new().await;
    log.attack(
        "UPDATE audit_chain SET position = 9 WHERE position = 1; UPDATE audit_chain SET position = 1 WHERE position = 2;
         UPDATE audit_chain SET position = 2 WHERE position = 9",
    )
    .await;
    let found = log.found(None).await;
    for position in [1, 2] {
        assert!(found.contains(&Fault::LinkChanged { position }), "{found:?}");
        assert!(found.contains(&Fault::LinkDetached { position }), "{found:?}");
    }
}

#[tokio::test]
async fn a_log_that_was_cut_off_differs_from_its_head_and_with_the_head_from_an_anchor() {
    let log = Attacked::new().await;
    let entry = log.entry(4).await;
    log.attack(&format!("DELETE FROM audit_chain WHERE position = 4; DELETE FROM audit_log WHERE id = '{entry}'"))
        .await;
    assert_eq!(log.found(None).await, [Fault::EndDiffers { position: 3, head: log.anchor }]);
    log.attack("UPDATE audit_head SET position = 3, hash = (SELECT hash FROM audit_chain WHERE position = 3)").await;
    assert_eq!(log.found(None).await, []);
    assert_eq!(log.found(Some(log.anchor)).await, [Fault::AnchorDiffers { anchor: log.anchor }]);
}

/// Whoever writes the end of the log anew, as Tenure itself would, is found by an anchor alone.
#[tokio::test]
async fn a_log_that_was_written_anew_differs_from_an_anchor() {
    let log = Attacked::new().await;
    let last = log.entry(4).await;
    log.attack(&format!(
        "DELETE FROM audit_chain WHERE position = 4; DELETE FROM audit_log WHERE id = '{last}';
         UPDATE audit_head SET position = 3, hash = (SELECT hash FROM audit_chain WHERE position = 3)"
    ))
    .await;
    write(&log.context, &log.tenant, 1).await;
    assert_eq!(log.found(None).await, []);
    assert_eq!(log.found(Some(log.anchor)).await, [Fault::AnchorDiffers { anchor: log.anchor }]);
}
