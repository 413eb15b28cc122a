//! The tables of the documents against what the program declares.

use jiff::SignedDuration;
use sqlx::{AssertSqlSafe, Row};
use tenure_store::documents::{Collection, Find};

use tenure_testkit::{NOW, new_id};

use crate::{Bench, FLAGS, Flag};

#[tokio::test]
async fn the_tables_have_just_the_indexes_that_the_program_declares() {
    let bench = Bench::postgres().await;
    let tenant = bench.installation.tenant("acme").await;
    let mut superuser = bench.installation.superuser().await;
    for collection in Collection::ALL {
        let rows = sqlx::query("SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = $2")
            .bind(tenant.schema.to_string())
            .bind(collection.name())
            .fetch_all(&mut superuser)
            .await
            .unwrap();
        let mut found: Vec<_> =
            rows.iter().map(|row| row.get::<String, _>(0).split_once(" USING btree ").unwrap().1.to_owned()).collect();
        let fields = |index: &[&str]| {
            let of = |field: &&str| format!(r#"((body ->> '{field}'::text)) COLLATE "C", "#);
            format!("({}id)", index.iter().map(of).collect::<String>())
        };
        let mut declared: Vec<_> = collection.indexes().iter().map(|index| fields(index)).collect();
        declared.extend(["(id)", "(expires_at) WHERE (expires_at IS NOT NULL)"].map(str::to_owned));
        found.sort();
        declared.sort();
        assert_eq!(found, declared, "{collection}: crates/store/src/documents/collection.rs and migration 0012");
    }
}

#[tokio::test]
async fn a_search_is_one_scan_of_its_index() {
    let bench = Bench::postgres().await;
    let tenant = bench.installation.tenant("acme").await;
    let mut work = bench.begin(tenant.id).await;
    sqlx::raw_sql(
        "INSERT INTO feature_flags (id, version, created_at, updated_at, body)
         SELECT gen_random_uuid(), 1, now(), now(), jsonb_build_object('kind', 'flag', 'key', n::text) FROM generate_series(1, 5000) n",
    )
    .execute(&mut *work.tx)
    .await
    .unwrap();
    work.commit().await;
    let analyze = AssertSqlSafe(format!("ANALYZE {}.feature_flags", tenant.schema));
    sqlx::raw_sql(analyze).execute(&mut bench.installation.superuser().await).await.unwrap();
    let mut work = bench.begin(tenant.id).await;
    let find = Find { equal: &[("kind", "flag")], by: Some("key"), limit: 50, ..Find::default() };
    let first = work.documents().find::<serde_json::Value>(FLAGS, &find).await.unwrap();
    for find in [find.clone(), Find { after: first.next.as_ref(), ..find.clone() }, Find { descending: true, ..find }] {
        let plan = work.documents().explain(FLAGS, &find).await.unwrap();
        assert!(plan.contains("using feature_flags_kind_key_idx"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{plan}");
    }
    work.rollback().await;
}

#[tokio::test]
async fn what_has_expired_is_removed_so_many_at_a_time() {
    let bench = Bench::postgres().await;
    let tenant = bench.tenant("acme").await;
    let mut work = bench.begin(tenant).await;
    let at = |seconds| NOW + SignedDuration::from_secs(seconds);
    for ends in [Some(at(1)), Some(at(2)), Some(at(3)), None] {
        work.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, ends).await.unwrap();
    }
    assert_eq!(work.documents().expire(NOW, 10).await.unwrap(), 0);
    assert_eq!(work.documents().expire(at(2), 1).await.unwrap(), 1);
    assert_eq!(work.documents().expire(at(2), 10).await.unwrap(), 1);
    assert_eq!(work.documents().count(FLAGS, &[]).await.unwrap(), 2);
    work.rollback().await;
}
