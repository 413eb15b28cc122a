//! The log of the whole program, on stderr.

use std::io::{self, IsTerminal};

use tenure_api::SlowQueries;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Starts logging. To be called once, before anything that logs. What it gives back counts the slow statements, also those that
/// the log's level leaves out.
pub(crate) fn start(log: &Log) -> SlowQueries {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let layer = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let slow = SlowQueries::default();
    tracing_subscriber::registry().with(layer.with_filter(log.level.clone())).with(slow.clone()).init();
    slow
}
