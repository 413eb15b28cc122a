//! Each operation, called by each built-in role, on itself, somebody who reports to it, and another person.

use std::fmt::Write;

use sqlx::{Executor, raw_sql};
use tenure_core::access::{BuiltInRole, Grants, Permission, Scope, ScopeSet};
use uuid::Uuid;

use crate::company::{Company, DELETED, GRACE, LINUS, SUKARNO, id_of};
use crate::document::{self, Operation, operations};
use crate::{Api, files, send};

/// The version that a change names: none of a row that is there, so that what is allowed changes nothing and is answered with 412.
const PASSED: u32 = 999;

/// A company in which the caller is Grace, with one role.
struct Caller {
    role: BuiltInRole,
    company: Company,
    token: String,
}

impl Caller {
    async fn new(api: &Api, role: BuiltInRole) -> Self {
        let slug = role.key().replace('_', "-");
        let company = Company::new(&api.installation, &slug).await;
        let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
        tx.execute(raw_sql(include_str!("every_kind.sql"))).await.unwrap();
        tx.commit().await.unwrap();
        files::add_each(api, &company.owner_token(api).await).await;
        let token = company.token_with(api, &[role.key()], Some(GRACE)).await;
        Self { role, company, token }
    }

    async fn status(&self, api: &Api, operation: &Operation, person: Option<Uuid>) -> u16 {
        let (mut ids, tables) = (Vec::new(), operation.tables());
        for (place, table) in tables.iter().enumerate() {
            let restored = operation.name.starts_with("restore_") && place + 1 == tables.len();
            let whose = person.filter(|_| place > 0).map(|person| format!("employee_id = '{person}'"));
            let which = if restored { "deleted_at IS NOT NULL" } else { whose.as_deref().unwrap_or("true") };
            let found = match person.filter(|_| place == 0) {
                Some(person) => vec![person.to_string()],
                None => document::ids(api, self.company.tenant, table, which).await,
            };
            ids.extend(found.into_iter().next());
        }
        let asked = operation.request(&operation.path_of(&ids), &self.token, PASSED, operation.body.as_ref());
        send(&api.router, asked).await.status.as_u16()
    }
}

/// The people whom an operation is tried on: none when its path names none.
fn targets(operation: &Operation) -> Vec<(&'static str, Option<(Uuid, ScopeSet)>)> {
    let all = ScopeSet::EMPTY.with(Scope::All);
    if operation.name == "restore_employee" {
        vec![("somebody deleted", Some((id_of(DELETED), all)))]
    } else if operation.path.contains("/employees/{") {
        vec![
            ("self", Some((id_of(GRACE), all.with(Scope::Own).with(Scope::Department)))),
            ("a report", Some((id_of(LINUS), all.with(Scope::Reports).with(Scope::Department)))),
            ("another", Some((id_of(SUKARNO), all))),
        ]
    } else {
        vec![("", None)]
    }
}

/// How an operation has to be refused by what its description says; `None` when it is allowed.
fn refusal(operation: &Operation, grants: &Grants, lies_in: Option<ScopeSet>) -> Option<u16> {
    let rule = operation.description.lines().last().unwrap();
    let permissions: Vec<Permission> = rule.split('`').filter_map(|word| word.parse().ok()).collect();
    let everywhere = permissions.iter().all(|permission| grants.allow_everywhere(*permission));
    match lies_in {
        // The callers have API tokens.
        _ if rule.ends_with("not an API token.") => Some(403),
        _ if rule.ends_with("in the scope `all`.") => (!everywhere).then_some(403),
        Some(scopes) if !grants.allow(Permission::EmployeesRead, scopes) => Some(404),
        Some(scopes) => {
            let further: Vec<_> = permissions.into_iter().filter(|one| *one != Permission::EmployeesRead).collect();
            let own = scopes.has(Scope::Own) && rule.ends_with("who is not the caller.");
            let granted = further.is_empty() || further.iter().any(|permission| grants.allow(*permission, scopes));
            (own || !granted).then_some(403)
        }
        None if rule.starts_with("Of the people") => None,
        // What is another user's is not told from what is not there; the user itself is asked for as all users are.
        None if rule.ends_with("another user's.") => {
            let status = if operation.path.starts_with("/api/v1/users/") { 403 } else { 404 };
            (operation.path.contains('{') && !everywhere).then_some(status)
        }
        None => (!everywhere).then_some(403),
    }
}

#[tokio::test]
async fn each_role_may_what_the_description_says_and_nothing_else() {
    let api = Api::new().await;
    let mut callers = Vec::new();
    for role in BuiltInRole::ALL {
        callers.push(Caller::new(&api, role).await);
    }
    let mut shown = String::new();
    let heads = callers.iter().fold(String::new(), |line, caller| format!("{line}{:>14}", caller.role.key()));
    writeln!(shown, "{:45}{heads}", "operation").unwrap();
    for operation in operations().iter().filter(|operation| operation.takes_token) {
        for (target, person) in targets(operation) {
            write!(shown, "{:45}", format!("{} {target}", operation.name).trim()).unwrap();
            for caller in &callers {
                let status = caller.status(&api, operation, person.map(|(id, _)| id)).await;
                write!(shown, "{status:>14}").unwrap();
                let grants = Grants::of([caller.role.key()], []);
                let refused = Some(status).filter(|status| [401, 403, 404].contains(status));
                let rule = operation.description.lines().last().unwrap();
                // What a document is, and who has begun an upload, decides there: the tests of files go through that.
                let is_of_record = rule.ends_with("from its category.") || rule.ends_with("others do not find it.");
                let scopes = person.map(|(_, scopes)| scopes);
                let expected = if is_of_record { refused } else { refusal(operation, &grants, scopes) };
                let case = format!("{} of {target} by {}: {status}", operation.name, caller.role.key());
                assert_eq!(refused, expected, "{case}; the description says otherwise");
                assert!(status < 500, "{case}");
            }
            shown.push('\n');
        }
    }
    insta::assert_snapshot!("each_role", shown);
}

/// The paths and methods that the router's source names.
fn routes() -> Vec<(String, String)> {
    let source = include_str!("../../src/server.rs");
    let mut found = Vec::new();
    for route in source.split(".route(").skip(1) {
        let route = route.split(".layer(").next().unwrap().split(".fallback(").next().unwrap();
        let path = route.split('"').nth(1).unwrap();
        for method in ["get", "put", "post", "patch", "delete"] {
            // A handler has a path of modules before it, and is no method of a route.
            let call = format!("{method}(");
            let mut calls = route.rsplit(&call).skip(1);
            let is_named =
                calls.any(|before| !before.ends_with(|last: char| last.is_alphanumeric() || "_:".contains(last)));
            if is_named {
                found.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_route_is_described_and_everything_described_has_a_route() {
    let mut routes = routes();
    let mut described: Vec<_> = operations().into_iter().map(|operation| (operation.method, operation.path)).collect();
    routes.sort();
    described.sort();
    assert_eq!(routes, described);
}
