//! The documents of one tenant: every filter begins with the tenant.

use std::future::IntoFuture;

use mongodb::action;
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Collection as Documents};
use tenure_core::ids::DocumentHome;
use uuid::Uuid;

use super::super::find::Find;
use super::super::stored::Raw;
use super::super::walk::{ENOUGH, MOST};
use super::super::work::Work;
use super::body::{from_document, key, to_document};
use super::{Collection, Error, Mongo};

/// One tenant's part of the collections, and the change under way if there is one.
#[derive(Debug)]
pub(in super::super) struct TenantInMongo<'a> {
    pub(in super::super) mongo: &'a Mongo,
    pub(in super::super) home: DocumentHome,
    pub(in super::super) work: Option<&'a mut Work>,
}

/// A part of a search that one index serves from a place on.
struct Segment {
    filter: Document,
    sort: Document,
}

/// How much of it is read.
#[derive(Clone, Copy)]
struct Bound {
    documents: i64,
    /// Reading ends with the document that comes to this; the server sends no more than its own batches hold.
    bytes: usize,
}

impl Bound {
    const fn of(documents: i64) -> Self {
        Self { documents, bytes: usize::MAX }
    }

    /// In one batch, as long as that holds it: some servers have no cursors within transactions.
    fn find(self, all: &Documents<Document>, filter: Document, sort: Document) -> action::Find<'_, Document> {
        let batch = u32::try_from(self.documents).unwrap_or(u32::MAX).saturating_add(1);
        all.find(filter).sort(sort).limit(self.documents).batch_size(batch)
    }
}

