//! What there is of a tenant and in a folder, to be compared.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use tenure_core::document_address::DocumentAddress;
use tenure_store::documents::{Collection, Documents, Stored};
use uuid::Uuid;

use crate::installation::rows;

/// All rows and documents of a tenant.
pub(super) struct Living {
    /// The sum of each table. Stamps are new after each restore, so that no cache shows what was before, and are left out.
    tables: BTreeMap<String, String>,
    /// The documents that lie elsewhere. The record of the key of files is not the same from one restore to the next, and is left out.
    documents: BTreeMap<&'static str, Vec<Stored<Map<String, Value>>>>,
}

impl Living {
    pub(super) async fn of(connection: &mut PgConnection, store: &Documents, tenant: &str) -> Self {
        let place = format!(
            "SELECT schema_name, document_place, coalesce(document_home, id) AS home FROM public.tenants WHERE slug = '{tenant}'"
        );
        let place = rows(connection, &place).await.remove(0);
        let tables = sums(connection, place.get("schema_name")).await;
        let address = DocumentAddress::new(place.get("document_place"), place.get::<Uuid, _>("home"));
        let mut documents = BTreeMap::new();
        if let Some(mut apart) = store.apart(&address).unwrap() {
            for collection in Collection::ALL {
                let mut all = apart.walk::<Map<String, Value>>(collection, None).await.unwrap();
                all.retain(|document| document.body.get("kind").is_none_or(|kind| kind != "key"));
                documents.insert(collection.name(), all);
            }
        }
        Self { tables, documents }
    }

    /// The tables and collections in which the other has something else.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let mut names = differing(&self.tables, &other.tables);
        names.extend(differing(&self.documents, &other.documents));
        names
    }
}

async fn sums(connection: &mut PgConnection, schema: &str) -> BTreeMap<String, String> {
    let tables = format!(
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = '{schema}' AND tablename <> 'cache_stamps'"
    );
    let sums: Vec<String> = rows(connection, &tables)
        .await
        .iter()
        .map(|row| {
            let name: String = row.get("name");
            format!(
                "SELECT '{name}' AS name, md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) AS sum
                 FROM \"{schema}\".\"{name}\" t"
            )
        })
        .collect();
    assert!(!sums.is_empty(), "{schema} has no tables");
    let sums = rows(connection, &sums.join(" UNION ALL ")).await;
    sums.iter().map(|row| (row.get("name"), row.get("sum"))).collect()
}

/// Where two maps differ.
pub(super) fn differing<K: Ord + ToString, V: PartialEq>(one: &BTreeMap<K, V>, other: &BTreeMap<K, V>) -> Vec<String> {
    let changed = one.iter().filter(|(name, value)| other.get(name) != Some(*value)).map(|(name, _)| name);
    let added = other.keys().filter(|name| !one.contains_key(name));
    changed.chain(added).map(ToString::to_string).collect()
}

/// The files below a folder, by their names, each with a sum. What is not finished is among them.
pub(super) fn objects(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for path in files(folder) {
        let mut sum = DefaultHasher::new();
        fs::read(&path).unwrap().hash(&mut sum);
        found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), sum.finish());
    }
    found
}

/// How many bytes there are below a folder in which somebody is at work.
pub(super) fn bytes(folder: &Path) -> u64 {
    files(folder).iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
