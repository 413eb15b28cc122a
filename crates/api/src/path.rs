//! Ids in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::problem::{Kind, Problem};

/// The id in a path. What is no UUID is the id of nothing.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = Path::<Uuid>::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id))
            .map_err(|_| Problem::new(Kind::NotFound, "there is nothing of this id, which is no UUID"))
    }
}

/// The two ids in the path of what belongs to something.
#[derive(Debug)]
pub(crate) struct PathIds(pub(crate) Uuid, pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids = Path::<(Uuid, Uuid)>::from_request_parts(parts, state).await;
        ids.map(|Path((owner, id))| Self(owner, id))
            .map_err(|_| Problem::new(Kind::NotFound, "there is nothing of these ids, one of which is no UUID"))
    }
}
