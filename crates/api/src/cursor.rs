//! Cursors: places in a list as opaque texts. A version comes first, so that a later form can be told apart.
//!
//! They hold the names after which a page starts, which whoever has the cursor has just read. A forged one only starts elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tenure_app::employees::PageStart;
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

const VERSION: u8 = 1;

/// The text of a place: version, id, last name, NUL, first name. PostgreSQL's texts hold no NUL.
pub(crate) fn encode(start: &PageStart) -> String {
    let id = start.id.uuid();
    let names = [start.last_name.as_bytes(), &[0], start.first_name.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode([&[VERSION], id.as_bytes().as_slice(), &names].concat())
}

/// The place of a text; `None` for one that this server did not write.
pub(crate) fn decode(text: &str) -> Option<PageStart> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let rest = bytes.strip_prefix(&[VERSION])?;
    let (id, names) = rest.split_first_chunk()?;
    let (last_name, first_name) = std::str::from_utf8(names).ok()?.split_once('\0')?;
    let id = EmployeeId::from(Uuid::from_bytes(*id));
    let start = PageStart { last_name: last_name.to_owned(), first_name: first_name.to_owned(), id };
    (!first_name.contains('\0')).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(last_name: &str, first_name: &str) -> PageStart {
        PageStart { last_name: last_name.into(), first_name: first_name.into(), id: Uuid::from_u128(7).into() }
    }

    #[test]
    fn a_place_comes_back_from_its_text() {
        for start in [place("Łukasiewicz", "Jan"), place("Sukarno", ""), place("a,b \"c\"", "ü")] {
            assert_eq!(decode(&encode(&start)), Some(start));
        }
    }

    #[test]
    fn texts_of_other_origin_are_refused() {
        let good = encode(&place("Lovelace", "Ada"));
        let another_version = URL_SAFE_NO_PAD.encode([2; 40]);
        let cut = good.get(..10).unwrap();
        for bad in ["", "?", "AA", cut, &format!("{good}="), &another_version, &encode(&place("a", "b\0c"))] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
