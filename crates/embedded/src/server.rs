//! Starting a server, waiting until it answers, and stopping it.

use std::fs::{self, File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::folder::Home;
use crate::postmaster::{self, Postmaster};
use crate::{Durability, Error, settings};

/// The part of a socket's name that holds no choice of ours, on a socket folder that belongs to one server.
const SOCKET_PORT: u16 = 5432;
/// Bytes that a socket's path may have (`sun_path` of Linux, less its closing zero).
const SOCKET_PATH_MAX: usize = 107;
/// A start after a crash replays up to `max_wal_size` of log.
const START_LIMIT: Duration = Duration::from_mins(2);
const FAST_STOP_LIMIT: Duration = Duration::from_secs(20);
const IMMEDIATE_STOP_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(10);
/// What a start meets shortly after a kill -9 of the last server, or when a port was taken from under it.
const PASSING: [&str; 3] = ["is still in use", "already exists", "Address already in use"];
const PASSING_LIMIT: Duration = Duration::from_secs(10);
const LOG_TAIL_LINES: usize = 15;

/// Where clients reach a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A unix socket in a folder.
    Socket { folder: PathBuf, port: u16 },
    /// A port of 127.0.0.1, where the socket's path would be too long or is not fit for a URL.
    Loopback { port: u16 },
}

impl Address {
    fn choose(home: &Home) -> Result<Self, Error> {
        let folder = home.socket();
        if fits_a_socket(&folder) {
            return Ok(Self::Socket { folder, port: SOCKET_PORT });
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        free.map(|address| Self::Loopback { port: address.port() })
            .map_err(Error::io("find a free port for", home.path()))
    }

    fn of(postmaster: Postmaster, home: &Home) -> Self {
        let port = postmaster.port;
        if postmaster.on_loopback { Self::Loopback { port } } else { Self::Socket { folder: home.socket(), port } }
    }
}

/// Whether clients can be told to connect in this folder: libpq takes a comma for the end of a host's name.
fn fits_a_socket(folder: &Path) -> bool {
    let path = folder.join(format!(".s.PGSQL.{SOCKET_PORT}"));
    let text = str::from_utf8(path.as_os_str().as_bytes());
    text.is_ok_and(|text| text.len() <= SOCKET_PATH_MAX && !text.contains(','))
}

/// Where the server of a home answers, if it does.
pub(crate) fn answers_at(home: &Home) -> Result<Option<Address>, Error> {
    let ready = Postmaster::find(&home.data())?.filter(|postmaster| postmaster.ready);
    Ok(ready.map(|postmaster| Address::of(postmaster, home)))
}

/// Joins the server that runs on a home, or starts one, and waits until it answers. One that is started listens where `before`
/// says, if it does, so that those who knew the last server find it.
pub(crate) fn join_or_start(home: &Home, durability: Durability, before: Option<&Address>) -> Result<Address, Error> {
    let began = Instant::now();
    let mut child: Option<Child> = None;
    loop {
        if let Some(address) = answers_at(home)? {
            fetch_exit_status(child);
            return Ok(address);
        }
        child = match child {
            Some(started) => still_starting(started, home, began)?,
            // Starting or stopping on somebody else's word, or dying after a kill: wait for what becomes of it.
            None if is_occupied(&home.data())? => None,
            None => Some(start(home, durability, before)?),
        };
        if began.elapsed() > START_LIMIT {
            // It is left alone: a long recovery goes on, and the next program joins it.
            let reason = format!("it does not answer after {} s", START_LIMIT.as_secs());
            return Err(Error::Start { reason, log: log_tail(home) });
        }
        std::thread::sleep(POLL);
    }
}

/// Waits for the server's end in the background: as a zombie it would look alive to the PostgreSQL that shall replace it.
fn fetch_exit_status(child: Option<Child>) {
    if let Some(mut child) = child {
        std::thread::spawn(move || child.wait());
    }
}

fn is_occupied(data: &Path) -> Result<bool, Error> {
    Ok(Postmaster::find(data)?.is_some() || postmaster::has_survivors(data))
}

/// The child, if it is still there; nothing, if it met an obstacle that passes and another is to be started.
fn still_starting(mut child: Child, home: &Home, began: Instant) -> Result<Option<Child>, Error> {
    match child.try_wait().map_err(Error::io("wait for the server of", home.path()))? {
        None => Ok(Some(child)),
        Some(status) => {
            let log = log_tail(home);
            let passes = PASSING.iter().any(|reason| log.contains(reason)) && began.elapsed() < PASSING_LIMIT;
            if passes { Ok(None) } else { Err(Error::Start { reason: status.to_string(), log }) }
        }
    }
}

fn start(home: &Home, durability: Durability, before: Option<&Address>) -> Result<Child, Error> {
    let data = home.data();
    let account = Account::owner_of(&data)?;
    account.require(&data)?;
    let binaries = Binaries::for_data(&data)?;
    clear_remains(home)?;
    let address = before.map_or_else(|| Address::choose(home), |address| Ok(address.clone()))?;
    let log = open_log(&home.start_log())?;
    let also_log = log.try_clone().map_err(Error::io("open", &home.start_log()))?;
    let mut command = account.command(&binaries.postgres(), &data);
    command.arg("-D").arg(&data).args(settings::arguments(durability, &address));
    // A group of its own: Ctrl-C at the terminal must reach this program alone, which then stops the server in order.
    command.process_group(0).stdin(Stdio::null()).stdout(log).stderr(also_log);
    command.spawn().map_err(Error::io("run", &binaries.postgres()))
}

/// What a killed server leaves and the next one would stumble over. Nobody runs here, as the caller holds the gate.
fn clear_remains(home: &Home) -> Result<(), Error> {
    postmaster::remove_if_misleading(&home.data())?;
    let folder = home.socket();
    for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        let path = entry.map_err(Error::io("read", &folder))?.path();
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

fn open_log(path: &Path) -> Result<File, Error> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(Error::io("open", path))
}

/// The end of what the server said: on its stderr before its log collector ran, and in the day's log after.
fn log_tail(home: &Home) -> String {
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    let days = fs::read_dir(home.log()).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = [Some(home.start_log()), days.max_by_key(modified)];
    let tails = files.into_iter().flatten().map(|file| tail(&fs::read_to_string(file).unwrap_or_default()));
    tails.collect::<Vec<_>>().join("\n")
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(LOG_TAIL_LINES)).copied().collect::<Vec<_>>().join("\n")
}

