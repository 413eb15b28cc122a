//! Problem documents (RFC 9457): the one form of every error that leaves this server.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenure_app::Error;
use tenure_app::error::FieldError;
use utoipa::ToSchema;

use crate::request_id::RequestId;

pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The kinds of problems. Their names are part of the API and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Invalid,
    Unauthenticated,
    Denied,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Stale,
    BodyTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    Rule,
    KeyReused,
    PreconditionRequired,
    TooManyAttempts,
    Internal,
    Unavailable,
    TimedOut,
}

impl Kind {
    /// All of them, by status.
    pub(crate) const ALL: [Self; 17] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Denied,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::Stale,
        Self::BodyTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::Rule,
        Self::KeyReused,
        Self::PreconditionRequired,
        Self::TooManyAttempts,
        Self::Internal,
        Self::Unavailable,
        Self::TimedOut,
    ];

    /// The URI that programs tell problems apart by.
    pub(crate) const fn uri(self) -> &'static str {
        match self {
            Self::Invalid => "urn:tenure:problem:invalid",
            Self::Unauthenticated => "urn:tenure:problem:unauthenticated",
            Self::Denied => "urn:tenure:problem:denied",
            Self::NotFound => "urn:tenure:problem:not-found",
            Self::MethodNotAllowed => "urn:tenure:problem:method-not-allowed",
            Self::Conflict => "urn:tenure:problem:conflict",
            Self::Stale => "urn:tenure:problem:stale",
            Self::BodyTooLarge => "urn:tenure:problem:body-too-large",
            Self::UriTooLong => "urn:tenure:problem:uri-too-long",
            Self::UnsupportedMediaType => "urn:tenure:problem:unsupported-media-type",
            Self::Rule => "urn:tenure:problem:rule",
            Self::KeyReused => "urn:tenure:problem:idempotency-key-reused",
            Self::PreconditionRequired => "urn:tenure:problem:precondition-required",
            Self::TooManyAttempts => "urn:tenure:problem:too-many-attempts",
            Self::Internal => "urn:tenure:problem:internal",
            Self::Unavailable => "urn:tenure:problem:unavailable",
            Self::TimedOut => "urn:tenure:problem:timed-out",
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Denied => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Rule | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Invalid => "The request has errors",
            Self::Unauthenticated => "A valid credential is needed",
            Self::Denied => "This is not allowed",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::Conflict => "Somebody else was first",
            Self::Stale => "It has been changed since it was read",
            Self::BodyTooLarge => "The body is too large",
            Self::UriTooLong => "The URI is too long",
            Self::UnsupportedMediaType => "The body is not JSON",
            Self::Rule => "A rule forbids this",
            Self::KeyReused => "The key was used for another request",
            Self::PreconditionRequired => "The header If-Match is missing",
            Self::TooManyAttempts => "Too many sign-ins failed",
            Self::Internal => "Something went wrong in the server",
            Self::Unavailable => "The service is not available",
            Self::TimedOut => "The request took too long",
        }
    }
}

/// An error on its way to the client. It becomes a response without a body; [`Problem::render`] writes the body where the
/// request's id is known.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    /// In seconds.
    retry_after: Option<u64>,
}

/// A problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:tenure:problem:invalid", "title": "The request has errors", "status": 400, "detail": "name: is missing",
    "request_id": "0198f3c2-0000-7000-8000-000000000002", "errors": [{ "field": "name", "message": "is missing" }],
}))]
pub(crate) struct ProblemBody<'a> {
    #[schema(schema_with = crate::words::problem_types)]
    r#type: &'a str,
    /// The kind in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time, for people. The wording may change.
    detail: &'a str,
    /// The request, as in the header X-Request-Id and in the server's log.
    request_id: &'a str,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldErrorBody>)]
    errors: &'a [FieldError],
}

/// What is wrong with one field or parameter.
#[derive(ToSchema)]
#[schema(as = FieldError)]
#[expect(dead_code, reason = "describes the use cases' own type, which does not know of OpenAPI")]
pub(crate) struct FieldErrorBody {
    /// Its name.
    field: String,
    /// What is wrong with it, for people.
    message: String,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// The response with its body, in place of the one that carried the problem here.
    pub(crate) fn render(self, mut carrier: Response, request_id: &RequestId) -> Response {
        let body = ProblemBody {
            r#type: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            request_id: request_id.as_str(),
            errors: &self.errors,
        };
        // A structure of texts and numbers always has a JSON form; an empty body would still have the right status.
        *carrier.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
        carrier.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        carrier
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        if self.kind == Kind::Unauthenticated {
            let challenge = HeaderValue::from_static(r#"Bearer realm="tenure", error="invalid_token""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response.headers_mut().extend(self.retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::new(Kind::NotFound, detail),
            Error::Unauthenticated => Self::new(Kind::Unauthenticated, detail),
            Error::TooManyAttempts(seconds) => {
                Self { retry_after: Some(seconds), ..Self::new(Kind::TooManyAttempts, detail) }
            }
            Error::Busy(seconds) => Self { retry_after: Some(seconds), ..Self::new(Kind::Unavailable, detail) },
            Error::Denied(_) => Self::new(Kind::Denied, detail),
            Error::Invalid(errors) => Self { errors, ..Self::new(Kind::Invalid, detail) },
            Error::TooLarge(_) => Self::new(Kind::BodyTooLarge, detail),
            Error::Rule(_) => Self::new(Kind::Rule, detail),
            Error::KeyReused => Self::new(Kind::KeyReused, detail),
            Error::Conflict(_) => Self::new(Kind::Conflict, detail),
            Error::Taken(error) => Self { errors: vec![error], ..Self::new(Kind::Conflict, detail) },
            Error::Stale(_) => Self::new(Kind::Stale, detail),
            Error::Unavailable(_) => Self::new(Kind::Unavailable, detail),
            Error::DatabaseAway(cause) => {
                tracing::warn!(error = %cause, "the database is not available");
                Self::new(Kind::Unavailable, detail)
            }
            Error::Internal(cause) => {
                tracing::error!(error = %cause, "a request failed");
                Self::new(Kind::Internal, "the server's log has the cause, under this request_id")
            }
        }
    }
}
