//! Ids, numbers and keys in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use tenure_core::flags::Key;
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

/// The number of a version in a path.
#[derive(Debug)]
pub(crate) struct PathNumber(pub(crate) i32);

impl<S: Send + Sync> FromRequestParts<S> for PathNumber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let number = Path::<i32>::from_request_parts(parts, state).await.ok().filter(|Path(number)| *number >= 0);
        number
            .map(|Path(number)| Self(number))
            .ok_or_else(|| Problem::new(Kind::NotFound, "there is nothing of this number, which is none"))
    }
}

/// The key of a flag in a path.
#[derive(Debug)]
pub(crate) struct PathKey(pub(crate) Key);

impl<S: Send + Sync> FromRequestParts<S> for PathKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let key = Path::<String>::from_request_parts(parts, state).await.ok();
        key.and_then(|Path(key)| key.parse().ok().map(Self))
            .ok_or_else(|| Problem::new(Kind::NotFound, "there is nothing of this key, which no flag could have"))
    }
}
