//! How the people of a sample company are spread over its units, and who reports to whom in a unit.

use super::rng::Rng;
use super::units::{Job, UNITS, Unit};

/// The units of a company of that size, each with its number of people. At least one each, and the size in all.
pub(super) fn staffing(size: u32) -> Vec<(&'static Unit, u32)> {
    let units: Vec<&Unit> = UNITS.iter().filter(|unit| unit.from_size <= size).collect();
    let heads = u32::try_from(units.len()).unwrap_or(u32::MAX);
    let others = u64::from(size.saturating_sub(heads));
    let total: u64 = units.iter().map(|unit| u64::from(unit.weight)).sum();
    // The units' shares end where the running sum of weights does, so no person is lost to rounding. A company of the
    // chief executive's unit alone has no weights: everybody else works there.
    let end_of_share = |weight: u64| (others * weight).checked_div(total).unwrap_or(others);
    let mut weight_so_far = 0;
    let mut placed = 0;
    units
        .into_iter()
        .map(|unit| {
            weight_so_far += u64::from(unit.weight);
            let end = end_of_share(weight_so_far);
            let count = 1 + u32::try_from(end - placed).unwrap_or_default();
            placed = end;
            (unit, count)
        })
        .collect()
}

/// How many people report to one, apart from the heads of departments below.
const SPAN: usize = 7;

/// What a place in a department is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    Head,
    /// Leads leads.
    Manager,
    Lead,
    Staff,
}

/// A place in a department.
pub(super) struct Place {
    pub(super) rank: Rank,
    /// The place in the same department that this one reports to; none for the head.
    pub(super) reports_to: Option<usize>,
}

impl Place {
    /// The job that goes with the place.
    pub(super) fn job(&self, unit: &Unit, rng: &mut Rng) -> Job {
        match self.rank {
            Rank::Head => unit.head,
            Rank::Manager => unit.manager,
            Rank::Lead => unit.lead,
            Rank::Staff => rng.pick(unit.staff),
        }
    }
}

/// The places of a department of `count` people, the head first: each has up to [`SPAN`] others under it, filled level by
/// level, so that the depth grows with the logarithm of the count.
pub(super) fn places(count: u32) -> impl Iterator<Item = Place> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let first_report = |place: usize| place * SPAN + 1;
    (0..count).map(move |place| {
        let rank = match place {
            0 => Rank::Head,
            _ if first_report(first_report(place)) < count => Rank::Manager,
            _ if first_report(place) < count => Rank::Lead,
            _ => Rank::Staff,
        };
        Place { rank, reports_to: place.checked_sub(1).map(|earlier| earlier / SPAN) }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everybody_has_a_unit_and_no_unit_is_empty(size in 0_u32..20_000) {
            let staffing = staffing(size);
            prop_assert_eq!(staffing.iter().map(|(_, count)| count).sum::<u32>(), size);
            prop_assert!(staffing.iter().all(|(_, count)| *count > 0));
        }
    }
}
