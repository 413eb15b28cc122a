//! Cursors: places in a list as opaque texts. A version comes first, so that a later form can be told apart, then the list, so that
//! a cursor of one list is no cursor of another.
//!
//! They hold the names after which a page starts, which whoever has the cursor has just read. A forged one only starts elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

const VERSION: u8 = 2;

/// A list that is paged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List {
    Employees,
    Departments,
    Designations,
    Locations,
    Users,
    Audit,
    Documents,
    ExpiringDocuments,
    DocumentRequests,
    SettingsVersions,
    SettingsChanges,
    Flags,
    AppraisalTemplates,
    AppraisalCycles,
    Appraisals,
    EmployeeAppraisals,
    FeedbackRequests,
    Tenants,
    Backups,
    Operations,
    PlatformFlags,
}

impl List {
    const fn mark(self) -> u8 {
        match self {
            Self::Employees => 1,
            Self::Departments => 2,
            Self::Designations => 3,
            Self::Locations => 4,
            Self::Users => 8,
            Self::Audit => 16,
            Self::Documents => 35,
            Self::ExpiringDocuments => 36,
            Self::DocumentRequests => 37,
            Self::SettingsVersions => 32,
            Self::SettingsChanges => 33,
            Self::Flags => 34,
            Self::AppraisalTemplates => 40,
            Self::AppraisalCycles => 41,
            Self::Appraisals => 42,
            Self::EmployeeAppraisals => 43,
            Self::FeedbackRequests => 44,
            Self::Tenants => 64,
            Self::Backups => 65,
            Self::Operations => 66,
            Self::PlatformFlags => 67,
        }
    }
}

/// The text of a place: version, list, id, and the names with NUL between them. PostgreSQL's texts hold no NUL.
pub(crate) fn encode<const N: usize>(list: List, id: Uuid, names: [&str; N]) -> String {
    URL_SAFE_NO_PAD.encode([&[VERSION, list.mark()], id.as_bytes().as_slice(), names.join("\0").as_bytes()].concat())
}

/// The place of a text.
///
/// # Errors
/// What is wrong with a text that this list has not given.
pub(crate) fn decode<const N: usize>(list: List, text: &str) -> Result<(Uuid, [String; N]), &'static str> {
    read(list, text).ok_or("is not a cursor that this list has given")
}

fn read<const N: usize>(list: List, text: &str) -> Option<(Uuid, [String; N])> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let rest = bytes.strip_prefix(&[VERSION, list.mark()])?;
    let (id, names) = rest.split_first_chunk()?;
    let names: Vec<String> = std::str::from_utf8(names).ok()?.split('\0').map(ToOwned::to_owned).collect();
    Some((Uuid::from_bytes(*id), names.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(names: [&str; 2]) -> String {
        encode(List::Employees, Uuid::from_u128(7), names)
    }

    #[test]
    fn a_place_comes_back_from_its_text() {
        for names in [["Łukasiewicz", "Jan"], ["Sukarno", ""], ["a,b \"c\"", "ü"]] {
            let found = decode(List::Employees, &place(names));
            assert_eq!(found, Ok((Uuid::from_u128(7), names.map(ToOwned::to_owned))));
        }
    }

    #[test]
    fn texts_of_other_origin_are_refused() {
        let good = place(["Lovelace", "Ada"]);
        let another_version = URL_SAFE_NO_PAD.encode([9; 40]);
        let another_list = encode(List::Departments, Uuid::from_u128(7), ["Lovelace", "Ada"]);
        let (cut, padded) = (good.get(..10).unwrap(), format!("{good}="));
        for bad in ["", "?", "AA", cut, &padded, &another_version, &another_list, &place(["a", "b\0c"])] {
            assert!(decode::<2>(List::Employees, bad).is_err(), "{bad:?}");
        }
    }
}
