//! Signing in.

use jiff::SignedDuration;
use serde_json::json;
use tenure_core::ids::{SessionId, TenantId, UserId};
use tenure_core::settings::Number;
use tenure_core::sign_in::{Origin, Password};
use tenure_core::tenant::Slug;
use tenure_db::TenantTx;
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::sessions::{self, NewSession};
use tenure_db::sign_in::{Account, Failures, is_behind};
use tenure_db::{passwords, tenants};

use super::address::Address;
use super::attempt::{Attempt, count_nowhere, refuse_nowhere};
use crate::caller;
use crate::context::Context;
use crate::credential::{Kind, Secret};
use crate::error::{Error, Result};
use crate::hashing::Turn;
use crate::settings;

/// The longest name of a client that is kept.
const LONGEST_AGENT: usize = 300;

/// What somebody enters to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The company's short name.
    pub tenant: Slug,
    /// The user's mail address.
    pub email: String,
    /// The password.
    pub password: Password,
}

/// From where, by what and in which request somebody does something without a credential.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// The network address, if it is known.
    pub origin: Option<Origin>,
    /// What the client calls itself.
    pub user_agent: Option<&'a str>,
    /// The request's id, for the audit log.
    pub request_id: &'a str,
}

/// A session that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Its id.
    pub id: SessionId,
    /// The credential, which cannot be had again.
    pub token: Secret,
    /// When it ends at the latest.
    pub expires_at: jiff::Timestamp,
    /// Who is signed in.
    pub user_id: UserId,
    /// The user's mail address.
    pub email: String,
    /// The name to be shown.
    pub display_name: String,
}

/// Signs somebody in. An unknown company or user, one who is suspended or has no password, and a wrong password are one and the same
/// error after the same work. That a company is at rest is told to who knows a password there.
///
/// # Errors
/// `Unauthenticated`, `TooManyAttempts`, `Busy`, `Denied` (the tenant is not served), `Unavailable`.
pub async fn begin(context: &Context, visitor: Visitor<'_>, input: &SignIn) -> Result<Begun> {
    let turn = context.hasher.line_up(visitor.origin)?;
    let address = Address::count(context, visitor.origin).await?;
    let outcome = match find(context, input, &address).await {
        Ok(Found::Company(tenant, attempt)) => try_at(context, visitor, input, (tenant, &attempt), &turn).await,
        Ok(Found::Nowhere(counted)) => refuse_at_none(context, input, &counted, &turn).await,
        Err(error) => Err(error),
    };
    if !matches!(outcome, Err(Error::Unauthenticated)) {
        address.take_back(context).await;
    }
    outcome
}

/// Where an attempt is made that was counted.
enum Found {
    Company(TenantId, Attempt),
    Nowhere(Vec<Failures>),
}

