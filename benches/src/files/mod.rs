//! One large file through the released program, against the least that anybody has to do with its bytes.

mod client;
mod content;
mod peer;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::Client;
use tenure_app::tokens;
use tenure_db::audit::Actor;

use crate::Result;
use crate::bed::Bed;
use crate::report::{Report, median};
use crate::server;

const SMALL: u64 = 64 << 20;
/// Together as many bytes as a large one has: how many parts are in memory at a time is partly chance.
const SMALL_ONES: u64 = LARGE / SMALL;
const LARGE: u64 = 2 << 30;
const ROUNDS: usize = 3;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (kept, key, file) = (folder.path().join("kept"), folder.path().join("key"), folder.path().join("file"));
    fs::write(&key, "07".repeat(32))?;
    let (url, key) = (format!("file://{}", kept.display()), key.display().to_string());
    let server = server::start(bed, &[("TENURE_FILES__URL", &url), ("TENURE_FILES__KEY_FILE", &key)])?;
    let client = Client { address: server.address(), token: Arc::new(token(bed).await?) };
    for _ in 0..SMALL_ONES {
        through(&client, &kept, SMALL).await?;
    }
    let small = server.most_memory()?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push([peer::upload(&file, LARGE)?, peer::download(&file, LARGE)?]);
        fs::remove_file(&file)?;
        ours.push(through(&client, &kept, LARGE).await?);
    }
    let large = server.most_memory()?;
    let [upload, download] = medians(&bare);
    let [in_parts, whole, read] = medians(&ours);
    against("upload-2gib", (in_parts, upload), 3.0, report);
    against("upload-2gib-in-one-request", (whole, upload), 2.0, report);
    against("download-2gib", (read, download), 1.5, report);
    eprintln!("{small:.1} MB after files of 64 MiB, {large:.1} MB after those of 2 GiB");
    report.at_most_of("files/memory-of-2gib", (large, "MB"), 150.0);
    report.at_most("files/memory-of-2gib-against-64mib", large / small, 1.2);
    Ok(())
}

/// A token of a company's owner.
async fn token(bed: &Bed) -> Result<tokens::Secret> {
    let (tenant, _) = bed.tenants("files", 1).await?.pop().ok_or("no tenant")?;
    let token = tokens::Create { tenant: tenant.id, user: None, name: "records".to_owned(), valid_for: None };
    Ok(tokens::create(&bed.context, &Actor::System, &token).await?.token)
}

/// How long it takes to file a document in parts, to file it in one request, and to read it. Its objects are removed afterwards.
async fn through(client: &Client, kept: &Path, size: u64) -> Result<[Duration; 3]> {
    let begun = Instant::now();
    let path = client.upload(size).await?;
    let in_parts = begun.elapsed();
    let begun = Instant::now();
    client.download(&path, size).await?;
    let read = begun.elapsed();
    fs::remove_dir_all(kept.join("files"))?;
    let begun = Instant::now();
    client.upload_whole(size).await?;
    let whole = begun.elapsed();
    fs::remove_dir_all(kept.join("files"))?;
    Ok([in_parts, whole, read])
}

fn medians<const N: usize>(rounds: &[[Duration; N]]) -> [f64; N] {
    std::array::from_fn(|which| median(rounds.iter().filter_map(|round| round.get(which).copied()).collect()))
}

fn against(what: &str, (ours, bare): (f64, f64), target: f64, report: &mut Report) {
    let rate = |seconds: f64| f64::from(u32::try_from(LARGE >> 20).unwrap_or(u32::MAX)) / seconds;
    eprintln!("{what}: {ours:.2} s ({:.0} MiB/s), by the peer {bare:.2} s ({:.0} MiB/s)", rate(ours), rate(bare));
    report.at_most(&format!("files/{what}-against-peer"), ours / bare, target);
}
