//! MongoDB, as a replica set of one.

use std::error::Error;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use std::{fs, thread};

use tenure_testkit::{free_port, initiate, mongod_command};

use crate::{file, spawn, stop_by_id, write};

/// Its process id stands in a file, by which it is stopped.
pub(crate) fn start() -> Result<(), Box<dyn Error>> {
    if answers() {
        return Ok(());
    }
    let (port, folder) = (free_port(), file("mongo"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let id = spawn(&mut mongod_command(port, &folder))
        .map_err(|error| format!("mongod cannot be started ({error}); scripts/setup test fetches it"))?;
    write(&file("mongo.pid"), &id.to_string())?;
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err("mongod does not answer".into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    // Only now, so that no test takes up one that is no replica set yet.
    write(&file("mongo.url"), &initiate(port))
}

pub(crate) fn stop() {
    stop_by_id("mongo.pid", answers());
    let _ = fs::remove_file(file("mongo.url"));
    let _ = fs::remove_dir_all(file("mongo"));
}

pub(crate) fn answers() -> bool {
    let url = fs::read_to_string(file("mongo.url")).unwrap_or_default();
    let place = url.trim().strip_prefix("mongodb://").and_then(|rest| rest.split('/').next());
    place.is_some_and(|place| TcpStream::connect(place).is_ok())
}
