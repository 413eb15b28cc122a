//! Who asks: from a credential to an actor with rights, inside the transaction in which the rights are used.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_core::access::{BuiltInRole, Grants, Permission};
use tenure_core::ids::{EmployeeId, TenantId, UserId};
use tenure_db::credentials::{self, Bearer, CredentialId, Presented};
use tenure_db::platform_flags::Known;
use tenure_db::stamps::Seen;
use tenure_db::{TenantTx, audit};

use crate::change::{self, Change};
use crate::context::Context;
use crate::credential::{Kind, Secret};
use crate::employment::due;
use crate::error::{Error, Result};
use crate::once::Once;

/// A credential and the request that it came with.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The credential, which also says which tenant is meant.
    pub token: &'a Secret,
    /// The request's id, for the audit log.
    pub request_id: &'a str,
    /// The key under which the request may be repeated, if it has one.
    pub once: Option<&'a Once>,
}

impl Caller<'_> {
    /// The same without the key under which the request may be repeated: for what takes several transactions and may be repeated as it is.
    pub(crate) const fn unkeyed(self) -> Self {
        Self { once: None, ..self }
    }
}

/// By whom something is done: in a request, or at a command by somebody who operates the platform and may do everything in a tenant.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A user or a program of the company.
    Caller(Caller<'a>),
    /// An operator.
    Operator {
        /// Who.
        actor: &'a audit::Actor,
        /// In which tenant.
        tenant: TenantId,
    },
}

impl<'a> From<Caller<'a>> for By<'a> {
    fn from(caller: Caller<'a>) -> Self {
        Self::Caller(caller)
    }
}

impl By<'_> {
    pub(crate) async fn read<T>(
        self,
        context: &Context,
        body: impl AsyncFnOnce(&mut TenantTx, &Principal) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Caller(caller) => read(context, caller, body).await,
            Self::Operator { actor, tenant } => {
                let mut tx = context.db.begin_read(tenant).await?;
                let outcome = body(&mut tx, &Principal::operator(actor)).await;
                conclude(tx, outcome).await
            }
        }
    }

    pub(crate) async fn change<T: Serialize + DeserializeOwned>(
        self,
        context: &Context,
        body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Caller(caller) => change::run(context, caller, body).await,
            Self::Operator { actor, tenant } => change::run_as_operator(context, actor, tenant, body).await,
        }
    }

    pub(crate) async fn change_unkept<T>(
        self,
        context: &Context,
        body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Caller(caller) => change::run_unkept(context, caller, body).await,
            Self::Operator { actor, tenant } => change::run_as_operator(context, actor, tenant, body).await,
        }
    }
}

/// A user whose credential was found good, with what the user may do now.
#[derive(Debug)]
pub(crate) struct Principal {
    /// For the audit log.
    pub(crate) user: audit::Actor,
    /// The employee that the user is, if any.
    pub(crate) employee: Option<EmployeeId>,
    /// The keys of the user's roles.
    pub(crate) roles: Vec<String>,
    /// What the user may do by this credential.
    pub(crate) grants: Grants,
    /// The credential; an operator has none.
    pub(crate) credential: Option<CredentialId>,
    /// The permissions that the credential is confined to; `None` for all that the user has.
    pub(crate) confined_to: Option<Vec<Permission>>,
    /// The state of the company's data when the user was found; of an operator it is not known.
    pub(crate) stamps: Option<Seen>,
    /// What the platform said of the company then; of an operator it is not known.
    pub(crate) known: Arc<Known>,
}

impl Principal {
    fn of(bearer: Bearer, known: Arc<Known>) -> Self {
        let grants = grants(&bearer.roles, &bearer.granted);
        // A permission that this program does not know confines to nothing.
        let in_words =
            |words: Vec<String>| words.iter().filter_map(|word| word.parse().ok()).collect::<Vec<Permission>>();
        let confined_to = bearer.permissions.map(in_words);
        Self {
            user: audit::Actor::User { id: bearer.user, email: bearer.email },
            employee: bearer.employee,
            grants: match &confined_to {
                Some(permissions) => grants.confined_to(permissions),
                None => grants,
            },
            roles: bearer.roles,
            credential: Some(bearer.credential),
            confined_to,
            stamps: Some(bearer.stamps),
            known,
        }
    }

    /// Somebody who operates the platform.
    pub(crate) fn operator(operator: &audit::Actor) -> Self {
        Self {
            user: operator.clone(),
            employee: None,
            roles: Vec::new(),
            grants: Grants::of([BuiltInRole::Owner.key()], []),
            credential: None,
            confined_to: None,
            stamps: None,
            known: Arc::default(),
        }
    }

    /// The user; no user of the company when it is an operator.
    pub(crate) fn user_id(&self) -> UserId {
        self.user.user_id().unwrap_or_default().into()
    }

    /// Denies what the actor has no permission for in the whole company.
    pub(crate) fn require(&self, permission: Permission) -> Result<()> {
        if self.grants.allow_everywhere(permission) {
            Ok(())
        } else {
            Err(Error::Denied(format!("this needs the permission {permission} for the whole company")))
        }
    }
}

