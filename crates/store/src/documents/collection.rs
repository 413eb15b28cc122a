//! What kinds of documents there are, and by which of their fields they are found.

use std::fmt;

/// The longest value of a field that documents are found by, in bytes: PostgreSQL's indexes hold no longer ones.
pub(super) const LONGEST_INDEXED: usize = 500;

/// A collection of documents. Each tenant has its own part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// What appraisals consist of: templates, cycles, forms, feedback, goals.
    AppraisalForms,
    /// What is known of files, whose bytes are objects.
    DocumentMetadata,
    /// The settings of the company, by version.
    TenantSettings,
    /// The company's feature flags.
    FeatureFlags,
    /// Who changed which setting, kept for a time.
    SettingsAudit,
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::AppraisalForms, Self::DocumentMetadata, Self::TenantSettings, Self::FeatureFlags, Self::SettingsAudit];

    /// The name of the table and of the collection in MongoDB.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppraisalForms => "appraisal_forms",
            Self::DocumentMetadata => "document_metadata",
            Self::TenantSettings => "tenant_settings",
            Self::FeatureFlags => "feature_flags",
            Self::SettingsAudit => "settings_audit",
        }
    }

    /// The indexes: fields of the body, whose values are strings, after which the id settles equal ones. A search names the fields of one
    /// of them, and no others. `migrations/tenant/0012_documents.up.sql` has the same.
    #[must_use]
    pub const fn indexes(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::AppraisalForms => &[
                &["kind", "name"],
                &["kind", "cycle_id", "state"],
                &["kind", "employee_id", "cycle_id"],
                &["kind", "manager_id", "cycle_id"],
            ],
            Self::SettingsAudit => &[&["kind"]],
            Self::DocumentMetadata => &[
                &["kind", "owner"],
                &["kind", "owner", "state", "class"],
                &["kind", "owner", "state", "category"],
                &["kind", "state", "class", "expires_on"],
                &["kind", "sweep_at"],
            ],
            Self::TenantSettings => &[&["kind", "number"]],
            Self::FeatureFlags => &[&["kind", "key"]],
        }
    }

    /// The fields that some index has, each once.
    pub(super) fn indexed_fields(self) -> Vec<&'static str> {
        let mut fields: Vec<_> = self.indexes().iter().copied().flatten().copied().collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether an index finds the documents in which all of `equal` are given, in the order of `by` or else of their ids.
    pub(super) fn serves(self, equal: &[&str], by: Option<&str>) -> bool {
        let fits = |index: &&[&str]| match (index.split_at_checked(equal.len()), by) {
            (Some((start, [])), None) => is_same(start, equal),
            (Some((start, [last])), Some(by)) => is_same(start, equal) && *last == by,
            _ => false,
        };
        (equal.is_empty() && by.is_none()) || self.indexes().iter().any(fits)
    }

    /// Whether an index finds the documents in which all of `equal` are given, in whatever order.
    pub(super) fn counts(self, equal: &[&str]) -> bool {
        let fits = |index: &&[&str]| index.get(..equal.len()).is_some_and(|start| is_same(start, equal));
        equal.is_empty() || self.indexes().iter().any(fits)
    }
}

/// Whether both have the same fields, in whatever order.
fn is_same(index: &[&str], equal: &[&str]) -> bool {
    index.len() == equal.len() && index.iter().all(|field| equal.contains(field))
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_index_is_the_beginning_of_another() {
        for collection in Collection::ALL {
            let indexes = collection.indexes();
            for (at, index) in indexes.iter().enumerate() {
                let twice = indexes.iter().enumerate().any(|(other, longer)| other != at && longer == index);
                assert!(!twice && !index.is_empty(), "{collection}: {index:?}");
            }
        }
    }

    #[test]
    fn a_search_needs_an_index_of_just_its_fields() {
        let flags = Collection::FeatureFlags;
        assert!(flags.serves(&[], None), "the key");
        assert!(flags.serves(&["key", "kind"], None), "in whatever order they are given");
        assert!(flags.serves(&["kind"], Some("key")));
        assert!(!flags.serves(&["kind"], None), "the ids are not in order there");
        assert!(!flags.serves(&["key"], Some("kind")));
        assert!(!flags.serves(&["colour"], None));
        assert!(flags.counts(&["kind"]));
        assert!(!flags.counts(&["key"]));
    }
}
