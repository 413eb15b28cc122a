//! SIGINT (Ctrl-C) and SIGTERM, by which people and service managers end a program.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::Error;

/// The signals to end. While this lives, and after, they no longer kill the program.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self, Error> {
        let signal = |kind| signal(kind).map_err(Error::Signals);
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
