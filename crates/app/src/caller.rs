//! Who asks: from a credential to an actor with rights, inside the transaction in which the rights are used.

use tenure_core::access::{Grants, Permission};
use tenure_core::ids::EmployeeId;
use tenure_db::tokens::Bearer;
use tenure_db::{TenantTx, audit};

use crate::context::Context;
use crate::employment::due;
use crate::error::{Error, Result};
use crate::once::Once;
use crate::tokens::{self, Secret};

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

/// A user whose credential was found good, with what the user may do now.
#[derive(Debug)]
pub(crate) struct Principal {
    /// For the audit log.
    pub(crate) user: audit::Actor,
    /// The employee that the user is, if any.
    pub(crate) employee: Option<EmployeeId>,
    /// What the user may do.
    pub(crate) grants: Grants,
}

impl Principal {
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
    identify(context, caller, Access::Write).await
}

/// The same for reading alone, on the replica where there is one. Who the caller is, is found out on the primary: a right taken
/// away must not live on for as long as the replica lags.
async fn enter_to_read(context: &Context, caller: Caller<'_>) -> Result<(TenantTx, Principal)> {
    let tenant = caller.token.tenant();
    let (tx, principal) = identify(context, caller, Access::Read).await?;
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

#[derive(Clone, Copy)]
enum Access {
    Read,
    Write,
}

/// Finds out who the caller is. What takes effect today and is not shown yet is applied first, so that nobody sees the company as it
/// was yesterday: whoever comes first on a day does what a scheduler would.
async fn identify(context: &Context, caller: Caller<'_>, access: Access) -> Result<(TenantTx, Principal)> {
    let (tx, bearer) = look_up(context, caller, access).await?;
    if !bearer.something_is_due {
        return Ok((tx, Principal::from(bearer)));
    }
    tx.commit().await?;
    due::apply(context, caller.token.tenant()).await?;
    let (tx, bearer) = look_up(context, caller, access).await?;
    Ok((tx, Principal::from(bearer)))
}

async fn look_up(context: &Context, caller: Caller<'_>, access: Access) -> Result<(TenantTx, Bearer)> {
    let tenant = caller.token.tenant();
    let begun = match access {
        Access::Read => context.db.begin_read(tenant).await,
        Access::Write => context.db.begin(tenant).await,
    };
    let mut tx = begun.map_err(|error| match error {
        // A credential of a tenant that is not there is no better than any other unknown one.
        tenure_db::Error::NotFound { .. } => Error::Unauthenticated,
        other => other.into(),
    })?;
    match tokens::bearer(&mut tx, caller.token, context.now()).await {
        Ok(bearer) => Ok((tx, bearer)),
        Err(error) => conclude(tx, Err(error)).await,
    }
}

impl From<Bearer> for Principal {
    fn from(bearer: Bearer) -> Self {
        let roles = bearer.roles.iter().map(String::as_str);
        let custom = bearer.granted.iter().filter_map(|grant| grant.split_once(' '));
        let grants = Grants::of(roles, custom);
        Self { user: audit::Actor::User { id: bearer.user, email: bearer.email }, employee: bearer.employee, grants }
    }
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
