//! API tokens as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::tokens as app;
use tenure_core::access::Permission;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, nullable, text};
use crate::listing::Listing;
use crate::users::keys;

/// An API token to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, examples("Nightly report"))]
    name: String,
    /// When it stops working; without it, not before it is revoked, or before the API token by which it is made.
    expires_at: Option<Timestamp>,
    /// The permissions that it is confined to, of those that the caller has; without them it has all, also those that come later.
    #[schema(max_items = 100, examples("employees.read"))]
    permissions: Option<Vec<String>>,
}

/// An API token that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    id: Uuid,
    /// To be sent as `Authorization: Bearer …`. It is shown this once.
    token: String,
    expires_at: Option<Timestamp>,
}

/// An API token, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    id: Uuid,
    name: String,
    /// The permissions that it is confined to; null for all that its user has.
    permissions: Option<Vec<String>>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// To some minutes.
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// All API tokens of a user, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenList {
    data: Vec<Token>,
}

impl Listing for TokenList {
    const FILE: &'static str = "tokens";
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "permissions", "created_at", "expires_at", "last_used_at", "revoked_at"];
}

impl NewToken {
    pub(crate) fn read(mut fields: Fields) -> Result<app::NewOwn, Error> {
        let name = fields.required("name", text);
        let expires_at = fields.optional("expires_at", nullable(text)).flatten();
        let permissions = fields.optional("permissions", nullable(permissions)).flatten();
        fields.finish(name.map(|name| app::NewOwn { name, expires_at, permissions }))
    }
}

fn permissions(value: Value) -> Result<Vec<Permission>, String> {
    keys(value)?.iter().map(|key| key.parse().map_err(|error| format!("{error}"))).collect()
}

impl From<app::Created> for MadeToken {
    fn from(made: app::Created) -> Self {
        Self { id: made.id.uuid(), token: made.token.reveal(), expires_at: made.expires_at }
    }
}

impl From<Vec<app::Token>> for TokenList {
    fn from(tokens: Vec<app::Token>) -> Self {
        let shown = |token: app::Token| Token {
            id: token.id.uuid(),
            name: token.name,
            permissions: token.permissions,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        };
        Self { data: tokens.into_iter().map(shown).collect() }
    }
}
