//! The indexes: each begins with the tenant, so that collections can be sharded by it; but for that by which MongoDB removes what has
//! expired, which it wants alone.

use std::time::Duration;

use mongodb::IndexModel;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error as MongoError;
use mongodb::options::IndexOptions;

use super::failure::{Failure, has_code};
use super::{Collection, Error, Mongo};

/// An index of another form has the name, or one of another name the form.
const CONFLICTS: [i32; 2] = [85, 86];

/// Servers that do not remove what has expired say so by one of these.
const UNKNOWN_OPTIONS: [i32; 6] = [67, 72, 115, 197, 238, 303];

/// The name of the index by which MongoDB removes what has expired.
const EXPIRY: &str = "expires_at_idx";

impl Mongo {
    /// Makes those that are missing, and says in the log what is there in another form: searches may be slow until an operator mends that.
    /// Several servers may do it at once. Gives whether the server removes what has expired.
    pub(super) async fn make_indexes(&self) -> Result<bool, Failure> {
        let mut expires = true;
        for collection in Collection::ALL {
            match self.collection(collection).create_indexes(declared(collection)).await {
                // Of several at once, then none is made.
                Err(error) if may_be_made_alone(&error) => self.make_each(collection).await?,
                done => drop(done?),
            }
            let found = self.found(collection).await?;
            expires &= found.iter().any(is_expiry);
            for difference in differences(collection, &found) {
                tracing::error!(difference, "MongoDB's indexes are not as they have to be; searches may be slow");
            }
        }
        Ok(expires)
    }

