//! Reading and writing the records of files.

use jiff::Timestamp;
use tenure_core::files::State;
use tenure_core::ids::DocumentId;
use tenure_store::documents::{Collection, Find, Place, Stored};
use uuid::Uuid;

use super::stored::{Body, DocumentBody, Kind};
use crate::change::Change;
use crate::error::{Error, Result};

const METADATA: Collection = Collection::DocumentMetadata;

/// A record that was read or written.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) body: T,
    /// As the store knows it.
    stored: Stored<Body>,
}

impl<T: Kind> Found<T> {
    /// `None` when it is of another kind.
    fn of(stored: Stored<Body>) -> Option<Self> {
        let body = T::try_from(stored.body.clone()).ok()?;
        let Stored { id, version, created_at, updated_at, .. } = stored;
        Some(Self { id, version, created_at, updated_at, body, stored })
    }
}

/// The record of an id, if there is one of the kind.
pub(super) async fn get<T: Kind>(change: &mut Change<'_>, id: Uuid) -> Result<Option<Found<T>>> {
    let stored: Option<Stored<Body>> = change.documents().get(METADATA, id).await?;
    Ok(stored.and_then(Found::of))
}

/// A document in a state.
pub(super) async fn document(change: &mut Change<'_>, id: DocumentId, state: State) -> Result<Found<DocumentBody>> {
    let found = get::<DocumentBody>(change, id.uuid()).await?.filter(|found| found.body.state == state);
    let what = if state == State::Deleted { "deleted document" } else { "document" };
    found.ok_or_else(|| Error::not_found(what, &id))
}

/// Adds a record. One of the id that is there already is a conflict.
pub(super) async fn insert<T: Kind>(change: &mut Change<'_>, id: Uuid, body: T) -> Result<Found<T>> {
    let now = change.context.now();
    let stored = change.documents().insert(METADATA, id, body.clone().into(), now, None).await?;
    let Stored { id, version, created_at, updated_at, .. } = stored;
    Ok(Found { id, version, created_at, updated_at, body, stored })
}

/// Puts another body in the place of what was read, if it still lies there.
pub(super) async fn replace<T: Kind>(change: &mut Change<'_>, found: Found<T>, body: T) -> Result<Found<T>> {
    let (now, mut stored) = (change.context.now(), found.stored);
    stored.body = body.clone().into();
    change.documents().replace(METADATA, &mut stored, now).await?;
    let Stored { id, version, created_at, updated_at, .. } = stored;
    Ok(Found { id, version, created_at, updated_at, body, stored })
}

/// Removes what was read, if it still lies there.
pub(super) async fn delete<T: Kind>(change: &mut Change<'_>, found: Found<T>) -> Result<()> {
    Ok(change.documents().delete(METADATA, found.id, found.version).await?)
}

/// A page of the records of a kind.
pub(super) async fn find<T: Kind>(
    change: &mut Change<'_>,
    equal: &[(&'static str, &str)],
    find: Find<'_>,
) -> Result<(Vec<Found<T>>, Option<Place>)> {
    let equal = [&[("kind", T::KIND)], equal].concat();
    let found = change.documents().find::<Body>(METADATA, &Find { equal: &equal, ..find }).await?;
    Ok((found.documents.into_iter().filter_map(Found::of).collect(), found.next))
}
