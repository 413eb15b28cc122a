//! Deciding in memory whether somebody may do something.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tenure_core::access::{Grants, Permission, Scope, ScopeSet};

use crate::report::{Report, median};

const DECISIONS: u32 = 100_000;

/// A department's HR clerk with two built-in roles and five of the company's own, by which every permission is asked for somebody who
/// reports to the clerk and works in the same department.
pub(crate) fn measure(report: &mut Report) {
    let custom: Vec<(&str, &str)> = Permission::ALL
        .into_iter()
        .flat_map(|permission| ["self", "reports", "department"].map(|scope| (permission.key(), scope)))
        .collect();
    let clerk = Grants::of(["manager", "employee"], custom);
    let lies_in = ScopeSet::EMPTY.with(Scope::All).with(Scope::Department).with(Scope::Reports);
    let rounds = (0..15).map(|_| time_per_decision(&clerk, lies_in));
    let microseconds = median(rounds.collect()) * 1_000_000.0 / f64::from(DECISIONS);
    report.at_most_of("access/decision", (microseconds, "us"), 5.0);
}

fn time_per_decision(grants: &Grants, lies_in: ScopeSet) -> Duration {
    let begun = Instant::now();
    for permission in Permission::ALL.into_iter().cycle().zip(0..DECISIONS).map(|(permission, _)| permission) {
        black_box(black_box(grants).allow(black_box(permission), black_box(lies_in)));
    }
    begun.elapsed()
}
