//! Tenants renamed, suspended, archived, purged; their features; their trail.

use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_core::document_address::DocumentPlace;
use tenure_core::tenant::{TenantStatus, Transition};
use tenure_db::tenants::{self, Page, Renamed, with_documents_elsewhere};
use tenure_db::{Database, Error};
use tenure_testkit::{TestInstallation, act};

async fn actions(db: &Database, tenant: tenure_core::ids::TenantId) -> Vec<String> {
    let trail = tenants::audit_trail(db, tenant, None, 100).await.unwrap();
    trail.into_iter().rev().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn a_renamed_tenant_keeps_its_schema_and_frees_its_slug() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let to = Renamed { slug: Some("acme-group".parse().unwrap()), name: Some("Acme Group".parse().unwrap()) };
    let renamed = tenants::rename(&installation.db, tenant.id, &to, &act()).await.unwrap();
    assert_eq!((renamed.slug.as_str(), renamed.name.as_str()), ("acme-group", "Acme Group"));
    assert_eq!(renamed.schema, tenant.schema);
    installation.tenant("acme").await;
    installation.db.begin(tenant.id).await.unwrap().commit().await.unwrap();
    assert_eq!(actions(&installation.db, tenant.id).await, ["created", "renamed"]);
}

#[tokio::test]
async fn renaming_to_a_taken_slug_is_a_conflict() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    installation.tenant("globex").await;
    let to = Renamed { slug: Some("globex".parse().unwrap()), name: None };
    let error = tenants::rename(&installation.db, tenant.id, &to, &act()).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
}

#[tokio::test]
async fn status_moves_along_its_life_and_each_step_is_on_record() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    for (transition, status) in [
        (Transition::Suspend, TenantStatus::Suspended),
        (Transition::Resume, TenantStatus::Active),
        (Transition::Archive, TenantStatus::Archived),
    ] {
        let changed = tenants::change_status(&installation.db, tenant.id, transition, &act()).await.unwrap();
        assert_eq!(changed.status, status);
    }
    let error = tenants::change_status(&installation.db, tenant.id, Transition::Suspend, &act()).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert_eq!(actions(&installation.db, tenant.id).await, ["created", "suspended", "resumed", "archived"]);
}

#[tokio::test]
async fn purging_drops_schema_role_and_rows_and_leaves_the_trail() {
    let installation = TestInstallation::new().await;
    let db = &installation.db;
    let tenant = installation.tenant("acme").await;
    let other = installation.tenant("globex").await;
    assert!(matches!(tenants::purge(db, tenant.id, &act()).await, Err(Error::Refused(_))), "an active tenant");
    tenants::set_feature(db, tenant.id, &"payroll".parse().unwrap(), &json!(true), &act()).await.unwrap();
    tenants::change_status(db, tenant.id, Transition::Archive, &act()).await.unwrap();
    let purged = tenants::purge(db, tenant.id, &act()).await.unwrap();
    assert_eq!(purged.status, TenantStatus::Purged);
    let left: (bool, bool, i64, i64) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1), EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
                (SELECT count(*) FROM public.tenant_features), (SELECT count(*) FROM public.tenant_migrations WHERE tenant_id = $2)",
    )
    .bind(tenant.schema.as_str())
    .bind(tenant.id.uuid())
    .fetch_one(db.owner_pool())
    .await
    .unwrap();
    assert_eq!(left, (false, false, 0, 0));
    assert!(matches!(tenants::by_slug(db, &tenant.slug).await, Err(Error::NotFound { .. })));
    assert_eq!(actions(db, tenant.id).await.last().unwrap(), "purged");
    db.begin(other.id).await.unwrap().commit().await.unwrap();
    installation.tenant("acme").await;
}

