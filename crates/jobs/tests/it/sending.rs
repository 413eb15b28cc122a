//! What arrives, where, and how often.

use std::collections::BTreeSet;

use tenure_app::mail::State;
use tenure_app::passwords;
use tenure_app::sessions::Visitor;
use tenure_core::tenant::Transition;
use tenure_db::tenants::change_status;
use tenure_jobs::Post;
use tenure_testkit::act;

use crate::Scene;

#[tokio::test]
async fn a_token_to_choose_a_password_is_in_the_mail_and_nowhere_else() {
    let scene = Scene::new().await;
    scene.forget("acme", "OWNER@acme.example").await;
    scene.forget("acme", "owner@acme.example").await;
    let done = scene.round(0).await;
    assert_eq!((done.sent, done.failed, done.dropped), (1, 0, 0), "one mail for both");
    let taken = scene.server.taken();
    assert_eq!((taken.len(), taken[0].to.as_slice()), (1, ["owner@acme.example".to_owned()].as_slice()));
    assert_eq!(taken[0].header("Subject"), Some("acme Ltd: choose a password"));
    assert_eq!(taken[0].header("From"), Some("\"acme Ltd\" <hr@tenure.example>"));
    let text = taken[0].text.replace("=\r\n", "");
    let reset = text.lines().find(|line| line.starts_with("tnp_")).unwrap().trim_end();

    let mut tx = scene.installation.db.begin(scene.acme).await.unwrap();
    let kept = "SELECT string_agg(outbox::text, ' ') FROM outbox";
    let kept: String = sqlx::query_scalar(kept).fetch_one(&mut *tx).await.unwrap();
    let secret = reset.rsplit('_').next().unwrap();
    assert!(kept.contains("OWNER@acme.example") && !kept.contains(secret), "{kept}");
    tx.rollback().await.unwrap();

    let visitor = Visitor { origin: None, user_agent: None, request_id: "test" };
    let password = "a few words in a row".parse().unwrap();
    passwords::redeem(&scene.at(1), visitor, reset, &password).await.unwrap();
}

#[tokio::test]
async fn nobody_is_written_to_who_is_not_there() {
    let scene = Scene::new().await;
    scene.forget("acme", "nobody@acme.example").await;
    let done = scene.round(0).await;
    assert_eq!((done.sent, done.dropped), (0, 1));
    assert!(scene.server.taken().is_empty());
    assert_eq!(scene.messages(State::Dropped).await.len(), 1);
}

#[tokio::test]
async fn of_two_senders_at_once_one_sends_each_message() {
    let scene = Scene::new().await;
    let emails: Vec<String> = (0..30).map(|n| format!("user{n}@acme.example")).collect();
    scene.add_users(scene.acme, &emails).await;
    for email in &emails {
        scene.forget("acme", email).await;
    }
    let (one, other, smtp) = (scene.at(0), scene.at(1), scene.smtp());
    let send = async |context| {
        let post = Post { context, smtp: &smtp, at_once: 3 };
        let mut sent = 0;
        loop {
            let done = post.round(4).await.unwrap();
            if done.taken == 0 {
                return sent;
            }
            sent += done.sent;
        }
    };
    let (by_one, by_other) = tokio::join!(send(&one), send(&other));
    assert_eq!(by_one + by_other, 30);
    let recipients: Vec<String> = scene.server.taken().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(recipients.len(), 30);
    assert_eq!(recipients.into_iter().collect::<BTreeSet<_>>().len(), 30);
}

#[tokio::test]
async fn each_company_writes_in_its_own_name_and_of_its_own_people() {
    let scene = Scene::new().await;
    let globex = scene.installation.tenant("globex").await.id;
    scene.add_users(globex, &["owner@acme.example".to_owned()]).await;
    scene.forget("acme", "owner@acme.example").await;
    scene.forget("globex", "owner@acme.example").await;
    scene.forget("globex", "owner@globex.example").await;
    assert_eq!(scene.round(0).await.sent, 3);
    let mut seen = BTreeSet::new();
    for mail in scene.server.taken() {
        let (name, tenant) =
            if mail.text.contains("acme Ltd") { ("acme Ltd", scene.acme) } else { ("globex Ltd", globex) };
        let text = mail.text.replace("=\r\n", "");
        assert!(text.contains(&format!("tnp_{}_", tenant.uuid().simple())), "{text}");
        let other = if name == "acme Ltd" { "globex" } else { "acme Ltd" };
        assert!(!text.contains(other), "{text}");
        seen.insert((name, mail.to[0].clone()));
    }
    let expected = [
        ("acme Ltd", "owner@acme.example".to_owned()),
        ("globex Ltd", "owner@acme.example".to_owned()),
        ("globex Ltd", "owner@globex.example".to_owned()),
    ];
    assert_eq!(seen, expected.into());
}

#[tokio::test]
async fn mail_of_a_suspended_company_waits_until_it_is_resumed() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    let db = &scene.installation.db;
    change_status(db, scene.acme, Transition::Suspend, &act()).await.unwrap();
    let done = scene.round(0).await;
    assert_eq!((done.taken, done.sent, done.dropped), (1, 0, 0));
    change_status(db, scene.acme, Transition::Resume, &act()).await.unwrap();
    assert_eq!(scene.round(0).await.taken, 0, "it is looked again in some hours");
    assert_eq!(scene.round(6 * 60 + 1).await.sent, 1);
}

#[tokio::test]
async fn a_name_with_line_breaks_makes_no_headers() {
    let scene = Scene::new().await;
    let mut tx = scene.installation.db.begin(scene.acme).await.unwrap();
    let rename = "UPDATE users SET display_name = $1";
    let hostile = "Ada\r\nBcc: eve@evil.example\r\n\r\n.\r\nRCPT TO:<eve@evil.example>";
    sqlx::query(rename).bind(hostile).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    scene.forget("acme", "owner@acme.example").await;
    assert_eq!(scene.round(0).await.sent, 1);
    let taken = scene.server.taken();
    assert_eq!((taken.len(), taken[0].to.len()), (1, 1));
    assert_eq!(taken[0].header("Bcc"), None);
    assert!(!taken[0].text.lines().any(|line| line.starts_with("RCPT") || line.starts_with("Bcc")));
}
