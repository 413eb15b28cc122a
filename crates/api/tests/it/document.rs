//! The operations of the API's description, for tests that go through all of them, also those that are added later.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tenure_core::ids::TenantId;

use crate::{Api, request};

/// Path segments whose ids are those of a table of another name.
const TABLES: &[(&str, &str)] = &[
    ("assignments", "job_assignments"),
    ("cycles", "(SELECT id, NULL AS deleted_at FROM appraisal_forms WHERE body ->> 'kind' = 'cycle') found"),
    ("forms", "(SELECT id, NULL AS deleted_at FROM appraisal_forms WHERE body ->> 'kind' = 'form') found"),
    (
        "goals",
        "(SELECT id, (body ->> 'employee_id')::uuid AS employee_id, NULL AS deleted_at FROM appraisal_forms WHERE body ->> 'kind' = 'goal') found",
    ),
    ("templates", "(SELECT id, NULL AS deleted_at FROM appraisal_forms WHERE body ->> 'kind' = 'template') found"),
    ("contacts", "emergency_contacts"),
    ("document-requests", "(SELECT id FROM document_metadata WHERE body ->> 'kind' = 'request') found"),
    (
        "documents",
        "(SELECT id, body ->> 'deleted_at' AS deleted_at FROM document_metadata WHERE body ->> 'kind' = 'document') found",
    ),
    (
        "feedback-requests",
        "(SELECT id, (body ->> 'employee_id')::uuid AS employee_id, NULL AS deleted_at FROM appraisal_forms WHERE body ->> 'kind' = 'feedback_request') found",
    ),
    ("fields", "custom_fields"),
    ("flags", "feature_flags"),
    ("salaries", "salary_assignments"),
    ("parts", "(SELECT id FROM document_metadata WHERE body ->> 'kind' = 'upload') found"),
    ("tokens", "api_tokens"),
    ("uploads", "(SELECT id FROM document_metadata WHERE body ->> 'kind' = 'upload') found"),
    ("versions", "tenant_settings"),
];

/// Tables whose rows paths name by something else than their ids.
const NAMES: &[(&str, &str)] =
    &[("feature_flags", "body ->> 'key'"), ("tenant_settings", "(body ->> 'number')::integer")];

/// An operation of the description.
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// What it says of itself, in which stands who may call it.
    pub(crate) description: String,
    pub(crate) takes_token: bool,
    takes_version: bool,
    /// Whether the name of a file has to stand in its query.
    takes_name: bool,
    /// The example of its body.
    pub(crate) body: Option<Value>,
    /// The members of its body that are ids.
    pub(crate) id_members: Vec<String>,
    /// The parameters of its query that are ids.
    pub(crate) id_filters: Vec<String>,
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(tenure_api::document()).unwrap();
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| read(&document, (path, method), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

fn read(document: &Value, (path, method): (&str, &str), operation: &Value) -> Operation {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let body = operation.pointer("/requestBody/content").and_then(Value::as_object);
    let body = body.and_then(|content| content.values().next());
    let schema = body.and_then(|body| body.pointer("/schema/$ref")?.as_str()?.strip_prefix('#'));
    let members = schema.and_then(|schema| document.pointer(schema)?.get("properties")?.as_object());
    let is_id = |member: &Value| member.get("format") == Some(&"uuid".into());
    let is_filter = |one: &&Value| one.get("in") == Some(&"query".into()) && one.get("schema").is_some_and(is_id);
    let filters = parameters.into_iter().flatten().filter(is_filter);
    let is_name = |one: &Value| one.get("name") == Some(&"name".into()) && one.get("required") == Some(&true.into());
    Operation {
        takes_name: parameters.is_some_and(|all| all.iter().any(is_name)),
        name: text("operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        description: text("description"),
        takes_token: operation.get("security").is_some(),
        takes_version: parameters.is_some_and(|all| all.iter().any(|one| one.get("name") == Some(&"If-Match".into()))),
        id_filters: filters.filter_map(|one| one.get("name")?.as_str().map(ToOwned::to_owned)).collect(),
        body: body.and_then(|body| body.get("example").cloned()),
        id_members: members
            .into_iter()
            .flatten()
            .filter(|(_, member)| is_id(member))
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

impl Operation {
    /// The tables that the ids of the path are of, in their order.
    pub(crate) fn tables(&self) -> Vec<String> {
        let segments: Vec<&str> = self.path.split('/').collect();
        let named = segments.iter().zip(segments.iter().skip(1)).filter(|(_, next)| next.starts_with('{'));
        named.map(|(segment, _)| table(segment)).collect()
    }

    /// The path with ids in the places of its parameters.
    pub(crate) fn path_of(&self, ids: &[impl ToString]) -> String {
        let mut ids = ids.iter();
        let segment = |segment: &str| {
            if segment.starts_with('{') { ids.next().unwrap().to_string() } else { segment.to_owned() }
        };
        self.path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    /// A request with all that the operation asks for. Of the version it says that it is this one.
    pub(crate) fn request(&self, path: &str, token: &str, version: u32, body: Option<&Value>) -> Request<Body> {
        let path = if self.takes_name { format!("{path}?name=a.pdf") } else { path.to_owned() };
        let mut request = request(&self.method, &path, token);
        if self.takes_version {
            request.headers_mut().insert("if-match", format!("\"{version}\"").parse().unwrap());
        }
        if let Some(body) = body {
            request.headers_mut().insert("content-type", "application/json".parse().unwrap());
            *request.body_mut() = Body::from(body.to_string());
        }
        request
    }
}

fn table(segment: &str) -> String {
    let other = TABLES.iter().find(|(known, _)| *known == segment).map(|(_, table)| (*table).to_owned());
    other.unwrap_or_else(|| segment.replace('-', "_"))
}

/// The ids in a table of a tenant, of the rows that meet a condition.
pub(crate) async fn ids(api: &Api, tenant: TenantId, table: &str, condition: &str) -> Vec<String> {
    let mut tx = api.installation.db.begin_read(tenant).await.unwrap();
    let name = NAMES.iter().find(|(named, _)| *named == table).map_or("id", |(_, name)| name);
    let query = format!("SELECT DISTINCT ({name})::text FROM {table} WHERE {condition} ORDER BY 1");
    let ids = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&mut *tx).await;
    let ids: Vec<String> =
        ids.unwrap_or_else(|error| panic!("a path names {table}, which is no table with ids: {error}"));
    assert!(!ids.is_empty(), "there is nothing in {table} of which {condition}; add a row to every_kind.sql");
    ids
}
