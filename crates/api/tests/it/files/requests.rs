//! Asking a person for a document.

use axum::body::Body;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{PDF, Sent, audited, company, file, put};
use crate::Api;
use crate::company::{ADA, Company, GRACE, LINUS, path_of};

#[tokio::test]
async fn a_person_sends_what_was_asked_for() {
    let (api, company, owner) = company().await;
    let list = format!("{}/document-requests", path_of(GRACE));
    let asked = json!({ "category": "identity", "title": "Passport", "formats": ["pdf"], "max_size": 100, "due_on": "2026-02-01" });
    let made = api.send("POST", &list, &owner, None, &asked).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_snapshot!("request", made.shown().replace(&id, "[id]"));
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    assert_eq!(api.get(&list, &grace).await.json()["data"], json!([made.json()]));
    let documents = format!("{}/documents", path_of(GRACE));
    assert_eq!(
        file(&api, &grace, &format!("{documents}?name=a.pdf&category=identity")).await.status,
        403,
        "by herself she may not"
    );
    let with = format!("{documents}?name=a.pdf&request_id={id}");
    let other_format = Sent {
        method: "POST",
        path: &with.replace("a.pdf", "a.txt"),
        version: None,
        content_type: "",
        content: Body::from("hello"),
    };
    assert_eq!(put(&api, &grace, other_format).await.refusal(), (400, "file".to_owned()), "another format");
    let too_large = [PDF, &[b'a'; 100]].concat();
    let too_large =
        Sent { method: "POST", path: &with, version: None, content_type: "", content: Body::from(too_large) };
    assert_eq!(put(&api, &grace, too_large).await.refusal(), (400, "file".to_owned()), "too large");
    let (one, other) = tokio::join!(file(&api, &grace, &with), file(&api, &grace, &with));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201, "{} {}", one.text, other.text);
    assert!([412, 422].contains(&statuses[1]), "{} {}", one.text, other.text);
    let sent = if one.status == 201 { one } else { other }.json();
    assert_eq!(sent["category"], "identity");
    let shown = api.get(&format!("/api/v1/document-requests/{id}"), &owner).await.json();
    assert_eq!((&shown["state"], &shown["document_id"]), (&json!("fulfilled"), &sent["id"]));
    assert_eq!(file(&api, &grace, &with).await.status, 422, "it is fulfilled");
    assert_eq!(
        audited(&api, &company).await,
        ["document_request.created", "document_request.fulfilled", "document.created"]
    );
}

#[tokio::test]
async fn a_request_is_for_its_person_and_can_be_withdrawn() {
    let (api, company, owner) = company().await;
    let list = format!("{}/document-requests", path_of(GRACE));
    let asked = json!({ "category": "certificate", "title": "Diploma" });
    let id = api.send("POST", &list, &owner, None, &asked).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/document-requests/{id}");
    let linus = company.token_with(&api, &["employee"], Some(LINUS)).await;
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    for documents in [path_of(LINUS), path_of(GRACE)] {
        let answer = file(&api, &linus, &format!("{documents}/documents?name=a.pdf&request_id={id}")).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(api.get(&path, &linus).await.status, 404);
    assert_eq!(api.send("POST", &list, &grace, None, &asked).await.status, 403, "nobody asks of oneself");
    let withdraw = format!("{path}/withdraw");
    assert_eq!(api.send("POST", &withdraw, &grace, Some(1), &Value::Null).await.status, 403);
    assert_eq!(api.send("POST", &withdraw, &owner, Some(2), &Value::Null).await.status, 412);
    assert_eq!(api.send("POST", &withdraw, &owner, Some(1), &Value::Null).await.status, 200);
    assert_eq!(api.send("POST", &withdraw, &owner, Some(2), &Value::Null).await.status, 422);
    let late = file(&api, &grace, &format!("{}/documents?name=a.pdf&request_id={id}", path_of(GRACE))).await;
    assert_eq!(late.status, 422, "{}", late.text);
    let wrong = json!({ "category": "certificate", "title": "Diploma", "formats": ["exe"] });
    assert_eq!(api.send("POST", &list, &owner, None, &wrong).await.refusal(), (400, "formats".to_owned()));
}

#[tokio::test]
async fn of_what_somebody_else_is_asked_for_one_is_told_what_one_may_open() {
    let (api, company, owner) = company().await;
    let list = format!("{}/document-requests", path_of(GRACE));
    let mut paths = Vec::new();
    for category in ["payslip", "medical", "letter", "certificate"] {
        let asked = json!({ "category": category, "title": format!("A {category}") });
        let id = api.send("POST", &list, &owner, None, &asked).await.json()["id"].as_str().unwrap().to_owned();
        paths.push((category, format!("/api/v1/document-requests/{id}")));
    }
    for (role, employee, told, audits) in [
        ("hr_manager", None, vec!["certificate", "letter", "medical"], true),
        ("payroll_admin", None, vec!["letter", "payslip"], true),
        ("manager", Some(ADA), vec!["letter"], false),
        ("employee", Some(GRACE), vec!["certificate", "letter", "medical", "payslip"], false),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        let before = readings(&api, &company).await;
        // A page of just those that are told has no next one: that there are others is not to be seen.
        let page = api.get(&format!("{list}?limit={}", told.len()), &token).await.json();
        let categories: Vec<&str> =
            page["data"].as_array().unwrap().iter().map(|row| row["category"].as_str().unwrap()).collect();
        assert_eq!((categories, &page["next_cursor"]), (told.clone(), &Value::Null), "{role}");
        assert_eq!(readings(&api, &company).await - before, usize::from(audits), "{role}");
        for (category, path) in &paths {
            let expected = if told.contains(category) { 200 } else { 404 };
            assert_eq!(api.get(path, &token).await.status, expected, "{role} {category}");
        }
    }
}

async fn readings(api: &Api, company: &Company) -> usize {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let count = "SELECT count(*) FROM audit_log WHERE action = 'employee.document_requests_read'";
    let count: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    usize::try_from(count).unwrap()
}
