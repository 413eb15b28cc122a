//! Typed identifiers. All keys are UUIDv7 made by the application (never by the database), so that they sort by creation and
//! need no sequence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// Builds a UUIDv7 from its two ingredients: milliseconds since the Unix epoch and ten random bytes.
#[must_use]
pub fn uuid_v7(unix_millis: u64, random: [u8; 10]) -> Uuid {
    Builder::from_unix_timestamp_millis(unix_millis, &random).into_uuid()
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare UUID, for SQL parameters.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

typed_ids! {
    /// A tenant: one company whose HR is hosted.
    TenantId,
    /// A user of a tenant, who signs in.
    UserId,
    /// An API token of a tenant.
    TokenId,
    /// A person employed by a tenant.
    EmployeeId,
    /// A department in a tenant's tree.
    DepartmentId,
    /// A designation (job title) of a tenant.
    DesignationId,
    /// A built-in or custom role of a tenant.
    RoleId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = uuid_v7(1_000, [0xff; 10]);
        let later = uuid_v7(1_001, [0; 10]);
        assert!(earlier < later, "{earlier} should sort before {later}");
        assert_eq!(earlier.get_version_num(), 7);
    }

    #[test]
    fn ids_round_trip_through_text_and_json() {
        let id = EmployeeId::from(uuid_v7(42, [7; 10]));
        assert_eq!(id.to_string().parse::<EmployeeId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<EmployeeId>(&json).unwrap(), id);
    }
}
