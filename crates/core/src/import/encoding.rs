//! From bytes to text: what is not CSV in UTF-8 is named for what it is.

use super::error::ImportError;
use super::limits;

/// First bytes of formats that people take for CSV, from their specifications.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a workbook (.xlsx, .ods) or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{\\rtf", "an RTF document"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"[{", "JSON"),
    (b"{\"", "JSON"),
];

/// The text of a file, without its byte-order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > limits::FILE_BYTES {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err(ImportError::NotCsv(what));
    }
    if is_utf16(bytes) {
        return Err(ImportError::Utf16);
    }
    if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
        return Err(ImportError::Nul { line: line_at(bytes, position) });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let position = error.valid_up_to();
        let byte = bytes.get(position).copied().unwrap_or_default();
        ImportError::NotUtf8 { line: line_at(bytes, position), position: position + 1, byte }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() { Err(ImportError::Empty) } else { Ok(text) }
}

/// By its byte-order mark, or by the zero that every second byte of Latin text is.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..])
}

fn line_at(bytes: &[u8], position: usize) -> usize {
    bytes.iter().take(position).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_order_mark_is_taken_off() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b\n").unwrap(), "a,b\n");
    }

    #[test]
    fn workbooks_and_other_formats_are_named() {
        for (signature, what) in SIGNATURES {
            let bytes = [signature, b"\x00\x01\xff rest".as_slice()].concat();
            assert_eq!(decode(&bytes), Err(ImportError::NotCsv(what)));
        }
    }

    #[test]
    fn utf16_is_recognised_with_and_without_a_mark() {
        for bytes in [b"\xff\xfeN\0a\0".as_slice(), b"\xfe\xff\0N\0a", b"N\0a\0m\0", b"\0N\0a\0m"] {
            assert_eq!(decode(bytes), Err(ImportError::Utf16), "{bytes:?}");
        }
    }

    #[test]
    fn a_file_that_lies_about_its_encoding_gets_line_and_byte() {
        let error = decode(b"\xef\xbb\xbfname\nM\xfcller\n").unwrap_err();
        assert_eq!(error, ImportError::NotUtf8 { line: 2, position: 10, byte: 0xfc });
        assert_eq!(error.to_string(), "line 2 is not UTF-8: byte 0xfc at position 10 of the file");
    }

    #[test]
    fn nul_bytes_and_emptiness_are_refused() {
        assert_eq!(decode(b"name\nab\0c\n"), Err(ImportError::Nul { line: 2 }));
        assert_eq!(decode(b""), Err(ImportError::Empty));
        assert_eq!(decode(b"\xef\xbb\xbf \r\n\t\n"), Err(ImportError::Empty));
    }
}
