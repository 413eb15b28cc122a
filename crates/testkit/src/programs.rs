//! Servers that tests start.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

/// Where `scripts/servers` puts those that are not on PATH.
const FETCHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers");

/// A server's program: the one on PATH, or else the one that was fetched.
pub(crate) fn server_program(name: &str) -> PathBuf {
    let on_path = env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|at| at.join(name).is_file()));
    if on_path { PathBuf::from(name) } else { PathBuf::from(FETCHED).join(name) }
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
