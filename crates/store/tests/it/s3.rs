//! What a bucket does beside: signatures, and everything that can go wrong on the way to it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use tenure_store::objects::{Credentials, Error, Objects, Result, S3};
use tenure_testkit::{Fault, S3Server};

use crate::{bucket, options};

/// Sent in three parts.
const LARGE: usize = 20 << 20;

async fn put(objects: &Objects, size: usize) -> Result<()> {
    let mut upload = objects.upload("a");
    match upload.write(Bytes::from(vec![7; size])).await {
        Ok(()) => upload.finish().await,
        Err(error) => {
            // Where the bucket is away, what was sent cannot be taken back either.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

async fn get(objects: &Objects) -> Result<usize> {
    objects.download("a").await?.try_fold(0, async |size, piece| Ok(size + piece.len())).await
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let server = S3Server::start().await;
    let wrong =
        Credentials { access_key_id: S3Server::ACCESS_KEY_ID.to_owned(), secret_access_key: "wrong".to_owned() };
    let s3 = S3 { credentials: Some(wrong), ..options(&server) };
    let objects = Objects::open(&format!("s3://{}", S3Server::BUCKET), &s3).unwrap();
    let error = put(&objects, 1).await.unwrap_err();
    assert!(error.to_string().contains("SignatureDoesNotMatch"), "{error}");
    assert!(!format!("{s3:?}").contains("wrong"));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error() {
    let server = S3Server::start().await;
    let objects = Objects::open("s3://other", &options(&server)).unwrap();
    objects.list("a").await.unwrap_err();
}

#[tokio::test]
async fn every_fault_of_a_bucket_is_an_error_and_passes() {
    let server = S3Server::start().await;
    let objects = bucket(&server);
    put(&objects, 1).await.unwrap();
    for fault in [Fault::Away, Fault::Full, Fault::After(2)] {
        server.fail(Some(fault));
        put(&objects, LARGE).await.unwrap_err();
        server.fail(None);
        assert_eq!(get(&objects).await.unwrap(), 1, "{fault:?}");
    }
    for fault in [Fault::Away, Fault::After(0)] {
        server.fail(Some(fault));
        assert!(matches!(get(&objects).await, Err(Error::Failed(_))), "{fault:?}");
    }
    server.fail(None);
    put(&objects, LARGE).await.unwrap();
    assert_eq!(get(&objects).await.unwrap(), LARGE);
}

#[tokio::test]
async fn a_bucket_that_never_answers_is_given_up() {
    let server = S3Server::start().await;
    let s3 = S3 { timeout: Duration::from_secs(2), ..options(&server) };
    let objects = Objects::open(&format!("s3://{}", S3Server::BUCKET), &s3).unwrap();
    server.fail(Some(Fault::Silent));
    put(&objects, 1).await.unwrap_err();
    assert!(matches!(get(&objects).await, Err(Error::Failed(_))));
    // The first try and one more, each time.
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn what_a_refused_upload_sent_is_taken_back() {
    // The beginning, three parts, and the end. Where parts are still on their way, the last may come after the taking back.
    for refused in 0..5 {
        let server = S3Server::start().await;
        let objects = bucket(&server);
        server.fail(Some(Fault::Once(refused)));
        put(&objects, LARGE).await.unwrap_err();
        assert!([1, 2, 3].contains(&refused) || server.unfinished_parts() == 0, "request {refused}");
        assert!(matches!(get(&objects).await, Err(Error::NotFound(_))), "request {refused}");
    }
}

#[test]
fn only_places_that_can_be_used_are_taken() {
    for wrong in ["", "backups", "ftp://host/x", "file://host/x", "s3://", "s3:///x"] {
        assert!(matches!(Objects::open(wrong, &S3::default()), Err(Error::Place { .. })), "{wrong}");
    }
    let unknown = S3 { encryption: Some("rot13".to_owned()), ..S3::default() };
    assert!(matches!(Objects::open("s3://bucket", &unknown), Err(Error::Place { .. })));
}
