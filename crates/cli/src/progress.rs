//! How far long work has come, on stderr: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Elsewhere than on a terminal, a line is written for each tenth of the work.
const LINES: usize = 10;

/// The progress of one piece of long work.
pub(crate) enum Progress {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log or a file.
    Lines { what: &'static str, done: AtomicUsize },
}

impl Progress {
    /// Progress of so many of something, for example `tenants`.
    pub(crate) fn new(what: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { what, done: AtomicUsize::new(0) };
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} ({elapsed}, {eta} left)");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        Self::Bar(bar)
    }

    /// One more of the total is done.
    pub(crate) fn advance(&self, total: usize) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
                bar.inc(1);
            }
            Self::Lines { what, done } => {
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done == total || done.is_multiple_of(total.div_ceil(LINES).max(1)) {
                    let _ = writeln!(io::stderr(), "{done}/{total} {what}");
                }
            }
        }
    }

    /// Removes the bar, so that the result stands alone.
    pub(crate) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
