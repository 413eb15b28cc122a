//! The API as its clients meet it, over a real PostgreSQL.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot start has failed")]

mod appraisals;
mod audit;
mod company;
mod cors;
mod csv;
mod custom_fields;
mod dashboard;
mod departments;
mod designations;
mod docs;
mod document;
mod employee_change;
mod employee_list;
mod employees;
mod employment;
mod files;
mod flags;
mod idempotency;
mod isolation;
mod locations;
mod log;
mod mail;
mod matrix;
mod on_mongo;
mod openapi;
mod operation;
mod org_chart;
mod person_records;
mod platform;
mod problems;
mod races;
mod reading;
mod restore;
mod round_trips;
mod salaries;
mod settings;
mod sign_in;
mod socket;
mod sweep;
mod users;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tenure_api::{Limits, Server, SlowQueries};
use tenure_app::Context;
use tenure_app::files::{Files, MasterKey, MasterKeys, Objects};
use tenure_app::mail::Mail;
use tenure_core::files::Limits as FileLimits;
use tenure_testkit::{NOW, TestInstallation};
use tower::ServiceExt;

const LIMITS: Limits = Limits { request_timeout: Duration::from_secs(20), body: 1024 };

const FILE_LIMITS: FileLimits = FileLimits { max_size: 4 << 20, part_size: 1 << 20, keep_days: 30 };

/// A server over an installation of the test's own.
struct Api {
    installation: TestInstallation,
    /// For what a test does beside the API, for example making tokens.
    context: Context,
    router: Router,
    /// Where files are kept.
    folder: TempDir,
}

/// What a request was answered with.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

/// What wraps the keys of the tenants' files.
fn master_key() -> MasterKeys {
    MasterKeys::new(MasterKey::from_bytes([7; 32]), Vec::new())
}

impl Api {
    async fn new() -> Self {
        Self::over(TestInstallation::new().await, &SlowQueries::default())
    }

    fn over(installation: TestInstallation, slow: &SlowQueries) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        Self::with_objects(installation, slow, folder, objects)
    }

    /// The same with files in a place of the test's choice.
    fn with_objects(installation: TestInstallation, slow: &SlowQueries, folder: TempDir, objects: Objects) -> Self {
        let files = Files::new(objects, master_key(), FILE_LIMITS);
        let context = |seed| {
            let context = Context::repeatable(installation.db.clone(), NOW, seed).with_files(Some(files.clone()));
            context.with_mail(Some(Mail::default()))
        };
        let router = Server::new(context(1), LIMITS, slow).router();
        Self { context: context(2), router, installation, folder }
    }

    /// The same, which takes bodies of another size.
    async fn with_body_limit(body: usize) -> Self {
        let api = Self::new().await;
        let context = Context::repeatable(api.installation.db.clone(), NOW, 1).with_files(api.context.files_of());
        let router = Server::new(context, Limits { body, ..LIMITS }, &SlowQueries::default()).router();
        Self { router, ..api }
    }

    /// Another node, which holds nothing in memory yet, at another moment.
    fn at(&self, now: jiff::Timestamp) -> Router {
        let context = Context::repeatable(self.installation.db.clone(), now, 3).with_files(self.context.files_of());
        Server::new(context, LIMITS, &SlowQueries::default()).router()
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        send(&self.router, request("GET", path, token)).await
    }

    /// Sends a JSON body, with the version that it changes where there is one; `Null` is no body.
    async fn send(&self, method: &str, path: &str, token: &str, version: Option<i64>, body: &Value) -> Answer {
        let mut request = request(method, path, token);
        if let Some(version) = version {
            request.headers_mut().insert("if-match", format!("\"{version}\"").parse().unwrap());
        }
        if !body.is_null() {
            request.headers_mut().insert("content-type", "application/json".parse().unwrap());
            *request.body_mut() = Body::from(body.to_string());
        }
        send(&self.router, request).await
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    /// Status, type and body, for snapshots.
    fn shown(&self) -> String {
        let body = serde_json::to_string_pretty(&self.json()).unwrap();
        format!("{}\n{}\n{body}", self.status, self.header("content-type"))
    }

    /// The problem's status and the field that it names.
    fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let field = body.pointer("/errors/0/field").and_then(Value::as_str);
        (self.status.as_u16(), field.unwrap_or_default().to_owned())
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// A request whose id is always the same, so that answers can be compared.
fn request(method: &str, path: &str, token: &str) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path).header("x-request-id", "test-request");
    let builder = if token.is_empty() { builder } else { builder.header("authorization", format!("Bearer {token}")) };
    builder.body(Body::empty()).unwrap()
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.into()).unwrap() }
}
