//! Documents in MongoDB, or in a server that speaks as it does. It is asked when it answers; while it is known to be away, nobody waits.

mod abilities;
mod body;
mod copy;
mod failure;
mod indexes;
mod record;
mod tenant;

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use mongodb::bson::{Document, doc};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use mongodb::options::{
    ClientOptions, CollectionOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, ClientSession, Database};
use tenure_core::document_address::DocumentPlace;
use tokio::sync::OnceCell;

use self::abilities::Abilities;
use self::failure::Failure;
pub(super) use self::tenant::TenantInMongo;
use super::Error;
use super::collection::Collection;
use super::work::Work;

/// Who is told of each command that is sent, and of its answer.
pub type Watch = EventHandler<CommandEvent>;

/// How MongoDB is waited for and connected to.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a server that takes requests, and for a connection.
    pub connect: Duration,
    /// For an answer, the above included.
    pub answer: Duration,
    /// For how long nobody asks again after an answer did not come; then one tries.
    pub avoided: Duration,
    /// The most connections.
    pub connections: u32,
}

impl Default for Patience {
    fn default() -> Self {
        let [connect, answer, avoided] = [1, 2, 1].map(Duration::from_secs);
        Self { connect, answer, avoided, connections: 20 }
    }
}

/// For making what is needed at the first use, which takes longer than a question.
const PREPARATION: Duration = Duration::from_mins(1);

/// One database in one MongoDB.
#[derive(Debug)]
pub(super) struct Mongo {
    client: Client,
    database: Database,
    patience: Patience,
    failed: Mutex<Option<Instant>>,
    /// Once its indexes were made.
    abilities: OnceCell<Abilities>,
}

impl Mongo {
    /// The options of a URL, and the name of the database.
    pub(super) fn options(url: &str) -> Result<(ClientOptions, String), Error> {
        if url.starts_with("mongodb+srv:") {
            return Err(Error::Place(
                "write out the hosts that mongodb+srv:// stands for: mongodb://host1,host2/tenure",
            ));
        }
        // Without a name to be looked up there is nothing to wait for. The error of the library may repeat the URL, and with it the password.
        let Some(Ok(options)) = ClientOptions::parse(url).into_future().now_or_never() else {
            return Err(Error::Place("it is no mongodb:// URL"));
        };
        let name = options.default_database.clone();
        Ok((options, name.ok_or(Error::Place("it names no database: mongodb://host/tenure"))?))
    }

    /// Does not connect yet: a MongoDB that is away keeps nobody from starting.
    pub(super) fn open(url: &str, patience: Patience, watch: Option<Watch>) -> Result<Self, Error> {
        let (mut options, name) = Self::options(url)?;
        options.command_event_handler = watch;
        options.app_name = Some("tenure".to_owned());
        options.max_pool_size = Some(patience.connections);
        options.connect_timeout = Some(patience.connect);
        options.server_selection_timeout = Some(patience.connect);
        options.write_concern = Some(WriteConcern::majority());
        options.read_concern = Some(ReadConcern::majority());
        options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        let client = Client::with_options(options).map_err(|_| Error::Place("its options contradict each other"))?;
        let database = client.database(&name);
        Ok(Self { client, database, patience, failed: Mutex::default(), abilities: OnceCell::new() })
    }

    /// What tells it from other places.
    pub(super) fn place(&self) -> DocumentPlace {
        DocumentPlace::mongodb(self.database.name())
    }

    fn collection(&self, collection: Collection) -> mongodb::Collection<Document> {
        self.database.collection(collection.name())
    }

    /// The same for reading at the moment of a session. The driver leaves the read concern of the client as it is also in such a session,
    /// and with any other than this one every read shows a moment of its own.
    fn collection_of_moment(&self, collection: Collection) -> mongodb::Collection<Document> {
        let options = CollectionOptions::builder().read_concern(ReadConcern::snapshot()).build();
        self.database.collection_with_options(collection.name(), options)
    }

    /// Asks whether it answers, also when it did not a moment ago.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        self.forget_failure();
        self.within(self.patience.answer, async {
            self.database.run_command(doc! { "ping": 1 }).await.map_err(Failure::from)
        })
        .await
        .map_err(|failure| failure.into_error(None))
        .map(drop)
    }

    /// Makes the indexes that are missing, and finds out what the server can do; once in the life of this value.
    pub(super) async fn prepare(&self) -> Result<Abilities, Error> {
        let preparing = async {
            // An answer is not waited for longer than others are, should it be away.
            self.ping().await?;
            let making = async {
                let expiry = self.make_indexes().await?;
                Ok(Abilities { transactions: self.has_transactions().await?, expiry })
            };
            self.within(PREPARATION, making).await.map_err(|failure| failure.into_error(None))
        };
        // On the heap, as it is larger than any question, and done once.
        Box::pin(self.abilities.get_or_try_init(|| preparing)).await.copied()
    }

    /// One question about a collection. Who finds MongoDB away waits once; for a while after that nobody waits at all.
    async fn ask<T>(
        &self,
        collection: Collection,
        question: impl Future<Output = Result<T, mongodb::error::Error>>,
    ) -> Result<T, Error> {
        self.ask_of(Some(collection), question).await
    }

    async fn ask_of<T>(
        &self,
        collection: Option<Collection>,
        question: impl Future<Output = Result<T, mongodb::error::Error>>,
    ) -> Result<T, Error> {
        if self.is_avoided() {
            return Err(Error::Away("it did not answer a moment ago".to_owned()));
        }
        self.prepare().await?;
        let asked = self.within(self.patience.answer, async { question.await.map_err(Failure::from) }).await;
        asked.map_err(|failure| failure.into_error(collection))
    }

    async fn within<T>(
        &self,
        patience: Duration,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let asked = tokio::time::timeout(patience, question).await.unwrap_or(Err(Failure::TimedOut));
        match &asked {
            Err(failure) if failure.means_away() => self.note_failure(failure),
            _ => self.forget_failure(),
        }
        asked
    }

    /// The session of a change, whose transaction begins with its first use.
    async fn session<'a>(&self, work: &'a mut Work) -> Result<&'a mut ClientSession, Error> {
        if work.session.is_none() {
            let beginning = async {
                let mut session = self.client.start_session().await?;
                session.start_transaction().await?;
                Ok(session)
            };
            let session = self.ask_of(None, beginning).await?;
            // Known by now, as nothing is asked before.
            work.session = Some(session).filter(|_| self.abilities.get().is_some_and(|known| known.transactions));
        }
        work.session.as_mut().ok_or(Error::WithoutTransactions)
    }

    /// Whether it did not answer a moment ago. When the time is over, one is let through to try, and the others go on avoiding it.
    fn is_avoided(&self) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match *failed {
            Some(moment) if moment.elapsed() < self.patience.avoided => true,
            Some(_) => {
                *failed = Some(Instant::now());
                false
            }
            None => false,
        }
    }

    fn forget_failure(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn note_failure(&self, failure: &Failure) {
        let before = self.failed.lock().unwrap_or_else(PoisonError::into_inner).replace(Instant::now());
        if before.is_none() {
            tracing::warn!(cause = %failure, "MongoDB does not answer; what needs documents is refused until it does");
        }
    }
}
