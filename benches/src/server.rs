//! The released program, serving.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tenure_embedded::Login;

use crate::Result;
use crate::bed::Bed;
use crate::memory;

/// `tenure serve` with its defaults, its log included. It is killed with this value.
pub(crate) struct Serving {
    child: Child,
    address: SocketAddr,
}

/// Starts the `tenure` that lies beside this program, with some options set otherwise.
pub(crate) fn start(bed: &Bed, options: &[(&str, &str)]) -> Result<Serving> {
    let program = std::env::current_exe()?.with_file_name("tenure");
    let mut command = Command::new(&program);
    command.args(["serve", "--port", "0", "--json"]);
    command.env("TENURE_DATABASE__URL", bed.url(Login::Application).as_str());
    command.env("TENURE_DATABASE__OWNER_URL", bed.url(Login::Owner).as_str());
    command.envs(options.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    match address(&mut child) {
        Ok(address) => Ok(Serving { child, address }),
        Err(error) => {
            child.kill()?;
            Err(error)
        }
    }
}

/// It prints where it listens as the first thing.
fn address(child: &mut Child) -> Result<SocketAddr> {
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let mut documents = serde_json::Deserializer::from_reader(stdout).into_iter::<Value>();
    let listening = documents.next().ok_or("the server ended")??;
    let url = listening.get("url").and_then(Value::as_str).ok_or("the server does not say where it listens")?;
    Ok(url.trim_start_matches("http://").parse()?)
}

impl Serving {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory that it ever had, in MB.
    pub(crate) fn most_memory(&self) -> Result<f64> {
        Ok(memory::most_of(self.child.id()).ok_or("the server has ended")?)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
