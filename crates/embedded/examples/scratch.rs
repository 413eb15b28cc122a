//! Runs a command beside a throw-away PostgreSQL, whose owner's URL it finds in `SCRATCH_DATABASE_URL`:
//!
//! ```text
//! cargo run -p tenure-embedded --example scratch -- psql -c 'SELECT version()'
//! ```

use std::error::Error;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, ExitCode};

use tenure_embedded::{Durability, Installation, Login};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("usage: scratch COMMAND [ARGUMENT…]")?;
    let root = tempfile::Builder::new().prefix("tenure-scratch-").tempdir()?;
    // Run by root, the server's user has to pass through.
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o711))?;
    let running = Installation::at(&root.path().join("postgres")).open(Durability::Disposable)?;
    let url = running.url(Login::Owner);
    let status = Command::new(program).args(arguments).env("SCRATCH_DATABASE_URL", url.as_str()).status()?;
    running.close()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
