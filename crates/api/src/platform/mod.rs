//! `/api/platform/v1`: what operators see of the platform and ask for. It has a description and credentials of its own.

mod backups;
mod body;
mod call;
mod flags;
mod openapi;
mod operations;
mod query;
mod tenants;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

pub use self::openapi::document;
use crate::server::Server;

/// The routes of operators.
pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/platform/openapi.json", get(openapi::serve))
        .route("/api/platform/v1/tenants", get(tenants::list))
        .route("/api/platform/v1/tenants/{tenant}", get(tenants::show))
        .route("/api/platform/v1/backups", get(backups::list))
        .route("/api/platform/v1/backups/{id}", get(backups::show))
        .route("/api/platform/v1/flags", get(flags::list).post(flags::create))
        .route("/api/platform/v1/flags/{key}", get(flags::show).patch(flags::change).delete(flags::delete))
        .route("/api/platform/v1/operations", get(operations::list).post(operations::request))
        .route("/api/platform/v1/operations/{id}", get(operations::show))
}
