//! What a file is, by its first bytes. What its sender says has to agree, and what can run is refused.

use thiserror::Error;

use super::FileName;

/// How many of the first bytes are looked at; shorter files are looked at as a whole.
pub const SNIFFED: usize = 1024;

/// A kind of content that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentKind {
    /// The media type under which it is given out.
    pub media_type: &'static str,
    /// The endings that names of such files have.
    pub endings: &'static [&'static str],
    sign: Sign,
}

/// How content is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// By bytes at a place.
    Bytes(usize, &'static [u8]),
    /// By bytes at two places.
    Both((usize, &'static [u8]), (usize, &'static [u8])),
    /// By being text without a NUL.
    Text,
}

/// Why content is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// It can be run.
    #[error("is a program or a page that runs programs, which are not kept")]
    Runs,
    /// Its kind is not known.
    #[error("is of a kind that is not kept; kept are {}", known())]
    Unknown,
    /// It was said to be something else.
    #[error("is {found}, and not {declared} as its Content-Type says")]
    Declared {
        /// What it is.
        found: &'static str,
        /// What it was said to be.
        declared: String,
    },
    /// Its name ends as that of something else.
    #[error("is {0}, and its name does not end so")]
    Named(&'static str),
}

const ZIP: Sign = Sign::Bytes(0, b"PK\x03\x04");
const OLE: Sign = Sign::Bytes(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");

const fn kind(media_type: &'static str, endings: &'static [&'static str], sign: Sign) -> ContentKind {
    ContentKind { media_type, endings, sign }
}

/// What is kept. Office documents with macros have endings and types of their own, which are not among these.
const KEPT: &[ContentKind] = &[
    kind("application/pdf", &["pdf"], Sign::Bytes(0, b"%PDF-")),
    kind("image/png", &["png"], Sign::Bytes(0, b"\x89PNG\r\n\x1a\n")),
    kind("image/jpeg", &["jpg", "jpeg"], Sign::Bytes(0, b"\xff\xd8\xff")),
    kind("image/tiff", &["tif", "tiff"], Sign::Bytes(0, b"II*\0")),
    kind("image/tiff", &["tif", "tiff"], Sign::Bytes(0, b"MM\0*")),
    kind("image/webp", &["webp"], Sign::Both((0, b"RIFF"), (8, b"WEBP"))),
    kind("image/heic", &["heic"], Sign::Both((4, b"ftyp"), (8, b"heic"))),
    kind("video/mp4", &["mp4", "m4v"], Sign::Bytes(4, b"ftyp")),
    kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], ZIP),
    kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], ZIP),
    kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], ZIP),
    kind("application/vnd.oasis.opendocument.text", &["odt"], ZIP),
    kind("application/vnd.oasis.opendocument.spreadsheet", &["ods"], ZIP),
    kind("application/zip", &["zip"], ZIP),
    kind("application/msword", &["doc"], OLE),
    kind("application/vnd.ms-excel", &["xls"], OLE),
    kind("application/rtf", &["rtf"], Sign::Bytes(0, b"{\\rtf")),
    kind("text/plain", &["txt", "md", "log"], Sign::Text),
    kind("text/csv", &["csv"], Sign::Text),
    kind("application/json", &["json"], Sign::Text),
];

/// How programs begin.
const PROGRAMS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",
];

/// How pages begin that a browser would run, in whatever case.
const PAGES: &[&str] = &["<!doctype", "<html", "<script", "<svg", "<?xml", "<?php", "<iframe", "<body", "<head"];

/// Endings of what runs, whatever it holds.
const RUNNING: &[&str] = &[
    "exe", "com", "bat", "cmd", "ps1", "vbs", "js", "jar", "msi", "scr", "sh", "dll", "hta", "lnk", "docm", "xlsm",
    "pptm", "html", "htm", "svg", "php", "wsf", "reg", "app", "apk", "dmg", "iso",
];

/// The kind of a file by its first [`SNIFFED`] bytes and its name, if it is kept and its sender says the same.
///
/// # Errors
/// What it is instead.
pub fn check_content(head: &[u8], name: &FileName, declared: &str) -> Result<ContentKind, Mismatch> {
    let ending = name.as_str().rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if RUNNING.contains(&ending.as_str()) || runs(head) {
        return Err(Mismatch::Runs);
    }
    let matching = || KEPT.iter().filter(|kind| kind.sign.fits(head));
    let named = matching().find(|kind| kind.endings.contains(&ending.as_str()));
    let found = named.or_else(|| matching().next()).ok_or(Mismatch::Unknown)?;
    let Some(found) = named else { return Err(Mismatch::Named(found.media_type)) };
    let declared = declared.split(';').next().unwrap_or_default().trim();
    // Clients that do not know say so.
    let says_nothing = declared.is_empty() || declared.eq_ignore_ascii_case("application/octet-stream");
    if says_nothing || declared.eq_ignore_ascii_case(found.media_type) {
        Ok(*found)
    } else {
        Err(Mismatch::Declared { found: found.media_type, declared: declared.chars().take(100).collect() })
    }
}

