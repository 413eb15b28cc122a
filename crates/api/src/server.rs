//! The router and what its handlers share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::routing::{delete, get, post, put};
use axum::{Router, middleware};
use tenure_app::Context;

use crate::metrics::{self, Metrics, SlowQueries};
use crate::origin::Network;
use crate::problem::{Kind, Problem};
use crate::{
    audit, departments, designations, employees, health, idempotency, locations, me, observe, openapi, org_chart,
    roles, sessions, tokens, users,
};

/// What one request may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A request that takes longer is answered with 503, and what it did is rolled back.
    pub request_timeout: Duration,
    /// The largest body in bytes; more is answered with 413.
    pub body: usize,
}

/// What the handlers share.
pub struct Server {
    pub(crate) context: Context,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) trusted_proxies: Vec<Network>,
}

impl Server {
    /// A server over a context. `slow` counts the slow statements when it is also a layer of the program's log.
    #[must_use]
    pub fn new(context: Context, limits: Limits, slow: &SlowQueries) -> Self {
        Self { context, limits, metrics: Metrics::new(slow), trusted_proxies: Vec::new() }
    }

    /// The same behind proxies that are believed when they say where a request comes from.
    #[must_use]
    pub fn behind(self, trusted_proxies: Vec<Network>) -> Self {
        Self { trusted_proxies, ..self }
    }

    /// Everything that the server answers.
    pub fn router(self) -> Router {
        let server = Arc::new(self);
        Router::new()
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(metrics::scrape))
            .route("/api/openapi.json", get(openapi::serve))
            .route("/api/v1/employees", get(employees::list))
            .route("/api/v1/employees/{id}", get(employees::show))
            .route("/api/v1/departments", get(departments::list).post(departments::create))
            .route(
                "/api/v1/departments/{id}",
                get(departments::show).patch(departments::change).delete(departments::delete),
            )
            .route("/api/v1/departments/{id}/move", post(departments::relocate))
            .route("/api/v1/departments/{id}/merge", post(departments::merge))
            .route("/api/v1/departments/{id}/restore", post(departments::restore))
            .route("/api/v1/designations", get(designations::list).post(designations::create))
            .route(
                "/api/v1/designations/{id}",
                get(designations::show).patch(designations::change).delete(designations::delete),
            )
            .route("/api/v1/designations/{id}/restore", post(designations::restore))
            .route("/api/v1/locations", get(locations::list).post(locations::create))
            .route("/api/v1/locations/{id}", get(locations::show).patch(locations::change).delete(locations::delete))
            .route("/api/v1/locations/{id}/restore", post(locations::restore))
            .route("/api/v1/audit", get(audit::list))
            .route("/api/v1/org-chart", get(org_chart::show))
            .route("/api/v1/sessions", get(sessions::list).post(sessions::begin))
            .route("/api/v1/sessions/current", delete(sessions::end_current))
            .route("/api/v1/sessions/{id}", delete(sessions::end))
            .route("/api/v1/me", get(me::show))
            .route("/api/v1/me/password", post(me::change_password))
            .route("/api/v1/password-resets/redeem", post(me::redeem))
            .route("/api/v1/users", get(users::list).post(users::create))
            .route("/api/v1/users/{id}", get(users::show).patch(users::change).delete(users::delete))
            .route("/api/v1/users/{id}/suspend", post(users::suspend))
            .route("/api/v1/users/{id}/resume", post(users::resume))
            .route("/api/v1/users/{id}/roles", put(users::set_roles))
            .route("/api/v1/users/{id}/password-reset", post(users::reset_password))
            .route("/api/v1/users/{id}/sessions", delete(sessions::end_all))
            .route("/api/v1/roles", get(roles::list).post(roles::create))
            .route("/api/v1/roles/{id}", get(roles::show).patch(roles::change).delete(roles::delete))
            .route("/api/v1/tokens", get(tokens::list).post(tokens::create))
            .route("/api/v1/tokens/{id}", delete(tokens::revoke))
            .fallback(no_such_path)
            .method_not_allowed_fallback(no_such_method)
            .layer(middleware::from_fn_with_state(Arc::clone(&server), idempotency::identify))
            .layer(DefaultBodyLimit::max(server.limits.body))
            .layer(middleware::from_fn_with_state(Arc::clone(&server), observe::observe))
            .with_state(server)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.limits).finish_non_exhaustive()
    }
}

async fn no_such_path(uri: Uri) -> Problem {
    Problem::new(Kind::NotFound, format!("there is nothing at {}", uri.path()))
}

async fn no_such_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the header Allow names the methods of this path")
}
