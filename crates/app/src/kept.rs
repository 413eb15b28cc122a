//! Reading what is dear to compute: from the cache, if the tenant's data are still those that it was computed from.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_core::access::{Scope, ScopeSet};
use tenure_core::ids::{EmployeeId, TenantId};
use tenure_core::stamps::Area;
use tenure_db::{TenantTx, stamps};
use tenure_store::cache::{Key, Kind, Loaded};

use crate::caller::{self, Caller, Principal};
use crate::context::Context;
use crate::error::{Error, Result};

/// Something that is kept, and the areas that it is computed from. What is computed from anything else must not be kept.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) areas: &'static [Area],
}

impl Subject {
    pub(crate) const fn new(name: &'static str, form: u16, minutes: u64, areas: &'static [Area]) -> Self {
        let ttl = Duration::from_secs(60 * minutes);
        Self { kind: Kind { name, form, ttl, ttl_of_nothing: Duration::from_secs(10) }, areas }
    }
}

/// A value that others may be reading too.
#[derive(Debug)]
pub struct Kept<T>(Arc<Option<T>>);

impl<T> Kept<T> {
    /// Whether both are the same value in memory.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The value.
    ///
    /// # Errors
    /// `Internal` when something else is kept under its name.
    pub fn get(&self) -> Result<&T> {
        let wrong = || Error::Internal(tenure_db::Error::Refused("the cache holds something else".to_owned()));
        Option::as_ref(&self.0).ok_or_else(wrong)
    }
}

/// Lets the caller in, and says who it is. The connection is given back.
pub(crate) async fn enter(context: &Context, caller: Caller<'_>) -> Result<Principal> {
    let (tx, actor) = caller::let_in(context, caller).await?;
    tx.commit().await?;
    Ok(actor)
}

/// What `which` names of a subject: out of the cache, or by `load` in a snapshot of the primary.
///
/// What is kept bears the stamps that its own snapshot has seen; so whatever is found under the stamps that the actor was let in with is
/// what the company's data gave then. No connection is held while the cache is asked.
pub(crate) async fn find<T>(
    context: &Context,
    (tenant, actor): (TenantId, &Principal),
    subject: &'static Subject,
    which: &str,
    load: impl AsyncFnOnce(&mut TenantTx) -> Result<T>,
) -> Result<Kept<T>>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let state = actor.stamps.as_ref().and_then(|seen| seen.over(subject.areas));
    // On the heap, so that a request that finds its value does not carry the room for loading it.
    let loading = Box::pin(async {
        let mut tx = context.db.begin_snapshot(tenant).await?;
        let loaded = load_with_state(&mut tx, subject, load).await;
        let (seen, value) = caller::conclude(tx, loaded).await?;
        Ok(if seen == state { Loaded::Value(value) } else { Loaded::Unkept(value) })
    });
    let found = match &state {
        Some(state) => {
            let key = Key::new(tenant, &subject.kind, state, which);
            context.cache.get_or_load(&key, loading).await.map_err(|error: Arc<Error>| error.shared())?
        }
        None => Arc::new(loading.await?.into_value()),
    };
    Ok(Kept(found))
}

async fn load_with_state<T>(
    tx: &mut TenantTx,
    subject: &Subject,
    load: impl AsyncFnOnce(&mut TenantTx) -> Result<T>,
) -> Result<(Option<String>, T)> {
    let seen = stamps::read(tx).await?;
    Ok((seen.over(subject.areas), load(tx).await?))
}

/// Whom somebody sees, in a word: what is kept for one is given only to those who see the same people.
pub(crate) fn view(visible: ScopeSet, viewer: Option<EmployeeId>) -> String {
    if visible.has(Scope::All) {
        return "all".to_owned();
    }
    let scopes: Vec<&str> = visible.iter().map(Scope::key).collect();
    let viewer = viewer.map_or_else(|| "nobody".to_owned(), |viewer| viewer.to_string());
    format!("{}@{viewer}", scopes.join("+"))
}