impl TenantInMongo<'_> {
    pub(in super::super) async fn insert(&mut self, collection: Collection, documents: &[Raw]) -> Result<(), Error> {
        let documents: Vec<_> = documents.iter().map(|raw| to_document(self.home, raw)).collect();
        let all = self.mongo.collection(collection);
        let mongo = self.mongo;
        let session = self.writing().await?;
        let inserted = mongo.ask(collection, all.insert_many(documents).session(session).into_future()).await;
        match inserted {
            // Another inserts a document of this id at this moment.
            Err(Error::Stale(collection)) => Err(Error::Taken(collection)),
            done => done.map(drop),
        }
    }

    pub(in super::super) async fn get(&mut self, collection: Collection, ids: &[Uuid]) -> Result<Vec<Raw>, Error> {
        let keys: Vec<_> = ids.iter().map(|id| key(self.home, *id)).collect();
        let segment = Segment { filter: doc! { "_id": { "$in": keys } }, sort: doc! { "_id": 1 } };
        let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        self.read(collection, segment, Bound::of(limit)).await
    }

    pub(in super::super) async fn replace(
        &mut self,
        collection: Collection,
        document: &Raw,
        read: i32,
    ) -> Result<(), Error> {
        let filter = doc! { "_id": key(self.home, document.id), "version": read };
        let (all, document, mongo) = (self.mongo.collection(collection), to_document(self.home, document), self.mongo);
        let session = self.writing().await?;
        let replaced = mongo.ask(collection, all.replace_one(filter, document).session(session).into_future()).await?;
        if replaced.matched_count == 1 { Ok(()) } else { Err(Error::Stale(collection)) }
    }

    pub(in super::super) async fn delete(
        &mut self,
        collection: Collection,
        id: Uuid,
        version: i32,
    ) -> Result<(), Error> {
        let filter = doc! { "_id": key(self.home, id), "version": version };
        let (all, mongo) = (self.mongo.collection(collection), self.mongo);
        let session = self.writing().await?;
        let deleted = mongo.ask(collection, all.delete_one(filter).session(session).into_future()).await?;
        if deleted.deleted_count == 1 { Ok(()) } else { Err(Error::Stale(collection)) }
    }

    pub(in super::super) async fn delete_each(&mut self, collection: Collection, ids: &[Uuid]) -> Result<(), Error> {
        let keys: Vec<_> = ids.iter().map(|id| key(self.home, *id)).collect();
        let (all, mongo) = (self.mongo.collection(collection), self.mongo);
        let session = self.writing().await?;
        let deleting = all.delete_many(doc! { "_id": { "$in": keys } }).session(session);
        mongo.ask(collection, deleting.into_future()).await.map(drop)
    }

    pub(in super::super) async fn count(
        &mut self,
        collection: Collection,
        equal: &[(&'static str, &str)],
    ) -> Result<u64, Error> {
        let (filter, all, mongo) = (self.filter(equal), self.to_read(collection), self.mongo);
        let counting = all.count_documents(filter);
        match &mut self.work {
            Some(work) => {
                let session = mongo.session(work).await?;
                mongo.ask(collection, counting.session(session).into_future()).await
            }
            None => mongo.ask(collection, counting.into_future()).await,
        }
    }

    pub(in super::super) async fn find(&mut self, collection: Collection, find: &Find<'_>) -> Result<Vec<Raw>, Error> {
        let mut found = Vec::new();
        for segment in self.segments(find) {
            let missing = find.rows() - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if missing > 0 {
                found.extend(self.read(collection, segment, Bound::of(missing)).await?);
            }
        }
        Ok(found)
    }

    pub(in super::super) async fn walk(
        &mut self,
        collection: Collection,
        after: Option<Uuid>,
    ) -> Result<Vec<Raw>, Error> {
        let mut filter = self.filter(&[]);
        filter.extend(after.map(|after| ("id".to_owned(), doc! { "$gt": after.to_string() }.into())));
        let segment = Segment { filter, sort: doc! { "id": 1 } };
        self.read(collection, segment, Bound { documents: MOST.into(), bytes: ENOUGH }).await
    }

    pub(in super::super) async fn explain(&mut self, collection: Collection, find: &Find<'_>) -> Result<String, Error> {
        let mut plans = Vec::new();
        for Segment { filter, sort } in self.segments(find) {
            let search = doc! { "find": collection.name(), "filter": filter, "sort": sort, "limit": find.rows() };
            let command = doc! { "explain": search, "verbosity": "executionStats" };
            let mut answer = self.mongo.ask(collection, self.mongo.database.run_command(command).into_future()).await?;
            if let Ok(plan) = answer.get_document_mut("queryPlanner") {
                plans.extend(plan.remove("winningPlan").map(|plan| plan.to_string()));
            }
            plans.extend(answer.remove("executionStats").map(|figures| figures.to_string()));
        }
        Ok(plans.join("\n"))
    }

    async fn read(&mut self, collection: Collection, segment: Segment, bound: Bound) -> Result<Vec<Raw>, Error> {
        let (all, mongo) = (self.to_read(collection), self.mongo);
        let found = match &mut self.work {
            Some(work) => {
                let session = mongo.session(work).await?;
                mongo.ask(collection, read_in(session, &all, segment, bound)).await?
            }
            None => mongo.ask(collection, read_outside(&all, segment, bound)).await?,
        };
        // What Tenure has not written is not there for it.
        Ok(found.into_iter().filter_map(from_document).collect())
    }

    fn to_read(&self, collection: Collection) -> Documents<Document> {
        if self.work.as_ref().is_some_and(|work| work.is_moment) {
            self.mongo.collection_of_moment(collection)
        } else {
            self.mongo.collection(collection)
        }
    }

    /// The session of the change, in which something is written from now on.
    async fn writing(&mut self) -> Result<&mut ClientSession, Error> {
        let work = self.work.as_deref_mut().ok_or(Error::ReadOnly)?;
        work.has_written = true;
        self.mongo.session(work).await
    }

    fn filter(&self, equal: &[(&'static str, &str)]) -> Document {
        let mut filter = doc! { "tenant_id": self.home.to_string() };
        filter.extend(equal.iter().map(|(field, value)| (path(field), Bson::from(*value))));
        filter
    }

    /// What follows a place is, first, the rest of those with the same value, and then those with later ones.
    fn segments(&self, find: &Find<'_>) -> Vec<Segment> {
        let all = self.filter(find.equal);
        let (direction, beyond) = if find.descending { (-1, "$lt") } else { (1, "$gt") };
        let with = |field: &str, condition: Bson| {
            let mut filter = all.clone();
            filter.insert(field, condition);
            filter
        };
        let by_id = doc! { "id": direction };
        let later = find.after.map(|after| doc! { beyond: after.id.to_string() });
        let Some(by) = find.by.map(path) else {
            let filter = later.map_or_else(|| all.clone(), |later| with("id", later.into()));
            return vec![Segment { filter, sort: by_id }];
        };
        let by_value = doc! { &by: direction, "id": direction };
        // Whatever is no text is not in the order.
        let mut bounds = doc! { "$gte": find.from.unwrap_or_default() };
        bounds.extend(find.before.map(|before| ("$lt".to_owned(), before.into())));
        let Some((after, later)) = find.after.zip(later) else {
            return vec![Segment { filter: with(&by, bounds.into()), sort: by_value }];
        };
        if find.descending {
            let before = find.before.map_or(after.value.as_str(), |before| before.min(&after.value));
            bounds.insert("$lt", before);
        } else if find.from.is_none_or(|from| from <= after.value.as_str()) {
            bounds.remove("$gte");
            bounds.insert("$gt", &after.value);
        }
        let mut same = with(&by, after.value.as_str().into());
        same.insert("id", later);
        vec![Segment { filter: same, sort: by_id }, Segment { filter: with(&by, bounds.into()), sort: by_value }]
    }
}

fn path(field: &'static str) -> String {
    format!("body.{field}")
}

async fn read_in(
    session: &mut ClientSession,
    all: &Documents<Document>,
    Segment { filter, sort }: Segment,
    bound: Bound,
) -> Result<Vec<Document>, mongodb::error::Error> {
    let mut cursor = bound.find(all, filter, sort).session(&mut *session).await?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while bytes < bound.bytes && cursor.advance(session).await? {
        bytes += cursor.current().as_bytes().len();
        found.push(cursor.deserialize_current()?);
    }
    Ok(found)
}

async fn read_outside(
    all: &Documents<Document>,
    Segment { filter, sort }: Segment,
    bound: Bound,
) -> Result<Vec<Document>, mongodb::error::Error> {
    let mut cursor = bound.find(all, filter, sort).await?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while bytes < bound.bytes && cursor.advance().await? {
        bytes += cursor.current().as_bytes().len();
        found.push(cursor.deserialize_current()?);
    }
    Ok(found)
}
