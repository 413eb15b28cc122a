//! Who is told what by mail, from the change or the day that is the cause to the letter. How letters are sent is tested where that is done.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tenure_app::Context;
use tenure_app::mail::{self, Letter, Mail, Outcome, Prepared, State};
use tenure_testkit::NOW;

use crate::appraisals::Cycle;
use crate::company::{Company, GRACE, LINUS, ZOE, path_of};
use crate::files::filed;
use crate::{Api, request, send};

/// What sends mail, so many hours after the tests' present.
fn post(api: &Api, hours: i64) -> Context {
    let now = NOW.checked_add(SignedDuration::from_hours(hours)).unwrap();
    let mail = Mail { link: Some("https://hr.acme.example".to_owned()) };
    Context::repeatable(api.installation.db.clone(), now, 5).with_files(api.context.files_of()).with_mail(Some(mail))
}

/// Plans what is due, sends all of it, and gives what was sent as `address: subject`, in the order of the addresses.
async fn sent(context: &Context) -> Vec<String> {
    mail::begin_planning(context).await.unwrap();
    assert_eq!(mail::plan_due(context, 100).await.unwrap().failed, 0);
    let mut sent: Vec<String> =
        letters(context).await.into_iter().map(|letter| format!("{}: {}", letter.to, letter.subject)).collect();
    sent.sort();
    sent
}

