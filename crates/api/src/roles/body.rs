//! Roles as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::roles as app;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, nullable, text};
use crate::listing::Listing;

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct Role {
    id: Uuid,
    /// The word that stands for it where users are given roles.
    key: String,
    name: String,
    description: Option<String>,
    /// Whether every company has it; such a role cannot be changed.
    built_in: bool,
    grants: Vec<Grant>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A permission and for whom it is granted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Grant {
    #[schema(examples("employees.read"))]
    permission: String,
    /// `self`, `reports`, `department` or `all`.
    #[schema(examples("department"))]
    scope: String,
}

/// All roles.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleList {
    /// The built-in ones first, then by name.
    data: Vec<Role>,
}

impl Listing for RoleList {
    const FILE: &'static str = "roles";
    const COLUMNS: &'static [&'static str] =
        &["id", "key", "name", "description", "built_in", "grants", "version", "created_at", "updated_at"];
}

/// A role of the company's own to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewRole {
    #[schema(pattern = "^[a-z][a-z0-9_]{1,62}$", examples("team_assistant"))]
    key: String,
    #[schema(min_length = 1, max_length = 100, examples("Team assistant"))]
    name: String,
    /// One line.
    #[schema(min_length = 1, max_length = 1000)]
    description: Option<String>,
    /// No more than the caller has.
    #[schema(max_items = 100)]
    grants: Vec<Grant>,
}

/// What is to change in a role. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct RoleChanges {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    description: Option<String>,
    /// All that it grants from now on.
    #[schema(max_items = 100, nullable = false)]
    grants: Option<Vec<Grant>>,
}

impl NewRole {
    pub(crate) fn read(mut fields: Fields) -> Result<app::NewRole, Error> {
        let key = fields.required("key", text::<String>);
        let name = fields.required("name", text);
        let description = fields.optional("description", nullable(text)).flatten();
        let grants = fields.required("grants", grants);
        let made = key.zip(name).zip(grants);
        fields.finish(made.map(|((key, name), grants)| app::NewRole { key, name, description, grants }))
    }
}

impl RoleChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            name: fields.optional("name", text),
            description: fields.optional("description", nullable(text)),
            grants: fields.optional("grants", grants),
        };
        fields.finish(Some(changes))
    }
}

fn grants(value: Value) -> Result<Vec<app::GrantWords>, String> {
    let wrong = || "is not a list of at most 100 objects with permission and scope".to_owned();
    let Value::Array(items) = value else { return Err(wrong()) };
    if items.len() > 100 {
        return Err(wrong());
    }
    items.iter().map(|item| grant(item).ok_or_else(wrong)?).collect()
}

fn grant(item: &Value) -> Option<Result<app::GrantWords, String>> {
    let members = item.as_object().filter(|members| members.len() == 2)?;
    let (permission, scope) = (members.get("permission")?.as_str()?, members.get("scope")?.as_str()?);
    let read = || Ok((permission.parse()?, scope.parse()?));
    Some(read().map_err(|error: tenure_core::access::UnknownRight| error.to_string()))
}

impl From<app::Role> for Role {
    fn from(role: app::Role) -> Self {
        let words = role.grants.iter().filter_map(|grant| grant.split_once(' '));
        let grants =
            words.map(|(permission, scope)| Grant { permission: permission.to_owned(), scope: scope.to_owned() });
        Self {
            id: role.id.uuid(),
            grants: grants.collect(),
            key: role.key,
            name: role.name,
            description: role.description,
            built_in: role.built_in,
            version: role.version,
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}

impl From<Vec<app::Role>> for RoleList {
    fn from(roles: Vec<app::Role>) -> Self {
        Self { data: roles.into_iter().map(Role::from).collect() }
    }
}
