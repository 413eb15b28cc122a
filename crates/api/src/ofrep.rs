//! The `OpenFeature` Remote Evaluation Protocol, OFREP: what somebody gets of feature flags, in the form that providers of every
//! `OpenFeature` SDK ask for.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tenure_app::Error;
use tenure_app::flags::{self, Answer, Asked};
use utoipa::ToSchema;

use crate::caller::Call;
use crate::fields;
use crate::problem::Problem;

/// For whom flags are evaluated.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, whose errors have a form of their own")]
pub(crate) struct EvaluationRequest {
    /// `targetingKey` names the user; without it, the caller is meant. Everything else is an attribute that rules may ask for.
    #[schema(value_type = Option<Object>, required = false, example = json!({ "targetingKey": "user-123", "country": "CA" }))]
    context: Value,
}

/// What somebody gets of a flag.
#[derive(Serialize, ToSchema)]
pub(crate) struct EvaluationSuccess {
    key: String,
    /// A boolean, a text, a number or an object, by the flag's kind.
    #[schema(value_type = Value)]
    value: Value,
    /// Why: `STATIC`, `DEFAULT`, `TARGETING_MATCH`, `SPLIT` or `DISABLED`.
    #[schema(examples("TARGETING_MATCH"))]
    reason: &'static str,
    /// The name of the variant.
    variant: String,
}

/// What somebody gets of every flag.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkEvaluationSuccess {
    flags: Vec<EvaluationSuccess>,
}

/// Why a flag cannot be evaluated.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationFailure {
    /// The flag's key.
    key: String,
    #[schema(examples("FLAG_NOT_FOUND"))]
    error_code: &'static str,
    /// What is wrong, in words.
    error_details: String,
}

/// Why flags cannot be evaluated.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkEvaluationFailure {
    #[schema(examples("INVALID_CONTEXT"))]
    error_code: &'static str,
    /// What is wrong, in words.
    error_details: String,
}

/// What somebody gets of one feature flag (OFREP).
#[utoipa::path(
    post,
    path = "/ofrep/v1/evaluate/flags/{key}",
    tag = "flags",
    operation_id = "evaluate_flag",
    params(("key" = String, Path, description = "The flag's key")),
    request_body = EvaluationRequest,
    responses((status = 200, description = "What the context's user gets", body = EvaluationSuccess),
        (status = 400, description = "The context cannot be read", body = EvaluationFailure),
        (status = 404, description = "There is no such flag", body = EvaluationFailure)),
    security(("token" = [])),
)]
pub(crate) async fn one(
    call: Call,
    key: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    // What is no text is the key of nothing.
    let key = key.map(|Path(key)| key).unwrap_or_default();
    let asked = match read(&fields::bytes(request, &()).await?) {
        Ok(asked) => asked,
        Err(fault) => return Ok(failure(StatusCode::BAD_REQUEST, key, fault)),
    };
    match flags::evaluate(call.context(), call.caller(), &key, &asked).await {
        Ok(answer) => Ok(Json(EvaluationSuccess::from(answer)).into_response()),
        Err(error @ Error::NotFound { .. }) => {
            Ok(failure(StatusCode::NOT_FOUND, key, ("FLAG_NOT_FOUND", error.to_string())))
        }
        Err(error) => Err(error.into()),
    }
}

/// What somebody gets of every feature flag (OFREP). The answer has an `ETag`; sent back as `If-None-Match`, it is answered with 304 while
/// the context's user would get the same.
#[utoipa::path(
    post,
    path = "/ofrep/v1/evaluate/flags",
    tag = "flags",
    operation_id = "evaluate_flags",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of an earlier answer")),
    request_body = EvaluationRequest,
    responses((status = 200, description = "What the context's user gets", body = BulkEvaluationSuccess,
            headers(("ETag", description = "Of all that the answer says"))),
        (status = 304, description = "The same as before; there is no body"),
        (status = 400, description = "The context cannot be read", body = BulkEvaluationFailure)),
    security(("token" = [])),
)]
pub(crate) async fn all(call: Call, headers: HeaderMap, request: Request) -> Result<Response, Problem> {
    let asked = match read(&fields::bytes(request, &()).await?) {
        Ok(asked) => asked,
        Err((error_code, error_details)) => {
            let failure = BulkEvaluationFailure { error_code, error_details };
            return Ok((StatusCode::BAD_REQUEST, Json(failure)).into_response());
        }
    };
    let answers = flags::evaluate_all(call.context(), call.caller(), &asked).await?;
    let body = BulkEvaluationSuccess { flags: answers.into_iter().map(EvaluationSuccess::from).collect() };
    let tag = tag(&body);
    let answer =
        if is_known(&headers, &tag) { StatusCode::NOT_MODIFIED.into_response() } else { Json(body).into_response() };
    Ok(with_tag(answer, &tag))
}

/// What is wrong with a request, in the protocol's word and in others.
type Fault = (&'static str, String);

fn fault<T>(code: &'static str, details: impl Into<String>) -> Result<T, Fault> {
    Err((code, details.into()))
}

fn failure(status: StatusCode, key: String, (error_code, error_details): Fault) -> Response {
    (status, Json(EvaluationFailure { key, error_code, error_details })).into_response()
}

/// Reads the context. A body without one is as good as an empty one: providers differ.
fn read(body: &Bytes) -> Result<Asked, Fault> {
    let request: Value =
        serde_json::from_slice(body).or_else(|error| fault("PARSE_ERROR", format!("the body is no JSON: {error}")))?;
    let mut attributes = match request {
        Value::Object(mut members) => match members.remove("context") {
            Some(Value::Object(context)) => context,
            None | Some(Value::Null) => Map::new(),
            Some(_) => return fault("INVALID_CONTEXT", "the context is no object"),
        },
        _ => return fault("INVALID_CONTEXT", "the body is no object with a context"),
    };
    let targeting_key = match attributes.remove("targetingKey") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key).filter(|key| !key.is_empty()),
        Some(_) => return fault("INVALID_CONTEXT", "targetingKey is no text"),
    };
    Ok(Asked { targeting_key, attributes })
}

fn tag(body: &BulkEvaluationSuccess) -> String {
    // A structure of texts and JSON always has a JSON form.
    let text = serde_json::to_vec(body).unwrap_or_default();
    let digest: [u8; 32] = Sha256::digest(text).into();
    let short = digest.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("\"{short}\"")
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = given.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

fn with_tag(mut answer: Response, tag: &str) -> Response {
    answer.headers_mut().extend(HeaderValue::from_str(tag).ok().map(|value| (ETAG, value)));
    answer
}

impl From<Answer> for EvaluationSuccess {
    fn from(answer: Answer) -> Self {
        let reason = answer.reason.word();
        Self { key: answer.key, value: answer.value, reason, variant: answer.variant }
    }
}
