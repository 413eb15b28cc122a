//! Lists as CSV (RFC 4180): all rows, written as they are read.

use std::future::ready;
use std::io;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tenure_app::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::problem::{Kind, Problem};

/// Whether a request names CSV among what it takes. Anything else is answered with JSON.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case("text/csv"))
}

/// What a spreadsheet takes for the beginning of a formula, also in the wide forms of East Asia.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// One line. A cell that a spreadsheet would take for a formula begins with an apostrophe, which makes it a text there.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let formula = text.starts_with(FORMULA);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The answer that `task` writes, piece by piece, into `pieces`. What fails before the first piece is a problem as elsewhere; what
/// fails after it breaks the transfer off, so that a part of a list is never taken for the whole.
pub(crate) async fn answer(
    file: &str,
    mut pieces: mpsc::Receiver<String>,
    task: JoinHandle<Result<(), Error>>,
) -> Result<Response, Problem> {
    let Some(first) = pieces.recv().await else {
        return match task.await {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(Problem::new(Kind::Internal, "the list could not be written")),
        };
    };
    let rest = stream::try_unfold((pieces, task), |(mut pieces, task)| async move {
        match pieces.recv().await {
            Some(piece) => Ok(Some((piece, (pieces, task)))),
            None => match task.await {
                Ok(Ok(())) => Ok(None),
                _ => Err(io::Error::other("the list broke off")),
            },
        }
    });
    let body = Body::from_stream(stream::once(ready(Ok(first))).chain(rest));
    Ok(self::file(file, body))
}

/// The answer of a file of this name.
pub(crate) fn file(name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_needed_and_formulas_are_texts() {
        assert_eq!(line(["a", "b,c", "say \"x\"", "", "1\n2"]), "a,\"b,c\",\"say \"\"x\"\"\",,\"1\n2\"\r\n");
        assert_eq!(line(["=1+1", "+49", "-x", "@a", "\tz", "=\"a\""]), "'=1+1,'+49,'-x,'@a,'\tz,\"'=\"\"a\"\"\"\r\n");
        assert_eq!(line(["\n=1", "＝1", "＋1", "－1", "＠a", "a=1"]), "\"'\n=1\",'＝1,'＋1,'－1,'＠a,a=1\r\n");
    }

    #[test]
    fn csv_is_given_to_who_names_it() {
        let wants = |value: &'static str| is_wanted(&HeaderMap::from_iter([(ACCEPT, value.parse().unwrap())]));
        assert!(wants("text/csv") && wants("application/json;q=0.1, Text/CSV;q=0.9"));
        assert!(!wants("*/*") && !wants("text/plain") && !is_wanted(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_fails_midway_does_not_look_complete() {
        let (sender, pieces) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            let _ = sender.send("id\r\n".to_owned()).await;
            Err(Error::Unavailable("away".to_owned()))
        });
        let response = answer("employees", pieces, task).await.unwrap();
        assert!(axum::body::to_bytes(response.into_body(), usize::MAX).await.is_err());
        let (sender, pieces) = mpsc::channel(1);
        drop(sender);
        let task = tokio::spawn(async { Err(Error::Denied("no".to_owned())) });
        assert_eq!(answer("employees", pieces, task).await.unwrap_err().into_response().status(), 403);
    }
}
