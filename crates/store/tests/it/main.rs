//! The contract of object storage, which a folder and a bucket keep alike, and what is a bucket's own.
#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them by panicking")]

mod contract;
mod s3;
mod sealed;

use tempfile::TempDir;
use tenure_store::objects::{Credentials, Objects, S3};
use tenure_testkit::S3Server;

fn folder() -> (TempDir, Objects) {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::open(&format!("file://{}", folder.path().display()), &S3::default()).unwrap();
    (folder, objects)
}

/// How a test's bucket is reached.
fn options(server: &S3Server) -> S3 {
    S3 {
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        credentials: Some(Credentials {
            access_key_id: S3Server::ACCESS_KEY_ID.to_owned(),
            secret_access_key: S3Server::SECRET_ACCESS_KEY.to_owned(),
        }),
        retries: 1,
        ..S3::default()
    }
}

fn bucket(server: &S3Server) -> Objects {
    Objects::open(&format!("s3://{}/some/where", S3Server::BUCKET), &options(server)).unwrap()
}
