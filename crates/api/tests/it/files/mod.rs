//! Documents: files of people and of the company.

mod change;
mod links;
mod requests;
mod rights;
mod rotation;
mod store;
mod sweeping;
mod uploads;

use std::fmt::Write;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use insta::assert_snapshot;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::company::{Company, GRACE, LINUS, path_of};
use crate::{Answer, Api, send};

pub(crate) const PDF: &[u8] = b"%PDF-1.7 a small file";

/// A file to be sent.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) version: Option<i64>,
    pub(crate) content_type: &'a str,
    pub(crate) content: Body,
}

pub(crate) async fn put(api: &Api, token: &str, sent: Sent<'_>) -> Answer {
    send(&api.router, request_of(token, sent)).await
}

fn request_of(token: &str, sent: Sent<'_>) -> Request<Body> {
    let mut request = crate::request(sent.method, sent.path, token);
    request.headers_mut().insert("content-type", sent.content_type.parse().unwrap());
    if let Some(version) = sent.version {
        request.headers_mut().insert("if-match", format!("\"{version}\"").parse().unwrap());
    }
    *request.body_mut() = sent.content;
    request
}

/// Files a PDF.
pub(crate) async fn file(api: &Api, token: &str, path: &str) -> Answer {
    let content = Body::from(PDF);
    put(api, token, Sent { method: "POST", path, version: None, content_type: "application/pdf", content }).await
}

/// Files a PDF that has to be taken, and gives its id.
pub(crate) async fn filed(api: &Api, token: &str, path: &str) -> String {
    let answer = file(api, token, path).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    answer.json().get("id").and_then(Value::as_str).unwrap().to_owned()
}

/// A document of each kind that a path can name, an upload and a request.
pub(crate) async fn add_each(api: &Api, token: &str) {
    add_each_with(api, token, "-800").await;
}

/// The same where the ids of the people are marked otherwise.
pub(crate) async fn add_each_with(api: &Api, token: &str, mark: &str) {
    filed(api, token, "/api/v1/documents?name=rules.pdf&category=policy&expires_on=2026-01-31").await;
    let deleted = filed(api, token, "/api/v1/documents?name=old.pdf&category=policy").await;
    let deleted = format!("/api/v1/documents/{deleted}");
    assert_eq!(api.send("DELETE", &deleted, token, Some(1), &Value::Null).await.status, 204);
    let person = path_of(GRACE).replace("-800", mark);
    filed(api, token, &format!("{person}/documents?name=a.pdf&category=letter")).await;
    let asked = json!({ "category": "identity", "title": "Passport" });
    let asked = api.send("POST", &format!("{person}/document-requests"), token, None, &asked).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    let upload = json!({ "name": "a.pdf", "size": 1 << 20, "category": "policy" });
    let begun = api.send("POST", "/api/v1/uploads", token, None, &upload).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
}

pub(crate) async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

/// The bytes of an answer, which need not be text.
pub(crate) async fn content(api: &Api, token: &str, path: &str, range: &str) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = crate::request("GET", path, token);
    if !range.is_empty() {
        request.headers_mut().insert("range", range.parse().unwrap());
    }
    let response = api.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.unwrap().into())
}

