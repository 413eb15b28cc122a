//! Starts and stops what the tests run against: `services start | stop | status`.
//!
//! The parts live in `.services/` and go on running after this program has ended. They promise no durability.

use std::error::Error;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tenure_embedded::{DatabaseUrl, Durability, Installation, Login};
use tenure_testkit::{free_port, server_command};

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
    start_redis()?;
    println!("Redis for tests is running; its URL is in .services/redis.url");
    Ok(ExitCode::SUCCESS)
}

/// Its process id stands in a file, by which it is stopped.
fn start_redis() -> Result<(), Box<dyn Error>> {
    if redis_answers() {
        return Ok(());
    }
    let port = free_port();
    // A session of its own, so that it outlives the terminal that it was started from.
    let server = server_command(port)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("redis-server cannot be started ({error}); scripts/setup test installs it"))?;
    write(&file("redis.pid"), &server.id().to_string())?;
    write(&file("redis.url"), &format!("redis://127.0.0.1:{port}"))?;
    let begun = Instant::now();
    while !redis_answers() {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err("redis-server does not answer".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn stop_redis() {
    let id = fs::read_to_string(file("redis.pid")).unwrap_or_default();
    // Only while it answers: the id may belong to another by now.
    if !id.is_empty() && redis_answers() {
        let _ = Command::new("kill").arg(id.trim()).status();
    }
    let _ = fs::remove_file(file("redis.pid"));
}

fn redis_answers() -> bool {
    let url = fs::read_to_string(file("redis.url")).unwrap_or_default();
    url.trim().strip_prefix("redis://").is_some_and(|place| TcpStream::connect(place).is_ok())
}

fn stop() -> Result<ExitCode, Box<dyn Error>> {
    // First, so that no test takes up the URL of a server that is going away.
    let _ = fs::remove_file(file("postgres.url"));
    stop_redis();
    let _ = fs::remove_file(file("redis.url"));
    postgres().remove()?;
    println!("The test services are stopped and their data removed.");
    Ok(ExitCode::SUCCESS)
}

/// Exit status 1 when something is not running, for scripts.
fn status() -> Result<ExitCode, Box<dyn Error>> {
    let is_running = postgres().running_url(Login::Superuser)?.is_some();
    let words = |is_running| if is_running { "running" } else { "not running" };
    println!("PostgreSQL: {}", words(is_running));
    println!("Redis: {}", words(redis_answers()));
    Ok(if is_running && redis_answers() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(file: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    // Renamed into place: a test that starts meanwhile reads the old one or the new one, never half of it.
    let new = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(&new)?.write_all(text.as_bytes())?;
    fs::rename(&new, file)?;
    Ok(())
}
