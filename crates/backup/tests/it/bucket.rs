//! Archives in a bucket on which everything goes wrong.

use tenure_db::backups;
use tenure_store::objects::{Credentials, Objects, S3};
use tenure_testkit::{Fault, S3Server};

use crate::{Bed, designation};

async fn bed(server: &S3Server) -> Bed {
    let s3 = S3 {
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        credentials: Some(Credentials {
            access_key_id: S3Server::ACCESS_KEY_ID.to_owned(),
            secret_access_key: S3Server::SECRET_ACCESS_KEY.to_owned(),
        }),
        retries: 1,
        ..S3::default()
    };
    Bed { objects: Objects::open("s3://archives/there", &s3).unwrap(), ..Bed::new().await }
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
