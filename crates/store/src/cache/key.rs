//! Under which names values are kept. A name begins with its tenant, so nobody can ask for a value without one.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tenure_core::ids::TenantId;

/// The part of a time to live by which it may be shorter, so that what was loaded together does not end together.
const JITTER: u32 = 10;

/// What some values have in common: one for each type that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The group and, after a colon, the name within it: `org:chart`.
    pub name: &'static str,
    /// The form of the value. A program that writes another form raises it, and never reads what the one before has left.
    pub form: u16,
    /// A value is kept for at most this time.
    pub ttl: Duration,
    /// That there is no value is kept for at most this time.
    pub ttl_of_nothing: Duration,
}

/// The name of one value: `t:{<tenant>}:<kind>:<form>:<stamp>:<which>`. The braces keep all of a tenant in one slot of a cluster.
#[derive(Debug, Clone)]
pub struct Key {
    text: String,
    kind: &'static Kind,
}

impl Key {
    /// The name of a value that follows from the tenant's data as they were at a stamp. The same data changed have another stamp, so
    /// what was kept before the change is not found any more.
    #[must_use]
    pub fn new(tenant: TenantId, kind: &'static Kind, stamp: &impl fmt::Display, which: &str) -> Self {
        Self { text: format!("t:{{{tenant}}}:{}:{}:{stamp}:{which}", kind.name, kind.form), kind }
    }

    /// The name in full.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For how long a value of this name is kept; always the same for one name.
    pub(super) fn ttl(&self, is_nothing: bool) -> Duration {
        let most = if is_nothing { self.kind.ttl_of_nothing } else { self.kind.ttl };
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        let thousandths = u32::try_from(hasher.finish() % 1000).unwrap_or_default();
        most.saturating_sub(most / JITTER * thousandths / 1000)
    }
}

/// All values of a tenant, or those of one group of kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group(String);

impl Group {
    /// Everything of a tenant.
    #[must_use]
    pub fn all(tenant: TenantId) -> Self {
        Self(format!("t:{{{tenant}}}:"))
    }

    /// The kinds of a tenant whose names begin with a word: `org` for `org:chart` and `org:subtree`.
    #[must_use]
    pub fn named(tenant: TenantId, word: &str) -> Self {
        Self(format!("t:{{{tenant}}}:{word}:"))
    }

    /// What the names of all its values begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    static CHART: Kind =
        Kind { name: "org:chart", form: 2, ttl: Duration::from_mins(10), ttl_of_nothing: Duration::from_secs(5) };

    #[test]
    fn a_name_begins_with_its_tenant_in_braces() {
        let key = Key::new(TenantId::from(Uuid::nil()), &CHART, &"s1", "all");
        assert_eq!(key.as_str(), "t:{00000000-0000-0000-0000-000000000000}:org:chart:2:s1:all");
        assert!(key.as_str().starts_with(Group::named(TenantId::from(Uuid::nil()), "org").prefix()));
        assert!(!key.as_str().starts_with(Group::named(TenantId::from(Uuid::nil()), "or").prefix()));
    }

    proptest! {
        #[test]
        fn a_time_to_live_is_shorter_by_a_tenth_at_most_and_the_same_for_one_name(which in "\\PC{0,40}") {
            let key = Key::new(TenantId::from(Uuid::nil()), &CHART, &"s", &which);
            let ttl = key.ttl(false);
            prop_assert!(ttl <= CHART.ttl && ttl >= CHART.ttl * 9 / 10);
            prop_assert!(key.ttl(true) <= CHART.ttl_of_nothing);
            prop_assert_eq!(ttl, key.clone().ttl(false));
        }
    }
}
