//! The router and what its handlers share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::routing::{delete, get, patch, post, put};
use axum::{Router, middleware};
use tenure_app::Context;

use crate::cors::Origin;
use crate::files::{links, requests, uploads};
use crate::mail_metrics::MailCounts;
use crate::metrics::{self, BackupCounts, Metrics, SlowQueries};
use crate::origin::Network;
use crate::person_records::{bank_accounts, emergency_contacts, identity_documents};
use crate::problem::{Kind, Problem};
use crate::{
    appraisals, audit, custom_fields, dashboard, departments, designations, docs, employees, employment, files, flags,
    health, idempotency, locations, me, numbers, observe, ofrep, openapi, org_chart, platform, roles, salaries,
    sessions, settings, tokens, users,
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
    pub(crate) origins: Vec<Origin>,
    pub(crate) trusted_proxies: Vec<Network>,
}

impl Server {
    /// A server over a context. `slow` counts the slow statements when it is also a layer of the program's log.
    #[must_use]
    pub fn new(context: Context, limits: Limits, slow: &SlowQueries) -> Self {
        let (origins, trusted_proxies) = (Vec::new(), Vec::new());
        Self { context, limits, metrics: Metrics::new(slow), origins, trusted_proxies }
    }

    /// The same, which also shows what a schedule of backups and the sending of mail count.
    #[must_use]
    pub fn counting(mut self, backups: &BackupCounts, mails: &MailCounts) -> Self {
        self.metrics.register_backups(backups);
        self.metrics.register_mails(mails);
        self
    }

    /// The same for pages of these origins too.
    #[must_use]
    pub fn open_to(self, origins: Vec<Origin>) -> Self {
        Self { origins, ..self }
    }

    /// The same behind proxies that are believed when they say where a request comes from.
    #[must_use]
    pub fn behind(self, trusted_proxies: Vec<Network>) -> Self {
        Self { trusted_proxies, ..self }
    }

    /// How the program is, and nothing else.
    pub fn operational_router(self) -> Router {
        operational().fallback(no_such_path).method_not_allowed_fallback(no_such_method).with_state(Arc::new(self))
    }

    /// Everything that the server answers.
    pub fn router(self) -> Router {
        let server = Arc::new(self);
        Router::new()
            .merge(operational())
            .merge(platform::routes())
            .merge(settings_and_flags())
            .route("/api/openapi.json", get(openapi::serve))
            .route("/api/docs", get(docs::serve))
            .route("/api/v1/employees/{id}", get(employees::show).patch(employees::change).delete(employees::delete))
            .route("/api/v1/employees/{id}/restore", post(employees::restore))
            .route("/api/v1/employees/{id}/salaries", get(salaries::list).post(salaries::file))
            .route("/api/v1/employees/{id}/salaries/{salary_id}", patch(salaries::correct).delete(salaries::take_back))
            .route("/api/v1/employees", get(employees::list).post(employment::hire))
            .route("/api/v1/employees/{id}/assignments", get(employment::assignments).post(employment::file))
            .route(
                "/api/v1/employees/{id}/assignments/{assignment_id}",
                patch(employment::correct).delete(employment::take_back),
            )
            .route("/api/v1/employees/{id}/employment-periods", get(employment::periods))
            .route("/api/v1/employees/{id}/employment-periods/current", patch(employment::correct_hire))
            .route("/api/v1/employees/{id}/terminate", post(employment::terminate))
            .route("/api/v1/employees/{id}/withdraw-termination", post(employment::withdraw_termination))
            .route("/api/v1/employees/{id}/rehire", post(employment::rehire))
            .route("/api/v1/number-sequences/employee_number", get(numbers::show).put(numbers::put))
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
            .route("/api/v1/custom-fields", get(custom_fields::list).post(custom_fields::create))
            .route(
                "/api/v1/custom-fields/{id}",
                get(custom_fields::show).patch(custom_fields::change).delete(custom_fields::delete),
            )
            .route("/api/v1/employees/{id}/custom-fields", patch(custom_fields::change_of_employee))
            .route(
                "/api/v1/employees/{id}/emergency-contacts",
                get(emergency_contacts::list).post(emergency_contacts::create),
            )
            .route(
                "/api/v1/employees/{id}/emergency-contacts/{record_id}",
                get(emergency_contacts::show).patch(emergency_contacts::change).delete(emergency_contacts::delete),
            )
            .route("/api/v1/employees/{id}/bank-accounts", get(bank_accounts::list).post(bank_accounts::create))
            .route(
                "/api/v1/employees/{id}/bank-accounts/{record_id}",
                get(bank_accounts::show).patch(bank_accounts::change).delete(bank_accounts::delete),
            )
            .route(
                "/api/v1/employees/{id}/identity-documents",
                get(identity_documents::list).post(identity_documents::create),
            )
            .route(
                "/api/v1/employees/{id}/identity-documents/{record_id}",
                get(identity_documents::show).patch(identity_documents::change).delete(identity_documents::delete),
            )
            .merge(appraisals())
            .route("/api/v1/audit", get(audit::list))
            .route("/api/v1/dashboard", get(dashboard::show))
            .route("/api/v1/org-chart", get(org_chart::show))
            .route("/api/v1/sessions", get(sessions::list).post(sessions::begin))
            .route("/api/v1/sessions/current", delete(sessions::end_current))
            .route("/api/v1/sessions/{id}", delete(sessions::end))
            .route("/api/v1/me", get(me::show))
            .route("/api/v1/me/password", post(me::change_password))
            .route("/api/v1/password-resets", post(me::request_reset))
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
            .merge(documents())
            .fallback(no_such_path)
            .method_not_allowed_fallback(no_such_method)
            .layer(middleware::from_fn_with_state(Arc::clone(&server), idempotency::identify))
            .layer(DefaultBodyLimit::max(server.limits.body))
            .layer(middleware::from_fn_with_state(Arc::clone(&server), observe::observe))
            .with_state(server)
    }
}

