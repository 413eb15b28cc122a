//! One line for each figure.

use std::time::Duration;

/// The figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    short: bool,
}

impl Report {
    /// Prints a ratio that should be at most its target.
    pub(crate) fn at_most(&mut self, name: &str, ratio: f64, target: f64) {
        self.line(name, (ratio, "x"), "<=", (target, ratio <= target));
    }

    /// Prints a ratio that should be at least its target.
    pub(crate) fn at_least(&mut self, name: &str, ratio: f64, target: f64) {
        self.line(name, (ratio, "x"), ">=", (target, ratio >= target));
    }

    /// Prints a number of some unit that should be at most its target.
    pub(crate) fn at_most_of(&mut self, name: &str, (value, unit): (f64, &str), target: f64) {
        self.line(name, (value, unit), "<=", (target, value <= target));
    }

    /// Prints a number of some unit that should be at least its target.
    pub(crate) fn at_least_of(&mut self, name: &str, (value, unit): (f64, &str), target: f64) {
        self.line(name, (value, unit), ">=", (target, value >= target));
    }

    fn line(&mut self, name: &str, (value, unit): (f64, &str), relation: &str, (target, reached): (f64, bool)) {
        self.short |= !reached;
        println!("{name} {value:.2} {unit} target {relation} {target} {}", if reached { "ok" } else { "short" });
    }

    /// Whether a target was missed.
    pub(crate) fn is_short(&self) -> bool {
        self.short
    }
}

/// The middle one of some durations, in seconds.
pub(crate) fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}
