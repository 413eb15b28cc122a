//! A search, and the page that it gives.

use uuid::Uuid;

use super::Error;
use super::collection::Collection;
use super::stored::Stored;

/// Which documents are looked for, and in which order. An index must fit: see [`Collection::indexes`].
#[derive(Debug, Clone, Default)]
pub struct Find<'a> {
    /// Fields of the body and the values that they must have.
    pub equal: &'a [(&'static str, &'a str)],
    /// The field by whose bytes documents are put in order, ids settling equal ones; those without it are left out. `None` for the order of
    /// the ids.
    pub by: Option<&'static str>,
    /// The greatest first.
    pub descending: bool,
    /// Values of `by` from this one on.
    pub from: Option<&'a str>,
    /// Values of `by` before this one.
    pub before: Option<&'a str>,
    /// Where the page starts; `None` for the first one.
    pub after: Option<&'a Place>,
    /// How many documents a page holds at most.
    pub limit: u32,
}

/// The place in an order after which a page starts: the last document of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The value of the field of the order; empty in the order of the ids.
    pub value: String,
    /// The document.
    pub id: Uuid,
}

/// A page of documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// The documents, in order.
    pub documents: Vec<Stored<T>>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<Place>,
}

impl Find<'_> {
    /// How many documents to read: one more than the page holds says whether there is a next page.
    pub(super) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Refuses a search that would read a collection whole.
    pub(super) fn check(&self, collection: Collection) -> Result<(), Error> {
        let equal: Vec<_> = self.equal.iter().map(|(field, _)| *field).collect();
        let is_bounded = self.from.is_some() || self.before.is_some();
        if collection.serves(&equal, self.by) && (self.by.is_some() || !is_bounded) {
            Ok(())
        } else {
            Err(Error::Unindexed { collection, fields: equal.into_iter().chain(self.by).collect() })
        }
    }

    /// The page of what was read, each document with its place.
    pub(super) fn cut<T>(&self, mut read: Vec<(Stored<T>, Place)>) -> Found<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = read.len() > limit;
        read.truncate(limit);
        let next = read.last().filter(|_| more).map(|(_, place)| place.clone());
        Found { documents: read.into_iter().map(|(document, _)| document).collect(), next }
    }
}

/// Refuses to count by reading a collection whole.
pub(super) fn check_count(collection: Collection, equal: &[(&'static str, &str)]) -> Result<(), Error> {
    let fields: Vec<_> = equal.iter().map(|(field, _)| *field).collect();
    if collection.counts(&fields) { Ok(()) } else { Err(Error::Unindexed { collection, fields }) }
}
