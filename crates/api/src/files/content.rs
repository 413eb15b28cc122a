//! A file as it is given out.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE,
    RANGE,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use std::io;
use tenure_app::Error;
use tenure_app::files::Opened;
use tenure_core::files::{FileName, Range, parse_range};

use crate::problem::Problem;

/// All of a file, or the part that is asked for. Browsers keep it and do not show it in a page.
pub(super) async fn answer(opened: &Opened, headers: &HeaderMap) -> Result<Response, Problem> {
    let version = &opened.version;
    let tag = format!("\"{}\"", version.sha256);
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if said(IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    // A part is of use only beside the parts of the same file.
    let asked = said(RANGE).filter(|_| said(IF_RANGE).is_none_or(|one| one == tag));
    let Ok(part) = asked.map_or(Ok(None), |asked| parse_range(asked, version.size)) else {
        let range = format!("bytes */{}", version.size);
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, range)]).into_response());
    };
    let range = part.unwrap_or(Range::whole(version.size));
    // What fails after the first byte breaks the transfer off, so that a part of a file is never taken for the whole.
    let content = opened.read(range).await?.map_err(io::Error::other);
    let name: FileName = version.name.parse().map_err(|error| Error::invalid("name", &error))?;
    let mut response = Body::from_stream(content).into_response();
    let headers = [
        (CONTENT_TYPE, version.content_type.clone()),
        (CONTENT_LENGTH, range.len().to_string()),
        (CONTENT_DISPOSITION, name.attachment()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, tag),
    ];
    for (name, value) in headers {
        response.headers_mut().extend(value.parse().ok().map(|value| (name, value)));
    }
    if part.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), version.size);
        response.headers_mut().extend(range.parse().ok().map(|value| (CONTENT_RANGE, value)));
    }
    Ok(response)
}
