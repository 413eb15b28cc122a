//! The API's description, OpenAPI 3.1, made from the handlers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::examples::Examples;
use crate::files::{links, requests, uploads};
use crate::listing::Listings;
use crate::person_records::{bank_accounts, emergency_contacts, identity_documents};
use crate::problem::{FieldErrorBody, Kind, MEDIA_TYPE, ProblemBody};
use crate::rules::Rules;
use crate::{
    appraisals, audit, custom_fields, dashboard, departments, designations, docs, employees, employment, files, flags,
    health, locations, me, metrics, numbers, ofrep, org_chart, roles, salaries, sessions, settings, tokens, users,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Tenure", description = "Multi-tenant HR. The company is the one that the token belongs to."),
    paths(
        employees::list, employees::show, employees::change, employees::delete, employees::restore,
        employment::hire, employment::assignments, employment::file, employment::correct, employment::take_back,
        employment::periods, employment::correct_hire, employment::terminate, employment::withdraw_termination,
        employment::rehire,
        salaries::list, salaries::file, salaries::correct, salaries::take_back,
        numbers::show, numbers::put,
        departments::list, departments::show, departments::create, departments::change, departments::relocate,
        departments::merge, departments::delete, departments::restore,
        designations::list,
        designations::show,
        designations::create,
        designations::change,
        designations::delete,
        designations::restore,
        locations::list, locations::show, locations::create, locations::change, locations::delete, locations::restore,
        custom_fields::list, custom_fields::show, custom_fields::create, custom_fields::change, custom_fields::delete,
        custom_fields::change_of_employee,
        emergency_contacts::list, emergency_contacts::show, emergency_contacts::create, emergency_contacts::change, emergency_contacts::delete,
        bank_accounts::list, bank_accounts::show, bank_accounts::create, bank_accounts::change, bank_accounts::delete,
        identity_documents::list, identity_documents::show, identity_documents::create, identity_documents::change, identity_documents::delete,
        files::list, files::list_expiring, files::list_of_employee, files::create, files::create_of_employee, files::show, files::change,
        files::delete, files::restore, files::add_version, files::read, links::create, links::read,
        uploads::begin, uploads::show, uploads::put_part, uploads::complete, uploads::give_up,
        requests::list, requests::create, requests::show, requests::withdraw,
        org_chart::show,
        dashboard::show,
        sessions::begin, sessions::list, sessions::end_current, sessions::end, sessions::end_all,
        me::show, me::change_password, me::request_reset, me::redeem,
        users::list, users::show, users::create, users::change, users::delete, users::suspend, users::resume,
        users::set_roles, users::reset_password,
        roles::list, roles::show, roles::create, roles::change, roles::delete,
        tokens::list, tokens::create, tokens::revoke,
        settings::show, settings::change, settings::schema, settings::versions, settings::version, settings::diff,
        settings::roll_back, settings::changes,
        flags::list, flags::show, flags::create, flags::change, flags::delete,
        ofrep::one, ofrep::all,
        audit::list,
        appraisals::templates::list, appraisals::templates::show, appraisals::templates::create, appraisals::templates::change,
        appraisals::templates::publish, appraisals::templates::new_version,
        appraisals::cycles::list, appraisals::cycles::show, appraisals::cycles::create, appraisals::cycles::change,
        appraisals::cycles::add_people, appraisals::cycles::advance, appraisals::cycles::progress,
        appraisals::forms::list, appraisals::forms::late, appraisals::forms::of_employee, appraisals::forms::of_appraiser,
        appraisals::forms::show, appraisals::forms::save, appraisals::forms::submit, appraisals::forms::calibrate,
        appraisals::feedback::ask, appraisals::feedback::asked, appraisals::feedback::withdraw, appraisals::feedback::show,
        appraisals::feedback_requests::list, appraisals::feedback_requests::show, appraisals::feedback_requests::save,
        appraisals::feedback_requests::submit, appraisals::feedback_requests::decline,
        appraisals::goals::list, appraisals::goals::show, appraisals::goals::create, appraisals::goals::change, appraisals::goals::delete,
        appraisals::forms::acknowledge, appraisals::forms::assign, appraisals::forms::remove,
        health::alive, health::ready, metrics::scrape, serve, docs::serve,
    ),
    components(schemas(ProblemBody<'_>, FieldErrorBody)),
    tags((name = "employees"), (name = "pay"), (name = "documents", description = "Files of people and of the company"), (name = "organisation"), (name = "settings"), (name = "flags", description = "Who gets which feature, also by the OpenFeature Remote Evaluation Protocol"), (name = "access", description = "Who signs in and may do what"), (name = "audit"), (name = "appraisals"), (name = "operation", description = "For those who run the server; needs no token")),
    modifiers(&Tokens, &Required, &Listings, &Problems, &Rules, &Examples),
)]
struct Description;

/// The document as text; it is the same for the whole life of the program.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| Description::openapi().to_pretty_json().unwrap_or_default());

/// The API's description as JSON text.
#[must_use]
pub fn document() -> &'static str {
    &DOCUMENT
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    operation_id = "describe_api",
    responses((status = 200, description = "The API's description, OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], document()).into_response()
}

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

/// The members of `Employee` that a caller may not see are absent, each class as a whole.
const CLASSES: [&str; 4] = ["PersonalFields", "SensitiveFields", "PayFields", "EndFields"];

/// Everything else that an answer can have is there, if only as null, which the types alone do not say. What clients send is left as it
/// is: there the types say what has to be there.
pub(crate) struct Required;

impl Modify for Required {
    fn modify(&self, document: &mut Document) {
        let sent = sent(document);
        for (name, schema) in &mut document.components.get_or_insert_default().schemas {
            let RefOr::T(Schema::Object(object)) = schema else { continue };
            if sent.contains(name) {
                continue;
            }
            object.required = if CLASSES.contains(&name.as_str()) {
                Vec::new()
            } else {
                object.properties.keys().filter(|member| *member != "errors").cloned().collect()
            };
        }
    }
}

/// The names of the schemas of what clients send, those inside others too.
fn sent(document: &Document) -> BTreeSet<String> {
    let operations = document.paths.paths.values().flat_map(|item| {
        let PathItem { get, put, post, patch, delete, .. } = item;
        [get, put, post, patch, delete].into_iter().flatten()
    });
    let bodies: Vec<_> = operations.filter_map(|operation| operation.request_body.as_ref()).collect();
    let schemas = document.components.as_ref().map(|components| &components.schemas);
    let mut found = BTreeSet::new();
    let mut left = refs(&serde_json::to_value(bodies).unwrap_or_default());
    while let Some(name) = left.pop() {
        let schema = schemas.and_then(|schemas| schemas.get(&name));
        if found.insert(name) {
            left.extend(refs(&serde_json::to_value(schema).unwrap_or_default()));
        }
    }
    found
}

/// The names of the schemas that a part of the document refers to.
fn refs(part: &Value) -> Vec<String> {
    match part {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            own.map(ToOwned::to_owned).into_iter().chain(members.values().flat_map(refs)).collect()
        }
        Value::Array(items) => items.iter().flat_map(refs).collect(),
        _ => Vec::new(),
    }
}

/// Adds to each operation the problems that it can answer, so that none is forgotten.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        for (path, item) in &mut document.paths.paths {
            let takes_key = path.starts_with("/api/v1/");
            let has_id = path.contains('{');
            let PathItem { get, put, post, patch, delete, .. } = item;
            for operation in get.iter_mut() {
                describe(operation, has_id, false);
            }
            for operation in [put, post, patch, delete].into_iter().flatten() {
                describe(operation, has_id, true);
                describe_version(operation);
                // A password is neither kept nor told again.
                let has_password = operation.operation_id.as_deref() == Some("change_password");
                let has_file = operation.operation_id.as_deref().is_some_and(|id| FILES.contains(&id));
                if takes_key && operation.security.is_some() && !has_password && !has_file {
                    describe_key(operation);
                }
            }
        }
    }
}