async fn letters(context: &Context) -> Vec<Letter> {
    let mut letters = Vec::new();
    loop {
        let claims = mail::claim(context, 100).await.unwrap();
        if claims.is_empty() {
            return letters;
        }
        for claim in claims {
            let outcome = match mail::prepare(context, &claim).await.unwrap() {
                Prepared::Send(letter) => {
                    letters.push(*letter);
                    Outcome::Sent
                }
                Prepared::Drop(why) => Outcome::Dropped(why),
                Prepared::Later(at) => {
                    mail::put_off(context, &claim, at).await.unwrap();
                    continue;
                }
                Prepared::Gone => {
                    mail::forget(context, &claim).await.unwrap();
                    continue;
                }
            };
            mail::settle(context, &claim, outcome).await.unwrap();
        }
    }
}

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn set(api: &Api, token: &str, version: i64, settings: Value) {
    let body = json!({ "settings": settings });
    let answer = api.send("PATCH", "/api/v1/settings", token, Some(version), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn ask_for_diploma(api: &Api, token: &str, person: u128, category: &str) -> String {
    let path = format!("{}/document-requests", path_of(person));
    let body = json!({ "category": category, "title": "Diploma", "due_on": "2026-02-10" });
    let asked = api.send("POST", &path, token, None, &body).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    format!("/api/v1/document-requests/{}", asked.json()["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_person_who_is_asked_for_a_document_is_told_and_reminded_until_it_is_there() {
    let (api, _, token) = company().await;
    let request = ask_for_diploma(&api, &token, GRACE, "certificate").await;
    let letters = letters(&post(&api, 0)).await;
    assert_eq!(letters.len(), 1);
    let Letter { to, subject, body, sender, .. } = &letters[0];
    assert_eq!((to.as_str(), sender.as_str()), ("grace@acme.example", "acme Ltd"));
    assert_eq!(subject, "acme Ltd asks you for a document");
    assert!(
        body.contains("Hello Grace") && body.contains("asked for: Diploma") && body.contains("by 2026-02-10"),
        "{body}"
    );
    // The day on which it is wanted is in 26 days.
    assert!(sent(&post(&api, 22 * 24)).await.is_empty());
    let again = ["grace@acme.example: acme Ltd still waits for a document from you"];
    assert_eq!(sent(&post(&api, 23 * 24)).await, again);
    assert_eq!(sent(&post(&api, 27 * 24)).await, again);
    let withdraw = api.send("POST", &format!("{request}/withdraw"), &token, Some(1), &Value::Null).await;
    assert_eq!(withdraw.status, 200, "{}", withdraw.text);
    assert!(sent(&post(&api, 35 * 24)).await.is_empty(), "it is not asked for any more");
}

#[tokio::test]
async fn what_is_asked_for_is_not_said_where_that_is_sensitive() {
    let (api, _, token) = company().await;
    ask_for_diploma(&api, &token, GRACE, "medical").await;
    let body = &letters(&post(&api, 0)).await[0].body;
    assert!(!body.contains("Diploma") && body.contains("asks you for a document"), "{body}");
}

#[tokio::test]
async fn nobody_is_told_who_has_left_or_has_no_address_or_whose_user_is_suspended() {
    let (api, company, token) = company().await;
    company.token_with(&api, &["employee"], Some(GRACE)).await;
    for person in [LINUS, ZOE, GRACE] {
        ask_for_diploma(&api, &token, person, "certificate").await;
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::query("UPDATE users SET status = 'suspended' WHERE employee_id IS NOT NULL").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(letters(&post(&api, 0)).await.is_empty());
    let dropped = mail::list(&api.context, company.tenant, Some(State::Dropped), 10).await.unwrap();
    assert_eq!(dropped.len(), 3);
    assert!(dropped.iter().all(|message| message.error.as_deref().unwrap().starts_with("there is nobody")));
}

#[tokio::test]
async fn a_company_that_wants_no_mail_gets_none_and_quiet_hours_are_kept() {
    let (api, _, token) = company().await;
    let night = json!({ "notifications.quiet_from": "09:00", "notifications.quiet_until": "11:00" });
    set(&api, &token, 0, night).await;
    ask_for_diploma(&api, &token, GRACE, "certificate").await;
    assert!(letters(&post(&api, 0)).await.is_empty(), "at half past nine");
    assert_eq!(letters(&post(&api, 2)).await.len(), 1, "at half past eleven");
    set(&api, &token, 1, json!({ "notifications.mail": false })).await;
    ask_for_diploma(&api, &token, GRACE, "certificate").await;
    assert!(letters(&post(&api, 2)).await.is_empty());
}

#[tokio::test]
async fn documents_that_end_are_told_once_to_the_person_and_to_hr() {
    let (api, company, token) = company().await;
    company.token_with(&api, &["hr_admin"], None).await;
    let folder = format!("{}/documents?name=a.pdf&category=identity&remind_days=7", path_of(GRACE));
    let passport = filed(&api, &token, &format!("{folder}&expires_on=2026-01-22")).await;
    filed(&api, &token, &format!("{folder}&expires_on=2026-01-23")).await;
    let is_to_grace = |mail: &String| mail.starts_with("grace@");
    let today = sent(&post(&api, 0)).await;
    assert_eq!(
        today.iter().find(|mail| is_to_grace(mail)).unwrap(),
        "grace@acme.example: acme Ltd: a document of yours ends on 2026-01-22"
    );
    assert!(today.iter().any(|mail| mail.ends_with("@acme.example: acme Ltd: 1 document ends")), "{today:?}");
    assert_eq!(today.len(), 2, "{today:?}");
    assert!(sent(&post(&api, 1)).await.is_empty(), "the same day again");
    let tomorrow = sent(&post(&api, 24)).await;
    assert_eq!(tomorrow.iter().filter(|mail| is_to_grace(mail)).count(), 1, "{tomorrow:?}");
    // Nobody looked for nine days, on which both have ended: one word of each, and none of one that was prolonged.
    let document = format!("/api/v1/documents/{passport}");
    let prolonged = api.send("PATCH", &document, &token, Some(1), &json!({ "expires_on": "2027-01-01" })).await;
    assert_eq!(prolonged.status, 200, "{}", prolonged.text);
    let later = sent(&post(&api, 24 * 10)).await;
    let to_grace: Vec<_> = later.iter().filter(|mail| is_to_grace(mail)).collect();
    assert_eq!(to_grace, ["grace@acme.example: acme Ltd: a document of yours has ended"], "{later:?}");
}

#[tokio::test]
async fn an_appraisal_is_told_to_whom_it_waits_for() {
    let cycle = Cycle::of(company().await, &json!({ "self": "25", "manager": "75" })).await;
    let api = &cycle.api;
    assert!(sent(&post(api, 0)).await.is_empty(), "the cycle is a draft");
    cycle.advance(200).await;
    cycle.advance(200).await;
    // Its last day was the 10th: five days ago nobody looked, and nothing of then is made up for.
    assert!(sent(&post(api, 0)).await.is_empty());
    // A week and a day after the last day.
    let late = "acme Ltd: your self review for 2025 is late";
    assert_eq!(
        sent(&post(api, 24 * 3)).await,
        [format!("ada@acme.example: {late}"), format!("grace@acme.example: {late}")]
    );
    assert!(sent(&post(api, 24 * 3 + 1)).await.is_empty());
    cycle.advance(200).await;
    assert_eq!(cycle.step().await, "manager_review");
    let manager = sent(&post(api, 24 * 4)).await;
    assert_eq!(
        manager,
        [
            "ada@acme.example: acme Ltd: 1 appraisal to write for 2025".to_owned(),
            "grace@acme.example: acme Ltd: 1 appraisal to write for 2025".to_owned(),
        ]
    );
    assert!(sent(&post(api, 24 * 5)).await.is_empty());
}

/// A change has it looked who is to be told of it at once, and not in the next morning.
#[tokio::test]
async fn a_step_of_a_cycle_is_told_when_it_begins() {
    let cycle = Cycle::of(company().await, &json!({ "self": "25", "manager": "75" })).await;
    let api = &cycle.api;
    let context = post(api, 0);
    assert!(sent(&context).await.is_empty());
    for _ in 0..3 {
        cycle.advance(200).await;
    }
    assert_eq!(mail::plan_due(&context, 100).await.unwrap().companies, 1);
    assert_eq!(letters(&context).await.len(), 2);
}

#[tokio::test]
async fn the_answer_to_who_forgot_a_password_is_the_same_for_everybody() {
    let (api, _, _) = company().await;
    let ask = async |tenant: &str, email: &str| {
        let body = json!({ "tenant": tenant, "email": email });
        let answer = api.send("POST", "/api/v1/password-resets", "", None, &body).await;
        (answer.status.as_u16(), answer.text.clone())
    };
    for (tenant, email) in
        [("acme", "owner@acme.example"), ("acme", "nobody@acme.example"), ("nowhere", "owner@acme.example")]
    {
        assert_eq!(ask(tenant, email).await, (202, String::new()), "{email} at {tenant}");
    }
    assert_eq!(ask("acme", "nobody").await.0, 400);
    let letters = letters(&post(&api, 0)).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "owner@acme.example");
    let token = letters[0].body.lines().find(|line| line.starts_with("tnp_")).unwrap();
    let body = json!({ "token": token, "password": "a few words in a row" });
    assert_eq!(api.send("POST", "/api/v1/password-resets/redeem", "", None, &body).await.status, 204);
    let signed_in = json!({ "tenant": "acme", "email": "owner@acme.example", "password": "a few words in a row" });
    assert_eq!(api.send("POST", "/api/v1/sessions", "", None, &signed_in).await.status, 201);
}

#[tokio::test]
async fn asking_for_many_mails_is_slowed_down_alike_and_keeps_nobody_from_signing_in() {
    let (api, _, _) = company().await;
    let ask = async |tenant: &str, email: &str| {
        let body = json!({ "tenant": tenant, "email": email });
        let answer = api.send("POST", "/api/v1/password-resets", "", None, &body).await;
        (answer.status.as_u16(), answer.header("retry-after").to_owned())
    };
    let mut courses = Vec::new();
    for (tenant, email) in
        [("acme", "owner@acme.example"), ("acme", "nobody@acme.example"), ("nowhere", "owner@acme.example")]
    {
        let mut course = Vec::new();
        for _ in 0..7 {
            course.push(ask(tenant, email).await);
        }
        assert_eq!((course[0].0, course[6].0), (202, 429), "{course:?}");
        courses.push(course);
    }
    assert!(courses.iter().all(|course| *course == courses[0]), "{courses:?}");
    assert_eq!(letters(&post(&api, 0)).await.len(), 1, "one mail for all that was asked in five minutes");
    let wrong = json!({ "tenant": "acme", "email": "owner@acme.example", "password": "not the right one" });
    assert_eq!(api.send("POST", "/api/v1/sessions", "", None, &wrong).await.status, 401, "not 429");
}

#[tokio::test]
async fn where_no_mail_is_sent_nothing_is_kept_for_it() {
    let (api, company, token) = company().await;
    let silent = api.at(NOW);
    let body = json!({ "category": "certificate", "title": "Diploma" });
    let mut asked = request("POST", &format!("{}/document-requests", path_of(GRACE)), &token);
    asked.headers_mut().insert("content-type", "application/json".parse().unwrap());
    *asked.body_mut() = axum::body::Body::from(body.to_string());
    assert_eq!(send(&silent, asked).await.status, 201);
    assert!(mail::list(&api.context, company.tenant, None, 10).await.unwrap().is_empty());
}
