//! What `make bench` runs. Every figure is held against a floor or a peer that is measured in the same run; README.md beside
//! this says which.

mod access;
mod appraisals;
mod audit;
mod backup;
mod bed;
mod cache;
mod connection;
mod files;
mod flags;
mod http;
mod isolation;
mod lists;
mod memory;
mod migrate;
mod reader;
mod report;
mod server;
mod sign_in;
mod tenants;

use std::error::Error;
use std::process::ExitCode;

use bed::Bed;
use report::Report;
use tenure_embedded::Durability;

/// Whatever goes wrong ends the run with its words.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const AREAS: [&str; 13] = [
    "tenants",
    "migrate",
    "http",
    "lists",
    "appraisals",
    "access",
    "flags",
    "audit",
    "sign-in",
    "backup",
    "files",
    "isolation",
    "cache",
];

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|area| !AREAS.contains(&area.as_str())) {
        eprintln!("there is no area {unknown}; choose from {}", AREAS.join(", "));
        return ExitCode::from(2);
    }
    match run(&wanted).await {
        Ok(report) if report.is_short() => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark could not be run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(wanted: &[String]) -> Result<Report> {
    let mut report = Report::default();
    for area in AREAS.into_iter().filter(|area| wanted.is_empty() || wanted.iter().any(|name| name == area)) {
        if area == "access" {
            access::measure(&mut report);
            continue;
        }
        if area == "flags" {
            flags::measure(&mut report)?;
            continue;
        }
        // Where commits are a good part of the time, the server waits for the disk as those of operators do.
        let durability = if matches!(area, "migrate" | "audit") { Durability::Durable } else { Durability::Disposable };
        let bed = Bed::new(durability).await?;
        match area {
            "tenants" => tenants::measure(&bed, &mut report).await?,
            "migrate" => migrate::measure(&bed, &mut report).await?,
            "http" => http::measure(&bed, &mut report).await?,
            "audit" => audit::measure(&bed, &mut report).await?,
            "sign-in" => sign_in::measure(&bed, &mut report).await?,
            "backup" => backup::measure(&bed, &mut report).await?,
            "files" => files::measure(&bed, &mut report).await?,
            "cache" => cache::measure(&bed, &mut report).await?,
            "lists" => lists::measure(&bed, &mut report).await?,
            "appraisals" => appraisals::measure(&bed, &mut report).await?,
            _ => isolation::measure(&bed, &mut report).await?,
        }
        bed.close().await?;
    }
    Ok(report)
}
