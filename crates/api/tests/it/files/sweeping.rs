//! What is of no use goes, and what is of use stays.

use axum::body::{Body, Bytes};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io;
use tenure_app::Context;
use tenure_app::files::{self, Swept};
use tenure_testkit::NOW;
use tower::ServiceExt;

use super::{PDF, Sent, audited, company, content, filed, objects, put, request_of};
use crate::Api;

fn at(api: &Api, now: Timestamp) -> Context {
    Context::repeatable(api.installation.db.clone(), now, 9).with_files(api.context.files_of())
}

fn days(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn a_deleted_document_goes_after_its_time_and_no_other() {
    let (api, company, token) = company().await;
    let kept = filed(&api, &token, "/api/v1/documents?name=kept.pdf&category=policy").await;
    let gone = filed(&api, &token, "/api/v1/documents?name=gone.pdf&category=policy").await;
    let path = format!("/api/v1/documents/{gone}");
    assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 204);
    assert_eq!(files::sweep(&at(&api, days(29)), company.tenant).await.unwrap(), Swept::default());
    assert_eq!(objects(&api), 2);
    let swept = files::sweep(&at(&api, days(31)), company.tenant).await.unwrap();
    assert_eq!((swept.documents, swept.uploads, objects(&api)), (1, 0, 1));
    assert_eq!(api.send("POST", &format!("{path}/restore"), &token, Some(2), &Value::Null).await.status, 404);
    assert_eq!(content(&api, &token, &format!("/api/v1/documents/{kept}/content"), "").await.2, PDF);
    assert_eq!(audited(&api, &company).await.last().map(String::as_str), Some("document.purged"));
    assert_eq!(files::sweep(&at(&api, days(31)), company.tenant).await.unwrap(), Swept::default());
}

#[tokio::test]
async fn what_an_upload_that_was_never_completed_has_left_goes() {
    let (api, company, token) = company().await;
    let body = json!({ "name": "a.pdf", "size": 8, "category": "policy" });
    let upload = api.send("POST", "/api/v1/uploads", &token, None, &body).await.header("location").to_owned();
    let path = format!("{upload}/parts/1");
    let sent = Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from("%PDF-1.7") };
    assert_eq!(put(&api, &token, sent).await.status, 200);
    assert_eq!(files::sweep(&at(&api, NOW), company.tenant).await.unwrap(), Swept::default());
    assert_eq!(objects(&api), 1);
    let (one, other) = tokio::join!(async { files::sweep(&at(&api, days(2)), company.tenant).await }, async {
        files::sweep(&at(&api, days(2)), company.tenant).await
    });
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    assert_eq!((objects(&api), api.get(&upload, &token).await.status.as_u16()), (0, 404));
}

#[tokio::test]
async fn a_sender_that_goes_away_in_the_middle_leaves_nothing() {
    let (api, company, token) = company().await;
    let begin = Ok::<_, io::Error>(Bytes::from([PDF, &vec![b'a'; 2 << 20]].concat()));
    let broken = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    let path = "/api/v1/documents?name=a.pdf&category=policy";
    let body = Body::from_stream(stream::iter([begin, broken]));
    let sent = Sent { method: "POST", path, version: None, content_type: "", content: body };
    assert_eq!(put(&api, &token, sent).await.refusal(), (400, "file".to_owned()));
    assert_eq!((objects(&api), records(&api, &company).await), (0, 0));

    // The same when the whole request is dropped, as when the connection breaks: the record of the upload leads the sweeper.
    let endless = stream::iter([Ok::<_, io::Error>(Bytes::from_static(PDF))]);
    let endless = futures_util::StreamExt::chain(endless, stream::pending());
    let sent = Sent { method: "POST", path, version: None, content_type: "", content: Body::from_stream(endless) };
    let mut request = Box::pin(api.router.clone().oneshot(request_of(&token, sent)));
    while records(&api, &company).await == 0 {
        let _ = futures_util::poll!(&mut request);
    }
    drop(request);
    files::sweep(&at(&api, days(2)), company.tenant).await.unwrap();
    assert_eq!((objects(&api), records(&api, &company).await), (0, 0));
}

