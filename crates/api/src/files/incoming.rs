//! A body that is a file, read as it comes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use futures_util::{Stream, StreamExt, stream};
use tenure_app::{Context, Error};

use crate::problem::{Kind, Problem};
use crate::server::Server;

/// A file on its way in.
pub(crate) struct Incoming {
    /// The media type that its sender says.
    pub(crate) declared: String,
    length: Option<u64>,
    body: Body,
    /// A sender of whom nothing is heard for so long is taken for gone.
    patience: Duration,
}

impl FromRequest<Arc<Server>> for Incoming {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Problem> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let declared = text(CONTENT_TYPE).unwrap_or_default().to_owned();
        let length = text(CONTENT_LENGTH).and_then(|digits| digits.parse().ok());
        Ok(Self { declared, length, patience: server.limits.request_timeout, body: request.into_body() })
    }
}

impl Incoming {
    /// Refuses a file that is announced larger than files may be, before any of it is taken.
    pub(crate) fn check_size(&self, context: &Context) -> Result<(), Problem> {
        match (self.length, context.largest_file()) {
            (Some(length), Some(most)) if length > most => {
                Err(Problem::new(Kind::BodyTooLarge, format!("a file has at most {most} bytes")))
            }
            _ => Ok(()),
        }
    }

    /// What it holds.
    pub(crate) fn content(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let state = (self.body.into_data_stream(), self.patience);
        stream::unfold(Some(state), |state| async move {
            let (mut body, patience) = state?;
            match next(&mut body, patience).await {
                Ok(piece) => Some((Ok(piece?), Some((body, patience)))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

async fn next(body: &mut BodyDataStream, patience: Duration) -> io::Result<Option<Bytes>> {
    match tokio::time::timeout(patience, body.next()).await {
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        Ok(piece) => piece.transpose().map_err(|error| io::Error::new(io::ErrorKind::UnexpectedEof, error)),
    }
}

/// A request whose body is a file and which names a key is refused: the key would need the whole file.
pub(crate) fn no_key() -> Error {
    let words = "is not taken with a file; to send one again where it was cut off, begin an upload in parts";
    Error::invalid("Idempotency-Key", words)
}
