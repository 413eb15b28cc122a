//! A token of one tenant against the ids of another.

use crate::Api;
use crate::company::{Company, EVERYBODY, path_of};

#[tokio::test]
async fn a_token_finds_nothing_of_another_tenant_and_leaves_no_trace_there() {
    let api = Api::new().await;
    let acme = Company::new(&api.installation, "acme").await;
    let globex = api.installation.tenant("globex").await;
    let token = Company { tenant: globex.id }.owner_token(&api).await;
    for person in EVERYBODY {
        assert_eq!(api.get(&path_of(person), &token).await.status, 404);
    }
    assert_eq!(api.get("/api/v1/employees", &token).await.json()["data"], serde_json::json!([]));
    let mut tx = api.installation.db.begin(acme.tenant).await.unwrap();
    let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM audit_log");
    assert_eq!(query.fetch_one(&mut *tx).await.unwrap(), 0);
}

#[tokio::test]
async fn a_secret_is_no_good_under_another_tenants_id() {
    let api = Api::new().await;
    let acme = Company::new(&api.installation, "acme").await;
    let globex = Company { tenant: api.installation.tenant("globex").await.id };
    let token = globex.owner_token(&api).await;
    let (_, secret) = token.split_once('_').unwrap().1.split_once('_').unwrap();
    let forged = format!("tnr_{}_{secret}", acme.tenant.uuid().simple());
    assert_eq!(api.get("/api/v1/employees", &token).await.status, 200);
    assert_eq!(api.get("/api/v1/employees", &forged).await.status, 401);
}
