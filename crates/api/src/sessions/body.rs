//! Sessions as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use tenure_app::Error;
use tenure_app::sessions as app;
use tenure_core::text::Line;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, text};
use crate::listing::Listing;

/// Who signs in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewSession {
    /// The company's short name.
    #[schema(examples("acme"))]
    tenant: String,
    #[schema(min_length = 1, max_length = 254, examples("ada@acme.example"))]
    email: String,
    #[schema(max_length = 256, format = Password)]
    password: String,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct BegunSession {
    id: Uuid,
    /// To be sent as `Authorization: Bearer …`. It is shown this once.
    token: String,
    /// When the session ends at the latest; earlier when it is not used.
    expires_at: Timestamp,
    user: SignedIn,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    id: Uuid,
    email: String,
    display_name: String,
}

/// A session that is under way.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    id: Uuid,
    user_id: Uuid,
    /// The IPv4 address, or the network of the IPv6 address, from which it was begun.
    address: Option<String>,
    /// What the client called itself.
    user_agent: Option<String>,
    created_at: Timestamp,
    /// To some minutes.
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    /// Whether it is the session by which this request was made.
    current: bool,
}

/// All sessions of a user that are under way, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionList {
    data: Vec<Session>,
}

impl Listing for SessionList {
    const FILE: &'static str = "sessions";
    const COLUMNS: &'static [&'static str] =
        &["id", "user_id", "address", "user_agent", "created_at", "last_seen_at", "expires_at", "current"];
}

impl NewSession {
    pub(crate) fn read(mut fields: Fields) -> Result<app::SignIn, Error> {
        let tenant = fields.required("tenant", text);
        let email = fields.required("email", text::<Line<254>>);
        let password = fields.required("password", text);
        let made = tenant.zip(email).zip(password);
        fields.finish(made.map(|((tenant, email), password)| app::SignIn {
            tenant,
            email: email.to_string(),
            password,
        }))
    }
}

impl From<app::Begun> for BegunSession {
    fn from(begun: app::Begun) -> Self {
        let user = SignedIn { id: begun.user_id.uuid(), email: begun.email, display_name: begun.display_name };
        Self { id: begun.id.uuid(), token: begun.token.reveal(), expires_at: begun.expires_at, user }
    }
}

impl From<Vec<(app::Session, bool)>> for SessionList {
    fn from(sessions: Vec<(app::Session, bool)>) -> Self {
        let shown = |(session, current): (app::Session, bool)| Session {
            id: session.id.uuid(),
            user_id: session.user_id.uuid(),
            address: session.address,
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            current,
        };
        Self { data: sessions.into_iter().map(shown).collect() }
    }
}
