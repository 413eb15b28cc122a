//! Whether a server runs on a data folder, read from its `postmaster.pid` and from `/proc`.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use crate::Error;

/// A server that runs on a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: Pid,
    /// Its port; the number in the socket's name when it listens on a socket.
    pub(crate) port: u16,
    /// Whether it listens on TCP.
    pub(crate) on_loopback: bool,
    /// Whether it answers: neither starting nor stopping.
    pub(crate) ready: bool,
}

impl Postmaster {
    /// The server that runs on this folder. A file that a killed server left behind is no server, also when its process number
    /// belongs to another process by now.
    pub(crate) fn find(data: &Path) -> Result<Option<Self>, Error> {
        let found = read(data)?;
        Ok(found.filter(|postmaster| Process::identify(postmaster.pid, data) == Process::Server))
    }

    /// Whether its process has come to its end; a zombie has, and it is its parent's to fetch.
    pub(crate) fn has_ended(self) -> bool {
        // `15 (postgres) S 1 …`: the state follows the name, which may hold parentheses of its own.
        let status = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        state.is_none_or(|state| matches!(state, 'Z' | 'X'))
    }
}

/// Removes a `postmaster.pid` whose process number belongs to another process or to a zombie by now: PostgreSQL would take that one
/// for a server and refuse to start. A file whose process is gone stays, as PostgreSQL copes with it; so does one in doubt.
pub(crate) fn remove_if_misleading(data: &Path) -> Result<(), Error> {
    let Some(postmaster) = read(data)? else { return Ok(()) };
    if Process::identify(postmaster.pid, data) != Process::NoServer {
        return Ok(());
    }
    let file = data.join("postmaster.pid");
    fs::remove_file(&file).map_err(Error::io("remove", &file))
}

/// Whether sessions of a server that was killed still work on the folder. They notice soon, and must be gone before the next starts.
pub(crate) fn has_survivors(data: &Path) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .map(|process| process.path())
        .any(|process| is_postgres(&process) && works_in(&process, data) == Some(true))
}

fn read(data: &Path) -> Result<Option<Postmaster>, Error> {
    let file = data.join("postmaster.pid");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", &file)(error)),
    }
}

/// Lines of the file: process, data folder, start time, port, socket folder, TCP address, shared memory, status. The server adds
/// them one by one as it starts.
fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let line = |number: usize| lines.get(number).copied().unwrap_or_default();
    Some(Postmaster {
        pid: Pid::from_raw(line(0).parse().ok()?),
        port: line(3).parse().unwrap_or_default(),
        on_loopback: !line(5).is_empty(),
        ready: line(7) == "ready",
    })
}

/// What a process number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Process {
    /// Nothing.
    Gone,
    /// A server on the folder that was asked for.
    Server,
    /// Surely something else, or a zombie that nobody fetched.
    NoServer,
    /// A server, and the system does not tell on which folder.
    Unknown,
}

impl Process {
    fn identify(pid: Pid, data: &Path) -> Self {
        let process = PathBuf::from(format!("/proc/{pid}"));
        if !process.exists() {
            return Self::Gone;
        }
        // A zombie has no command line.
        if !is_postgres(&process) {
            return Self::NoServer;
        }
        match works_in(&process, data) {
            Some(true) => Self::Server,
            Some(false) => Self::NoServer,
            None if was_started_on(&process, data) => Self::Server,
            None => Self::Unknown,
        }
    }
}

/// The program's path for a server, `postgres: …` for its sessions.
fn is_postgres(process: &Path) -> bool {
    let command_line = fs::read(process.join("cmdline")).unwrap_or_default();
    let program = command_line.split(|&byte| byte == 0).next().unwrap_or_default();
    program.ends_with(b"/postgres") || program.starts_with(b"postgres:")
}

/// Whether a process works in a folder, as all of a server do in its data folder, also after that was moved. `None` when the system
/// does not tell, as in a container that hides it even from root.
fn works_in(process: &Path, folder: &Path) -> Option<bool> {
    let its = fs::metadata(process.join("cwd")).ok()?;
    let wanted = fs::metadata(folder).ok()?;
    Some((its.dev(), its.ino()) == (wanted.dev(), wanted.ino()))
}

fn was_started_on(process: &Path, data: &Path) -> bool {
    let command_line = fs::read(process.join("cmdline")).unwrap_or_default();
    command_line.split(|&byte| byte == 0).any(|argument| argument == data.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_server_on_a_socket_is_recognised() {
        let text = "4711\n/srv/data\n1700000000\n5432\n../socket\n\n  5432001  65536\nready   \n";
        let expected = Postmaster { pid: Pid::from_raw(4711), port: 5432, on_loopback: false, ready: true };
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn a_server_that_has_just_begun_to_start_is_not_ready() {
        let postmaster = parse("4711\n/srv/data\n1700000000\n40123\n\n127.0.0.1\n").unwrap();
        assert!(postmaster.on_loopback && !postmaster.ready, "{postmaster:?}");
        assert_eq!(parse("4711\n").map(|found| found.ready), Some(false));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn another_process_under_the_number_of_a_dead_server_is_not_taken_for_it() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("postmaster.pid");
        fs::write(&file, format!("{}\n{}\n0\n5432\n\n\n\nready\n", std::process::id(), data.path().display())).unwrap();
        assert_eq!(Postmaster::find(data.path()).unwrap(), None);
        remove_if_misleading(data.path()).unwrap();
        assert!(!file.exists(), "PostgreSQL would refuse to start beside {}", file.display());
    }

    #[test]
    fn the_file_of_a_server_that_is_gone_is_left_to_postgresql() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("postmaster.pid");
        // The largest process number of Linux is 4194304.
        fs::write(&file, "4999999\n").unwrap();
        remove_if_misleading(data.path()).unwrap();
        assert!(file.exists());
    }
}