fn runs(head: &[u8]) -> bool {
    if PROGRAMS.iter().any(|sign| head.starts_with(sign)) {
        return true;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    PAGES.iter().any(|sign| text.get(..sign.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(sign.as_bytes())))
}

impl Sign {
    fn fits(self, head: &[u8]) -> bool {
        let has = |(at, bytes): (usize, &[u8])| head.get(at..).is_some_and(|rest| rest.starts_with(bytes));
        match self {
            Self::Bytes(at, bytes) => has((at, bytes)),
            Self::Both(one, other) => has(one) && has(other),
            Self::Text => is_text(head),
        }
    }
}

/// Whether bytes are UTF-8 without control characters; a letter may be cut off at the end.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return false,
    };
    head.iter().take(whole).all(|byte| !byte.is_ascii_control() || b"\t\n\r\x0c".contains(byte))
}

impl ContentKind {
    /// The kind of an ending, for requests that name what they take.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        KEPT.iter().copied().find(|kind| kind.endings.contains(&ending))
    }
}

fn known() -> String {
    let mut endings: Vec<&str> = KEPT.iter().flat_map(|kind| kind.endings.iter().copied()).collect();
    endings.dedup();
    endings.join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(head: &[u8], name: &str, declared: &str) -> Result<&'static str, Mismatch> {
        check_content(head, &name.parse().unwrap(), declared).map(|kind| kind.media_type)
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(check(b"%PDF-1.7", "a.pdf", "application/pdf"), Ok("application/pdf"));
        assert_eq!(check(b"%PDF-1.7", "a.PDF", "application/octet-stream"), Ok("application/pdf"));
        assert_eq!(check(b"PK\x03\x04", "a.docx", ""), Ok(docx));
        assert_eq!(check("Grüße\n".as_bytes(), "a.txt", "text/plain; charset=utf-8"), Ok("text/plain"));
        assert_eq!(check(b"II*\0", "a.tif", "image/tiff"), Ok("image/tiff"));
        assert_eq!(check(b"MM\0*", "a.tiff", "image/tiff"), Ok("image/tiff"));
        assert_eq!(check(b"RIFF\x01\x02\x03\x04WEBP", "a.webp", ""), Ok("image/webp"));
        assert_eq!(check(b"\0\0\0\x18ftypheic", "a.heic", ""), Ok("image/heic"));
    }

    #[test]
    fn name_and_declared_type_have_to_agree() {
        let other = Mismatch::Declared { found: "application/pdf", declared: "image/png".to_owned() };
        assert_eq!(check(b"%PDF-1.7", "a.pdf", "image/png"), Err(other));
        assert_eq!(check(b"%PDF-1.7", "a.png", "image/png"), Err(Mismatch::Named("application/pdf")));
        assert_eq!(check(b"\x01\x02\x03", "a.bin", ""), Err(Mismatch::Unknown));
        assert_eq!(check(b"", "a.pdf", ""), Err(Mismatch::Named("text/plain")));
    }

    #[test]
    fn what_runs_is_refused_under_whatever_name() {
        for (head, name) in [
            (&b"MZ\x90\0"[..], "a.pdf"),
            (b"\x7fELF", "a.txt"),
            (b"#!/bin/sh", "a.txt"),
            (b"  <!DOCTYPE html>", "a.txt"),
            (b"\xef\xbb\xbf<Script>", "a.txt"),
            (b"<svg xmlns=", "a.txt"),
            (b"PK\x03\x04", "a.docm"),
            (b"PK\x03\x04", "a.jar"),
            (b"hello", "a.js"),
        ] {
            assert_eq!(check(head, name, ""), Err(Mismatch::Runs), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_program_gets_in(tail in any::<Vec<u8>>(), ending in "(pdf|txt|png|zip|csv)", program in prop::sample::select(PROGRAMS)) {
            let head = [program, tail.as_slice()].concat();
            prop_assert_eq!(check(&head, &format!("a.{ending}"), ""), Err(Mismatch::Runs));
        }

        /// A text may be cut off anywhere, within a letter too.
        #[test]
        fn text_is_text_wherever_it_is_cut(text in "[a-zäöüß€😀 \n]{0,80}", cut in 0_usize..200) {
            let head = text.as_bytes();
            prop_assert!(is_text(&head[..cut.min(head.len())]));
        }
    }
}
