//! Which pages of other origins may read the API's answers in a browser: those of the configuration, and none without it.
//!
//! A browser sends no credential of its own accord, as the API knows no cookies: a page has to have the token. So
//! `Access-Control-Allow-Credentials` is never said.

use std::fmt;
use std::str::FromStr;

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// What a page may send beyond what every page may.
const SENT: &str = "authorization, content-type, idempotency-key, if-match, x-request-id";
/// What a page may read beyond what every page may.
const READ: &str = "content-disposition, etag, idempotency-replayed, location, retry-after, x-request-id";

/// An origin of pages: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// A text that is no [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOrigin;

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin is written like https://hr.example.com or http://localhost:3000, in small letters and without a path")
    }
}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let uri: Uri = text.parse().map_err(|_| NoOrigin)?;
        let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or(NoOrigin)?;
        let host = uri.authority().filter(|host| !host.as_str().contains(['@', '*'])).ok_or(NoOrigin)?;
        // As browsers write it, which is compared byte by byte.
        let written = format!("{scheme}://{host}");
        if written != text || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NoOrigin);
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| NoOrigin)
    }
}

/// What a request's page may do.
pub(crate) struct Page {
    /// The page's origin, when it is one of those that are allowed.
    origin: Option<HeaderValue>,
    /// Whether the answer could be another for a page of another origin.
    varies: bool,
    asks_first: bool,
}

impl Page {
    /// That of a request, given the origins that are allowed.
    pub(crate) fn of(request: &Request, allowed: &[Origin]) -> Self {
        let varies = !allowed.is_empty() && request.uri().path().starts_with("/api/");
        let given = request.headers().get(ORIGIN).filter(|_| varies);
        let origin = given.filter(|given| allowed.iter().any(|origin| origin.0 == **given)).cloned();
        let asks_first =
            request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Self { origin, varies, asks_first }
    }

    /// The answer to a browser that asks whether it may send a request.
    pub(crate) fn permission(&self) -> Option<Response> {
        let may_send = [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
            (ACCESS_CONTROL_ALLOW_HEADERS, SENT),
            (ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (self.asks_first && self.origin.is_some()).then(|| (StatusCode::NO_CONTENT, may_send).into_response())
    }

    /// Lets the page read an answer.
    pub(crate) fn let_read(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, ORIGIN.into());
        }
        if let Some(origin) = self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        for good in ["https://hr.example.com", "http://localhost:3000", "http://[::1]:8080"] {
            assert_eq!(good.parse::<Origin>().map(|origin| origin.0), Ok(HeaderValue::from_static(good)));
        }
        for bad in [
            "",
            "*",
            "null",
            "hr.example.com",
            "https://",
            "https://hr.example.com/",
            "https://HR.example.com",
            "ftp://hr.example.com",
            "https://*.example.com",
            "https://ada@example.com",
            "https://a.example b",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(NoOrigin), "{bad:?}");
        }
    }
}