/// The operations whose bodies are files, which take no key.
const FILES: [&str; 5] =
    ["create_document", "create_document_of_employee", "add_document_version", "put_upload_part", "complete_upload"];

fn describe(operation: &mut Operation, has_id: bool, changes: bool) {
    let needs_token = operation.security.is_some();
    let has_body = operation.request_body.is_some();
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: &ParameterIn| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
    };
    let is_definition = operation.operation_id.as_deref() == Some("create_custom_field");
    // A query of the chart names a person, and what it asks for may be too large.
    let is_chart = operation.operation_id.as_deref() == Some("show_org_chart");
    // What evaluates changes nothing, and its own body says what is wrong.
    let evaluates = operation.operation_id.as_deref().is_some_and(|id| id.starts_with("evaluate_flag"));
    // These need no token, but a company that is served; the first and the last prove who one is by a password.
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let (signs_in, redeems) = (id == "sign_in", id.ends_with("_password_reset"));
    let takes_password = signs_in || id == "change_password";
    let hashes = takes_password || redeems;
    let restores = operation.operation_id.as_deref().is_some_and(|id| id.starts_with("restore_"));
    // A user whom the query names may not be there.
    let names_user = matches!(id, "list_sessions" | "list_tokens");
    // There may be a next version already.
    let follows = id == "create_appraisal_template_version";
    // Managers could form a circle, and numbers be used up.
    let is_hire = operation.operation_id.as_deref() == Some("hire_employee");
    // What a file answers or becomes is named in its parameters, and may have changed while it was sent.
    let files = FILES.contains(&id) || id == "begin_upload";
    let is_link = id == "read_shared_document";
    let (has_query, has_version) = (has(&ParameterIn::Query), has(&ParameterIn::Header));
    let applies = |kind: &Kind| match kind {
        Kind::Invalid => has_query || has_body || has_version || changes,
        Kind::NotFound => has_id || is_chart || files || is_link || names_user || id == "diff_settings",
        Kind::Unauthenticated => needs_token || signs_in,
        Kind::Denied | Kind::Unavailable => needs_token || signs_in || redeems || is_link,
        Kind::TooManyAttempts => hashes,
        Kind::BodyTooLarge | Kind::UriTooLong | Kind::Internal | Kind::TimedOut => true,
        Kind::Conflict => (has_body && !evaluates) || restores || files || follows,
        Kind::UnsupportedMediaType => has_body && !evaluates,
        Kind::Stale => (has_version || files) && !evaluates,
        Kind::PreconditionRequired => has_version && !evaluates,
        Kind::Rule => {
            (changes && has_id && !evaluates)
                || id == "create_flag"
                || is_chart
                || is_hire
                || is_definition
                || files
                || id == "sign_out"
        }
        Kind::KeyReused => changes && needs_token && !takes_password && !evaluates,
        // This answers requests that are not described.
        Kind::MethodNotAllowed => false,
    };
    operation.responses.responses.insert("431".to_owned(), RefOr::T(head_too_large()));
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(applies).collect();
    for status in kinds.iter().map(|kind| kind.status()) {
        let of_status: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.status() == status).collect();
        let described = operation.responses.responses.contains_key(status.as_str());
        if !described {
            let mut response = problem(&of_status);
            // Passwords that fail too often, and too many at once.
            if hashes && of_status.iter().any(|kind| matches!(kind, Kind::TooManyAttempts | Kind::Unavailable)) {
                let seconds = HeaderBuilder::new().description(Some("When to try again, in seconds, if that is known"));
                response.headers.insert("Retry-After".to_owned(), seconds.build().into());
            }
            operation.responses.responses.insert(status.as_str().to_owned(), RefOr::T(response));
        }
    }
}

