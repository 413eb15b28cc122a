//! The key of a tenant's files, kept beside what is known of them, wrapped in the installation's key.

use tenure_core::ids::TenantId;
use tenure_db::audit::Actor;
use tenure_store::sealed::{KeyError, MasterKeys, TenantKey, Unwrapped};

use super::records;
use super::stored::KeyBody;
use crate::change::{self, Change};
use crate::context::Context;
use crate::error::{Error, Result};

/// The key, where one was made.
pub(super) async fn find(change: &mut Change<'_>) -> Result<Option<TenantKey>> {
    let tenant = change.tx.tenant();
    let Some(found) = records::get::<KeyBody>(change, tenant.uuid()).await? else { return Ok(None) };
    Ok(Some(opened(&change.context.files()?.master, tenant, &found.body)?.key))
}

/// The key of what is kept of it.
pub(super) fn opened(master: &MasterKeys, tenant: TenantId, body: &KeyBody) -> Result<Unwrapped> {
    let wrapped = hex::decode(&body.wrapped).map_err(|_| unusable(KeyError::Other))?;
    master.unwrap_key(&wrapped, tenant.uuid().as_bytes()).map_err(unusable)
}

/// What is kept of a key.
pub(super) fn closed(context: &Context, master: &MasterKeys, tenant: TenantId, key: &TenantKey) -> Result<KeyBody> {
    let wrapped = master.wrap(key, tenant.uuid().as_bytes(), context.random_bytes()).map_err(unusable)?;
    Ok(KeyBody { wrapped: hex::encode(wrapped) })
}

/// The key of what is there, which was encrypted by it.
pub(super) async fn existing(change: &mut Change<'_>) -> Result<TenantKey> {
    find(change).await?.ok_or_else(|| unusable(KeyError::Other))
}

/// Makes the key. Of two who make it at once, one does, and both get the same.
pub(super) async fn make(context: &Context, tenant: TenantId) -> Result<TenantKey> {
    let made = change::run_as_operator(context, &Actor::System, tenant, async |change| {
        if let Some(key) = find(change).await? {
            return Ok(key);
        }
        let key = TenantKey::from_bytes(context.random_bytes());
        let body = closed(context, &context.files()?.master, tenant, &key)?;
        records::insert(change, tenant.uuid(), body).await?;
        Ok(key)
    });
    match made.await {
        Err(Error::Conflict(_)) => change::run_as_operator(context, &Actor::System, tenant, existing).await,
        made => made,
    }
}

fn unusable(error: KeyError) -> Error {
    let words = format!("{error}; add the former key to the file of files.key_file, as a further line");
    Error::Internal(tenure_db::Error::Refused(words))
}