    async fn make_each(&self, collection: Collection) -> Result<(), Failure> {
        let all = self.collection(collection);
        for index in declared(collection) {
            let made = all.create_index(index.clone()).await;
            let made = match made {
                Err(error) if is_expiry(&index) && has_one_of(&error, &UNKNOWN_OPTIONS) => {
                    all.create_index(model(index.keys, EXPIRY.to_owned(), None)).await
                }
                made => made,
            };
            match made {
                // Of another form, which is said where what is there is compared.
                Err(error) if has_one_of(&error, &CONFLICTS) => {}
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// What is missing of the indexes, or there in another form, and how it is mended.
    ///
    /// # Errors
    /// When MongoDB does not answer.
    pub(in super::super) async fn differences(&self) -> Result<Vec<String>, Error> {
        let mut all = Vec::new();
        for collection in Collection::ALL {
            let found = self.ask(collection, self.found(collection)).await?;
            all.extend(differences(collection, &found));
        }
        Ok(all)
    }

    async fn found(&self, collection: Collection) -> Result<Vec<IndexModel>, MongoError> {
        let mut cursor = self.collection(collection).list_indexes().await?;
        let mut found = Vec::new();
        while cursor.advance().await? {
            found.push(cursor.deserialize_current()?);
        }
        Ok(found)
    }
}

/// An index does under whatever name, if it is on the same fields and finds all documents.
fn differences(collection: Collection, found: &[IndexModel]) -> Vec<String> {
    let difference = |wanted: IndexModel| {
        let (name, keys) = (name(&wanted), &wanted.keys);
        let of_keys = found.iter().find(|found| has_keys(found, keys));
        let of_name = || found.iter().find(|found| self::name(found) == name);
        let (there, words) = match (of_keys, of_name()) {
            (Some(there), _) if suits(there, &wanted) => return None,
            (Some(there), _) => (there, format!("has other options than it should: {}", options(there))),
            (None, Some(there)) => (there, format!("is on {}, not on {keys}", there.keys)),
            (None, None) => {
                let words = "`tenure serve` and `tenure worker` make it when they start";
                return Some(format!("{collection} has no index {name}: {words}"));
            }
        };
        let there = self::name(there);
        let mending =
            format!("drop it by db.{collection}.dropIndex(\"{there}\") and restart Tenure, which makes it anew");
        Some(format!("the index {there} of {collection} {words}: {mending}"))
    };
    declared(collection).into_iter().filter_map(difference).collect()
}

/// Some servers give the directions as other kinds of numbers.
fn has_keys(index: &IndexModel, keys: &Document) -> bool {
    let number = |value: &Bson| match value {
        Bson::Int32(number) => Some(f64::from(*number)),
        Bson::Int64(number) => number.to_string().parse().ok(),
        Bson::Double(number) => Some(*number),
        _ => None,
    };
    let same = |((one, way), (other, other_way)): ((&String, &Bson), (&String, &Bson))| {
        one == other && number(way).is_some() && number(way) == number(other_way)
    };
    index.keys.len() == keys.len() && index.keys.iter().zip(keys).all(same)
}

/// Whether it finds all documents that the declared one would find, and lets in and removes no others.
fn suits(index: &IndexModel, declared: &IndexModel) -> bool {
    let Some(options) = &index.options else { return !is_expiry(declared) };
    let is_set = |option: Option<bool>| option.unwrap_or_default();
    let limits = [options.unique, options.sparse, options.hidden].into_iter().any(is_set);
    let expire_after = declared.options.as_ref().and_then(|options| options.expire_after);
    !limits
        && options.partial_filter_expression.is_none()
        && options.collation.is_none()
        && options.expire_after == expire_after
}

fn options(index: &IndexModel) -> String {
    let Some(options) = &index.options else { return "none".to_owned() };
    let set = |name: &str, option: Option<bool>| option.filter(|set| *set).map(|_| name.to_owned());
    let named = [
        set("unique", options.unique),
        set("sparse", options.sparse),
        set("hidden", options.hidden),
        options.partial_filter_expression.as_ref().map(|_| "partialFilterExpression".to_owned()),
        options.collation.as_ref().map(|_| "collation".to_owned()),
        options.expire_after.map(|after| format!("expireAfterSeconds {}", after.as_secs())),
    ];
    let named: Vec<String> = named.into_iter().flatten().collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

fn is_expiry(index: &IndexModel) -> bool {
    let after = index.options.as_ref().and_then(|options| options.expire_after);
    has_keys(index, &doc! { "expires_at": 1 }) && after == Some(Duration::ZERO)
}

fn may_be_made_alone(error: &MongoError) -> bool {
    has_one_of(error, &CONFLICTS) || has_one_of(error, &UNKNOWN_OPTIONS)
}

fn has_one_of(error: &MongoError, codes: &[i32]) -> bool {
    codes.iter().any(|code| has_code(error, *code))
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
    indexes.push(model(doc! { "expires_at": 1 }, EXPIRY.to_owned(), Some(Duration::ZERO)));
    indexes
}

fn model(keys: Document, name: String, expire_after: Option<Duration>) -> IndexModel {
    let mut options = IndexOptions::default();
    options.name = Some(name);
    options.expire_after = expire_after;
    IndexModel::builder().keys(keys).options(options).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: Collection = Collection::FeatureFlags;

    #[test]
    fn an_index_does_under_whatever_name_and_however_its_directions_are_written() {
        let mut found = declared(FLAGS);
        assert_eq!(differences(FLAGS, &found), [""; 0]);
        found[0].keys = doc! { "tenant_id": 1.0, "body.kind": 1_i64, "body.key": 1, "id": 1 };
        found[0].options.as_mut().unwrap().name = Some("by_hand".to_owned());
        assert_eq!(differences(FLAGS, &found), [""; 0]);
    }

    #[test]
    fn what_is_missing_or_finds_less_is_said_and_how_it_is_mended() {
        let mut found = declared(FLAGS);
        found[0].options.as_mut().unwrap().sparse = Some(true);
        found[1].keys = doc! { "tenant_id": 1, "id": -1 };
        found[2].options.as_mut().unwrap().expire_after = Some(Duration::from_mins(1));
        let said = differences(FLAGS, &found);
        let begins = [
            "the index tenant_kind_key_idx of feature_flags has other options than it should: sparse: drop it by \
             db.feature_flags.dropIndex(\"tenant_kind_key_idx\")",
            "the index tenant_idx of feature_flags is on ",
            "the index expires_at_idx of feature_flags has other options than it should: expireAfterSeconds 60: ",
        ];
        assert_eq!(said.len(), begins.len(), "{said:?}");
        assert!(said.iter().zip(begins).all(|(said, begin)| said.starts_with(begin)), "{said:#?}");
        assert!(differences(FLAGS, &[])[0].starts_with("feature_flags has no index tenant_kind_key_idx: "));
    }
}
