//! Who opens and files what: by role, category and person.

use std::fmt::Write;

use insta::assert_snapshot;
use serde_json::Value;

use super::{company, file, filed};
use crate::Api;
use crate::company::{ADA, Company, GRACE, LINUS, SUKARNO, ZOE, path_of};

const CATEGORIES: [&str; 4] = ["letter", "certificate", "medical", "payslip"];

/// Opening, filing and deleting a document of each class.
async fn tried(api: &Api, owner: &str, token: &str, whose: &str) -> String {
    let mut found = Vec::new();
    for category in CATEGORIES {
        let id = filed(api, owner, &format!("{whose}/documents?name=a.pdf&category={category}")).await;
        let path = format!("/api/v1/documents/{id}");
        let shown = api.get(&path, token).await.status.as_u16();
        let read = api.get(&format!("{path}/content"), token).await.status.as_u16();
        assert_eq!(shown, read);
        let made = file(api, token, &format!("{whose}/documents?name=a.pdf&category={category}")).await.status.as_u16();
        let deleted = api.send("DELETE", &path, token, Some(1), &Value::Null).await.status.as_u16();
        found.push(format!("{category} {read} {made} {deleted}"));
    }
    found.join(", ")
}

#[tokio::test]
async fn each_role_opens_and_files_the_categories_of_its_classes() {
    let api = Api::new().await;
    let mut table = String::new();
    for (role, employee, person) in [
        ("owner", None, GRACE),
        ("hr_admin", None, GRACE),
        ("hr_manager", None, GRACE),
        ("payroll_admin", None, GRACE),
        ("payroll_admin", Some(GRACE), GRACE),
        ("auditor", None, GRACE),
        ("manager", Some(ADA), GRACE),
        ("manager", Some(ADA), LINUS),
        ("manager", Some(GRACE), SUKARNO),
        ("employee", Some(LINUS), LINUS),
        ("employee", Some(ZOE), LINUS),
    ] {
        // A person has one user.
        let company = Company::new(&api.installation, &format!("c{}", table.lines().count())).await;
        let owner = company.owner_token(&api).await;
        let token = company.token_with(&api, &[role], employee).await;
        let found = tried(&api, &owner, &token, &path_of(person)).await;
        let whose = if employee == Some(person) { "own" } else { "of another" };
        writeln!(table, "{role} {whose} ({employee:?} {person}): {found}").unwrap();
    }
    let company = Company::new(&api.installation, "acme").await;
    let owner = company.owner_token(&api).await;
    for role in ["owner", "hr_manager", "payroll_admin", "employee", "auditor"] {
        let token = company.token_with(&api, &[role], None).await;
        let found = tried(&api, &owner, &token, "/api/v1").await;
        writeln!(table, "{role} of the company: {found}").unwrap();
    }
    assert_snapshot!("rights", table);
}

#[tokio::test]
async fn a_list_shows_what_the_reader_may_open() {
    let (api, company, owner) = company().await;
    for whose in [path_of(GRACE), "/api/v1".to_owned()] {
        for category in CATEGORIES {
            filed(&api, &owner, &format!("{whose}/documents?name={category}.pdf&category={category}")).await;
        }
    }
    let titles = async |token: &str, path: &str| {
        let answer = api.get(path, token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let rows = answer.json()["data"].as_array().unwrap().clone();
        rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let list = format!("{}/documents", path_of(GRACE));
    let manager = company.token_with(&api, &["manager"], Some(ADA)).await;
    assert_eq!(titles(&manager, &list).await, ["letter.pdf"], "a manager sees no medical paper and no pay of a report");
    assert!(titles(&manager, &format!("{list}?category=medical")).await.is_empty());
    assert_eq!(titles(&manager, "/api/v1/documents").await, ["letter.pdf"]);
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    assert_eq!(titles(&grace, &list).await, ["payslip.pdf", "medical.pdf", "certificate.pdf", "letter.pdf"]);
    let payroll = company.token_with(&api, &["payroll_admin"], None).await;
    assert_eq!(titles(&payroll, &list).await, ["payslip.pdf", "letter.pdf"]);
    for path in [format!("{list}?deleted=true"), "/api/v1/expiring-documents".to_owned()] {
        assert_eq!(api.get(&path, &manager).await.status, 403, "{path}");
    }
    let stranger = company.token_with(&api, &["employee"], Some(ZOE)).await;
    assert_eq!(api.get(&list, &stranger).await.status, 404);
}

#[tokio::test]
async fn what_is_read_of_others_is_on_record() {
    let (api, company, owner) = company().await;
    let id = filed(&api, &owner, &format!("{}/documents?name=a.pdf&category=medical", path_of(GRACE))).await;
    let letter = filed(&api, &owner, &format!("{}/documents?name=a.pdf&category=letter", path_of(GRACE))).await;
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    let list = format!("{}/documents", path_of(GRACE));
    for path in [list.clone(), format!("/api/v1/documents/{id}"), format!("/api/v1/documents/{id}/content")] {
        assert_eq!(api.get(&path, &grace).await.status, 200, "{path}");
        assert_eq!(api.get(&path, &owner).await.status, 200, "{path}");
    }
    assert_eq!(api.get(&format!("/api/v1/documents/{letter}/content"), &owner).await.status, 200);
    let log = super::audited(&api, &company).await;
    let expected =
        ["document.created", "document.created", "employee.documents_read", "document.metadata_read", "document.read"];
    assert_eq!(log, expected, "the person's own reading leaves no trace, and neither does that of a letter");
}

#[tokio::test]
async fn another_company_finds_nothing() {
    let (api, _, owner) = company().await;
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    let id = filed(&api, &owner, "/api/v1/documents?name=a.pdf&category=policy").await;
    for path in [format!("/api/v1/documents/{id}"), format!("/api/v1/documents/{id}/content")] {
        assert_eq!(api.get(&path, &globex).await.status, 404, "{path}");
    }
    assert_eq!(file(&api, &globex, &format!("{}/documents?name=a.pdf", path_of(GRACE))).await.status, 404);
}
