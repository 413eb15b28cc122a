//! Why something could not be done with documents.

use tenure_core::document_address::DocumentPlace;
use thiserror::Error;
use uuid::Uuid;

use super::collection::Collection;

/// Why something could not be done with documents.
#[derive(Debug, Error)]
pub enum Error {
    /// The document that is to be inserted is there already.
    #[error("there is a document of this name in {0} already")]
    Taken(Collection),
    /// The document has been changed or removed since it was read.
    #[error("the document in {0} has been changed since it was read")]
    Stale(Collection),
    /// A body that cannot be kept.
    #[error("the document cannot be kept in {collection}: {words}")]
    Unstorable {
        /// Where.
        collection: Collection,
        /// Why.
        words: String,
    },
    /// A body that is not of the form that the program expects.
    #[error("the document {id} in {collection} cannot be read")]
    Unreadable {
        /// Where.
        collection: Collection,
        /// Which one.
        id: Uuid,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A search for which there is no index: a fault of the program.
    #[error("no index of {collection} finds by {fields:?}")]
    Unindexed {
        /// Where.
        collection: Collection,
        /// The fields of the search.
        fields: Vec<&'static str>,
    },
    /// A change outside of one: a fault of the program.
    #[error("documents are only read here")]
    ReadOnly,
    /// The URL names no store of documents.
    #[error("the URL of the documents cannot be used: {0}")]
    Place(&'static str),
    /// The tenant's documents lie in a place that this program was not told of.
    #[error("the company's documents lie in {0}, which neither documents.url nor documents.former_url names")]
    Elsewhere(DocumentPlace),
    /// Two places that could not be told apart.
    #[error("both places are called {0}; give the database of the new one another name")]
    SamePlace(DocumentPlace),
    /// MongoDB does not answer.
    #[error("MongoDB is not available: {0}")]
    Away(String),
    /// MongoDB is no replica set, or a server without transactions.
    #[error("MongoDB has no transactions here, which changes of documents need: it must be a replica set")]
    WithoutTransactions,
    /// MongoDB no longer has the moment that is being read.
    #[error(
        "MongoDB no longer keeps the moment that is being read; let it keep moments for longer by minSnapshotHistoryWindowInSeconds"
    )]
    TooOld,
    /// MongoDB refused something.
    #[error("MongoDB: {0}")]
    Mongo(#[source] Box<mongodb::error::Error>),
    /// PostgreSQL refused a statement, or is away.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}