#[tokio::test]
async fn lists_are_paged_by_slug_and_filtered_by_status() {
    let installation = TestInstallation::new().await;
    for slug in ["delta", "alpha", "charlie", "bravo"] {
        let tenant = installation.tenant(slug).await;
        if slug == "bravo" {
            tenants::change_status(&installation.db, tenant.id, Transition::Suspend, &act()).await.unwrap();
        }
    }
    let slugs = async |status, after: Option<&str>, limit| {
        let page = Page { after: after.map(|slug| slug.parse().unwrap()), limit };
        let tenants = tenants::list(&installation.db, status, &page).await.unwrap();
        tenants.into_iter().map(|tenant| tenant.slug.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(slugs(None, None, 3).await, ["alpha", "bravo", "charlie"]);
    assert_eq!(slugs(None, Some("charlie"), 3).await, ["delta"]);
    assert_eq!(slugs(Some(TenantStatus::Active), None, 9).await, ["alpha", "charlie", "delta"]);
    assert_eq!(slugs(Some(TenantStatus::Suspended), None, 9).await, ["bravo"]);
}

#[tokio::test]
async fn features_are_set_listed_and_unset_with_their_trail() {
    let installation = TestInstallation::new().await;
    let db = &installation.db;
    let tenant = installation.tenant("acme").await;
    let key = "employees.limit".parse().unwrap();
    assert!(tenants::set_feature(db, tenant.id, &key, &json!(500), &act()).await.unwrap());
    assert!(!tenants::set_feature(db, tenant.id, &key, &json!(500), &act()).await.unwrap(), "the same value again");
    assert!(tenants::set_feature(db, tenant.id, &key, &json!({"soft": 400}), &act()).await.unwrap());
    let features = tenants::features(db, tenant.id).await.unwrap();
    assert_eq!(features.len(), 1);
    assert_eq!(features[0].value, json!({"soft": 400}));
    tenants::unset_feature(db, tenant.id, &key, &act()).await.unwrap();
    let error = tenants::unset_feature(db, tenant.id, &key, &act()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(actions(db, tenant.id).await, ["created", "feature_set", "feature_set", "feature_unset"]);
}

#[tokio::test]
async fn a_change_whose_audit_row_cannot_be_written_does_not_happen() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let block = "ALTER TABLE public.tenant_audit ADD CONSTRAINT blocked CHECK (action = 'created')";
    installation.db.owner_pool().execute(raw_sql(block)).await.unwrap();
    tenants::change_status(&installation.db, tenant.id, Transition::Suspend, &act()).await.unwrap_err();
    let tenant = tenants::by_id(&installation.db, tenant.id).await.unwrap();
    assert_eq!(tenant.status, TenantStatus::Active);
}

#[tokio::test]
async fn documents_in_places_that_are_not_known_are_listed_also_when_they_are_kept_or_left_over() {
    let installation = TestInstallation::new().await;
    let (acme, globex) = (installation.tenant("acme").await.id, installation.tenant("globex").await.id);
    let rows = format!(
        "UPDATE public.tenants SET document_place = 'mongodb/one' WHERE id = '{acme}';
         UPDATE public.tenants SET document_place = 'postgres' WHERE id = '{globex}';
         INSERT INTO public.backups (id, tenant_id, state, object_key, created_at) VALUES ('{globex}', '{globex}', 'running', 'k', now());
         INSERT INTO public.restores (tenant_id, backup_id, kept_schema, kept_version, created_at, kept_document_place, kept_document_home)
         VALUES ('{globex}', '{globex}', 'before_00000000000070008000000000000001', 1, now(), 'mongodb/two', '{globex}');
         INSERT INTO public.document_leftovers (home, tenant_id, created_at, place) VALUES
         ('{acme}', '{globex}', now(), 'mongodb/three'), ('{globex}', '{globex}', now(), 'mongodb/three');"
    );
    installation.superuser().await.execute(raw_sql(AssertSqlSafe(rows))).await.unwrap();
    let elsewhere = async |places: &[DocumentPlace]| {
        let places: Vec<_> = places.iter().collect();
        let found = with_documents_elsewhere(&installation.db, &places, 10).await.unwrap();
        found.into_iter().map(|(whose, place)| format!("{whose} in {place}")).collect::<Vec<_>>()
    };
    let [one, two, three] = ["one", "two", "three"].map(DocumentPlace::mongodb);
    assert_eq!(
        elsewhere(&[DocumentPlace::postgres()]).await,
        ["acme in mongodb/one", "globex (to be removed) in mongodb/three", "globex before its restore in mongodb/two"]
    );
    assert!(elsewhere(&[DocumentPlace::postgres(), one, two, three]).await.is_empty());
}
