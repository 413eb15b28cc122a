//! The end of a change: its documents and the record of its audit entries become visible together.

use jiff::Timestamp;
use mongodb::bson::{Document, doc};
use tenure_core::ids::TenantId;
use uuid::Uuid;

use super::super::work::{Record, Work};
use super::body::{date, moment};
use super::{Error, Mongo};

/// Not a tenant's: the sweeper reads it as a whole, and there is nearly nothing in it at any time.
const RECORDS: &str = "pending_audit";

impl Mongo {
    pub(super) fn records(&self) -> mongodb::Collection<Document> {
        self.database.collection(RECORDS)
    }

    /// Keeps what a change has written, and its record with it.
    pub(in super::super) async fn commit(&self, mut work: Work, record: &Record) -> Result<(), Error> {
        if !work.has_written {
            self.undo(work).await;
            return Ok(());
        }
        let Some(session) = &mut work.session else { return Ok(()) };
        let record = doc! {
            "_id": record.id.to_string(),
            "tenant_id": record.tenant.to_string(),
            "created_at": date(record.created_at),
            "entries": &record.entries,
        };
        self.ask_of(None, self.records().insert_one(record).session(&mut *session).into_future()).await?;
        self.ask_of(None, session.commit_transaction().into_future()).await
    }

    /// Undoes what a change has written, now rather than when the server finds out.
    pub(in super::super) async fn undo(&self, mut work: Work) {
        if let Some(session) = &mut work.session
            && let Err(error) = self.ask_of(None, session.abort_transaction().into_future()).await
        {
            tracing::debug!(%error, "MongoDB undoes a transaction by itself");
        }
    }

    pub(in super::super) async fn settle(&self, record: Uuid) -> Result<(), Error> {
        let records = self.records();
        let removing = records.delete_one(doc! { "_id": record.to_string() }).into_future();
        self.ask_of(None, removing).await.map(drop)
    }

    /// Records that were written before a moment, the oldest first.
    pub(in super::super) async fn pending(&self, before: Timestamp, limit: u32) -> Result<Vec<Record>, Error> {
        self.records_of(doc! { "created_at": { "$lt": date(before) } }, limit).await
    }

    /// Records of a tenant, the oldest first.
    pub(in super::super) async fn pending_of(&self, tenant: TenantId, limit: u32) -> Result<Vec<Record>, Error> {
        self.records_of(doc! { "tenant_id": tenant.to_string() }, limit).await
    }

    async fn records_of(&self, filter: Document, limit: u32) -> Result<Vec<Record>, Error> {
        let reading = async {
            let mut cursor = self.records().find(filter).sort(doc! { "_id": 1 }).limit(limit.into()).await?;
            let mut found = Vec::new();
            while cursor.advance().await? {
                found.push(cursor.deserialize_current()?);
            }
            Ok(found)
        };
        let found: Vec<Document> = self.ask_of(None, reading).await?;
        Ok(found.iter().filter_map(to_record).collect())
    }
}

fn to_record(document: &Document) -> Option<Record> {
    Some(Record {
        id: document.get_str("_id").ok()?.parse().ok()?,
        tenant: document.get_str("tenant_id").ok()?.parse().ok()?,
        created_at: moment(*document.get_datetime("created_at").ok()?),
        entries: document.get_str("entries").ok()?.to_owned(),
    })
}
