//! How the server is set up. Every setting is given on the server's command line, so that an installation that exists gets the
//! settings of the program that starts it.

use crate::server::Address;

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed is lost.
    Durable,
    /// Everything may be lost: for tests, which are several times faster without waiting for the disk.
    Disposable,
}

/// Settings for thousands of schemas on a small machine.
const ALWAYS: &[(&str, &str)] = &[
    ("cluster_name", "tenure"),
    ("timezone", "UTC"),
    ("max_connections", "200"),
    // With PostgreSQL's 64 one transaction creates 135 tenants or drops 41; a whole-database dump fails at some 750.
    ("max_locks_per_transaction", "1024"),
    ("shared_buffers", "256MB"),
    ("max_wal_size", "2GB"),
    // Statements here are short: compiling them costs more than it saves.
    ("jit", "off"),
    // A client that went away does not keep its query running.
    ("client_connection_check_interval", "5s"),
    // A file for each day of the week, each emptied when its day comes again.
    ("logging_collector", "on"),
    ("log_directory", "../log"),
    ("log_filename", "%a.log"),
    ("log_file_mode", "0600"),
    ("log_rotation_age", "1d"),
    ("log_rotation_size", "0"),
    ("log_truncate_on_rotation", "on"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] %q%u@%d "),
    ("log_lock_waits", "on"),
];

const DISPOSABLE: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    // For replicas, which follow a while after they were copied.
    ("wal_keep_size", "1GB"),
];

/// The server's arguments: `-c name=value` for each setting.
pub(crate) fn arguments(durability: Durability, address: &Address) -> Vec<String> {
    let (port, socket_folder, listen) = match address {
        // Relative to the data folder: an absolute path with a comma in it would be read as two.
        Address::Socket { port, .. } => (port, "../socket", ""),
        Address::Loopback { port } => (port, "", "127.0.0.1"),
    };
    let disposable = if durability == Durability::Disposable { DISPOSABLE } else { &[] };
    let fixed = ALWAYS.iter().chain(disposable).map(|(name, value)| format!("{name}={value}"));
    let address = [
        format!("port={port}"),
        format!("unix_socket_directories={socket_folder}"),
        format!("listen_addresses={listen}"),
    ];
    fixed.chain(address).flat_map(|setting| ["-c".to_owned(), setting]).collect()
}
