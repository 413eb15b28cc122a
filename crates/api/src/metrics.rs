//! What the server counts, in the form that Prometheus reads. No label names a tenant: there may be thousands.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tenure_app::cache;
use tenure_app::health::{self, PoolState};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::cache_metrics::CacheMetrics;
use crate::mail_metrics::MailCounts;
use crate::problem::{Kind, Problem};
use crate::server::Server;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the latency histogram, in seconds: from an answer out of memory to the longest wait that is allowed.
const LATENCY: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    route: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    pool: &'static str,
    state: &'static str,
}

/// The counters of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    latency: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Family<Connections, Gauge>,
    cache: CacheMetrics,
}

/// Counts the statements that the database layer logs as slow: a layer of the log, above its filters, so that it counts also what
/// is not written.
#[derive(Debug, Clone, Default)]
pub struct SlowQueries(Counter);

/// Counts the archives that a server made by its schedule, and what failed of it.
#[derive(Debug, Clone, Default)]
pub struct BackupCounts {
    made: Counter,
    failed: Counter,
}

impl BackupCounts {
    /// So many archives were made, or found to be still true, or found whole in a drill.
    pub fn made(&self, count: usize) {
        self.made.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// So many tenants' archives could not be made or are not whole, or a run failed as a whole.
    pub fn failed(&self, count: usize) {
        self.failed.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// A request under way. When it is let go of, answered or cancelled, it no longer counts.
pub(crate) struct InFlight(Gauge);

impl Metrics {
    pub(crate) fn new(slow: &SlowQueries) -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(LATENCY);
        let mut metrics = Self {
            registry: Registry::with_prefix("tenure"),
            requests: Family::default(),
            latency: Family::new_with_constructor(histogram),
            in_flight: Gauge::default(),
            connections: Family::default(),
            cache: CacheMetrics::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        let help = "Time from a request's head to its answer's head";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, metrics.latency.clone());
        registry.register("http_requests_in_flight", "Requests under way", metrics.in_flight.clone());
        registry.register("database_connections", "Connections to PostgreSQL by pool", metrics.connections.clone());
        metrics.cache.register(registry);
        registry.register("slow_queries", "Statements that took longer than database.slow_query", slow.0.clone());
        metrics
    }

    pub(crate) fn register_backups(&mut self, counts: &BackupCounts) {
        self.registry.register("backups_made", "Archives made by the schedule, or checked", counts.made.clone());
        self.registry.register("backup_failures", "Failures of scheduled backups and drills", counts.failed.clone());
    }

    pub(crate) fn register_mails(&mut self, counts: &MailCounts) {
        counts.register(&mut self.registry);
    }

    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    pub(crate) fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let asked = Asked { route: route.to_owned(), method };
        self.latency.get_or_create(&asked).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { route: asked.route, method, status }).inc();
    }

    fn set_pools(&self, pools: &[PoolState]) {
        for pool in pools {
            let busy = i64::from(pool.open).saturating_sub_unsigned(u64::try_from(pool.idle).unwrap_or(u64::MAX));
            let count = |state, value| {
                self.connections.get_or_create(&Connections { pool: pool.name, state }).set(value);
            };
            count("busy", busy.max(0));
            count("idle", i64::try_from(pool.idle).unwrap_or(i64::MAX));
        }
    }

    fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl<S: Subscriber> Layer<S> for SlowQueries {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // Other statements are not logged at all; see the connections' settings.
        if event.metadata().target() == "sqlx::query" && *event.metadata().level() == Level::WARN {
            self.0.inc();
        }
    }
}

/// The name of a method in labels. Methods are free text, so those that nobody uses share a name.
pub(crate) fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Everything that is counted, as Prometheus reads it.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    operation_id = "read_metrics",
    responses((status = 200, description = "What the server counts", body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn scrape(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    server.metrics.set_pools(&health::pools(&server.context));
    server.metrics.cache.set(&cache::statistics(&server.context));
    let text = server.metrics.text().map_err(|_| Problem::new(Kind::Internal, "the metrics cannot be written"))?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}
