//! Reading an archive, with every sum and count checked.

use std::collections::BTreeMap;
use std::io::{self, Read};

use bytes::Bytes;
use tenure_store::sealed::TenantKey;
use tokio::sync::mpsc::{Receiver, Sender};

use super::files::{FilesSoFar, KEY};
use super::manifest::{FORMAT, Header, Manifest};
use super::pipe::PipeReader;
use super::writer::{Rows, Sum};
use crate::files::File;
use crate::keys::Identities;
use crate::{Error, Result};

/// The largest entry that is read: rows come in pieces, but one row can be large.
const LARGEST: u64 = 1 << 30;

/// What an archive holds, in its order.
pub(crate) enum Part {
    Header(Box<Header>),
    Rows(Rows),
    Key(TenantKey),
    Files(Vec<File>),
    /// All was there and every sum is right.
    End(Box<Manifest>),
}

/// Reads an archive in blocking calls and passes its parts on. What was passed on counts only when this ends well.
pub(crate) fn read(identities: &Identities, from: Receiver<io::Result<Bytes>>, to: &Sender<Part>) -> Result<()> {
    let decrypted = identities.open(PipeReader::new(from))?;
    let mut tar = tar::Archive::new(zstd::stream::read::Decoder::new(decrypted).map_err(damaged)?);
    let mut header = None;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut files = FilesSoFar::default();
    for entry in tar.entries().map_err(damaged)? {
        let (path, content) = content(entry.map_err(damaged)?)?;
        match (&mut header, path.as_str()) {
            (None, "header.json") => {
                let found = parse_header(&content)?;
                header = Some(found.clone());
                pass_on(to, Part::Header(Box::new(found)))?;
            }
            (Some(header), "manifest.json") => {
                let manifest: Manifest = serde_json::from_slice(&content).map_err(damaged)?;
                check(header, sums, &manifest)?;
                if manifest.files != files.sum() {
                    return Err(Error::Damaged("what it says of files is not what was written".to_owned()));
                }
                io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(damaged)?;
                return pass_on(to, Part::End(Box::new(manifest)));
            }
            (Some(_), KEY) => {
                let text = str::from_utf8(&content).unwrap_or_default();
                let key = TenantKey::parse(text).map_err(|_| Error::Damaged(format!("{KEY} is no key")))?;
                files.add_key(text);
                pass_on(to, Part::Key(key))?;
            }
            (Some(_), path) if path == files.next_path() => pass_on(to, Part::Files(files.read(&content)?))?,
            (Some(header), path) => {
                let table = header.tables.iter().map(|table| &table.name).find(|table| {
                    let pieces = sums.get(*table).map_or(0, |sum| sum.pieces);
                    path == format!("data/{table}/{:05}", pieces + 1)
                });
                let table = table.ok_or_else(|| Error::Damaged(format!("{path} does not belong there")))?.clone();
                sums.entry(table.clone()).or_default().add(&content);
                pass_on(to, Part::Rows(Rows { table, rows: content }))?;
            }
            (None, _) => return Err(Error::Damaged("it does not begin with its header".to_owned())),
        }
    }
    Err(Error::Damaged("it ends before its manifest".to_owned()))
}

fn content(entry: tar::Entry<'_, impl Read>) -> Result<(String, Vec<u8>)> {
    let path = entry.path().map_err(damaged)?.to_string_lossy().into_owned();
    let size = entry.size();
    if size > LARGEST {
        return Err(Error::Damaged(format!("{path} is too large")));
    }
    let mut content = Vec::new();
    entry.take(size).read_to_end(&mut content).map_err(damaged)?;
    Ok((path, content))
}

/// The format comes first: a newer one may say everything else in another way.
fn parse_header(content: &[u8]) -> Result<Header> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(content).map_err(damaged)?;
    if format > FORMAT {
        return Err(Error::Newer(format!("is of format {format}, and this program reads up to {FORMAT}")));
    }
    serde_json::from_slice(content).map_err(damaged)
}

fn check(header: &Header, mut sums: BTreeMap<String, Sum>, manifest: &Manifest) -> Result<()> {
    if manifest.header != *header {
        return Err(Error::Damaged("its manifest does not go with its header".to_owned()));
    }
    let found: Vec<_> =
        header.tables.iter().map(|table| sums.remove(&table.name).unwrap_or_default().of(&table.name)).collect();
    match manifest.sums.iter().zip(&found).find(|(said, found)| said != found) {
        Some((said, _)) => Err(Error::Damaged(format!("the rows of {} are not those that were written", said.table))),
        None if manifest.sums.len() != found.len() => Err(Error::Damaged("its manifest lacks a table".to_owned())),
        None => Ok(()),
    }
}

fn pass_on(to: &Sender<Part>, part: Part) -> Result<()> {
    to.blocking_send(part).map_err(|_| Error::Refused("nobody reads the archive any more".to_owned()))
}

fn damaged(error: impl Into<io::Error>) -> Error {
    Error::Damaged(error.into().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_whatever_else_it_says() {
        assert!(matches!(parse_header(br#"{"format": 3, "other": []}"#), Err(Error::Newer(_))));
        assert!(matches!(parse_header(br#"{"format": 1}"#), Err(Error::Damaged(_))));
    }
}
