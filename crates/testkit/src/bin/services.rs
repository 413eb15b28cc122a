//! Starts and stops what the tests run against: `services start | stop | status`.
//!
//! The parts live in `.services/` and go on running after this program has ended. They promise no durability.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tenure_embedded::{DatabaseUrl, Durability, Installation, Login};

/// At the root of the workspace.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.services");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["start"] => start(),
        ["stop"] => stop(),
        ["status"] => status(),
        _ => {
            eprintln!("usage: services start | stop | status");
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn postgres() -> Installation {
    Installation::at(Path::new(FOLDER))
}

fn url_file() -> PathBuf {
    Path::new(FOLDER).join("postgres.url")
}

fn start() -> Result<ExitCode, Box<dyn Error>> {
    let running = postgres().open(Durability::Disposable)?;
    write_url(&running.url(Login::Superuser))?;
    running.leave_running();
    println!("PostgreSQL for tests is running; its superuser's URL is in .services/postgres.url");
    Ok(ExitCode::SUCCESS)
}

fn stop() -> Result<ExitCode, Box<dyn Error>> {
    // First, so that no test takes up the URL of a server that is going away.
    let _ = fs::remove_file(url_file());
    postgres().remove()?;
    println!("The test services are stopped and their data removed.");
    Ok(ExitCode::SUCCESS)
}

/// Exit status 1 when something is not running, for scripts.
fn status() -> Result<ExitCode, Box<dyn Error>> {
    let is_running = postgres().running_url(Login::Superuser)?.is_some();
    println!("PostgreSQL: {}", if is_running { "running" } else { "not running" });
    Ok(if is_running { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_url(url: &DatabaseUrl) -> Result<(), Box<dyn Error>> {
    let file = url_file();
    // Renamed into place: a test that starts meanwhile reads the old one or the new one, never half of it.
    let new = file.with_extension("url.new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(&new)?.write_all(url.as_str().as_bytes())?;
    fs::rename(&new, &file)?;
    Ok(())
}
