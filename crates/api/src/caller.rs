//! Who makes a request: its bearer token, and the server that it came to.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tenure_app::caller::Caller;
use tenure_app::once::Once;
use tenure_app::tokens::Secret;
use tenure_app::{Context, Error};

use crate::problem::{Kind, Problem};
use crate::request_id::RequestId;
use crate::server::Server;

/// A request's credential. Its form is right; whether it is good is found out by the use case, in its transaction.
pub(crate) struct Credential {
    token: Secret,
    request_id: RequestId,
    once: Option<Arc<Once>>,
}

impl Credential {
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { token: &self.token, request_id: self.request_id.as_str(), once: self.once.as_deref() }
    }
}

/// What nearly every handler passes on to its use case.
pub(crate) struct Call {
    server: Arc<Server>,
    credential: Credential,
}

impl Call {
    pub(crate) fn context(&self) -> &Context {
        &self.server.context
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        self.credential.caller()
    }
}

impl FromRequestParts<Arc<Server>> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let credential = Credential::from_request_parts(parts, server).await?;
        Ok(Self { server: Arc::clone(server), credential })
    }
}

impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let token: Secret = bearer(&parts.headers).ok_or(Error::Unauthenticated)?.parse()?;
        tracing::Span::current().record("tenant", tracing::field::display(token.tenant()));
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let request_id = request_id.ok_or_else(|| Problem::new(Kind::Internal, "the request has no id"))?;
        Ok(Self { token, request_id, once: parts.extensions.get().cloned() })
    }
}

/// The token of the one `Authorization: Bearer …` header. Two such headers are none: which of them counts would be a guess.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&'static str]) -> Option<String> {
        let headers = values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap()));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        bearer(&map).map(ToOwned::to_owned)
    }

    #[test]
    fn the_scheme_is_bearer_in_whatever_case() {
        assert_eq!(found(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(found(&["bearer  abc"]).as_deref(), Some("abc"));
    }

    #[test]
    fn no_header_two_headers_and_other_schemes_carry_no_token() {
        for values in [&[][..], &["Bearer a", "Bearer b"], &["Basic abc"], &["Bearer"], &["abc"]] {
            assert_eq!(found(values), None, "{values:?}");
        }
    }
}
