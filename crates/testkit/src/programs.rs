//! Servers that tests start.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where `scripts/servers` puts those that are not on PATH.
const FETCHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers");

/// A server's program: the one on PATH, or else the one that was fetched.
pub(crate) fn server_program(name: &str) -> PathBuf {
    let on_path = env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|at| at.join(name).is_file()));
    if on_path { PathBuf::from(name) } else { PathBuf::from(FETCHED).join(name) }
}

/// Starts a server, and waits until it answers. Somebody else may have its port for a moment: it ends then, and is started anew.
pub(crate) fn started(command: &mut Command, patience: Duration, answers: impl Fn() -> bool) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begun = Instant::now();
    let mut server = command.spawn().expect("a server; run `make services`, which fetches it");
    while !answers() {
        assert!(begun.elapsed() < patience, "{command:?} does not begin");
        thread::sleep(Duration::from_millis(5));
        if server.try_wait().is_ok_and(|ended| ended.is_some()) {
            server = command.spawn().expect("a server that was there before");
        }
    }
    server
}

/// A port that nobody listens on.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("the address of a listener").port()
}
