//! Encrypted objects, in a folder and in a bucket.

use bytes::Bytes;
use futures_util::TryStreamExt;
use tenure_store::objects::Objects;
use tenure_store::sealed::{self, Error, TenantKey};
use tenure_testkit::S3Server;

use crate::{bucket, folder};

const KEY: TenantKey = TenantKey::from_bytes([7; 32]);
const PIECE: usize = 64 << 10;

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

async fn put(objects: &Objects, name: &str, content: &[u8], at_once: usize) {
    let mut upload = sealed::upload(objects, &KEY, name);
    for piece in content.chunks(at_once) {
        upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    upload.finish().await.unwrap();
}

async fn get(
    objects: &Objects,
    key: &TenantKey,
    name: &str,
    size: usize,
    part: (usize, usize),
) -> Result<Vec<u8>, Error> {
    let number = |number: usize| u64::try_from(number).unwrap();
    let stream = sealed::download(objects, key, name, number(size), number(part.0)..number(part.1)).await?;
    let pieces: Vec<Bytes> = stream.try_collect().await?;
    Ok(pieces.concat())
}

async fn keeps_what_it_is_given(objects: &Objects) {
    for (at, size) in [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 77].into_iter().enumerate() {
        let (name, content) = (format!("files/a/{at}"), content(size));
        put(objects, &name, &content, 50_000).await;
        for (start, end) in [
            (0, size),
            (0, 1),
            (size - 1, size),
            (size / 2, size),
            (PIECE.min(size - 1), size),
            (size / 3, size / 3 + 1),
        ] {
            let found = get(objects, &KEY, &name, size, (start, end)).await.unwrap();
            assert!(Some(found.as_slice()) == content.get(start..end), "{start}..{end} of {size}");
        }
    }
    objects.delete_below("files/a").await.unwrap();
    assert!(objects.list("files/a").await.unwrap().is_empty());
    objects.delete_below("files/a").await.unwrap();
}

#[tokio::test]
async fn a_folder_keeps_what_it_is_given() {
    let (_folder, objects) = folder();
    keeps_what_it_is_given(&objects).await;
}

#[tokio::test]
async fn a_bucket_keeps_what_it_is_given() {
    let server = S3Server::start().await;
    keeps_what_it_is_given(&bucket(&server)).await;
}

#[tokio::test]
async fn what_lies_in_the_store_says_nothing_and_opens_by_its_own_key_alone() {
    let (folder, objects) = folder();
    let secret = b"Diagnosis: ".repeat(20_000);
    put(&objects, "files/a/1", &secret, 1_000_000).await;
    let stored = std::fs::read(folder.path().join("files/a/1")).unwrap();
    assert!(!stored.windows(9).any(|bytes| bytes == b"Diagnosis"));
    let other = TenantKey::from_bytes([8; 32]);
    let refused = get(&objects, &other, "files/a/1", secret.len(), (0, 5)).await;
    assert!(matches!(refused, Err(Error::Damaged(_))), "{refused:?}");
    // An object that is put in another's place is not taken for it.
    std::fs::rename(folder.path().join("files/a/1"), folder.path().join("files/a/2")).unwrap();
    let moved = get(&objects, &KEY, "files/a/2", secret.len(), (0, 5)).await;
    assert!(matches!(moved, Err(Error::Damaged(_))), "{moved:?}");
}

#[tokio::test]
async fn what_was_changed_moved_or_cut_off_is_damaged() {
    let (folder, objects) = folder();
    let content = content(2 * PIECE + 10);
    put(&objects, "a", &content, PIECE).await;
    let path = folder.path().join("a");
    let stored = std::fs::read(&path).unwrap();
    let sealed = PIECE + 16;
    let mut flipped = stored.clone();
    flipped[sealed + 3] ^= 1;
    let swapped = [&stored[sealed..2 * sealed], &stored[..sealed], &stored[2 * sealed..]].concat();
    for (how, bytes) in [
        ("flipped", flipped.as_slice()),
        ("swapped", &swapped),
        ("cut", &stored[..2 * sealed]),
        ("cut", &stored[..stored.len() - 1]),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let found = get(&objects, &KEY, "a", content.len(), (0, content.len())).await;
        assert!(matches!(found, Err(Error::Damaged(_))), "{how}");
    }
    // A shorter file that says of itself that it is whole, by the size that somebody has put beside it.
    std::fs::write(&path, &stored[..2 * sealed]).unwrap();
    let found = get(&objects, &KEY, "a", 2 * PIECE, (0, 2 * PIECE)).await;
    assert!(matches!(found, Err(Error::Damaged(_))));
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let server = S3Server::start().await;
    let objects = bucket(&server);
    let mut upload = sealed::upload(&objects, &KEY, "files/a/1");
    upload.write(Bytes::from(vec![7; 20 << 20])).await.unwrap();
    // Two whole parts: what comes to a server while it is told to forget them is another matter, which a rule of the bucket takes care of.
    while server.unfinished_parts() < 2 {
        tokio::task::yield_now().await;
    }
    server.fail(None);
    drop(upload);
    server.until_requests(1).await;
    while server.unfinished_parts() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(objects.list("files").await.unwrap().is_empty());
}
