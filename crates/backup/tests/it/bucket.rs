//! Archives in a bucket on which everything goes wrong.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::time::Duration;

use jiff::Timestamp;
use tenure_backup::make_all;
use tenure_core::backups::RunKind;
use tenure_db::backups;
use tenure_store::objects::{Credentials, Objects, S3};
use tenure_testkit::{Fault, S3Server};

use crate::{Bed, designation};

fn objects(server: &S3Server, timeout: Duration) -> Objects {
    let s3 = S3 {
        timeout,
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        credentials: Some(Credentials {
            access_key_id: S3Server::ACCESS_KEY_ID.to_owned(),
            secret_access_key: S3Server::SECRET_ACCESS_KEY.to_owned(),
        }),
        retries: 1,
        part_size: 5 << 20,
        ..S3::default()
    };
    Objects::open("s3://archives/there", &s3).unwrap()
}

async fn bed(server: &S3Server) -> Bed {
    Bed { objects: objects(server, S3::default().timeout), ..Bed::new().await }
}

#[tokio::test]
async fn an_archive_goes_to_a_bucket_and_comes_back() {
    let server = S3Server::start().await;
    let bed = bed(&server).await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let backup = bed.create().await;
    assert!(server.bucket().join("there").join(&backup.object_key).exists());
    bed.run(&designation("'Later'", "'{}'")).await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
}

#[tokio::test]
async fn a_backup_that_a_bucket_refuses_anywhere_is_failed_and_the_next_is_good() {
    let server = S3Server::start().await;
    let bed = bed(&server).await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    // Away, full, and refusing what is sent or what is read back.
    let faults = [Fault::Away, Fault::Full, Fault::Once(0), Fault::Once(1), Fault::After(1)];
    for fault in faults {
        // What the one before left is deleted at first, which would be what is refused.
        server.fail(None);
        bed.create().await;
        server.fail(Some(fault));
        bed.try_create().await.unwrap_err();
        let listed = backups::list(&bed.installation.db, Some(bed.tenant.id), None, 1).await.unwrap();
        assert_eq!(listed[0].state, "failed", "{fault:?}");
        assert!(listed[0].error.is_some());
    }
    server.fail(None);
    let backup = bed.create().await;
    bed.verify(backup.id).await.unwrap();
    for fault in [Fault::Away, Fault::After(0)] {
        server.fail(Some(fault));
        bed.verify(backup.id).await.unwrap_err();
        bed.restore(backup.id).await.unwrap_err();
    }
    server.fail(None);
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
}

/// Texts that cannot be made smaller than some 6 MB: two parts.
const LARGE: &str = "INSERT INTO designations (id, title, custom, created_at, updated_at)
    SELECT gen_random_uuid(), 'Clerk ' || n, jsonb_build_object('text', string_agg(sha512((n + random())::text::bytea)::text, '')), now(), now()
    FROM generate_series(1, 100) n, generate_series(1, 1000) GROUP BY n";

#[tokio::test]
async fn a_slow_bucket_gets_an_archive_of_several_parts_and_gives_it_back() {
    let server = S3Server::start().await;
    let bed = bed(&server).await;
    bed.run(LARGE).await;
    server.fail(Some(Fault::Slow(Duration::from_millis(100))));
    let backup = bed.create().await;
    assert!(server.requests() > 4, "begun, two parts, completed, read back: {}", server.requests());
    assert_eq!(server.unfinished_parts(), 0);
    bed.verify(backup.id).await.unwrap();
    bed.run("DELETE FROM designations").await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await.len(), 100);
}

#[tokio::test]
async fn a_bucket_that_falls_silent_in_the_middle_fails_the_backup_in_time_and_the_next_is_good() {
    let server = S3Server::start().await;
    let patient = bed(&server).await;
    patient.run(LARGE).await;
    let bed = Bed { objects: objects(&server, Duration::from_millis(300)), ..patient };
    // The upload is begun; its parts are not answered.
    server.fail(Some(Fault::SilentAfter(1)));
    bed.try_create().await.unwrap_err();
    server.fail(None);
    let listed = backups::list(&bed.installation.db, Some(bed.tenant.id), None, 1).await.unwrap();
    assert_eq!(listed[0].state, "failed");
    let bed = Bed { objects: objects(&server, S3::default().timeout), ..bed };
    let backup = bed.create().await;
    bed.verify(backup.id).await.unwrap();
}

#[tokio::test]
async fn what_a_failed_backup_left_in_a_bucket_that_was_away_is_deleted_once_it_is_back() {
    let server = S3Server::start().await;
    let bed = bed(&server).await;
    // It takes the object, and refuses to give it back and to delete it.
    server.fail(Some(Fault::After(1)));
    bed.try_create().await.unwrap_err();
    let failed = backups::list(&bed.installation.db, Some(bed.tenant.id), None, 1).await.unwrap().remove(0);
    let left = server.bucket().join("there").join(&failed.object_key);
    assert!(left.exists());
    server.fail(None);
    bed.create().await;
    assert!(!left.exists());
    assert!(backups::left_by_failed(&bed.installation.db).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_in_which_nothing_could_be_made_is_not_over() {
    let server = S3Server::start().await;
    let bed = bed(&server).await;
    server.fail(Some(Fault::Away));
    let away = make_all(bed.maker(), RunKind::All, 2, &|_| ()).await.unwrap();
    assert!(away.is_put_off && away.failed.len() == 2);
    let db = &bed.installation.db;
    assert!(backups::last_starts(db).await.unwrap().is_empty(), "so it is still due");
    server.fail(None);
    let back = make_all(bed.maker(), RunKind::All, 2, &|_| ()).await.unwrap();
    assert!(back.is_taken_up && !back.is_put_off);
    assert_eq!((back.made.len(), backups::last_starts(db).await.unwrap().len()), (1, 1));
    // What is broken tonight is broken in an hour: it fails once a night.
    let mut superuser = bed.installation.superuser().await;
    let break_it = format!("DROP TABLE {}.first_answers; DROP TABLE public.feature_flags", bed.tenant.schema);
    sqlx::raw_sql(sqlx::AssertSqlSafe(break_it)).execute(&mut superuser).await.unwrap();
    let broken = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    assert!(!broken.is_put_off && broken.failed.len() == 2);
}
