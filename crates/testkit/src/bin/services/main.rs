//! Starts and stops what the tests run against: `services start | stop | status`.
//!
//! The parts live in `.services/` and go on running after this program has ended. They promise no durability.

mod mongo;
mod redis;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

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

fn file(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

fn start() -> Result<ExitCode, Box<dyn Error>> {
    let running = postgres().open(Durability::Disposable)?;
    let url: DatabaseUrl = running.url(Login::Superuser);
    write(&file("postgres.url"), url.as_str())?;
    running.leave_running();
    println!("PostgreSQL for tests is running; its superuser's URL is in .services/postgres.url");
    redis::start()?;
    println!("Redis for tests is running; its URL is in .services/redis.url");
    mongo::start()?;
    println!("MongoDB for tests is running; its URL is in .services/mongo.url");
    Ok(ExitCode::SUCCESS)
}

fn stop() -> Result<ExitCode, Box<dyn Error>> {
    // First, so that no test takes up the URL of a server that is going away.
    let _ = fs::remove_file(file("postgres.url"));
    redis::stop();
    mongo::stop();
    postgres().remove()?;
    println!("The test services are stopped and their data removed.");
    Ok(ExitCode::SUCCESS)
}

/// Exit status 1 when something is not running, for scripts.
fn status() -> Result<ExitCode, Box<dyn Error>> {
    let is_running = postgres().running_url(Login::Superuser)?.is_some();
    let words = |is_running| if is_running { "running" } else { "not running" };
    println!("PostgreSQL: {}", words(is_running));
    println!("Redis: {}", words(redis::answers()));
    println!("MongoDB: {}", words(mongo::answers()));
    let all_run = is_running && redis::answers() && mongo::answers();
    Ok(if all_run { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Starts a program that outlives this one and the terminal that it was started from; gives its process id.
fn spawn(command: &mut Command) -> Result<u32, std::io::Error> {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(quiet.process_group(0).spawn()?.id())
}

/// Stops the program whose id stands in a file; told whether it answers, for the id may belong to another by now.
fn stop_by_id(name: &str, answers: bool) {
    let id = fs::read_to_string(file(name)).unwrap_or_default();
    if !id.is_empty() && answers {
        let _ = Command::new("kill").arg(id.trim()).status();
    }
    let _ = fs::remove_file(file(name));
}

fn write(file: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    // Renamed into place: a test that starts meanwhile reads the old one or the new one, never half of it.
    let new = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(&new)?.write_all(text.as_bytes())?;
    fs::rename(&new, file)?;
    Ok(())
}
