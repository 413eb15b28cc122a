//! Links that open a document without a credential.

use serde_json::{Value, json};
use tenure_app::files;
use tenure_testkit::NOW;

use super::{PDF, audited, company, content, filed};
use crate::company::{GRACE, LINUS, path_of};

#[tokio::test]
async fn a_link_opens_its_version_for_its_time() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=medical", path_of(GRACE))).await;
    let path = format!("/api/v1/documents/{id}");
    let made = api.send("POST", &format!("{path}/links"), &token, None, &json!({ "valid_minutes": 10 })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let link = made.json()["path"].as_str().unwrap().to_owned();
    let (status, headers, read) = content(&api, "", &link, "").await;
    assert_eq!((status, read.as_slice()), (200, PDF));
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let secret = link.rsplit('=').next().unwrap();
    let later = NOW + jiff::SignedDuration::from_mins(10);
    let files = api.context.files_of();
    let context = tenure_app::Context::repeatable(api.installation.db.clone(), later, 3).with_files(files);
    assert!(files::open_link(&context, secret).await.is_err(), "its time is over");
    for at in [0, 5, 30, 60, 80, 100, 117] {
        let mut forged = secret.as_bytes().to_vec();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = format!("/api/v1/shared-document?token={}", String::from_utf8(forged).unwrap());
        assert_eq!(api.get(&forged, "").await.refusal(), (400, "token".to_owned()), "byte {at}");
    }
    assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 204);
    assert_eq!(api.get(&link, "").await.status, 404, "of a deleted document it opens nothing");
    assert_eq!(
        audited(&api, &company).await,
        ["document.created", "document.link_made", "document.read", "document.deleted"]
    );
}

#[tokio::test]
async fn a_link_opens_nothing_of_a_suspended_company() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let links = format!("/api/v1/documents/{id}/links");
    let made = api.send("POST", &links, &token, None, &json!({ "valid_minutes": 10, "version": 1 })).await;
    let link = made.json()["path"].as_str().unwrap().to_owned();
    let suspend = "UPDATE public.tenants SET status = 'suspended' WHERE id = $1";
    let mut superuser = api.installation.superuser().await;
    sqlx::query(suspend).bind(company.tenant.uuid()).execute(&mut superuser).await.unwrap();
    assert_eq!(api.get(&link, "").await.status, 403);
}

#[tokio::test]
async fn a_link_is_made_by_whoever_may_open_the_document_for_a_week_at_most() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=medical", path_of(LINUS))).await;
    let links = format!("/api/v1/documents/{id}/links");
    for (body, field) in [
        (json!({}), "valid_minutes"),
        (json!({ "valid_minutes": 0 }), "valid_minutes"),
        (json!({ "valid_minutes": 10_081 }), "valid_minutes"),
    ] {
        assert_eq!(api.send("POST", &links, &token, None, &body).await.refusal(), (400, field.to_owned()));
    }
    let manager = company.token_with(&api, &["manager"], Some(GRACE)).await;
    assert_eq!(api.send("POST", &links, &manager, None, &json!({ "valid_minutes": 1 })).await.status, 404);
    let missing = json!({ "valid_minutes": 1, "version": 2 });
    assert_eq!(api.send("POST", &links, &token, None, &missing).await.status, 404);
}
