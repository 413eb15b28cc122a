//! Taking a new key for the installation: each tenant's key is wrapped in it anew. The objects stay as they are.

use futures_util::{StreamExt, stream};
use serde_json::json;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use tenure_store::documents::{Collection, Stored};

use super::stored::{Body, KeyBody};
use super::{Files, keys, records};
use crate::change::{self, Record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::{caller, documents};

/// How many tenants are looked at together.
const AT_ONCE: usize = 4;

/// How a tenant's key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// No file has been kept yet, so there is none.
    None,
    /// Wrapped in the key that is in use.
    Current,
    /// Wrapped in one that was before it.
    Former,
}

/// How the keys of several tenants are kept.
#[derive(Debug, Default)]
pub struct Keys {
    /// Those that have no key, as they have no files.
    pub none: usize,
    /// Those whose key is wrapped in the key that is in use.
    pub current: usize,
    /// Those whose key is wrapped in one that was before it.
    pub former: usize,
    /// Those whose key could not be had, or not be written.
    pub failed: Vec<(Slug, Error)>,
}

impl Files {
    /// How a tenant's key is kept.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when none of the installation's keys opens it; `Unavailable`.
    pub async fn key_of(&self, context: &Context, tenant: TenantId) -> Result<Key> {
        let mut tx = context.db.begin_snapshot(tenant).await?;
        let found: Result<Option<Stored<Body>>, _> =
            documents::of(context, &mut tx).get(Collection::DocumentMetadata, tenant.uuid()).await;
        let found = caller::conclude(tx, found.map_err(Error::from)).await?;
        match found.and_then(|found| KeyBody::try_from(found.body).ok()) {
            None => Ok(Key::None),
            Some(body) if keys::opened(&self.master, tenant, &body)?.is_current => Ok(Key::Current),
            Some(_) => Ok(Key::Former),
        }
    }

    /// Wraps a tenant's key in the key that is in use, and says how it was kept before.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when none of the installation's keys opens it; `Stale` when somebody else did the same; `Unavailable`.
    pub async fn rewrap(&self, context: &Context, operator: &Actor, tenant: TenantId) -> Result<Key> {
        change::run_upkeep(context, operator, tenant, async |change| {
            let Some(found) = records::get::<KeyBody>(change, tenant.uuid()).await? else { return Ok(Key::None) };
            let opened = keys::opened(&self.master, tenant, &found.body)?;
            if opened.is_current {
                return Ok(Key::Current);
            }
            let body = keys::closed(context, &self.master, tenant, &opened.key)?;
            let before = found.version;
            let after = records::replace(change, found, body).await?.version;
            // What is kept of the key is no secret by itself, but of no use in the log either.
            let [before, after] = [before, after].map(|version| Some(json!({ "version": version })));
            let id = tenant.uuid();
            change.record(Record { action: "file_key.rewrapped", entity: "file_key", id, before, after }).await?;
            Ok(Key::Former)
        })
        .await
    }

    /// How the keys of several tenants are kept.
    pub async fn keys_of(&self, context: &Context, tenants: &[Tenant]) -> Keys {
        sum_up(tenants, async |tenant: &Tenant| self.key_of(context, tenant.id).await, &|| ()).await
    }

    /// Wraps the keys of several tenants in the key that is in use, some at once, and says how they were kept before. One that fails stops
    /// no other, and what was done before is not done again. `on_done` hears each time that one is done.
    pub async fn rewrap_each(
        &self,
        context: &Context,
        operator: &Actor,
        tenants: &[Tenant],
        on_done: &(dyn Fn() + Sync),
    ) -> Keys {
        sum_up(tenants, async |tenant: &Tenant| self.rewrap(context, operator, tenant.id).await, on_done).await
    }
}

async fn sum_up(tenants: &[Tenant], look: impl AsyncFn(&Tenant) -> Result<Key>, on_done: &(dyn Fn() + Sync)) -> Keys {
    // One that is not complete yet has no files.
    let complete = tenants.iter().filter(|tenant| tenant.status != TenantStatus::Provisioning);
    let look = async |tenant| (tenant, look(tenant).await);
    let mut found = stream::iter(complete).map(look).buffer_unordered(AT_ONCE);
    let mut all = Keys::default();
    while let Some((tenant, key)) = found.next().await {
        match key {
            Ok(Key::None) => all.none += 1,
            Ok(Key::Current) => all.current += 1,
            Ok(Key::Former) => all.former += 1,
            Err(error) => all.failed.push((tenant.slug.clone(), error)),
        }
        on_done();
    }
    all
}
