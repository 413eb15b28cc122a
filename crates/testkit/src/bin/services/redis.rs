//! Redis.

use std::error::Error;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use std::{fs, thread};

use tenure_testkit::{free_port, server_command};

use crate::{file, spawn, stop_by_id, write};

/// Its process id stands in a file, by which it is stopped.
pub(crate) fn start() -> Result<(), Box<dyn Error>> {
    if answers() {
        return Ok(());
    }
    let port = free_port();
    let id = spawn(&mut server_command("redis-server", port))
        .map_err(|error| format!("redis-server cannot be started ({error}); scripts/setup test installs it"))?;
    write(&file("redis.pid"), &id.to_string())?;
    write(&file("redis.url"), &format!("redis://127.0.0.1:{port}"))?;
    let begun = Instant::now();
    while !answers() {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err("redis-server does not answer".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

pub(crate) fn stop() {
    stop_by_id("redis.pid", answers());
    let _ = fs::remove_file(file("redis.url"));
}

pub(crate) fn answers() -> bool {
    let url = fs::read_to_string(file("redis.url")).unwrap_or_default();
    url.trim().strip_prefix("redis://").is_some_and(|place| TcpStream::connect(place).is_ok())
}
