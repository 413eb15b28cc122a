//! Which operator makes a request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tenure_app::platform::operators::{Operator, OperatorSecret, identify};
use tenure_app::{Context, Error};

use crate::caller::bearer;
use crate::problem::{Kind, Problem};
use crate::request_id::RequestId;
use crate::server::Server;

/// A request of an operator, whose secret is good.
pub(crate) struct OperatorCall {
    server: Arc<Server>,
    pub(crate) operator: Operator,
    request_id: RequestId,
}

impl OperatorCall {
    pub(crate) fn context(&self) -> &Context {
        &self.server.context
    }

    pub(crate) fn request_id(&self) -> &str {
        self.request_id.as_str()
    }
}

impl FromRequestParts<Arc<Server>> for OperatorCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let secret: OperatorSecret = bearer(&parts.headers).ok_or(Error::Unauthenticated)?.parse()?;
        let operator = identify(&server.context, &secret).await?;
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let request_id = request_id.ok_or_else(|| Problem::new(Kind::Internal, "the request has no id"))?;
        Ok(Self { server: Arc::clone(server), operator, request_id })
    }
}