/// The form of the version that a change names.
pub(crate) fn describe_version(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.name == "If-Match"
        {
            let form = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^\"[0-9]{1,9}\"$"));
            parameter.schema = Some(form.examples([Value::from("\"1\"")]).into());
        }
    }
}

/// The key under which a change may be sent again.
fn describe_key(operation: &mut Operation) {
    let words = "Chosen by the sender. The same request again under the same key, within a day, is not made again and gets the first \
                 answer, with the header `Idempotency-Replayed: true`.";
    let form = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$"));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(utoipa::openapi::Required::False)
        .description(Some(words))
        .schema(Some(form));
    operation.parameters.get_or_insert_default().push(key.build().into());
}

/// What the connection answers by itself, before the API sees the request.
pub(crate) fn head_too_large() -> utoipa::openapi::Response {
    ResponseBuilder::new().description("The head has more than 32 KiB or 100 headers; there is no body").build()
}

pub(crate) fn problem(kinds: &[Kind]) -> utoipa::openapi::Response {
    let words: Vec<String> = kinds.iter().map(|kind| format!("{} (`{}`)", kind.title(), kind.uri())).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let request_id = HeaderBuilder::new().description(Some("The request's id, also in the server's log")).build();
    ResponseBuilder::new()
        .description(words.join("; "))
        .content(MEDIA_TYPE, content)
        .header("X-Request-Id", request_id)
        .build()
}
