//! The indexes: each begins with the tenant, so that collections can be sharded by it; but for that by which MongoDB removes what has
//! expired, which it wants alone.

use std::time::Duration;

use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use uuid::Uuid;

use super::failure::{Failure, has_code};
use super::{Collection, Error, Mongo};

/// An index of another form has the name, or one of another name the form.
const CONFLICTS: [i32; 2] = [85, 86];

impl Mongo {
    /// Makes those that are missing. Several servers may do it at once. What is there in another form stays: see [`Mongo::differences`].
    pub(super) async fn make_indexes(&self) -> Result<(), Failure> {
        for collection in Collection::ALL {
            let made = self.collection(collection).create_indexes(declared(collection)).await;
            match made {
                Err(error) if CONFLICTS.iter().any(|code| has_code(&error, *code)) => {
                    tracing::warn!(%collection, %error, "an index differs from what is declared");
                }
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// What is missing of the indexes, or there in another form.
    ///
    /// # Errors
    /// When MongoDB does not answer.
    pub(in super::super) async fn differences(&self) -> Result<Vec<String>, Error> {
        let mut differences = Vec::new();
        for collection in Collection::ALL {
            let found = self.ask(collection, self.found(collection)).await?;
            for model in declared(collection) {
                let (name, keys) = (name(&model), &model.keys);
                match found.iter().find(|found| self::name(found) == name) {
                    None => differences.push(format!("{collection} has no index {name}")),
                    Some(found) if found.keys != *keys => {
                        differences
                            .push(format!("the index {name} of {collection} is on {}, not on {keys}", found.keys));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(differences)
    }

    async fn found(&self, collection: Collection) -> Result<Vec<IndexModel>, mongodb::error::Error> {
        let mut cursor = self.collection(collection).list_indexes().await?;
        let mut found = Vec::new();
        while cursor.advance().await? {
            found.push(cursor.deserialize_current()?);
        }
        Ok(found)
    }

    /// Whether what a transaction did is gone when it is undone: servers that have none may take the commands without a word.
    pub(super) async fn has_transactions(&self) -> Result<bool, Failure> {
        let records = self.records();
        // Makes the collection, which some servers do not do in a transaction.
        records.delete_one(doc! { "_id": "probe" }).await?;
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
}

fn name(index: &IndexModel) -> &str {
    index.options.as_ref().and_then(|options| options.name.as_deref()).unwrap_or_default()
}

fn declared(collection: Collection) -> Vec<IndexModel> {
    let by_fields = |fields: &[&str]| {
        let mut keys = doc! { "tenant_id": 1 };
        keys.extend(fields.iter().map(|field| (format!("body.{field}"), 1.into())));
        keys.insert("id", 1);
        model(keys, format!("{}_idx", [&["tenant"], fields].concat().join("_")), None)
    };
    let mut indexes: Vec<_> = collection.indexes().iter().map(|fields| by_fields(fields)).collect();
    indexes.push(by_fields(&[]));
    indexes.push(model(doc! { "expires_at": 1 }, "expires_at_idx".to_owned(), Some(Duration::ZERO)));
    indexes
}

fn model(keys: Document, name: String, expire_after: Option<Duration>) -> IndexModel {
    let mut options = IndexOptions::default();
    options.name = Some(name);
    options.expire_after = expire_after;
    IndexModel::builder().keys(keys).options(options).build()
}
