//! Users as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::passwords::ResetToken;
use tenure_app::users as app;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::fields::{Fields, id, nullable, text};
use crate::listing::Listing;

/// Somebody who signs in.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    id: Uuid,
    /// Unique in whatever case.
    email: String,
    display_name: String,
    /// `active` or `suspended`.
    status: &'static str,
    /// The employee that the user is.
    employee_id: Option<Uuid>,
    /// The keys of the user's roles.
    roles: Vec<String>,
    /// Whether a password was chosen.
    has_password: bool,
    last_signed_in_at: Option<Timestamp>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserPage {
    /// By mail address in whatever case.
    data: Vec<User>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for UserPage {
    const FILE: &'static str = "users";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "email",
        "display_name",
        "status",
        "employee_id",
        "roles",
        "has_password",
        "last_signed_in_at",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A user to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewUser {
    #[schema(max_length = 254, examples("ada@acme.example"))]
    email: String,
    #[schema(min_length = 1, max_length = 200, examples("Ada Lovelace"))]
    display_name: String,
    employee_id: Option<Uuid>,
    /// The keys of roles that grant no more than the caller has.
    #[schema(max_items = 100, examples("hr_manager"))]
    roles: Option<Vec<String>>,
}

/// What is to change in a user. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct UserChanges {
    #[schema(max_length = 254, nullable = false)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    display_name: Option<String>,
    employee_id: Option<Uuid>,
}

/// The roles of a user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct UserRoles {
    /// The keys of all roles that the user has from now on.
    #[schema(max_items = 100, examples("hr_manager"))]
    roles: Vec<String>,
}

/// A user who was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeUser {
    user: User,
    password_reset: PasswordReset,
}

/// A token by which the user chooses a password, at `/api/v1/password-resets/redeem`. It has to be passed on: no mail is sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasswordReset {
    /// It works once. It is shown this once.
    token: String,
    expires_at: Timestamp,
}

impl NewUser {
    pub(crate) fn read(mut fields: Fields) -> Result<app::NewUser, Error> {
        let email = fields.required("email", text);
        let display_name = fields.required("display_name", text);
        let employee_id = fields.optional("employee_id", nullable(id)).flatten();
        let roles = fields.optional("roles", keys).unwrap_or_default();
        let content =
            email.zip(display_name).map(|(email, display_name)| app::Content { email, display_name, employee_id });
        fields.finish(content.map(|content| app::NewUser { content, roles }))
    }
}

impl UserChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            email: fields.optional("email", text),
            display_name: fields.optional("display_name", text),
            employee_id: fields.optional("employee_id", nullable(id)),
        };
        fields.finish(Some(changes))
    }
}

impl UserRoles {
    pub(crate) fn read(mut fields: Fields) -> Result<Vec<String>, Error> {
        let roles = fields.required("roles", keys);
        fields.finish(roles)
    }
}

/// Reads a list of short words.
pub(crate) fn keys(value: Value) -> Result<Vec<String>, String> {
    let wrong = || "is not a list of at most 100 words".to_owned();
    let Value::Array(items) = value else { return Err(wrong()) };
    if items.len() > 100 {
        return Err(wrong());
    }
    let word = |item: Value| match item {
        Value::String(word) if word.len() <= 100 && !word.contains('\0') => Ok(word),
        _ => Err(wrong()),
    };
    let mut words = items.into_iter().map(word).collect::<Result<Vec<_>, _>>()?;
    words.sort();
    words.dedup();
    Ok(words)
}

impl From<app::User> for User {
    fn from(user: app::User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email,
            display_name: user.display_name,
            status: user.status.as_str(),
            employee_id: user.employee_id.map(Uuid::from),
            roles: user.roles,
            has_password: user.has_password,
            last_signed_in_at: user.last_signed_in_at,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

impl From<app::Page> for UserPage {
    fn from(page: app::Page) -> Self {
        let place = |start: &app::PageStart| cursor::encode(List::Users, start.id.uuid(), [&start.email]);
        Self { next_cursor: page.next.as_ref().map(place), data: page.users.into_iter().map(User::from).collect() }
    }
}

impl From<ResetToken> for PasswordReset {
    fn from(reset: ResetToken) -> Self {
        Self { token: reset.token.reveal(), expires_at: reset.expires_at }
    }
}

impl From<app::Made> for MadeUser {
    fn from(made: app::Made) -> Self {
        Self { user: made.user.into(), password_reset: made.reset.into() }
    }
}
