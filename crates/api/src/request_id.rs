//! The id of a request: taken from the client when it is harmless, else made.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids of clients are not taken over.
const LONGEST: usize = 128;

/// What a request is called in the log, in the audit log and in the response.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The client's id if it is short and plain, else one that is made.
    pub(crate) fn of(headers: &HeaderMap, make: impl FnOnce() -> String) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_plain(text));
        Self(given.map_or_else(|| make().into(), Arc::from))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(given: &str) -> String {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(given.as_bytes()).unwrap())]);
        RequestId::of(&headers, || "made".to_owned()).as_str().to_owned()
    }

    #[test]
    fn a_plain_id_of_the_client_is_kept() {
        for id in ["7f3a", "0198f3c2-0000-7000-8000-000000000001", "Root=1-67891233-abcdef012345678912345678"] {
            assert_eq!(taken(id), id);
        }
    }

    #[test]
    fn an_id_that_is_empty_long_or_odd_is_replaced() {
        for id in ["", " ", "a b", "a\"b", "<x>", "ü", &"a".repeat(LONGEST + 1)] {
            assert_eq!(taken(id), "made", "{id:?}");
        }
    }
}
