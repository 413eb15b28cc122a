//! Choosing a password: the first or a forgotten one by a token that somebody passes on, and another in place of one that is known.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_core::ids::{TenantId, UserId};
use tenure_core::settings::Number;
use tenure_core::sign_in::{Origin, Password, Surroundings};
use tenure_db::TenantTx;
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::credentials::CredentialId;
use tenure_db::passwords::{self, NewReset, Reset};
use tenure_db::{sessions, sign_in, tenants};

use crate::caller::{self, Caller};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::credential::{Kind, Secret};
use crate::error::{Error, Result};
use crate::hashing::Turn;
use crate::sessions::address::Address;
use crate::sessions::attempt::{Attempt, account_key};
use crate::sessions::{Visitor, end_all_of};
use crate::settings;

/// A token by which a password is chosen.
#[derive(Debug)]
pub struct ResetToken {
    /// The token itself, which cannot be had again.
    pub token: Secret,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Sets the password of the token's user and ends the user's sessions. The token is used then.
///
/// # Errors
/// `Invalid` for a token that is unknown, used or too old, and for a password that is too easy to guess; `Denied` (the tenant is not served),
/// `Busy`, `Unavailable`.
pub async fn redeem(context: &Context, visitor: Visitor<'_>, token: &str, password: &Password) -> Result<()> {
    let useless = || Error::invalid("token", "is unknown, used already or too old; ask for another");
    let token: Secret = token.parse().map_err(|_| useless())?;
    if token.kind() != Kind::PasswordReset {
        return Err(useless());
    }
    let turn = context.hasher.line_up(visitor.origin)?;
    // Before the work of hashing, so that a made-up token costs nothing.
    let mut tx = begin(context, &token, useless).await?;
    let found = passwords::reset(&mut tx, &token.hash(), context.now()).await;
    tx.rollback().await?;
    let reset = found?.ok_or_else(useless)?;
    check(context, &token, (password, "password"), &reset.email).await?;
    let hash = context.hash(&turn, password).await?;
    let mut tx = begin(context, &token, useless).await?;
    let outcome = async {
        let again = passwords::reset(&mut tx, &token.hash(), context.now()).await?;
        if again.is_none() || !passwords::use_reset(&mut tx, reset.id, context.now()).await? {
            return Err(useless());
        }
        choose(context, &mut tx, visitor, &reset, &hash).await
    }
    .await;
    caller::conclude(tx, outcome).await
}

/// Sets another password for the caller, who proves to know the present one, and ends the caller's other sessions. Only a session may.
///
/// # Errors
/// `Unauthenticated`, `Denied` (with an API token), `Invalid` (the present one is wrong, the new one too easy to guess), `TooManyAttempts`,
/// `Busy`, `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    origin: Option<Origin>,
    current: &Password,
    new: &Password,
) -> Result<()> {
    let email = caller::read(context, caller, async |_, actor| match actor.credential {
        Some(CredentialId::Session(_)) => Ok(actor.user.name().to_owned()),
        _ => Err(Error::Denied("a password is changed by its user in a session, not by an API token".to_owned())),
    })
    .await?;
    check(context, caller.token, (new, "new"), &email).await?;
    let turn = context.hasher.line_up(origin)?;
    let address = Address::count(context, origin).await?;
    let outcome = change_counted(context, caller, (&email, &address), (current, new), &turn).await;
    if !matches!(outcome, Err(Error::Invalid(_))) {
        address.take_back(context).await;
    }
    outcome
}

