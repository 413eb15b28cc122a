//! From which state of a company's data something follows. Whatever changes an area renews its stamp in the same transaction, so that
//! what was computed from the area before is not taken for what it gives now.

use std::fmt;

use uuid::Uuid;

/// A part of a company's data that changes as one, as far as caching goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Departments, designations, locations.
    Organisation,
    /// Employees, and where they stand from when to when.
    People,
    /// What the company has chosen of its settings.
    Settings,
    /// The company's own feature flags.
    Flags,
}

impl Area {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Organisation, Self::People, Self::Settings, Self::Flags];

    /// The word that the table keeps.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::People => "people",
            Self::Settings => "settings",
            Self::Flags => "flags",
        }
    }

    /// The areas that an act changes, by what the audit log calls it. One that is not known here counts as changing everything: who adds an
    /// action and forgets this place makes the cache work in vain, and never wrong.
    #[must_use]
    pub fn changed_by(action: &str) -> &'static [Self] {
        let (thing, done) = action.split_once('.').unwrap_or((action, ""));
        if done == "read" || done == "exported" || done.ends_with("_read") {
            return &[];
        }
        match thing {
            // What nothing that is kept is computed from.
            "user" | "role" | "token" | "api_token" | "session" | "password" | "sign_in" | "salary"
            | "bank_account" | "identity_document" | "emergency_contact" | "custom_field" | "number_sequence"
            | "document" | "document_request" | "file_key" | "appraisal_template" | "appraisal_cycle" | "appraisal"
            | "goal" | "feedback" => &[],
            "department" | "designation" | "location" => &[Self::Organisation],
            "employee" | "assignment" => &[Self::People],
            "settings" => &[Self::Settings],
            "flag" => &[Self::Flags],
            _ => &Self::ALL,
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The stamp of each area at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamps {
    organisation: Option<Uuid>,
    people: Option<Uuid>,
    settings: Option<Uuid>,
    flags: Option<Uuid>,
}

impl Stamps {
    /// The stamps out of pairs of an area's word and its stamp. An area may be without one.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, Uuid)>) -> Self {
        let mut stamps = Self::default();
        for (word, stamp) in pairs {
            match Area::ALL.into_iter().find(|area| area.word() == word) {
                Some(Area::Organisation) => stamps.organisation = Some(stamp),
                Some(Area::People) => stamps.people = Some(stamp),
                Some(Area::Settings) => stamps.settings = Some(stamp),
                Some(Area::Flags) => stamps.flags = Some(stamp),
                None => {}
            }
        }
        stamps
    }

    /// The state of some areas together, in one word; `None` when it is not known of each of them.
    #[must_use]
    pub fn over(&self, areas: &[Area]) -> Option<String> {
        let stamp = |area: &Area| match area {
            Area::Organisation => self.organisation,
            Area::People => self.people,
            Area::Settings => self.settings,
            Area::Flags => self.flags,
        };
        let stamps: Option<Vec<String>> = areas.iter().map(|area| Some(stamp(area)?.simple().to_string())).collect();
        stamps.map(|stamps| stamps.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_only_read_renews_nothing() {
        assert_eq!(Area::changed_by("cache.flushed"), Area::ALL, "flushing rests on this");
        for action in
            ["employee.read", "employee.bank_accounts_read", "employees.exported", "audit.read", "session.begun"]
        {
            assert!(Area::changed_by(action).is_empty(), "{action}");
        }
    }

    #[test]
    fn a_change_renews_its_area() {
        assert_eq!(Area::changed_by("department.moved"), [Area::Organisation]);
        assert_eq!(Area::changed_by("employee.hired"), [Area::People]);
        assert_eq!(Area::changed_by("assignment.filed"), [Area::People]);
        assert_eq!(Area::changed_by("settings.updated"), [Area::Settings]);
        assert_eq!(Area::changed_by("flag.created"), [Area::Flags]);
    }

    #[test]
    fn without_a_stamp_the_state_is_not_known() {
        let stamps = Stamps::of([("people", Uuid::nil()), ("of a later program", Uuid::nil())]);
        assert_eq!(stamps.over(&[Area::People]).as_deref(), Some("00000000000000000000000000000000"));
        assert_eq!(stamps.over(&Area::ALL), None);
    }

    proptest! {
        #[test]
        fn an_unknown_act_renews_everything(thing in "[a-z]{12,20}", done in "(created|updated|deleted|moved)") {
            prop_assert_eq!(Area::changed_by(&format!("{thing}.{done}")), Area::ALL);
        }

        #[test]
        fn the_state_differs_when_a_stamp_does(a in any::<u128>(), b in any::<u128>(), c in any::<u128>()) {
            prop_assume!(a != b);
            let stamps = |people| {
                let other = Uuid::from_u128(c);
                let pairs = [("organisation", other), ("people", Uuid::from_u128(people)), ("settings", other), ("flags", other)];
                Stamps::of(pairs)
            };
            prop_assert_ne!(stamps(a).over(&Area::ALL), stamps(b).over(&Area::ALL));
            prop_assert_eq!(stamps(a).over(&[Area::Organisation]), stamps(b).over(&[Area::Organisation]));
        }
    }
}
