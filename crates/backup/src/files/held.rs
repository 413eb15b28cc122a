//! What a tenant has of files, as its records say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenure_core::files::State;
use tenure_core::ids::TenantId;
use tenure_store::documents::{Collection, Stored, TenantDocuments};
use tenure_store::sealed::{MasterKeys, TenantKey};
use uuid::Uuid;

use super::File;
use crate::Result;
use crate::archive::reader::Part;
use crate::source::Source;

const METADATA: Collection = Collection::DocumentMetadata;

/// What an archive holds or names of files.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// What opens them; none where none was made, or where it cannot be opened.
    pub(crate) key: Option<TenantKey>,
    /// Each version of each document.
    pub(crate) files: Vec<File>,
}

/// What the records of files say, as far as it matters here. The rest of it is `tenure_app`'s.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Record {
    Document {
        state: State,
        versions: Vec<Version>,
    },
    Key {
        wrapped: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Serialize, Deserialize)]
struct Version {
    id: Uuid,
    size: u64,
    sha256: String,
}

impl Held {
    /// What a tenant has at the moment of a snapshot.
    pub(crate) async fn of(source: &mut Source<'_>, tenant: TenantId, master: Option<&MasterKeys>) -> Result<Self> {
        if source.has_none_of(METADATA) {
            return Ok(Self::default());
        }
        let mut documents = source.documents();
        let files = files(&mut documents).await?;
        let key = match master {
            Some(master) => key(&mut documents, tenant, master).await?,
            None => None,
        };
        Ok(Self { key, files })
    }

    /// Adds what a part of an archive says of files, if it is one that does.
    pub(crate) fn add(&mut self, part: Part) {
        match part {
            Part::Key(key) => self.key = Some(key),
            Part::Files(files) => self.files.extend(files),
            Part::Header(_) | Part::Rows(_) | Part::End(_) => {}
        }
    }

    /// Puts the key in place of the one that came with the rows, wrapped for the tenant that they become and by what is in use here.
    pub(super) async fn put_key(
        documents: &mut TenantDocuments<'_>,
        (from, to): (TenantId, TenantId),
        wrapped: Vec<u8>,
        now: Timestamp,
    ) -> Result<()> {
        documents.delete_each(METADATA, &[from.uuid(), to.uuid()]).await?;
        let record = Record::Key { wrapped: hex::encode(wrapped) };
        documents.insert(METADATA, to.uuid(), record, now, None).await?;
        Ok(())
    }
}

/// By pages that end by their bytes too: a document with many versions is a large record.
async fn files(documents: &mut TenantDocuments<'_>) -> Result<Vec<File>> {
    let (mut files, mut after) = (Vec::new(), None);
    loop {
        let page = documents.walk::<Record>(METADATA, after).await?;
        after = page.last().map(|record| record.id);
        if after.is_none() {
            return Ok(files);
        }
        files.extend(page.into_iter().flat_map(files_of));
    }
}

/// What is being removed is gone already.
fn files_of(document: Stored<Record>) -> Vec<File> {
    let id = document.id;
    let Record::Document { state, versions } = document.body else { return Vec::new() };
    if state == State::Purging {
        return Vec::new();
    }
    let file = |version: Version| File {
        document: id.into(),
        version: version.id,
        size: version.size,
        sha256: version.sha256,
        is_lost: false,
        is_deleted: state == State::Deleted,
    };
    versions.into_iter().map(file).collect()
}

async fn key(documents: &mut TenantDocuments<'_>, tenant: TenantId, master: &MasterKeys) -> Result<Option<TenantKey>> {
    let tenant = tenant.uuid();
    let record = documents.get::<Record>(METADATA, tenant).await?;
    let Some(Record::Key { wrapped }) = record.map(|record| record.body) else { return Ok(None) };
    let opened = hex::decode(wrapped).ok().and_then(|wrapped| master.unwrap_key(&wrapped, tenant.as_bytes()).ok());
    Ok(opened.map(|opened| opened.key))
}