/// Stops the server that runs on a home in order, which ends its sessions; at once when that takes too long, which costs a recovery
/// at the next start. `false` when none runs.
pub(crate) fn stop(home: &Home) -> Result<bool, Error> {
    let data = home.data();
    let Some(postmaster) = Postmaster::find(&data)? else {
        return Ok(false);
    };
    for (signal, limit) in [(Signal::SIGINT, FAST_STOP_LIMIT), (Signal::SIGQUIT, IMMEDIATE_STOP_LIMIT)] {
        match kill(postmaster.pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => return Err(Error::io("stop the server of", &data)(error.into())),
        }
        let began = Instant::now();
        while began.elapsed() < limit {
            if postmaster.has_ended() {
                return Ok(true);
            }
            std::thread::sleep(POLL);
        }
    }
    Err(Error::Stop { pid: postmaster.pid.as_raw() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_whose_path_is_not_fit_for_a_socket_is_served_on_a_port() {
        let home = |depth: usize| Home::new(PathBuf::from(format!("/{}", "x".repeat(depth))));
        let fits = SOCKET_PATH_MAX - "//socket/.s.PGSQL.5432".len();
        assert!(matches!(Address::choose(&home(fits)), Ok(Address::Socket { .. })));
        assert!(matches!(Address::choose(&home(fits + 1)), Ok(Address::Loopback { .. })));
        assert!(matches!(Address::choose(&Home::new(PathBuf::from("/a,b"))), Ok(Address::Loopback { .. })));
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let text = (0..100).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
        let tail = tail(&text);
        assert!(tail.starts_with("line 85\n") && tail.ends_with("line 99"), "{tail}");
    }
}