/// The actions that the audit log has of documents and their reading.
pub(crate) async fn audited(api: &Api, company: &Company) -> Vec<String> {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action FROM audit_log WHERE action LIKE 'document%' OR action LIKE '%documents_read' ORDER BY id";
    sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap()
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

#[tokio::test]
async fn a_document_is_filed_shown_and_read() {
    let (api, company, token) = company().await;
    let path = format!(
        "{}/documents?name=C%3A%5Ccv%20M%C3%BCller.pdf&category=certificate&expires_on=2026-01-31",
        path_of(GRACE)
    );
    let made = file(&api, &token, &path).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (body, location) = (made.json(), made.header("location").to_owned());
    let id = body["id"].as_str().unwrap();
    let by = body.pointer("/versions/0/uploaded_by").and_then(Value::as_str).unwrap();
    assert_snapshot!("document", made.shown().replace(id, "[id]").replace(by, "[user]"));
    assert_eq!((made.header("etag"), location.as_str()), ("\"1\"", format!("/api/v1/documents/{id}").as_str()));
    assert_eq!(api.get(&location, &token).await.json(), body);
    let (status, headers, read) = content(&api, &token, &format!("{location}/content"), "").await;
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!((status, read.as_slice()), (200, PDF));
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("etag"), format!("\"{}\"", sha256(PDF)));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"cv M_ller.pdf\"; filename*=UTF-8''cv%20M%C3%BCller.pdf"
    );
    let log = ["document.created", "document.metadata_read", "document.read"];
    assert_eq!(audited(&api, &company).await, log, "reading a certificate of somebody else leaves a trace");
}

#[tokio::test]
async fn a_part_of_a_file_is_read() {
    let (api, _, token) = company().await;
    let text = (0..40_000).map(|line| format!("{line:07}")).collect::<Vec<_>>().join("\n") + "\n";
    let path = "/api/v1/documents?name=a.txt&category=policy";
    let sent =
        Sent { method: "POST", path, version: None, content_type: "text/plain", content: Body::from(text.clone()) };
    let made = put(&api, &token, sent).await;
    let path = format!("{}/content", made.header("location"));
    for (range, expected) in [
        ("bytes=0-6", 0..7),
        ("bytes=65530-65540", 65_530..65_541),
        ("bytes=-8", 319_992..320_000),
        ("bytes=200000-", 200_000..320_000),
    ] {
        let (status, headers, read) = content(&api, &token, &path, range).await;
        assert_eq!((status, read.as_slice()), (206, &text.as_bytes()[expected.clone()]), "{range}");
        let said = format!("bytes {}-{}/320000", expected.start, expected.end - 1);
        assert_eq!(headers["content-range"].to_str().unwrap(), said);
    }
    let (status, headers, _) = content(&api, &token, &path, "bytes=320000-").await;
    assert_eq!((status, headers["content-range"].to_str().unwrap()), (416, "bytes */320000"));
    let (status, _, read) = content(&api, &token, &path, "bytes=0-1,5-6").await;
    assert_eq!((status, read.len()), (200, 320_000), "several parts are answered with the whole");
    let mut unchanged = crate::request("GET", &path, &token);
    unchanged.headers_mut().insert("if-none-match", format!("\"{}\"", sha256(text.as_bytes())).parse().unwrap());
    assert_eq!(send(&api.router, unchanged).await.status, 304);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_and_nothing_is_kept() {
    let (api, company, token) = company().await;
    let large = vec![b'a'; (4 << 20) + 1];
    for (query, content_type, content, status, field) in [
        ("name=a.pdf", "application/pdf", &b"MZ program"[..], 400, "file"),
        ("name=a.exe", "", b"%PDF-", 400, "file"),
        ("name=a.pdf", "image/png", PDF, 400, "file"),
        ("name=a.png", "", PDF, 400, "file"),
        ("name=a.txt", "", b"<script>alert(1)</script>", 400, "file"),
        ("name=a.pdf", "", b"", 400, "file"),
        ("name=a.txt", "", &large, 413, ""),
        ("", "", PDF, 400, "name"),
        ("name=..", "", PDF, 400, "name"),
        ("name=a.pdf&category=secret", "", PDF, 400, "category"),
        ("name=a.pdf&expires_on=soon", "", PDF, 400, "expires_on"),
        ("name=a.pdf&remind_days=366", "", PDF, 400, "remind_days"),
        ("name=a.pdf&folder=x", "", PDF, 400, "folder"),
        ("name=a.pdf&request_id=0198f3c2-0000-7000-8000-000000000001", "", PDF, 404, ""),
    ] {
        let path = format!("{}/documents?{query}", path_of(GRACE));
        let content = Body::from(content.to_vec());
        let answer =
            put(&api, &token, Sent { method: "POST", path: &path, version: None, content_type, content }).await;
        assert_eq!(answer.refusal(), (status, field.to_owned()), "{query}: {}", answer.text);
    }
    let mut keyed = request_of(
        &token,
        Sent {
            method: "POST",
            path: "/api/v1/documents?name=a.pdf",
            version: None,
            content_type: "",
            content: Body::from(PDF),
        },
    );
    keyed.headers_mut().insert("idempotency-key", "1".parse().unwrap());
    assert_eq!(send(&api.router, keyed).await.refusal(), (400, "Idempotency-Key".to_owned()));
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let left = "SELECT count(*) FROM document_metadata WHERE body ->> 'kind' <> 'key'";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&mut *tx).await.unwrap();
    assert_eq!((left, objects(&api)), (0, 0));
}

