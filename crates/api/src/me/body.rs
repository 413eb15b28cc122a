//! A caller, and passwords, as they look on the wire.

use serde::Serialize;
use tenure_app::Error;
use tenure_app::me as app;
use tenure_core::contact::Email;
use tenure_core::sign_in::Password;
use tenure_core::tenant::Slug;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, text};
use crate::users::User;

/// Who asks, and what this credential is good for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    user: User,
    /// The employee that the user is, for `/api/v1/employees/{id}`.
    employee_id: Option<Uuid>,
    /// The keys of the user's roles.
    roles: Vec<String>,
    /// What they allow, less what this credential is not confined to.
    permissions: Vec<HeldPermission>,
}

/// A permission that the caller has.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldPermission {
    #[schema(value_type = String, examples("employees.read"))]
    permission: &'static str,
    /// For whom: `self`, `reports`, `department`; or `all`, which includes them.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<&'static str>,
}

/// Another password for oneself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct PasswordChange {
    #[schema(max_length = 256, format = Password)]
    current: String,
    #[schema(min_length = 12, max_length = 256, format = Password)]
    new: String,
}

/// Who has forgotten a password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct PasswordForgotten {
    /// The company's short name.
    #[schema(examples("acme"))]
    tenant: String,
    #[schema(min_length = 3, max_length = 254, examples("ada@acme.example"))]
    email: String,
}

/// A password, and the token by which it is chosen.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct PasswordRedemption {
    token: String,
    #[schema(min_length = 12, max_length = 256, format = Password)]
    password: String,
}

impl PasswordChange {
    pub(crate) fn read(mut fields: Fields) -> Result<(Password, Password), Error> {
        let current = fields.required("current", text);
        let new = fields.required("new", text);
        fields.finish(current.zip(new))
    }
}

impl PasswordForgotten {
    pub(crate) fn read(mut fields: Fields) -> Result<(Slug, Email), Error> {
        let tenant = fields.required("tenant", text);
        let email = fields.required("email", text);
        fields.finish(tenant.zip(email))
    }
}

impl PasswordRedemption {
    pub(crate) fn read(mut fields: Fields) -> Result<(String, Password), Error> {
        let token = fields.required("token", text::<String>);
        let password = fields.required("password", text);
        fields.finish(token.zip(password))
    }
}

impl From<app::Me> for Me {
    fn from(me: app::Me) -> Self {
        let shown =
            |(permission, scopes): (tenure_core::access::Permission, Vec<tenure_core::access::Scope>)| HeldPermission {
                permission: permission.key(),
                scopes: scopes.into_iter().map(tenure_core::access::Scope::key).collect(),
            };
        Self {
            employee_id: me.user.employee_id.map(Uuid::from),
            roles: me.user.roles.clone(),
            permissions: me.permissions.into_iter().map(shown).collect(),
            user: me.user.into(),
        }
    }
}
