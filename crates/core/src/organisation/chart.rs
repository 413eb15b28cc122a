//! How many people are below each in a chart of who reports to whom.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::ids::EmployeeId;

/// How many people a manager leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reports {
    /// Those who report to the manager directly.
    pub direct: u32,
    /// Those and everybody below them.
    pub all: u32,
}

/// For everybody who leads somebody how many. `people` are a person and the manager each, every manager before those who report to
/// him or her: the order of a chart from the top down. Managers who are not in the chart themselves are counted only what is directly
/// theirs.
#[must_use]
pub fn reports(people: &[(EmployeeId, Option<EmployeeId>)]) -> HashMap<EmployeeId, Reports> {
    let mut reports: HashMap<EmployeeId, Reports> = HashMap::new();
    // From the bottom up: who is counted has been counted out already.
    for (person, manager) in people.iter().rev() {
        let below = reports.get(person).map_or(0, |own| own.all);
        if let Some(manager) = manager {
            let of_manager = reports.entry(*manager).or_default();
            of_manager.direct += 1;
            of_manager.all += below + 1;
        }
    }
    reports
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn person(number: usize) -> EmployeeId {
        Uuid::from_u128(u128::try_from(number).unwrap()).into()
    }

    proptest! {
        /// In a chart where each but the first reports to one before, both counts are those of counting one by one.
        #[test]
        fn reports_are_what_counting_one_by_one_gives(choices in prop::collection::vec(any::<prop::sample::Index>(), 0..60)) {
            let managers: Vec<usize> = choices.iter().enumerate().map(|(at, choice)| choice.index(at + 1)).collect();
            let mut people = vec![(person(0), None)];
            people.extend(managers.iter().enumerate().map(|(at, manager)| (person(at + 1), Some(person(*manager)))));
            let found = reports(&people);
            let leads = |above: usize, mut below: usize| {
                while below > 0 {
                    below = managers[below - 1];
                    if below == above {
                        return true;
                    }
                }
                false
            };
            for number in 0..people.len() {
                let all = (0..people.len()).filter(|other| leads(number, *other)).count();
                let direct = managers.iter().filter(|manager| **manager == number).count();
                let own = found.get(&person(number)).copied().unwrap_or_default();
                prop_assert_eq!((usize::try_from(own.direct).unwrap(), usize::try_from(own.all).unwrap()), (direct, all));
            }
        }
    }
}
