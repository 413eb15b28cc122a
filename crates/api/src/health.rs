//! Whether the server lives, and whether it can serve.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use tenure_app::health;
use utoipa::ToSchema;

use crate::server::Server;

/// The server lives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

/// Whether requests can be served now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether everything that is needed is there.
    ready: bool,
    /// Each thing that is needed.
    dependencies: Vec<Dependency>,
}

/// Something that the server needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dependency {
    /// `database`, `replica` for the read replica, `cache` for Redis, `documents` for MongoDB, or `files` for their place.
    name: &'static str,
    /// How it is.
    state: DependencyState,
    /// How long its answer took, or how long it was waited for, in milliseconds.
    latency_ms: f64,
}

/// How a dependency is: `down` does not answer in time, `not_set_up` answers and waits for `tenure migrate up --platform`.
#[derive(Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DependencyState {
    Up,
    Down,
    NotSetUp,
}

impl From<health::Dependency> for Dependency {
    fn from(found: health::Dependency) -> Self {
        let state = match found.state {
            health::State::Up => DependencyState::Up,
            health::State::Down => DependencyState::Down,
            health::State::NotSetUp => DependencyState::NotSetUp,
        };
        Self { name: found.name, state, latency_ms: found.latency.as_secs_f64() * 1000.0 }
    }
}

/// The process answers. Asks nothing of the database, so that nobody restarts a healthy server because the database is away.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    operation_id = "check_alive",
    responses((status = 200, description = "The server lives", body = Alive)),
)]
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Everything that requests need is there, and how long each part took to answer.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    operation_id = "check_ready",
    responses(
        (status = 200, description = "Requests can be served", body = Readiness),
        (status = 503, description = "Something is missing; send requests elsewhere for now", body = Readiness),
    ),
)]
pub(crate) async fn ready(State(server): State<Arc<Server>>) -> (StatusCode, Json<Readiness>) {
    let dependencies: Vec<_> = health::check(&server.context).await.into_iter().map(Dependency::from).collect();
    // Without its replica the database is read itself, and without its cache too. Without MongoDB or files the rest is served.
    let is_needed = |dependency: &&Dependency| dependency.name == "database";
    let ready = dependencies.iter().filter(is_needed).all(|dependency| dependency.state == DependencyState::Up);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, dependencies }))
}
