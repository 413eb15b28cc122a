//! A user who has forgotten the password asks for a way to choose another.

use jiff::SignedDuration;
use tenure_core::contact::Email;
use tenure_core::mail::Message;
use tenure_core::tenant::Slug;
use tenure_db::outbox::To;
use tenure_db::tenants;

use super::{Notice, tell};
use crate::caller;
use crate::context::Context;
use crate::documents::id_of;
use crate::error::{Error, Result};
use crate::sessions::Visitor;
use crate::sessions::attempt::{count_reset, refuse_nowhere};

/// Within this time one address at one company gets one mail.
const APART: SignedDuration = SignedDuration::from_mins(5);

/// Has a token sent to a mail address, if somebody at the company has it. Neither the answer nor the time that it takes tells whether
/// somebody does: that is looked up when the mail is written.
///
/// # Errors
/// `TooManyAttempts`; `Denied` (the tenant is not served, or nothing here sends mail); `Unavailable`.
pub async fn request_reset(context: &Context, visitor: Visitor<'_>, company: &Slug, email: &Email) -> Result<()> {
    if context.mail.is_none() {
        return Err(Error::Denied("nothing here sends mail; ask an administrator for a token".to_owned()));
    }
    let tenant = match tenants::by_slug(&context.db, company).await {
        Ok(tenant) => tenant.id,
        Err(tenure_db::Error::NotFound { .. }) => {
            let counted = count_reset(context, Err(company), email.as_str(), visitor.origin).await?;
            return refuse_nowhere(context, &counted).await;
        }
        Err(error) => return Err(error.into()),
    };
    count_reset(context, Ok(tenant), email.as_str(), visitor.origin).await?;
    let mut tx = context.db.begin(tenant).await?;
    let now = context.now();
    let window = now.as_second() / APART.as_secs();
    let notice = Notice {
        message: Message::PasswordReset { email: email.to_string() },
        subject: id_of(&["password_reset", &email.as_str().to_lowercase()]),
        occasion: window.to_string(),
        to: To::Address,
        due_at: now,
    };
    let told = tell(context, &mut tx, &[notice]).await;
    caller::conclude(tx, told.map(|_| ())).await
}
