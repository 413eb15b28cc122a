//! The names of files, which are shown and offered to the browser, and never become a path.

use std::fmt;
use std::fmt::Write;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use crate::text::{Line, LineError};

/// The name of a file, without the folders that its sender may have given with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FileName(Line<200>);

/// Why a text is no [`FileName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoFileName {
    /// It is no line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// It names a folder.
    #[error("is the name of a folder")]
    Folder,
    /// It turns the direction of writing, so that `gnp.exe` can be read as `exe.png`.
    #[error("has a character that changes the direction of writing")]
    Direction,
}

impl FileName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The header `Content-Disposition` that lets a browser keep the file under this name and never show it in the page (RFC 6266).
    #[must_use]
    pub fn attachment(&self) -> String {
        let plain: String = self.as_str().chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
        let mut header = format!("attachment; filename=\"{plain}\"");
        if plain != self.as_str() {
            header.push_str("; filename*=UTF-8''");
            for byte in self.as_str().bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    header.push(char::from(byte));
                } else {
                    // Writing into a text cannot fail.
                    let _ = write!(header, "%{byte:02X}");
                }
            }
        }
        header
    }
}

/// What stands in a quoted header as it is.
fn is_plain(letter: char) -> bool {
    (letter.is_ascii_graphic() || letter == ' ') && !"\"\\%;".contains(letter)
}

/// Embeddings, overrides and isolates of the bidirectional algorithm.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl FromStr for FileName {
    type Err = NoFileName;

    fn from_str(text: &str) -> Result<Self, NoFileName> {
        let last = text.rsplit(['/', '\\']).next().unwrap_or(text);
        if !text.is_empty() && (last.trim().is_empty() || [".", ".."].contains(&last.trim())) {
            return Err(NoFileName::Folder);
        }
        if last.chars().any(turns) {
            return Err(NoFileName::Direction);
        }
        Ok(Self(last.parse()?))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folders_are_cut_off_and_tricks_refused() {
        for (text, name) in [("a.pdf", "a.pdf"), ("C:\\me\\a.pdf", "a.pdf"), ("../../etc/passwd", "passwd")] {
            assert_eq!(text.parse::<FileName>().unwrap().as_str(), name);
        }
        for (text, error) in [
            ("", NoFileName::Line(LineError::Empty)),
            ("..", NoFileName::Folder),
            ("a/", NoFileName::Folder),
            ("cv\u{202e}gnp.exe", NoFileName::Direction),
            ("a\0b", NoFileName::Line(LineError::Control)),
        ] {
            assert_eq!(text.parse::<FileName>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn a_browser_is_told_to_keep_it() {
        let shown = |text: &str| text.parse::<FileName>().unwrap().attachment();
        assert_eq!(shown("a b.pdf"), "attachment; filename=\"a b.pdf\"");
        assert_eq!(
            shown("Zeugnis Müller.pdf"),
            "attachment; filename=\"Zeugnis M_ller.pdf\"; filename*=UTF-8''Zeugnis%20M%C3%BCller.pdf"
        );
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_the_header(text in "\\PC{1,80}") {
            let Ok(name) = text.parse::<FileName>() else { return Ok(()) };
            let header = name.attachment();
            prop_assert!(header.is_ascii() && header.bytes().all(|byte| !byte.is_ascii_control()));
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