/// Reads in a transaction of the caller's tenant, on the replica where there is one. What is read may lag there by a moment; who the
/// caller is does not.
pub(crate) async fn read<T>(
    context: &Context,
    caller: Caller<'_>,
    body: impl AsyncFnOnce(&mut TenantTx, &Principal) -> Result<T>,
) -> Result<T> {
    let (mut tx, actor) = enter_to_read(context, caller).await?;
    let outcome = body(&mut tx, &actor).await;
    conclude(tx, outcome).await
}

/// Begins a transaction of the caller's tenant and finds out who the caller is.
pub(crate) async fn enter(context: &Context, caller: Caller<'_>) -> Result<(TenantTx, Principal)> {
    identify(context, caller.token, Access::Change).await
}

/// The same for reading alone, on the primary.
pub(crate) async fn let_in(context: &Context, caller: Caller<'_>) -> Result<(TenantTx, Principal)> {
    identify(context, caller.token, Access::Read).await
}

/// The same for reading alone, on the replica where there is one. Who the caller is, is found out on the primary: a right taken
/// away must not live on for as long as the replica lags.
async fn enter_to_read(context: &Context, caller: Caller<'_>) -> Result<(TenantTx, Principal)> {
    let tenant = caller.token.tenant();
    let (tx, principal) = identify(context, caller.token, Access::Read).await?;
    if !context.db.has_replica() {
        return Ok((tx, principal));
    }
    // Given back before the replica is asked: while one that is away is waited for, others need the primary's connections.
    tx.commit().await?;
    let tx = match context.db.begin_on_replica(tenant).await {
        Some(tx) => tx,
        None => context.db.begin_read(tenant).await?,
    };
    Ok((tx, principal))
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy)]
enum Access {
    Change,
    Read,
}

/// Finds out who the caller is. What takes effect today and is not shown yet is applied first, so that nobody sees the company as it
/// was yesterday: whoever comes first on a day does what a scheduler would.
async fn identify(context: &Context, secret: &Secret, access: Access) -> Result<(TenantTx, Principal)> {
    let (tx, found) = find_bearer(context, secret, access).await?;
    if !found.note_is_old && !found.something_is_due {
        let known = tx.known();
        return Ok((tx, Principal::of(found, known)));
    }
    // In transactions of their own: this one may be for reading alone, and what it does may fail. Never two at once, for which there
    // may be no connections.
    tx.commit().await?;
    if found.something_is_due {
        due::apply(context, secret.tenant()).await?;
    }
    if found.note_is_old {
        note_use(context, secret, found.credential).await;
    }
    let (tx, found) = find_bearer(context, secret, access).await?;
    let known = tx.known();
    Ok((tx, Principal::of(found, known)))
}

async fn find_bearer(context: &Context, secret: &Secret, access: Access) -> Result<(TenantTx, Bearer)> {
    let begun = match access {
        Access::Change => context.db.begin(secret.tenant()).await,
        Access::Read => context.db.begin_read(secret.tenant()).await,
    };
    let mut tx = begun.map_err(|error| match error {
        // A credential of a tenant that is not there is no better than any other unknown one.
        tenure_db::Error::NotFound { .. } => Error::Unauthenticated,
        other => other.into(),
    })?;
    match bearer(context, &mut tx, secret).await {
        Ok(bearer) => Ok((tx, bearer)),
        Err(error) => conclude(tx, Err(error)).await,
    }
}

/// Who stands behind a credential, looked up in a transaction of the tenant that it names.
pub(crate) async fn bearer(context: &Context, tx: &mut TenantTx, secret: &Secret) -> Result<Bearer> {
    let is_session = match secret.kind() {
        Kind::Token => false,
        Kind::Session => true,
        Kind::PasswordReset => return Err(Error::Unauthenticated),
    };
    let presented = Presented { hash: secret.hash(), is_session, now: context.now(), idle_since: context.idle_since() };
    credentials::bearer(tx, &presented).await?.ok_or(Error::Unauthenticated)
}

/// That it could not be noted keeps nobody out.
async fn note_use(context: &Context, secret: &Secret, credential: CredentialId) {
    let noted = async {
        let mut tx = context.db.begin(secret.tenant()).await?;
        credentials::note_use(&mut tx, credential, context.now()).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "that a credential is used could not be noted");
    }
}

/// What roles grant, and what custom ones among them add.
pub(crate) fn grants(roles: &[String], granted: &[String]) -> Grants {
    let custom = granted.iter().filter_map(|grant| grant.split_once(' '));
    Grants::of(roles.iter().map(String::as_str), custom)
}

/// Ends a transaction as its use case went: keeps what it did, or undoes it and gives the connection back.
pub(crate) async fn conclude<T>(tx: TenantTx, outcome: Result<T>) -> Result<T> {
    match outcome {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(error) => {
            if let Err(failed) = tx.rollback().await {
                tracing::warn!(error = %failed, "a transaction could not be rolled back; its connection is closed");
            }
            Err(error)
        }
    }
}