/// How many objects lie in the folder.
pub(crate) fn objects(api: &Api) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }
    count(api.folder.path())
}

#[tokio::test]
async fn versions_are_kept_and_the_newest_is_given_out() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let path = format!("/api/v1/documents/{id}/versions?name=b.pdf");
    let add = async |version| {
        let content = Body::from("%PDF-1.7 newer");
        put(&api, &token, Sent { method: "POST", path: &path, version, content_type: "", content }).await
    };
    assert_eq!(add(None).await.status, 428);
    assert_eq!(add(Some(7)).await.status, 412);
    let (one, other) = tokio::join!(add(Some(1)), add(Some(1)));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{} {}", one.text, other.text);
    let document = api.get(&format!("/api/v1/documents/{id}"), &token).await.json();
    assert_eq!(document["versions"].as_array().unwrap().len(), 2, "{document}");
    let newest = content(&api, &token, &format!("/api/v1/documents/{id}/content"), "").await;
    let first = content(&api, &token, &format!("/api/v1/documents/{id}/content?version=1"), "").await;
    assert_eq!((newest.2.as_slice(), first.2.as_slice()), (&b"%PDF-1.7 newer"[..], PDF));
    assert_eq!(content(&api, &token, &format!("/api/v1/documents/{id}/content?version=3"), "").await.0, 404);
    assert_eq!(objects(&api), 2, "what came second is not kept");
    assert_eq!(audited(&api, &company).await, ["document.created", "document.version_added"]);
}

#[tokio::test]
async fn lists_go_page_by_page_and_by_category() {
    let (api, _, token) = company().await;
    let person = path_of(LINUS);
    for (at, category) in ["letter", "medical", "payslip", "letter", "certificate"].iter().enumerate() {
        let expires = if at == 2 { "" } else { "&expires_on=2026-02-0" };
        let day = if at == 2 { String::new() } else { (9 - at).to_string() };
        filed(&api, &token, &format!("{person}/documents?name=a{at}.pdf&category={category}{expires}{day}")).await;
    }
    let titles = async |path: &str| {
        let (mut titles, mut next) = (Vec::new(), String::new());
        loop {
            let mark = if path.contains('?') { "&" } else { "?" };
            let page = api.get(&format!("{path}{mark}limit=2{next}"), &token).await.json();
            titles.extend(page["data"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return titles,
            }
        }
    };
    let list = format!("{person}/documents");
    assert_eq!(titles(&list).await, ["a4.pdf", "a3.pdf", "a2.pdf", "a1.pdf", "a0.pdf"]);
    assert_eq!(titles(&format!("{list}?category=letter")).await, ["a3.pdf", "a0.pdf"]);
    assert_eq!(titles("/api/v1/expiring-documents?before=2026-02-09").await, ["a4.pdf", "a3.pdf", "a1.pdf"]);
    assert!(titles("/api/v1/documents").await.is_empty());
    let expiring = api.get("/api/v1/expiring-documents?before=2026-02-09", &token).await.json();
    assert_eq!(expiring["data"][0]["expiry"], "due", "{expiring}");
}
