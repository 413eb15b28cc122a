//! Typed identifiers. All keys are UUIDv7 made by the application (never by the database), so that they sort by creation and
//! need no sequence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// Makes UUIDv7 ids that sort in the order in which they were made, also within one millisecond.
#[derive(Debug, Default)]
pub struct IdSequence {
    /// Milliseconds since the Unix epoch and, in the low 12 bits, a counter within the millisecond.
    last: u64,
}

impl IdSequence {
    /// The next id, from the present time in milliseconds since the Unix epoch and eight random bytes.
    ///
    /// Should the clock stand still, go back, or more than 4,096 ids be made in a millisecond, the ids run ahead of it.
    pub fn next(&mut self, unix_millis: u64, random: [u8; 8]) -> Uuid {
        self.last = (self.last + 1).max(unix_millis << 12);
        let [.., counter_high, counter_low] = self.last.to_be_bytes();
        let mut tail = [0; 10];
        for (byte, value) in tail.iter_mut().zip([counter_high & 0x0f, counter_low].into_iter().chain(random)) {
            *byte = value;
        }
        Builder::from_unix_timestamp_millis(self.last >> 12, &tail).into_uuid()
    }
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

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
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
    /// Under which id a tenant's documents lie where they are not in its schema.
    DocumentHome,
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
    /// A place of work of a tenant.
    LocationId,
    /// One time that a person was employed, from a day on.
    EmploymentPeriodId,
    /// Where a person stands in the company from a day on.
    JobAssignmentId,
    /// What a person earns from a day on.
    SalaryAssignmentId,
    /// The definition of a field of a company's own.
    CustomFieldId,
    /// Somebody to be called when something happens to an employee.
    EmergencyContactId,
    /// A bank account of an employee.
    BankAccountId,
    /// A passport or other proof of who an employee is.
    IdentityDocumentId,
    /// A document: a file with its versions, of a person or of the company.
    DocumentId,
    /// A request that a person send a document.
    DocumentRequestId,
    /// An upload that is under way.
    UploadId,
    /// A built-in or custom role of a tenant.
    RoleId,
    /// A time for which a user is signed in.
    SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made_even_when_the_clock_goes_back() {
        let mut ids = IdSequence::default();
        let made: Vec<Uuid> = (0..10_000_u64).map(|number| ids.next(1_000 - number / 1_000, [0xff; 8])).collect();
        assert!(made.is_sorted(), "{made:?}");
        assert_eq!(made[0].get_version_num(), 7);
        assert_eq!(made[0].get_timestamp().unwrap().to_unix(), (1, 0));
    }

    #[test]
    fn ids_round_trip_through_text_and_json() {
        let id = EmployeeId::from(IdSequence::default().next(42, [7; 8]));
        assert_eq!(id.to_string().parse::<EmployeeId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<EmployeeId>(&json).unwrap(), id);
    }
}
