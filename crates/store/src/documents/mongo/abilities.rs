//! What a server can do that speaks as MongoDB does: found out by trying, as its version tells nothing of servers of other makers.

use mongodb::bson::{Document, doc};
use mongodb::options::ReadConcern;
use uuid::Uuid;

use super::failure::{Failure, has_code};
use super::{Collection, Error, Mongo, Work};

/// A collection of the name is there.
const EXISTS: i32 = 48;

/// What a server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Abilities {
    /// What a transaction did is gone when it is undone.
    pub(in super::super) transactions: bool,
    /// It removes what has expired.
    pub(in super::super) expiry: bool,
}

impl Mongo {
    /// Whether what a transaction did is gone when it is undone: servers that have none may take the commands without a word.
    pub(super) async fn has_transactions(&self) -> Result<bool, Failure> {
        let records = self.records();
        // Some servers make no collection within a transaction.
        match self.database.create_collection(records.name()).await {
            Err(error) if has_code(&error, EXISTS) => {}
            made => made?,
        }
        let key = format!("probe:{}", Uuid::from_bytes(rand::random()));
        let mut session = self.client.start_session().await?;
        session.start_transaction().await?;
        let inserted = records.insert_one(doc! { "_id": &key }).session(&mut session).await;
        if inserted.is_err_and(|error| Failure::from(error).means_away()) {
            return Err(Failure::TimedOut);
        }
        let undone = session.abort_transaction().await.is_ok();
        let left = records.delete_one(doc! { "_id": &key }).await?.deleted_count;
        Ok(undone && left == 0)
    }

    /// A session whose reads all show the moment of the first, which is now: of a snapshot where the server has them, else of a transaction,
    /// which servers end sooner.
    pub(in super::super) async fn moment(&self) -> Result<Work, Error> {
        let has_snapshots = self.ask_of(None, self.has_snapshots()).await?;
        let has_transactions = self.prepare().await?.transactions;
        if !has_snapshots && !has_transactions {
            return Err(Error::WithoutTransactions);
        }
        let beginning = async {
            let mut session = self.client.start_session().snapshot(has_snapshots).await?;
            if !has_snapshots {
                session.start_transaction().read_concern(ReadConcern::snapshot()).await?;
            }
            let first = if has_snapshots { self.collection_of_moment(Collection::FeatureFlags) } else { self.first() };
            first.find_one(nothing()).session(&mut session).await?;
            Ok(session)
        };
        Ok(Work { session: Some(self.ask_of(None, beginning).await?), is_moment: has_snapshots, ..Work::default() })
    }

    /// A server that knows snapshots says of which time an answer is; others refuse the question, or do not heed that part of it.
    async fn has_snapshots(&self) -> Result<bool, mongodb::error::Error> {
        let question = doc! {
            "find": self.first().name(), "filter": nothing(), "limit": 1, "readConcern": { "level": "snapshot" },
        };
        match self.database.run_command(question).await {
            Ok(answer) => Ok(answer.get_document("cursor").is_ok_and(|cursor| cursor.contains_key("atClusterTime"))),
            Err(error) if matches!(*error.kind, mongodb::error::ErrorKind::Command(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn first(&self) -> mongodb::Collection<Document> {
        self.collection(Collection::FeatureFlags)
    }
}

fn nothing() -> Document {
    doc! { "_id": "" }
}
