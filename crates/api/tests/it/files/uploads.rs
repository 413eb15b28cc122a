//! Files in parts.

use axum::body::Body;
use serde_json::{Value, json};

use super::{Sent, company, content, filed, objects, put, request_of, sha256};
use crate::company::{GRACE, path_of};
use crate::{Api, send};

const MIB: usize = 1 << 20;

/// A text of two parts and a bit.
fn text() -> Vec<u8> {
    (0..).flat_map(|line: u32| format!("{line:07}\n").into_bytes()).take(2 * MIB + 8).collect()
}

async fn begin(api: &Api, token: &str, more: Value) -> String {
    let mut body = json!({ "name": "a.txt", "size": 2 * MIB + 8, "category": "policy" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let begun = api.send("POST", "/api/v1/uploads", token, None, &body).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    let shown = begun.json();
    assert_eq!((shown.get("part_count"), shown.get("state")), (Some(&json!(3)), Some(&json!("open"))));
    begun.header("location").to_owned()
}

async fn part(api: &Api, token: &str, upload: &str, number: usize) -> u16 {
    let path = format!("{upload}/parts/{number}");
    let content = text().chunks(MIB).nth(number - 1).unwrap().to_vec();
    let sent = Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from(content) };
    put(api, token, sent).await.status.as_u16()
}

async fn complete(api: &Api, token: &str, upload: &str) -> crate::Answer {
    api.send("POST", &format!("{upload}/complete"), token, None, &Value::Null).await
}

#[tokio::test]
async fn a_file_is_sent_in_parts_in_any_order_and_again() {
    let (api, _, token) = company().await;
    let upload = begin(&api, &token, json!({ "sha256": sha256(&text()) })).await;
    assert_eq!(part(&api, &token, &upload, 3).await, 200);
    assert_eq!(complete(&api, &token, &upload).await.status, 422, "parts are missing");
    let (one, two) = tokio::join!(part(&api, &token, &upload, 1), part(&api, &token, &upload, 2));
    assert_eq!((one, two), (200, 200));
    assert_eq!(part(&api, &token, &upload, 2).await, 200, "again");
    let shown = api.get(&upload, &token).await.json();
    let numbers: Vec<_> = shown["parts"].as_array().unwrap().iter().map(|part| part["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let (one, other) = tokio::join!(complete(&api, &token, &upload), complete(&api, &token, &upload));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (201, 201), "{} {}", one.text, other.text);
    assert_eq!(one.json(), other.json(), "one document, whoever asks");
    assert_eq!(complete(&api, &token, &upload).await.json(), one.json());
    let (_, _, read) = content(&api, &token, &format!("{}/content", one.header("location")), "").await;
    assert!(read == text());
    assert_eq!(objects(&api), 1, "the parts are gone");
    assert_eq!(part(&api, &token, &upload, 1).await, 409);
    assert_eq!(api.send("DELETE", &upload, &token, None, &Value::Null).await.status, 422);
}

#[tokio::test]
async fn parts_have_their_number_size_and_checksum() {
    let (api, _, token) = company().await;
    let upload = begin(&api, &token, json!({})).await;
    for (number, content, field) in
        [("0", vec![b'a'; 8], "part"), ("4", vec![b'a'; 8], "part"), ("3", vec![b'a'; 7], "part")]
    {
        let path = format!("{upload}/parts/{number}");
        let sent = Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from(content) };
        assert_eq!(put(&api, &token, sent).await.refusal(), (400, field.to_owned()), "{number}");
    }
    let path = format!("{upload}/parts/3");
    let sent = Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from("12345678") };
    let mut wrong = request_of(&token, sent);
    wrong.headers_mut().insert("x-content-sha256", "00".repeat(32).parse().unwrap());
    assert_eq!(send(&api.router, wrong).await.refusal(), (400, "sha256".to_owned()));
    assert_eq!(objects(&api), 0);
    assert_eq!(api.get(&upload, &token).await.json()["parts"], json!([]));
    for wrong in [
        json!({ "name": "a.pdf", "size": 5 << 20 }),
        json!({ "name": "a.pdf", "size": 0 }),
        json!({ "name": "a.pdf" }),
        json!({ "size": 9 }),
    ] {
        let status = api.send("POST", "/api/v1/uploads", &token, None, &wrong).await.status.as_u16();
        assert!([400, 413].contains(&status), "{wrong}");
    }
}

#[tokio::test]
async fn what_the_parts_give_is_looked_at_as_a_whole() {
    let (api, _, token) = company().await;
    for more in [json!({ "sha256": "00".repeat(32) }), json!({ "name": "a.pdf" })] {
        let upload = begin(&api, &token, more).await;
        for number in 1..=3 {
            assert_eq!(part(&api, &token, &upload, number).await, 200);
        }
        assert_eq!(complete(&api, &token, &upload).await.status, 400);
        assert_eq!(api.send("DELETE", &upload, &token, None, &Value::Null).await.status, 204);
        assert_eq!(api.get(&upload, &token).await.status, 404);
    }
    assert_eq!(objects(&api), 0);
    assert_eq!(api.get("/api/v1/documents", &token).await.json()["data"], json!([]));
}

#[tokio::test]
async fn an_upload_is_its_beginners_alone_and_asks_for_the_right_at_both_ends() {
    let (api, company, owner) = company().await;
    let upload = begin(&api, &owner, json!({})).await;
    let other = company.token_with(&api, &["owner"], None).await;
    assert_eq!(api.get(&upload, &other).await.status, 404);
    assert_eq!(part(&api, &other, &upload, 1).await, 404);
    assert_eq!(complete(&api, &other, &upload).await.status, 404);
    let manager = company.token_with(&api, &["manager"], Some(GRACE)).await;
    let body = json!({ "name": "a.txt", "size": 8, "employee_id": crate::company::id_of(GRACE) });
    assert_eq!(api.send("POST", "/api/v1/uploads", &manager, None, &body).await.status, 403);
}

#[tokio::test]
async fn a_version_comes_in_parts_too() {
    let (api, _, token) = company().await;
    let id = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=letter", path_of(GRACE))).await;
    let body = json!({ "name": "b.txt", "size": 8, "document_id": id, "document_version": 1 });
    let upload = api.send("POST", "/api/v1/uploads", &token, None, &body).await.header("location").to_owned();
    let path = format!("{upload}/parts/1");
    let sent = Sent { method: "PUT", path: &path, version: None, content_type: "", content: Body::from("12345678") };
    assert_eq!(put(&api, &token, sent).await.status, 200);
    let done = complete(&api, &token, &upload).await;
    assert_eq!((done.status.as_u16(), done.header("etag")), (201, "\"2\""), "{}", done.text);
    let stale = api.send("POST", "/api/v1/uploads", &token, None, &body).await;
    assert_eq!(stale.status, 412, "{}", stale.text);
}
