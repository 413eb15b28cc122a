//! Changing what is known of a document, deleting it and bringing it back.

use serde_json::{Value, json};

use super::{audited, company, content, filed};
use crate::company::{GRACE, path_of};

#[tokio::test]
async fn a_document_is_changed_deleted_and_brought_back() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let path = format!("/api/v1/documents/{id}");
    let changes = json!({ "title": "Rules", "expires_on": "2026-01-20", "remind_days": 7, "category": "letter" });
    for (version, status) in [(None, 428), (Some(7), 412), (Some(1), 200)] {
        assert_eq!(api.send("PATCH", &path, &token, version, &changes).await.status, status);
    }
    let shown = api.get(&path, &token).await.json();
    for (member, value) in changes.as_object().unwrap() {
        assert_eq!(shown[member], *value, "{member}");
    }
    assert_eq!((&shown["expiry"], &shown["version"]), (&json!("due"), &json!(2)));
    for (wrong, field) in
        [("title", json!("")), ("category", json!("x")), ("remind_days", json!(-1)), ("versions", json!([]))]
            .map(|(field, value)| (json!({ field: value }), field))
    {
        let answer = api.send("PATCH", &path, &token, Some(2), &wrong).await;
        assert_eq!(answer.refusal(), (400, field.to_owned()), "{wrong}");
    }
    assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204);
    for gone in [path.clone(), format!("{path}/content")] {
        assert_eq!(api.get(&gone, &token).await.status, 404, "{gone}");
    }
    let deleted = api.get("/api/v1/documents?deleted=true", &token).await.json();
    assert_eq!((&deleted["data"][0]["id"], &deleted["data"][0]["version"]), (&json!(id), &json!(3)));
    let restore = format!("{path}/restore");
    assert_eq!(api.send("POST", &restore, &token, Some(2), &Value::Null).await.status, 412);
    assert_eq!(api.send("POST", &restore, &token, Some(3), &Value::Null).await.status, 200);
    assert_eq!(api.send("POST", &restore, &token, Some(4), &Value::Null).await.status, 404, "it is there");
    assert_eq!(content(&api, &token, &format!("{path}/content"), "").await.0, 200);
    let log = ["document.created", "document.updated", "document.deleted", "document.list_read", "document.restored"];
    assert_eq!(audited(&api, &company).await, log);
}

#[tokio::test]
async fn a_legal_hold_keeps_a_document_from_being_deleted() {
    let (api, company, token) = company().await;
    let id = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=letter", path_of(GRACE))).await;
    let path = format!("/api/v1/documents/{id}");
    company.add_role(&api, "clerk", "documents.write", "department").await;
    company.add_role(&api, "clerk2", "documents.read", "department").await;
    company.add_role(&api, "clerk3", "employees.read", "department").await;
    company.add_role(&api, "clerk4", "employees.write", "department").await;
    let roles = ["clerk", "clerk2", "clerk3", "clerk4"];
    let clerk = company.token_with(&api, &roles, Some(crate::company::ADA)).await;
    assert_eq!(api.send("PATCH", &path, &clerk, Some(1), &json!({ "title": "Letter" })).await.status, 200);
    assert_eq!(api.send("PATCH", &path, &clerk, Some(2), &json!({ "legal_hold": true })).await.status, 403);
    assert_eq!(api.send("PATCH", &path, &token, Some(2), &json!({ "legal_hold": true })).await.status, 200);
    assert_eq!(api.send("DELETE", &path, &token, Some(3), &Value::Null).await.status, 422);
    assert_eq!(api.send("PATCH", &path, &clerk, Some(3), &json!({ "category": "medical" })).await.status, 403);
}
