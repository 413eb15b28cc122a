//! Where documents and cached values are: what is opened beside the database.

use std::time::Duration;

use tenure_app::cache::Patience;
use tenure_app::documents;

use super::layers::Layers;
use super::problem::Problem;
use super::secret::{CacheUrl, DocumentsUrl};
use super::value::{duration, size, whole};
use crate::error::Error;

/// Where documents are.
#[derive(Debug)]
pub(crate) struct Documents {
    url: DocumentsUrl,
    /// Where those lie that were not moved to `url` yet.
    former_url: Option<DocumentsUrl>,
    patience: documents::Patience,
}

/// Values that are dear to compute.
#[derive(Debug)]
pub(crate) struct Cache {
    pub(crate) url: CacheUrl,
    /// In bytes.
    pub(crate) memory: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) answer_timeout: Duration,
}

impl Cache {
    pub(super) fn read(from: &mut Layers) -> Result<Self, Problem> {
        let url = from.get("cache.url", CacheUrl::parse)?;
        from.show_as("cache.url", url.to_string());
        Ok(Self {
            url,
            memory: from.get("cache.memory", size)?,
            connect_timeout: from.get("cache.connect_timeout", duration)?,
            answer_timeout: from.get("cache.answer_timeout", duration)?,
        })
    }

    /// The cache, not connected yet.
    pub(crate) fn open(&self) -> tenure_app::Cache {
        let patience = Patience { connect: self.connect_timeout, answer: self.answer_timeout, ..Patience::default() };
        let bytes = u64::try_from(self.memory).unwrap_or(u64::MAX);
        // It could be opened when the URL was read.
        tenure_app::Cache::open(self.url.expose(), bytes, patience)
            .unwrap_or_else(|_| tenure_app::Cache::in_memory(bytes))
    }
}

impl Documents {
    pub(super) fn read(from: &mut Layers) -> Result<Self, Problem> {
        let url = from.get("documents.url", DocumentsUrl::parse)?;
        from.show_as("documents.url", url.to_string());
        let former_url = from.get("documents.former_url", DocumentsUrl::optional)?;
        if let Some(former_url) = &former_url {
            from.show_as("documents.former_url", former_url.to_string());
            if former_url.is_same_place(&url) {
                from.reject_value(
                    "documents.former_url",
                    "it names the same place as documents.url; another MongoDB needs another name of its database",
                );
            }
        }
        let patience = documents::Patience {
            connect: from.get("documents.connect_timeout", duration)?,
            answer: from.get("documents.answer_timeout", duration)?,
            connections: from.get("documents.max_connections", whole(1..=1000))?,
            ..documents::Patience::default()
        };
        Ok(Self { url, former_url, patience })
    }

    /// The store of documents, not connected yet.
    pub(crate) fn open(&self) -> Result<documents::Documents, Error> {
        let documents = self.open_at(&self.url)?;
        match &self.former_url {
            None => Ok(documents),
            Some(former) => Ok(documents.with_former(self.open_at(former)?).map_err(tenure_app::Error::from)?),
        }
    }

    /// The place that documents are to be moved to, not connected yet.
    pub(crate) fn open_to(&self, to: Option<&DocumentsUrl>) -> Result<documents::Documents, Error> {
        let Some(to) = to else { return self.open_at(&self.url) };
        let is_confusing = |known: &DocumentsUrl| known != to && known.is_same_place(to);
        if is_confusing(&self.url) || self.former_url.as_ref().is_some_and(is_confusing) {
            let words = "--to is another URL than that of the configuration, and its database has the same name: write it as it \
                         stands there, or give the new database another name";
            return Err(Error::Usage(words));
        }
        self.open_at(to)
    }

    fn open_at(&self, url: &DocumentsUrl) -> Result<documents::Documents, Error> {
        let opened = documents::Documents::open(url.expose(), self.patience);
        opened.map_err(|error| tenure_app::Error::from(error).into())
    }
}