async fn change_counted(
    context: &Context,
    caller: Caller<'_>,
    (email, address): (&str, &Address),
    (current, new): (&Password, &Password),
    turn: &Turn,
) -> Result<()> {
    let tx = context.db.begin(caller.token.tenant()).await?;
    let attempt = Attempt::begin(context, tx, email, address).await?;
    let stored = attempt.account.as_ref().and_then(|account| account.password_hash.clone());
    let compared = context.hasher.compare(turn, current, stored.as_deref()).await?;
    if !compared.is_right {
        return Err(Error::invalid("current", "is not the present password"));
    }
    let hash = context.hash(turn, new).await?;
    // Never under a key: what is asked is kept with it as a hash that is quick to guess.
    change::run(context, Caller { once: None, ..caller }, async |change| {
        let user = change.actor.user_id();
        if passwords::lock_hash(&mut change.tx, user).await? != stored {
            return Err(Error::Conflict("the password was changed meanwhile".to_owned()));
        }
        attempt.succeeded(&mut change.tx).await?;
        passwords::set(&mut change.tx, user, &hash, change.context.now()).await?;
        let action = "password.changed";
        change.record(Record { action, entity: "user", id: user.uuid(), before: None, after: None }).await?;
        let this = match change.actor.credential {
            Some(CredentialId::Session(id)) => Some(id),
            _ => None,
        };
        end_all_of(change, user, this).await
    })
    .await
}

/// Makes a token by which a user chooses a password; earlier ones are useless then. Who may is for the caller to find out.
pub(crate) async fn make_reset(change: &mut Change<'_>, user: UserId) -> Result<ResetToken> {
    let now = change.context.now();
    let minutes = settings::number(change.context, &mut change.tx, Number::PasswordResetMinutes).await?;
    let expires_at = now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
    let token = Secret::new(change.context, Kind::PasswordReset, change.tx.tenant());
    let new = NewReset { id: change.context.id(), user, hash: token.hash(), now, expires_at };
    passwords::insert_reset(&mut change.tx, &new).await?;
    let after = Some(json!({ "expires_at": expires_at }));
    let action = "password_reset.created";
    change.record(Record { action, entity: "user", id: user.uuid(), before: None, after }).await?;
    Ok(ResetToken { token, expires_at })
}

/// The hash of a user's password, where one was set.
pub(crate) async fn hash_of(context: &Context, tenant: TenantId, user: UserId) -> Result<Option<String>> {
    let mut tx = context.db.begin(tenant).await?;
    let hash = passwords::lock_hash(&mut tx, user).await;
    tx.rollback().await?;
    Ok(hash?)
}

/// Sets a user's password and ends the user's sessions.
pub(crate) async fn set_by_operator(change: &mut Change<'_>, user: UserId, hash: &str) -> Result<()> {
    passwords::set(&mut change.tx, user, hash, change.context.now()).await?;
    let action = "password.changed";
    change.record(Record { action, entity: "user", id: user.uuid(), before: None, after: None }).await?;
    end_all_of(change, user, None).await
}

async fn begin(context: &Context, token: &Secret, useless: impl Fn() -> Error) -> Result<TenantTx> {
    context.db.begin(token.tenant()).await.map_err(|error| match error {
        tenure_db::Error::NotFound { .. } => useless(),
        other => other.into(),
    })
}

/// Refuses a password that is easy to guess, under the name of its field.
async fn check(context: &Context, token: &Secret, (password, field): (&Password, &str), email: &str) -> Result<()> {
    let tenant = tenants::by_id(&context.db, token.tenant()).await?;
    let least = settings::number_of(context, token.tenant(), Number::PasswordMinLength).await?;
    let least = usize::try_from(least).unwrap_or_default();
    let around = Surroundings { slug: tenant.slug.as_str(), company: tenant.name.as_str(), email, least };
    password.check_new(around).map_err(|error| Error::invalid(field, &error))
}

async fn choose(context: &Context, tx: &mut TenantTx, visitor: Visitor<'_>, reset: &Reset, hash: &str) -> Result<()> {
    let now = context.now();
    passwords::set(tx, reset.user, hash, now).await?;
    // Who guessed the old one has nothing of it any more.
    sign_in::forget(tx, &account_key(&reset.email)).await?;
    let ended = sessions::end_all(tx, reset.user, None, now).await?;
    let entry = Entry {
        id: context.id(),
        now,
        actor: &Actor::User { id: reset.user, email: reset.email.clone() },
        action: "password.changed",
        entity: "user",
        entity_id: Some(reset.user.uuid()),
        before: None,
        after: Some(json!({ "by": "reset", "sessions_ended": ended })),
        request_id: Some(visitor.request_id),
    };
    Ok(audit::record(tx, &entry).await?)
}
