//! Another key of the installation takes the place of the one before.

use serde_json::json;
use tenure_api::{Server, SlowQueries};
use tenure_app::files::{Files, Key, MasterKey, MasterKeys, Objects};
use tenure_app::{Actor, Context, Error, documents};
use tenure_testkit::NOW;

use super::{PDF, content, filed};
use crate::company::Company;
use crate::{Answer, Api, FILE_LIMITS, LIMITS};

/// The key of all other tests.
const OLD: u8 = 7;
const NEW: u8 = 8;

/// A node with other keys over the same company, and what rewraps with them.
fn with_keys(api: Api, keys: &[u8]) -> (Api, Files) {
    let mut keys = keys.iter().map(|byte| MasterKey::from_bytes([*byte; 32]));
    let keys = MasterKeys::new(keys.next().unwrap(), keys.collect());
    let files = Files::new(Objects::folder(api.folder.path()).unwrap(), keys, FILE_LIMITS);
    let context = |seed| Context::repeatable(api.installation.db.clone(), NOW, seed).with_files(Some(files.clone()));
    let (router, context) = (Server::new(context(5), LIMITS, &SlowQueries::default()).router(), context(6));
    (Api { context, router, ..api }, files)
}

fn operator() -> Actor {
    Actor::Operator("ops".to_owned())
}

async fn link_to(api: &Api, token: &str, id: &str) -> String {
    let path = format!("/api/v1/documents/{id}/links");
    let made = api.send("POST", &path, token, None, &json!({ "valid_minutes": 10 })).await;
    made.json()["path"].as_str().unwrap().to_owned()
}

async fn read(api: &Api, token: &str, id: &str) -> (u16, Vec<u8>) {
    let (status, _, body) = content(api, token, &format!("/api/v1/documents/{id}/content"), "").await;
    (status, body)
}

#[tokio::test]
async fn files_are_read_before_while_and_after_a_key_takes_the_place_of_another() {
    let (api, company, token) = super::company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let link = link_to(&api, &token, &id).await;
    let (api, files) = with_keys(api, &[NEW, OLD]);
    assert_eq!(read(&api, &token, &id).await, (200, PDF.to_vec()));
    assert_eq!(content(&api, "", &link, "").await.0, 200, "a link of the former key holds as long as it is there");
    assert_eq!(files.key_of(&api.context, company.tenant).await.unwrap(), Key::Former);
    assert_eq!(files.rewrap(&api.context, &operator(), company.tenant).await.unwrap(), Key::Former);
    assert_eq!(files.rewrap(&api.context, &operator(), company.tenant).await.unwrap(), Key::Current, "once is enough");
    assert_eq!(files.key_of(&api.context, company.tenant).await.unwrap(), Key::Current);

    let (api, _) = with_keys(api, &[NEW]);
    assert_eq!(read(&api, &token, &id).await, (200, PDF.to_vec()));
    assert_eq!(content(&api, "", &link, "").await.0, 400, "and no longer");
    let later = filed(&api, &token, "/api/v1/documents?name=b.pdf&category=policy").await;
    assert_eq!(read(&api, &token, &later).await.0, 200);
    let (api, _) = with_keys(api, &[OLD]);
    assert_eq!(read(&api, &token, &id).await.0, 500, "the former key opens nothing any more");
}

#[tokio::test]
async fn without_the_former_key_it_is_said_what_to_do_and_nothing_is_changed() {
    let (api, company, token) = super::company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let (api, files) = with_keys(api, &[NEW]);
    for refused in [
        files.rewrap(&api.context, &operator(), company.tenant).await,
        files.key_of(&api.context, company.tenant).await,
    ] {
        let Err(Error::Internal(cause)) = refused else { panic!("{refused:?}") };
        assert!(cause.to_string().contains("add the former key to the file of files.key_file"), "{cause}");
    }
    let answer: Answer = api.get(&format!("/api/v1/documents/{id}/content"), &token).await;
    assert!(answer.status == 500 && !answer.text.contains("key"), "{}", answer.text);
    let (api, _) = with_keys(api, &[OLD]);
    assert_eq!(read(&api, &token, &id).await, (200, PDF.to_vec()));
}

#[tokio::test]
async fn tenants_at_rest_are_reached_and_those_without_files_are_counted() {
    let (api, company, token) = super::company().await;
    filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    Company::new(&api.installation, "globex").await;
    let (api, files) = with_keys(api, &[NEW, OLD]);
    let suspend = "UPDATE public.tenants SET status = 'suspended' WHERE id = $1";
    let mut superuser = api.installation.superuser().await;
    sqlx::query(suspend).bind(company.tenant.uuid()).execute(&mut superuser).await.unwrap();
    let all = documents::copy::tenants(&api.context).await.unwrap();
    let before = files.keys_of(&api.context, &all).await;
    assert_eq!((before.none, before.current, before.former, before.failed.len()), (1, 0, 1, 0));
    let done = files.rewrap_each(&api.context, &operator(), &all, &|| ()).await;
    assert_eq!((done.none, done.current, done.former, done.failed.len()), (1, 0, 1, 0));
    let after = files.keys_of(&api.context, &all).await;
    assert_eq!((after.none, after.current, after.former, after.failed.len()), (1, 1, 0, 0));
    let mut tx = api.installation.db.begin_snapshot(company.tenant).await.unwrap();
    let log =
        "SELECT actor, before ->> 'version', after ->> 'version' FROM audit_log WHERE action = 'file_key.rewrapped'";
    let logged: Vec<(String, String, String)> = sqlx::query_as(log).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(logged, [("ops".to_owned(), "1".to_owned(), "2".to_owned())]);
}

#[tokio::test]
async fn of_two_who_rewrap_at_once_one_does() {
    let (api, company, token) = super::company().await;
    let id = filed(&api, &token, "/api/v1/documents?name=a.pdf&category=policy").await;
    let (api, files) = with_keys(api, &[NEW, OLD]);
    let operator = operator();
    let rewrap = || files.rewrap(&api.context, &operator, company.tenant);
    let (one, other) = tokio::join!(rewrap(), rewrap());
    let done = [&one, &other].into_iter().filter(|done| matches!(done, Ok(Key::Former))).count();
    assert_eq!(done, 1, "{one:?} {other:?}");
    let (api, _) = with_keys(api, &[NEW]);
    assert_eq!(read(&api, &token, &id).await, (200, PDF.to_vec()));
}
