//! Locations (places of work) of one tenant: one by id, a page of the list, and changes.

mod read;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_core::ids::LocationId;
use tenure_core::place::{CountryCode, TimeZoneName};
use tenure_core::text::Line;

pub use read::{find, find_deleted, is_in_use, list, lock};
pub use write::{insert, mark_deleted, restore, update};

/// What a location is called.
pub type Name = Line<200>;
/// The company's short word for it.
pub type Code = Line<50>;
/// Street and number.
pub type Address = Line<500>;
/// The city, or the state, province or region.
pub type City = Line<100>;
/// The postal code.
pub type PostalCode = Line<20>;

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The key.
    pub id: LocationId,
    /// Its name, unique in whatever case.
    pub name: String,
    /// The company's short word for it, unique in whatever case.
    pub code: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country_code: Option<String>,
    /// IANA name of the time zone.
    pub time_zone: Option<String>,
    /// The company's own fields.
    pub custom: Value,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a location its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its name.
    pub name: Name,
    /// The company's short word for it.
    pub code: Option<Code>,
    /// Street and number.
    pub address: Option<Address>,
    /// City.
    pub city: Option<City>,
    /// State, province or region.
    pub region: Option<City>,
    /// Postal code.
    pub postal_code: Option<PostalCode>,
    /// The country.
    pub country_code: Option<CountryCode>,
    /// The time zone.
    pub time_zone: Option<TimeZoneName>,
    /// The company's own fields.
    pub custom: Map<String, Value>,
}

/// The columns of the statements that read locations.
struct Row {
    id: uuid::Uuid,
    name: String,
    code: Option<String>,
    address: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country_code: Option<String>,
    time_zone: Option<String>,
    custom: Value,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Location {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            code: row.code,
            address: row.address,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            country_code: row.country_code,
            time_zone: row.time_zone,
            custom: row.custom,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}