fn operational() -> Router<Arc<Server>> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape))
}

fn appraisals() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/v1/appraisals/templates", get(appraisals::templates::list).post(appraisals::templates::create))
        .route(
            "/api/v1/appraisals/templates/{id}",
            get(appraisals::templates::show).patch(appraisals::templates::change),
        )
        .route("/api/v1/appraisals/templates/{id}/publish", post(appraisals::templates::publish))
        .route("/api/v1/appraisals/templates/{id}/versions", post(appraisals::templates::new_version))
        .route("/api/v1/appraisals/cycles", get(appraisals::cycles::list).post(appraisals::cycles::create))
        .route("/api/v1/appraisals/cycles/{id}", get(appraisals::cycles::show).patch(appraisals::cycles::change))
        .route("/api/v1/appraisals/cycles/{id}/people", post(appraisals::cycles::add_people))
        .route("/api/v1/appraisals/cycles/{id}/advance", post(appraisals::cycles::advance))
        .route("/api/v1/appraisals/cycles/{id}/progress", get(appraisals::cycles::progress))
        .route("/api/v1/appraisals/cycles/{id}/forms", get(appraisals::forms::list))
        .route("/api/v1/appraisals/cycles/{id}/late", get(appraisals::forms::late))
        .route(
            "/api/v1/appraisals/forms/{id}",
            get(appraisals::forms::show).patch(appraisals::forms::assign).delete(appraisals::forms::remove),
        )
        .route("/api/v1/appraisals/forms/{id}/answers", put(appraisals::forms::save))
        .route("/api/v1/appraisals/forms/{id}/submit", post(appraisals::forms::submit))
        .route("/api/v1/appraisals/forms/{id}/calibrate", post(appraisals::forms::calibrate))
        .route("/api/v1/appraisals/forms/{id}/acknowledge", post(appraisals::forms::acknowledge))
        .route(
            "/api/v1/appraisals/forms/{id}/feedback-requests",
            get(appraisals::feedback::asked).post(appraisals::feedback::ask),
        )
        .route("/api/v1/appraisals/forms/{id}/feedback-requests/{request_id}", delete(appraisals::feedback::withdraw))
        .route("/api/v1/appraisals/forms/{id}/feedback", get(appraisals::feedback::show))
        .route("/api/v1/feedback-requests", get(appraisals::feedback_requests::list))
        .route("/api/v1/feedback-requests/{id}", get(appraisals::feedback_requests::show))
        .route("/api/v1/feedback-requests/{id}/answers", put(appraisals::feedback_requests::save))
        .route("/api/v1/feedback-requests/{id}/submit", post(appraisals::feedback_requests::submit))
        .route("/api/v1/feedback-requests/{id}/decline", post(appraisals::feedback_requests::decline))
        .route("/api/v1/employees/{id}/goals", get(appraisals::goals::list).post(appraisals::goals::create))
        .route(
            "/api/v1/employees/{id}/goals/{goal_id}",
            get(appraisals::goals::show).patch(appraisals::goals::change).delete(appraisals::goals::delete),
        )
        .route("/api/v1/employees/{id}/appraisals", get(appraisals::forms::of_employee))
        .route("/api/v1/employees/{id}/appraisals-to-write", get(appraisals::forms::of_appraiser))
}

fn settings_and_flags() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/v1/settings", get(settings::show).patch(settings::change))
        .route("/api/v1/settings/schema", get(settings::schema))
        .route("/api/v1/settings/versions", get(settings::versions))
        .route("/api/v1/settings/versions/{number}", get(settings::version))
        .route("/api/v1/settings/versions/{number}/roll-back", post(settings::roll_back))
        .route("/api/v1/settings/diff", get(settings::diff))
        .route("/api/v1/settings/changes", get(settings::changes))
        .route("/api/v1/flags", get(flags::list).post(flags::create))
        .route("/api/v1/flags/{key}", get(flags::show).patch(flags::change).delete(flags::delete))
        .route("/ofrep/v1/evaluate/flags", post(ofrep::all))
        .route("/ofrep/v1/evaluate/flags/{key}", post(ofrep::one))
}

/// The routes of documents.
fn documents() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/v1/documents", get(files::list).post(files::create))
        .route("/api/v1/expiring-documents", get(files::list_expiring))
        .route("/api/v1/employees/{id}/documents", get(files::list_of_employee).post(files::create_of_employee))
        .route("/api/v1/documents/{id}", get(files::show).patch(files::change).delete(files::delete))
        .route("/api/v1/documents/{id}/restore", post(files::restore))
        .route("/api/v1/documents/{id}/versions", post(files::add_version))
        .route("/api/v1/documents/{id}/content", get(files::read))
        .route("/api/v1/documents/{id}/links", post(links::create))
        .route("/api/v1/shared-document", get(links::read))
        .route("/api/v1/uploads", post(uploads::begin))
        .route("/api/v1/uploads/{id}", get(uploads::show).delete(uploads::give_up))
        .route("/api/v1/uploads/{id}/parts/{number}", put(uploads::put_part))
        .route("/api/v1/uploads/{id}/complete", post(uploads::complete))
        .route("/api/v1/employees/{id}/document-requests", get(requests::list).post(requests::create))
        .route("/api/v1/document-requests/{id}", get(requests::show))
        .route("/api/v1/document-requests/{id}/withdraw", post(requests::withdraw))
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
