//! What every place for objects does.

use bytes::Bytes;
use futures_util::TryStreamExt;
use tenure_store::objects::{Error, Objects};
use tenure_testkit::S3Server;

use crate::{bucket, folder};

/// Larger than what is sent in one request.
const LARGE: usize = (8 << 20) + 1;

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let (_folder, objects) = folder();
    keeps_the_contract(&objects).await;
}

#[tokio::test]
async fn a_bucket_keeps_the_contract() {
    let server = S3Server::start().await;
    keeps_the_contract(&bucket(&server)).await;
    assert_eq!(server.unfinished_parts(), 0);
}

async fn keeps_the_contract(objects: &Objects) {
    appears_when_finished(objects, "a/small", Bytes::from_static(b"begin")).await;
    appears_when_finished(objects, "a/large", Bytes::from(vec![7; LARGE])).await;
    is_replaced_as_a_whole(objects).await;
    is_listed_and_deleted(objects).await;
    leaves_nothing_when_given_up(objects).await;
}

async fn content(objects: &Objects, key: &str) -> Vec<u8> {
    let pieces: Vec<Bytes> = objects.download(key).await.unwrap().try_collect().await.unwrap();
    pieces.concat()
}

async fn put(objects: &Objects, key: &str, content: Bytes) {
    let mut upload = objects.upload(key);
    upload.write(content).await.unwrap();
    upload.finish().await.unwrap();
}

async fn appears_when_finished(objects: &Objects, key: &str, begin: Bytes) {
    let mut upload = objects.upload(key);
    upload.write(begin.clone()).await.unwrap();
    upload.write(Bytes::from_static(b"end")).await.unwrap();
    assert!(matches!(objects.download(key).await.err(), Some(Error::NotFound(_))));
    upload.finish().await.unwrap();
    let whole = [&begin[..], b"end"].concat();
    assert_eq!(objects.size(key).await.unwrap(), Some(u64::try_from(whole.len()).unwrap()));
    assert_eq!(content(objects, key).await, whole);
}

async fn is_replaced_as_a_whole(objects: &Objects) {
    put(objects, "a/small", Bytes::from_static(b"other")).await;
    assert_eq!(content(objects, "a/small").await, b"other");
}

async fn is_listed_and_deleted(objects: &Objects) {
    put(objects, "b/other", Bytes::from_static(b"x")).await;
    assert_eq!(objects.list("a").await.unwrap(), ["a/large", "a/small"]);
    assert!(objects.list("nowhere").await.unwrap().is_empty());
    for _ in 0..2 {
        objects.delete("a/large").await.unwrap();
    }
    assert_eq!(objects.list("a").await.unwrap(), ["a/small"]);
    assert_eq!(objects.size("a/large").await.unwrap(), None);
    assert!(matches!(objects.download("a/large").await.err(), Some(Error::NotFound(_))));
}

async fn leaves_nothing_when_given_up(objects: &Objects) {
    for size in [1, 3 * LARGE] {
        let mut upload = objects.upload("c/half");
        upload.write(Bytes::from(vec![7; size])).await.unwrap();
        upload.abort().await.unwrap();
        assert!(objects.list("c").await.unwrap().is_empty());
    }
}
