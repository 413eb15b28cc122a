//! The owner of one company goes through the whole API with the ids of another.

use std::collections::BTreeMap;

use axum::http::Method;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_core::ids::TenantId;

use crate::company::Company;
use crate::document::{self, Operation, operations};
use crate::{Api, files, request, send};

const AT_ONCE: usize = 8;

/// Two companies that are the same but for their ids, and a token of the owner of each.
async fn two_companies() -> (Api, [(TenantId, String); 2]) {
    let api = Api::new().await;
    let mut made = Vec::new();
    for (slug, mark) in [("acme", "-800"), ("globex", "-900")] {
        let tenant = api.installation.tenant(slug).await.id;
        let sql = concat!(include_str!("company.sql"), include_str!("every_kind.sql")).replace("-800", mark);
        let mut tx = api.installation.db.begin(tenant).await.unwrap();
        tx.execute(raw_sql(AssertSqlSafe(sql))).await.unwrap();
        tx.commit().await.unwrap();
        let token = Company { tenant }.owner_token(&api).await;
        Company { tenant }.employ_newest(&api).await;
        files::add_each_with(&api, &token, mark).await;
        made.push((tenant, token));
    }
    (api, made.try_into().unwrap())
}

/// Everything that a company has, but for what its own owner leaves behind.
async fn contents(api: &Api, tenant: TenantId) -> BTreeMap<String, String> {
    let mut connection = api.installation.superuser().await;
    let tables =
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN public.tenants t ON t.schema_name = n.nspname WHERE t.id = $1 AND c.relkind = 'r'";
    let tables: Vec<String> = sqlx::query_scalar(tables).bind(tenant.uuid()).fetch_all(&mut connection).await.unwrap();
    let mut contents = BTreeMap::new();
    for table in tables {
        let all = format!("SELECT coalesce(string_agg(r::text, chr(10) ORDER BY r::text), '') FROM {table} r");
        let rows: String = sqlx::query_scalar(AssertSqlSafe(all)).fetch_one(&mut connection).await.unwrap();
        contents.insert(table, rows);
    }
    assert!(contents.len() > 20, "{:?}", contents.keys());
    contents
}

/// The paths of an operation with the ids of one company, and those in which all but the last id are of another.
async fn paths(api: &Api, operation: &Operation, whose: TenantId, other: TenantId) -> Vec<String> {
    let tables = operation.tables();
    let (last, above) = tables.split_last().unwrap();
    let mut beginnings = vec![Vec::new()];
    for table in above {
        let (theirs, own) =
            (document::ids(api, whose, table, "true").await, document::ids(api, other, table, "true").await);
        let longer = |ids: &Vec<String>| {
            let next = theirs.iter().chain(own.first()).map(|id| [ids.as_slice(), std::slice::from_ref(id)].concat());
            next.collect::<Vec<_>>()
        };
        beginnings = beginnings.iter().flat_map(longer).collect();
    }
    let ends = document::ids(api, whose, last, "true").await;
    let all =
        beginnings.iter().flat_map(|ids| ends.iter().map(|id| [ids.as_slice(), std::slice::from_ref(id)].concat()));
    all.map(|ids| operation.path_of(&ids)).collect()
}

#[tokio::test]
async fn nothing_of_another_company_is_found_under_any_of_its_ids() {
    let (api, [(acme, acme_token), (globex, globex_token)]) = two_companies().await;
    let before = contents(&api, acme).await;
    let mut requests = Vec::new();
    // Numbers of versions are counted by each company for itself, so another's are its own too.
    let names = |operation: &&Operation| operation.path.contains('{') && !operation.path.contains("{number}");
    for operation in operations().iter().filter(names) {
        for path in paths(&api, operation, acme, globex).await {
            let asked = operation.request(&path, &globex_token, 1, operation.body.as_ref());
            requests.push((operation.name.clone(), path.clone(), asked));
            for method in [Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE] {
                requests.push((method.to_string(), path.clone(), request(method.as_str(), &path, &globex_token)));
            }
        }
    }
    assert!(requests.len() > 100, "{}", requests.len());
    let router = &api.router;
    let answers =
        stream::iter(requests).map(|(name, path, asked)| async move { (name, path, send(router, asked).await) });
    let mut answers = answers.buffer_unordered(AT_ONCE);
    while let Some((name, path, answer)) = answers.next().await {
        // What lacks its version or its body is refused before anything is looked up; what the path does not have is not there.
        let is_bare = name.chars().all(char::is_uppercase);
        let expected: &[u16] = if is_bare { &[400, 403, 404, 405, 415, 428] } else { &[403, 404] };
        assert!(expected.contains(&answer.status.as_u16()), "{name} {path}: {} {}", answer.status, answer.text);
    }
    drop(answers);
    assert_eq!(contents(&api, acme).await, before, "and nothing of it was changed");
    for operation in operations().iter().filter(|one| one.path.contains('{') && one.method == "GET") {
        let mut found = false;
        for path in paths(&api, operation, acme, globex).await {
            found |= api.get(&path, &acme_token).await.status == 200;
        }
        assert!(found, "the owner itself finds nothing by {}, so the test shows nothing of it", operation.name);
    }
}

#[tokio::test]
async fn nothing_of_another_company_can_be_named_in_a_body() {
    let (api, [(acme, _), (globex, globex_token)]) = two_companies().await;
    // The first use of a credential is noted.
    assert_eq!(api.get("/api/v1/me", &globex_token).await.status, 200);
    let before = contents(&api, globex).await;
    let mut tried = 0;
    for operation in operations() {
        let Some(body) = &operation.body else { continue };
        let mut own = Vec::new();
        for table in operation.tables() {
            own.extend(document::ids(&api, globex, &table, "true").await.into_iter().next());
        }
        for member in &operation.id_members {
            for table in ["departments", "designations", "employees", "locations", "users", "roles"] {
                let theirs = document::ids(&api, acme, table, "true").await;
                let mut body = body.clone();
                body.as_object_mut().unwrap().insert(member.clone(), json!(theirs.first()));
                let asked = operation.request(&operation.path_of(&own), &globex_token, 1, Some(&body));
                let answer = send(&api.router, asked).await;
                assert!(answer.status.is_client_error(), "{} {body}: {}", operation.name, answer.text);
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
    assert_eq!(contents(&api, globex).await, before);
}

#[tokio::test]
async fn nothing_of_another_company_comes_by_a_filter() {
    let (api, [(acme, _), (_, globex_token)]) = two_companies().await;
    let mut tried = 0;
    for operation in operations().iter().filter(|one| one.method == "GET" && !one.path.contains('{')) {
        for filter in &operation.id_filters {
            for table in ["departments", "designations", "employees", "locations", "users", "roles"] {
                for id in document::ids(&api, acme, table, "true").await {
                    let answer = api.get(&format!("{}?{filter}={id}", operation.path), &globex_token).await;
                    assert!(
                        [200, 404].contains(&answer.status.as_u16()),
                        "{} {filter}: {}",
                        operation.name,
                        answer.text
                    );
                    // The id that was asked for may be repeated; acme's others begin like this.
                    let said = answer.text.replace(&id, "");
                    assert!(!said.contains("00000000-0000-7000-80"), "{} {filter}: {said}", operation.name);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}
