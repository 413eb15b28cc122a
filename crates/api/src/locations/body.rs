//! Locations as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::locations as app;
use tenure_app::{Error, Page};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::List;
use crate::fields::{Fields, nullable, object, text};
use crate::listing::Listing;
use crate::query;

/// A location: a place of work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Location {
    id: Uuid,
    /// Unique in whatever case.
    name: String,
    /// The company's short word for it; unique in whatever case.
    code: Option<String>,
    /// Street and number.
    address: Option<String>,
    city: Option<String>,
    /// State, province or region.
    region: Option<String>,
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// The company's own fields.
    #[schema(value_type = Object)]
    custom: Value,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct LocationPage {
    /// By name in whatever case, and id.
    data: Vec<Location>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for LocationPage {
    const FILE: &'static str = "locations";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "code",
        "address",
        "city",
        "region",
        "postal_code",
        "country_code",
        "time_zone",
        "custom",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A location to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewLocation {
    /// One line, unique in whatever case.
    #[schema(min_length = 1, max_length = 200, examples("Berlin"))]
    name: String,
    #[schema(min_length = 1, max_length = 50)]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    city: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(examples("DE"))]
    country_code: Option<String>,
    /// IANA name.
    #[schema(examples("Europe/Berlin"))]
    time_zone: Option<String>,
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

/// What is to change in a location. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct LocationChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    city: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(examples("DE"))]
    country_code: Option<String>,
    /// IANA name.
    #[schema(examples("Europe/Berlin"))]
    time_zone: Option<String>,
    /// All of the company's own fields, in place of those that are there.
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

impl NewLocation {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let name = fields.required("name", text::<app::Name>);
        let code = fields.optional("code", nullable(text)).flatten();
        let address = fields.optional("address", nullable(text)).flatten();
        let city = fields.optional("city", nullable(text)).flatten();
        let region = fields.optional("region", nullable(text)).flatten();
        let postal_code = fields.optional("postal_code", nullable(text)).flatten();
        let country_code = fields.optional("country_code", nullable(text)).flatten();
        let time_zone = fields.optional("time_zone", nullable(text)).flatten();
        let custom = fields.optional("custom", object).unwrap_or_default();
        fields.finish(name.map(|name| app::Content {
            name,
            code,
            address,
            city,
            region,
            postal_code,
            country_code,
            time_zone,
            custom,
        }))
    }
}

impl LocationChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            name: fields.optional("name", text),
            code: fields.optional("code", nullable(text)),
            address: fields.optional("address", nullable(text)),
            city: fields.optional("city", nullable(text)),
            region: fields.optional("region", nullable(text)),
            postal_code: fields.optional("postal_code", nullable(text)),
            country_code: fields.optional("country_code", nullable(text)),
            time_zone: fields.optional("time_zone", nullable(text)),
            custom: fields.optional("custom", object),
        };
        fields.finish(Some(changes))
    }
}

impl From<Page<app::Location>> for LocationPage {
    fn from(page: Page<app::Location>) -> Self {
        let next_cursor = query::next_cursor(List::Locations, page.next.as_ref());
        Self { data: page.rows.into_iter().map(Location::from).collect(), next_cursor }
    }
}

impl From<app::Location> for Location {
    fn from(location: app::Location) -> Self {
        Self {
            id: location.id.uuid(),
            name: location.name,
            code: location.code,
            address: location.address,
            city: location.city,
            region: location.region,
            postal_code: location.postal_code,
            country_code: location.country_code,
            time_zone: location.time_zone,
            custom: location.custom,
            version: location.version,
            created_at: location.created_at,
            updated_at: location.updated_at,
        }
    }
}
