//! The answer of a list: JSON, or the same rows as CSV for who asks for it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use tenure_app::Error;
use tracing::Instrument;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi as Document, RefOr};

use crate::caller::Call;
use crate::csv;
use crate::problem::{Kind, Problem};
use crate::query::Parameters;
use crate::server::Server;

/// How many rows of a paged list are read together for CSV.
const PAGE: &str = "200";

/// A list on the wire, with the rows in `data` and, where it is paged, the next page's place in `next_cursor`.
pub(crate) trait Listing: Serialize {
    /// The name of the file, without its ending.
    const FILE: &'static str;
    /// The members of a row, in the order of the columns. A test holds them against the description.
    const COLUMNS: &'static [&'static str];
}

/// In which form a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Csv,
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Form {
    fn of(headers: &HeaderMap) -> Self {
        if csv::is_wanted(headers) { Self::Csv } else { Self::Json }
    }

    /// The answer of a list that is not paged.
    pub(crate) fn answer<L: Listing>(self, list: L) -> Result<Response, Problem> {
        match self {
            Self::Json => Ok(Json(list).into_response()),
            Self::Csv => {
                let (rows, _) = rows(&list).map_err(|error| unwritten(&error))?;
                Ok(csv::file(L::FILE, Body::from(csv::line(L::COLUMNS.iter().copied()) + &rows)))
            }
        }
    }
}

/// What a page of a list is asked for with.
#[derive(Clone)]
pub(crate) struct PageRequest {
    pub(crate) call: Arc<Call>,
    pub(crate) parameters: Parameters,
    form: Form,
}

impl FromRequestParts<Arc<Server>> for PageRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let call = Arc::new(Call::from_request_parts(parts, server).await?);
        let parameters = Parameters::from_request_parts(parts, server).await?;
        Ok(Self { call, parameters, form: Form::of(&parts.headers) })
    }
}

impl PageRequest {
    /// The answer of a paged list: the page that `read` gives, or, as CSV, all pages from the place asked for on. Each is read when the
    /// one before was taken, so no transaction stays open for a slow reader, and each asks anew what the caller may see. What fails
    /// after the first breaks the transfer off, so that a part of a list is never taken for the whole.
    pub(crate) async fn answer<L, F, P>(self, read: F) -> Result<Response, Problem>
    where
        L: Listing,
        F: Fn(Self) -> P + Send + 'static,
        P: Future<Output = Result<L, Error>> + Send,
    {
        if self.form == Form::Json {
            return Ok(Json(read(self).await?).into_response());
        }
        // What is wrong with the limit is said, though the limit does not count.
        let first = read(self.clone()).await?;
        let (mut text, next) = rows(&first).map_err(|error| unwritten(&error))?;
        text.insert_str(0, &csv::line(L::COLUMNS.iter().copied()));
        let span = tracing::Span::current();
        let rest = stream::try_unfold((self, read, next), move |(mut asked, read, next)| {
            let page = async move {
                let Some(cursor) = next else { return Ok(None) };
                asked.parameters = asked.parameters.with([("cursor", cursor), ("limit", PAGE.to_owned())]);
                let page = read(asked.clone()).await.map_err(io::Error::other)?;
                let (text, next) = rows(&page)?;
                Ok::<_, io::Error>(Some((text, (asked, read, next))))
            };
            page.instrument(span.clone())
        });
        let first = stream::once(std::future::ready(Ok(text)));
        Ok(csv::file(L::FILE, Body::from_stream(first.chain(rest))))
    }
}

/// The lines of a list's rows, and the cursor of the next page.
fn rows<L: Listing>(list: &L) -> serde_json::Result<(String, Option<String>)> {
    let list = serde_json::to_value(list)?;
    let rows = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let text = rows.map(|row| {
        let cells: Vec<String> = L::COLUMNS.iter().map(|column| cell(row.get(column))).collect();
        csv::line(cells.iter().map(String::as_str))
    });
    let next = list.get("next_cursor").and_then(Value::as_str).map(ToOwned::to_owned);
    Ok((text.collect(), next))
}

fn unwritten(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "a list cannot be written as CSV");
    Problem::new(Kind::Internal, "the list could not be written")
}

/// A member as text: what is empty or not to be seen is empty, a list or an object is its JSON.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Says of each list that it is given as CSV too.
pub(crate) struct Listings;

impl Modify for Listings {
    fn modify(&self, document: &mut Document) {
        let schemas = document.components.take();
        let is_list = |name: &str| {
            let schema = schemas.as_ref().and_then(|components| components.schemas.get(name));
            matches!(schema, Some(RefOr::T(Schema::Object(object))) if object.properties.contains_key("data"))
        };
        for item in document.paths.paths.values_mut() {
            let PathItem { get: Some(operation), .. } = item else { continue };
            describe(operation, is_list);
        }
        document.components = schemas;
    }
}

fn describe(operation: &mut Operation, is_list: impl Fn(&str) -> bool) {
    let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") else { return };
    let Some(RefOr::T(content)) = response.content.get("application/json") else { return };
    let Some(RefOr::Ref(schema)) = &content.schema else { return };
    if schema.ref_location.rsplit('/').next().is_some_and(is_list) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let content = ContentBuilder::new().schema(Some(text)).example(Some("id\r\n".into()));
        response.content.entry("text/csv".to_owned()).or_insert_with(|| content.build().into());
        response.description.push_str("; with `Accept: text/csv` all of it as CSV");
    }
}
