//! What clients are told when something is wrong.

use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_app::tokens;
use tenure_testkit::new_id;

use crate::company::{Company, GRACE, path_of};
use crate::{Api, request, send};

async fn owner() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

#[tokio::test]
async fn a_request_without_a_good_credential_is_told_how_to_bring_one() {
    let (api, company, token) = owner().await;
    let answer = api.get("/api/v1/employees", "").await;
    assert_snapshot!("unauthenticated", answer.shown());
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="tenure", error="invalid_token""#);
    let nobody = tenure_core::ids::TenantId::from(new_id::<uuid::Uuid>());
    let of_nobody = token.replace(&company.tenant.uuid().simple().to_string(), &nobody.uuid().simple().to_string());
    let mut wrong_secret = token.clone();
    wrong_secret.replace_range(
        token.len() - 20..token.len() - 19,
        if token.as_bytes()[token.len() - 20] == b'A' { "B" } else { "A" },
    );
    for bad in ["", "abc", "tnr_", &of_nobody, &wrong_secret] {
        assert_eq!(api.get("/api/v1/employees", bad).await.status, 401, "{bad}");
    }
}

#[tokio::test]
async fn revoked_and_expired_tokens_and_those_of_suspended_users_are_refused() {
    let (api, company, _) = owner().await;
    let make = async |valid_for| {
        let input = tokens::Create { tenant: company.tenant, user: None, name: "test".to_owned(), valid_for };
        tokens::create(&api.context, &tenure_app::Actor::System, &input).await.unwrap()
    };
    let (revoked, expired, suspended) = (make(None).await, make(None).await, make(None).await);
    let get = async |token: &tokens::Created| api.get("/api/v1/employees", &token.token.reveal()).await.status;
    for token in [&revoked, &expired, &suspended] {
        assert_eq!(get(token).await, 200);
    }
    tokens::revoke(&api.context, &tenure_app::Actor::System, company.tenant, revoked.id).await.unwrap();
    assert_eq!(get(&revoked).await, 401);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    // The tests' clock stands still at the moment at which the token was made, so its life is moved to before that.
    let expire =
        "UPDATE api_tokens SET created_at = created_at - interval '2 days', expires_at = created_at WHERE id = $1";
    sqlx::query(expire).bind(expired.id.uuid()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get(&expired).await, 401);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    tx.execute(raw_sql("UPDATE users SET status = 'suspended'")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get(&suspended).await, 401);
}

#[tokio::test]
async fn a_suspended_tenant_is_denied_and_one_of_an_unknown_version_is_not_served() {
    let (api, company, token) = owner().await;
    let set = async |what: &str| {
        let statement = format!("UPDATE public.tenants SET {what} WHERE id = '{}'", company.tenant);
        api.installation.superuser().await.execute(raw_sql(AssertSqlSafe(statement))).await.unwrap();
    };
    set("status = 'suspended'").await;
    assert_snapshot!("suspended", api.get("/api/v1/employees", &token).await.shown());
    assert_eq!(api.get(&path_of(GRACE), &token).await.status, 403);
    set("status = 'active', schema_version = 1").await;
    assert_eq!(api.get("/api/v1/employees", &token).await.status, 503);
    set("schema_version = 9999").await;
    assert_eq!(api.get(&path_of(GRACE), &token).await.status, 503);
}

#[tokio::test]
async fn wrong_parameters_are_all_named_with_what_is_wrong() {
    let (api, _, token) = owner().await;
    let path = "/api/v1/employees?limit=1000&status=gone&cursor=abc&name=%00&sort=pay&department=";
    assert_snapshot!("invalid", api.get(path, &token).await.shown());
    for (query, status) in [("name=%FF", 400), ("%00=1", 400), ("limit", 400), ("name=a&name=b", 400), ("&&", 200)] {
        assert_eq!(api.get(&format!("/api/v1/employees?{query}"), &token).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems_too() {
    let (api, _, token) = owner().await;
    assert_snapshot!("no_such_path", api.get("/api/v1/employes", &token).await.shown());
    let answer = send(&api.router, request("DELETE", "/api/v1/employees", &token)).await;
    assert_snapshot!("no_such_method", answer.shown());
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let head = send(&api.router, request("HEAD", "/api/v1/employees", &token)).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let (api, _, token) = owner().await;
    let long = format!("/api/v1/employees?name={}", "a".repeat(9000));
    assert_snapshot!("uri_too_long", api.get(&long, &token).await.shown());
    for length in ["1025", "99999999999999999999999"] {
        let builder = Request::builder().uri("/api/v1/employees").header("x-request-id", "test-request");
        let answer = send(&api.router, builder.header("content-length", length).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 413, "{length}");
    }
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_careful_headers() {
    let (api, _, token) = owner().await;
    for path in ["/api/v1/employees", "/healthz", "/nowhere"] {
        let answer = api.get(path, &token).await;
        assert_eq!(answer.header("x-request-id"), "test-request", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{path}");
    }
    let odd = Request::builder().uri("/healthz").header("x-request-id", "<script>").body(Body::empty()).unwrap();
    let made = send(&api.router, odd).await;
    assert_eq!(made.header("x-request-id").parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
}