/// Finds the company and counts the attempt there. One at rest counts as well: only who knows a password is told that it is. One that is
/// not complete is not there.
async fn find(context: &Context, input: &SignIn, address: &Address) -> Result<Found> {
    let tenant = match tenants::by_slug(&context.db, &input.tenant).await {
        Ok(tenant) => tenant.id,
        Err(tenure_db::Error::NotFound { .. }) => return nowhere(context, input, address).await,
        Err(error) => return Err(error.into()),
    };
    match context.db.begin_upkeep(tenant).await {
        Ok(tx) => Ok(Found::Company(tenant, Attempt::begin(context, tx, &input.email, address).await?)),
        Err(tenure_db::Error::NotFound { .. } | tenure_db::Error::NotServed(_)) => {
            nowhere(context, input, address).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn nowhere(context: &Context, input: &SignIn, address: &Address) -> Result<Found> {
    let counted = count_nowhere(context, &input.tenant, &input.email, address).await;
    counted.or_else(uncounted).map(Found::Nowhere)
}

async fn refuse_at_none(context: &Context, input: &SignIn, counted: &[Failures], turn: &Turn) -> Result<Begun> {
    context.hasher.compare(turn, &input.password, None).await?;
    refuse_nowhere(context, counted).await.or_else(uncounted)?;
    Err(Error::Unauthenticated)
}

/// Lets sign-ins go on where the platform has not been migrated to where they are counted.
fn uncounted<T: Default>(error: Error) -> Result<T> {
    match error {
        Error::Internal(cause) if is_behind(&cause) => Ok(T::default()),
        error => Err(error),
    }
}

async fn try_at(
    context: &Context,
    visitor: Visitor<'_>,
    input: &SignIn,
    (tenant, attempt): (TenantId, &Attempt),
    turn: &Turn,
) -> Result<Begun> {
    let account = attempt.account.as_ref();
    let hash = account.filter(|account| account.is_active).and_then(|account| account.password_hash.as_deref());
    let compared = context.hasher.compare(turn, &input.password, hash).await?;
    let (Some(account), Some(hash), true) = (account, hash, compared.is_right) else {
        let mut tx = context.db.begin_upkeep(tenant).await?;
        let outcome = match account {
            Some(account) => refuse(context, &mut tx, visitor, account).await,
            None => attempt.failed_unknown(context, &mut tx).await,
        };
        caller::conclude(tx, outcome).await?;
        return Err(Error::Unauthenticated);
    };
    let renewed = if compared.is_outdated { Some(context.hash(turn, &input.password).await?) } else { None };
    let mut tx = context.db.begin(tenant).await?;
    let outcome = async {
        // It may have been changed, or its user suspended, since it was compared.
        if passwords::lock_hash(&mut tx, account.id).await?.as_deref() != Some(hash) {
            return Err(Error::Unauthenticated);
        }
        if let Some(renewed) = renewed {
            passwords::rehash(&mut tx, account.id, &renewed).await?;
        }
        attempt.succeeded(&mut tx).await?;
        start(context, &mut tx, visitor, account).await
    }
    .await;
    caller::conclude(tx, outcome).await
}

async fn start(context: &Context, tx: &mut TenantTx, visitor: Visitor<'_>, account: &Account) -> Result<Begun> {
    let now = context.now();
    let longest = longest(context, tx).await?;
    let expires_at = now.checked_add(longest).unwrap_or(jiff::Timestamp::MAX);
    let token = Secret::new(context, Kind::Session, tx.tenant());
    let new = NewSession {
        id: context.id(),
        user: account.id,
        hash: token.hash(),
        origin: visitor.origin.map(|origin| origin.to_string()),
        user_agent: visitor.user_agent.map(plain),
        now,
        expires_at,
    };
    sessions::insert(tx, &new).await?;
    let entry = Entry {
        id: context.id(),
        now,
        actor: &Actor::User { id: account.id, email: account.email.clone() },
        action: "session.started",
        entity: "session",
        entity_id: Some(new.id.uuid()),
        before: None,
        after: Some(json!({ "user_id": account.id, "address": new.origin, "expires_at": expires_at })),
        request_id: Some(visitor.request_id),
    };
    audit::record(tx, &entry).await?;
    let Account { id: user_id, email, display_name, .. } = account.clone();
    Ok(Begun { id: new.id, token, expires_at, user_id, email, display_name })
}

/// How long a session lasts at the most: by the server, and by the company. Who cannot be told what the company wants is let in all the
/// same, as signing in does not depend on where documents are.
async fn longest(context: &Context, tx: &mut TenantTx) -> Result<SignedDuration> {
    let of_server = context.sign_in.longest;
    match settings::number(context, tx, Number::SessionLongestHours).await {
        Ok(hours) => Ok(of_server.min(SignedDuration::from_hours(hours))),
        Err(Error::Unavailable(words)) => {
            tracing::warn!(
                words,
                "a session lasts as long as the server lets it, as the company's settings cannot be read"
            );
            Ok(of_server)
        }
        Err(error) => Err(error),
    }
}

/// Records a failure of an account that there is. No more are recorded than the throttle lets through.
async fn refuse(context: &Context, tx: &mut TenantTx, visitor: Visitor<'_>, account: &Account) -> Result<()> {
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor: &Actor::System,
        action: "sign_in.failed",
        entity: "user",
        entity_id: Some(account.id.uuid()),
        before: None,
        after: Some(json!({ "address": visitor.origin.map(|origin| origin.to_string()) })),
        request_id: Some(visitor.request_id),
    };
    Ok(audit::record(tx, &entry).await?)
}

/// The name of a client without what could steer a terminal, and not longer than is kept.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect()
}