/// How many records there are beside the key.
async fn records(api: &Api, company: &crate::company::Company) -> i64 {
    let mut tx = api.installation.db.begin_read(company.tenant).await.unwrap();
    let count = "SELECT count(*) FROM document_metadata WHERE body ->> 'kind' <> 'key'";
    let count = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    count
}

#[tokio::test]
async fn what_lies_between_an_object_and_its_record_goes() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    // As after a kill between the object and the record that names it.
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let turn = "UPDATE document_metadata SET id = gen_random_uuid(), body = jsonb_build_object('kind', 'upload', 'by', '1', 'goal', 'document',
            'owner', 'company', 'category', 'policy', 'title', 'a', 'remind_days', 30, 'document', $1, 'version', body -> 'versions' -> 0 ->> 'id',
            'name', 'a.pdf', 'declared', '', 'parts', jsonb_build_array(), 'state', 'open', 'sweep_at', '2026-01-16T00:00:00Z')
        WHERE body ->> 'kind' = 'document'";
    sqlx::query(turn).bind(&id).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(objects(&api), 1);
    let swept = files::sweep(&at(&api, days(2)), company.tenant).await.unwrap();
    assert_eq!((swept.uploads, objects(&api), records(&api, &company).await), (1, 0, 0));
}

#[tokio::test]
async fn with_its_tenant_all_files_go() {
    let (api, company, token) = company().await;
    let globex = crate::company::Company { tenant: api.installation.tenant("globex").await.id };
    let other = globex.owner_token(&api).await;
    filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    filed(&api, &other, "/api/v1/documents?name=a.pdf&category=policy").await;
    api.context.files_of().unwrap().purge(company.tenant).await.unwrap();
    assert_eq!(objects(&api), 1);
}

#[tokio::test]
async fn what_the_place_does_not_let_go_keeps_nothing_else() {
    let (api, company, token) = company().await;
    let (mut stuck, mut paths) = (Vec::new(), Vec::new());
    for name in ["stuck", "gone"] {
        let id = filed(&api, &token, &format!("/api/v1/documents?name={name}.pdf&category=policy")).await;
        assert_eq!(
            api.send("DELETE", &format!("/api/v1/documents/{id}"), &token, Some(1), &Value::Null).await.status,
            204
        );
        paths.push(format!("files/{}/{id}", company.tenant));
    }
    // More than are looked at together, all of which were deleted before the one that can go. A folder in the place of an object is one that
    // is not let go.
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let sql = "INSERT INTO document_metadata (id, version, created_at, updated_at, body)
        SELECT gen_random_uuid(), version, created_at, updated_at, jsonb_set(body, '{sweep_at}', '\"2026-01-16T00:00:00Z\"')
        FROM document_metadata, generate_series(1, 120) WHERE body ->> 'title' = 'stuck.pdf'
        RETURNING id, body -> 'versions' -> 0 ->> 'id'";
    let copied: Vec<(uuid::Uuid, String)> = sqlx::query_as(sql).fetch_all(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for (id, version) in copied {
        let object = api.folder.path().join(format!("files/{}/{id}/{version}", company.tenant));
        std::fs::create_dir_all(object.join("in-the-way")).unwrap();
        stuck.push(object);
    }
    let swept = files::sweep(&at(&api, days(31)), company.tenant).await.unwrap();
    assert_eq!(swept, Swept { uploads: 0, documents: 2, failed: 120 });
    assert!(paths.iter().all(|path| objects_below(&api, path) == 0));
    for object in stuck {
        std::fs::remove_dir_all(object).unwrap();
    }
    let later = Context::repeatable(api.installation.db.clone(), days(31), 10).with_files(api.context.files_of());
    let swept = files::sweep(&later, company.tenant).await.unwrap();
    assert_eq!(swept, Swept { uploads: 0, documents: 120, failed: 0 }, "they are tried again");
    assert_eq!(records(&api, &company).await, 0);
}

fn objects_below(api: &Api, folder: &str) -> usize {
    std::fs::read_dir(api.folder.path().join(folder)).map_or(0, Iterator::count)
}
