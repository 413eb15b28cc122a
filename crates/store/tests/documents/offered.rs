//! What is sent, held against what servers offer that speak as MongoDB does. Neither is at hand here, so what stands in these lists is what
//! their makers say.
//!
//! - Amazon DocumentDB 5.0: <https://docs.aws.amazon.com/documentdb/latest/developerguide/mongo-apis.html> and `transactions.html` beside it
//! - `FerretDB` 2: <https://docs.ferretdb.io/migration/compatibility/>, and 1.24: <https://docs.ferretdb.io/v1.24/reference/supported-commands/>

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mongodb::bson::{Bson, Document};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use tenure_core::document_address::DocumentAddress;
use tenure_store::documents::Collection;
use tenure_testkit::NOW;

use crate::{Bench, contract};

/// Commands that all of them have, with the arguments that they take.
const COMMANDS: [(&str, &[&str]); 9] = [
    ("aggregate", &["pipeline", "cursor"]),
    ("create", &[]),
    ("createIndexes", &["indexes"]),
    ("delete", &["deletes", "ordered"]),
    ("find", &["filter", "sort", "limit", "batchSize", "singleBatch"]),
    ("getMore", &["collection", "batchSize"]),
    ("insert", &["documents", "ordered"]),
    ("listIndexes", &["cursor"]),
    ("update", &["updates", "ordered"]),
];

/// Those that all of them have and that take nothing.
const PLAIN: [&str; 2] = ["ping", "killCursors"];

/// Those that one of them lacks. What happens there stands in `docs/documents.md`.
const DETECTED: [&str; 3] = [
    // FerretDB has no transactions. A server is asked for one that is undone; where something is left, changes are refused.
    "abortTransaction",
    "commitTransaction",
    // DocumentDB does not know it. The driver sends it when it ends, and heeds no answer.
    "endSessions",
];

/// What may go with any command.
const COMMON: [&str; 9] = [
    "$db",
    "lsid",
    "$clusterTime",
    "$readPreference",
    "readConcern",
    "writeConcern",
    "txnNumber",
    "startTransaction",
    "autocommit",
];

/// Operators of filters that all of them have.
const FILTERS: [&str; 6] = ["$in", "$eq", "$gt", "$gte", "$lt", "$lte"];

/// Stages and operators of pipelines that all of them have.
const PIPELINES: [&str; 3] = ["$match", "$group", "$sum"];

/// Options of indexes that all of them have; `FerretDB` 1 has no `expireAfterSeconds`, without which a sweeper removes what has expired.
const INDEXES: [&str; 3] = ["key", "name", "expireAfterSeconds"];

#[tokio::test]
async fn nothing_is_sent_that_servers_like_mongodb_do_not_offer() {
    let sent: Arc<Mutex<Vec<(String, Document)>>> = Arc::default();
    let watch = || {
        let sent = Arc::clone(&sent);
        EventHandler::callback(move |event| {
            if let CommandEvent::Started(started) = event {
                sent.lock().unwrap().push((started.command_name, started.command));
            }
        })
    };
    Box::pin(contract::all(async || Bench::watched_mongo(watch()).await)).await;
    what_moves_and_removes_documents(&Bench::watched_mongo(watch()).await).await;
    let sent = sent.lock().unwrap();
    let wrong: BTreeSet<String> = sent.iter().flat_map(|(name, command)| beyond(name, command)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let names: BTreeSet<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    let ordinary = COMMANDS.iter().map(|(name, _)| *name).filter(|name| *name != "getMore");
    let missing: Vec<&str> = ordinary.chain(["commitTransaction"]).filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "not seen at all: {missing:?}");
}

/// What the contract leaves out.
async fn what_moves_and_removes_documents(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    bench.documents.check().await.unwrap();
    assert!(!bench.documents.places_to_sweep().await.unwrap().contains(&bench.documents.place()));
    assert!(bench.documents.differences().await.unwrap().is_empty());
    bench.documents.pending(NOW, 10).await.unwrap();
    let address = DocumentAddress::new(None, tenant.uuid());
    let mut apart = bench.documents.apart(&address).unwrap().unwrap();
    apart.digest(Collection::FeatureFlags, NOW).await.unwrap();
    apart.expire(NOW, 10).await.unwrap();
    bench.documents.remove(&address).await.unwrap();
    bench.documents.forget(tenant).await.unwrap();
}

/// What of a command is not in the lists.
fn beyond(name: &str, command: &Document) -> Vec<String> {
    if DETECTED.contains(&name) || PLAIN.contains(&name) {
        return Vec::new();
    }
    let Some((_, arguments)) = COMMANDS.iter().find(|(known, _)| *known == name) else {
        return vec![format!("the command {name}")];
    };
    let is_known = |field: &&str| *field == name || COMMON.contains(field) || arguments.contains(field);
    let mut wrong: Vec<String> = command
        .keys()
        .map(String::as_str)
        .filter(|field| !is_known(field))
        .map(|field| format!("{field} of {name}"))
        .collect();
    for (field, value) in command {
        match field.as_str() {
            "filter" => wrong.extend(operators(value, &FILTERS)),
            "pipeline" => wrong.extend(operators(value, &[PIPELINES.as_slice(), &FILTERS].concat())),
            "deletes" => {
                wrong.extend(each(value).filter_map(|delete| delete.get("q")).flat_map(|q| operators(q, &FILTERS)));
            }
            "updates" => {
                wrong.extend(each(value).filter_map(|update| update.get("q")).flat_map(|q| operators(q, &FILTERS)));
                wrong.extend(each(value).filter_map(|update| update.get("u")).flat_map(names));
            }
            "documents" => wrong.extend(names(value)),
            "indexes" => wrong.extend(
                each(value).flat_map(Document::keys).filter(|option| !INDEXES.contains(&option.as_str())).cloned(),
            ),
            "readConcern" => wrong.extend(read_concern(command, value)),
            _ => {}
        }
    }
    wrong
}

fn each(values: &Bson) -> impl Iterator<Item = &Document> {
    values.as_array().into_iter().flatten().filter_map(Bson::as_document)
}

/// Operators, which begin with `$`, that are not among these.
fn operators(value: &Bson, known: &[&str]) -> Vec<String> {
    match value {
        Bson::Document(fields) => {
            let unknown =
                fields.keys().filter(|name| name.starts_with('$') && !known.contains(&name.as_str())).cloned();
            unknown.chain(fields.values().flat_map(|value| operators(value, known))).collect()
        }
        Bson::Array(values) => values.iter().flat_map(|value| operators(value, known)).collect(),
        _ => Vec::new(),
    }
}

/// Names of fields within documents that DocumentDB does not take.
fn names(value: &Bson) -> Vec<String> {
    match value {
        Bson::Document(fields) => {
            let odd = fields.keys().filter(|name| name.is_empty() || name.starts_with('$') || name.contains('.'));
            let odd: Vec<String> = odd.map(|name| format!("a field named {name:?}")).collect();
            odd.into_iter().chain(fields.values().flat_map(names)).collect()
        }
        Bson::Array(values) => values.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// Snapshots outside of transactions are MongoDB's own; they are asked for by backups alone, after a question whether there are any.
fn read_concern(command: &Document, concern: &Bson) -> Option<String> {
    let level = concern.as_document().and_then(|concern| concern.get_str("level").ok()).unwrap_or("majority");
    let is_of_transaction = command.contains_key("startTransaction");
    (level == "snapshot" && !is_of_transaction || !["majority", "snapshot", "local"].contains(&level))
        .then(|| format!("readConcern {level}"))
}
