//! Files in a bucket, and what becomes of them when it fails.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use serde_json::json;
use tenure_api::SlowQueries;
use tenure_app::files::{Credentials, Files, Objects, S3};
use tenure_testkit::{Fault, S3Server, TestInstallation};
use tower::ServiceExt;

use super::{PDF, Sent, content, file, filed, put};
use crate::Api;
use crate::company::Company;

async fn in_bucket() -> (Api, S3Server, String) {
    let server = S3Server::start().await;
    let s3 = S3 {
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        credentials: Some(Credentials {
            access_key_id: S3Server::ACCESS_KEY_ID.to_owned(),
            secret_access_key: S3Server::SECRET_ACCESS_KEY.to_owned(),
        }),
        retries: 0,
        ..S3::default()
    };
    let objects = Objects::open(&format!("s3://{}/prod", S3Server::BUCKET), &s3).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let api = Api::with_objects(TestInstallation::new().await, &SlowQueries::default(), folder, objects);
    let token = Company::new(&api.installation, "acme").await.owner_token(&api).await;
    (api, server, token)
}

const POLICY: &str = "/api/v1/documents?name=a.pdf&category=policy";

#[tokio::test]
async fn a_bucket_keeps_files() {
    let (api, server, token) = in_bucket().await;
    let id = filed(&api, &token, POLICY).await;
    let path = format!("/api/v1/documents/{id}/content");
    assert_eq!(content(&api, &token, &path, "").await.2, PDF);
    assert_eq!(content(&api, &token, &path, "bytes=1-3").await.2, b"PDF");
    assert_eq!(server.unfinished_parts(), 0);
}

#[tokio::test]
async fn with_the_bucket_away_or_full_nothing_is_kept_and_it_recovers() {
    let (api, server, token) = in_bucket().await;
    let before = filed(&api, &token, POLICY).await;
    for fault in [Fault::Away, Fault::Full, Fault::After(0)] {
        server.fail(Some(fault));
        let refused = file(&api, &token, POLICY).await;
        assert_eq!(refused.status, 503, "{fault:?}: {}", refused.text);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let listed = api.get("/api/v1/documents", &token).await.json();
        assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{fault:?}: {listed}");
    }
    server.fail(Some(Fault::Away));
    let path = format!("/api/v1/documents/{before}/content");
    assert_eq!(content(&api, &token, &path, "").await.0, 503);
    server.fail(None);
    assert_eq!(content(&api, &token, &path, "").await.2, PDF);
    filed(&api, &token, POLICY).await;
}

#[tokio::test]
async fn a_part_that_the_bucket_refused_is_sent_again() {
    let (api, server, token) = in_bucket().await;
    let body = json!({ "name": "a.pdf", "size": PDF.len(), "category": "policy" });
    let upload = api.send("POST", "/api/v1/uploads", &token, None, &body).await.header("location").to_owned();
    let path = format!("{upload}/parts/1");
    let sent = || Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from(PDF) };
    server.fail(Some(Fault::Full));
    assert_eq!(put(&api, &token, sent()).await.status, 503);
    server.fail(None);
    assert_eq!(put(&api, &token, sent()).await.status, 200);
    server.fail(Some(Fault::Full));
    let complete = format!("{upload}/complete");
    assert_eq!(api.send("POST", &complete, &token, None, &serde_json::Value::Null).await.status, 503);
    server.fail(None);
    let done = api.send("POST", &complete, &token, None, &serde_json::Value::Null).await;
    assert_eq!(done.status, 201, "{}", done.text);
    assert_eq!(content(&api, &token, &format!("{}/content", done.header("location")), "").await.2, PDF);
}

/// The most memory that this process has had, in KiB.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_large_file_takes_no_more_memory_than_a_small_one() {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 160;
    let installation = TestInstallation::new().await;
    let folder = tempfile::tempdir().unwrap();
    let limits = tenure_core::files::Limits { max_size: 1 << 30, ..crate::FILE_LIMITS };
    let files = Files::new(Objects::folder(folder.path()).unwrap(), crate::master_key(), limits);
    let context = tenure_app::Context::repeatable(installation.db.clone(), tenure_testkit::NOW, 1);
    let router =
        tenure_api::Server::new(context.with_files(Some(files)), crate::LIMITS, &SlowQueries::default()).router();
    let api = Api { router, ..Api::over(installation, &SlowQueries::default()) };
    let token = Company::new(&api.installation, "acme").await.owner_token(&api).await;
    filed(&api, &token, POLICY).await;
    let before = most_memory();
    let piece = Bytes::from(vec![b'a'; PIECE]);
    let pieces = futures_util::stream::iter((0..PIECES).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let path = "/api/v1/documents?name=a.txt&category=policy";
    let large = Sent { method: "POST", path, version: None, content_type: "", content: Body::from_stream(pieces) };
    let made = put(&api, &token, large).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["versions"][0]["size"]),
        (201, &json!(PIECE * PIECES)),
        "{}",
        made.text
    );
    let request = crate::request("GET", &format!("{}/content", made.header("location")), &token);
    let mut body = api.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream();
    let mut read = 0;
    while let Some(piece) = body.next().await {
        read += piece.unwrap().len();
    }
    assert_eq!(read, PIECE * PIECES);
    let grown = most_memory().saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB more for a file of {PIECES} MiB");
}

#[tokio::test]
async fn a_server_without_a_place_for_files_says_so() {
    let installation = TestInstallation::new().await;
    let context = tenure_app::Context::repeatable(installation.db.clone(), tenure_testkit::NOW, 1);
    let router = tenure_api::Server::new(context, crate::LIMITS, &SlowQueries::default()).router();
    let api = Api { router, ..Api::over(installation, &SlowQueries::default()) };
    let token = Company::new(&api.installation, "acme").await.owner_token(&api).await;
    let refused = file(&api, &token, POLICY).await;
    assert_eq!(refused.status, 503);
    assert!(refused.text.contains("files.key_file"), "{}", refused.text);
}
