//! Where a person stands over time: a row for each day from which something is different.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Changes, Field, Position};
use crate::ids::JobAssignmentId;

/// Where a person stands from a day on until the next row's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The key of a row that is stored; `None` for one that is to be.
    pub id: Option<JobAssignmentId>,
    /// The first day on which it holds.
    pub from: Date,
    /// All that holds.
    pub position: Position,
    /// What was changed on that day. The other fields are those of the row before, and follow it when it is corrected.
    pub changed: BTreeSet<Field>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// The rows of one person by their days, of which no two are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline(Vec<Row>);

impl Timeline {
    /// A timeline of rows in whatever order.
    #[must_use]
    pub fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|row| row.from);
        Self(rows)
    }

    /// The rows by their days.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// The row of a key.
    #[must_use]
    pub fn row(&self, id: JobAssignmentId) -> Option<&Row> {
        self.0.iter().find(|row| row.id == Some(id))
    }

    /// The row that holds on a day; `None` before the first.
    #[must_use]
    pub fn in_force(&self, on: Date) -> Option<&Row> {
        self.0.iter().rfind(|row| row.from <= on)
    }

    /// Changes fields from a day on. Later rows that merely took a field over from before take the new value too, up to the first that
    /// changed the field itself. A row of that very day is corrected. What makes no difference changes nothing, and a day before the
    /// first row has nothing to change.
    pub(super) fn file(&mut self, on: Date, changes: Changes, reason: Option<&str>) {
        let Some(base) = self.in_force(on) else { return };
        let corrected = base.from == on;
        let changes = changes.that_differ_from(&base.position);
        if changes.fields.is_empty() {
            return;
        }
        let mut row = Row { id: None, from: on, ..base.clone() };
        if !corrected {
            row.changed = BTreeSet::new();
            row.reason = None;
        }
        row.reason = reason.map(str::to_owned).or(row.reason);
        row.changed.extend(&changes.fields);
        changes.apply(&mut row.position);
        self.put(row);
        self.carry(on, changes);
    }

    /// Gives a row another reason.
    pub(super) fn give_reason(&mut self, on: Date, reason: Option<String>) {
        if let Some(row) = self.0.iter_mut().find(|row| row.from == on && row.reason != reason) {
            row.reason = reason;
            row.id = None;
        }
    }

    /// Begins anew on a day with everything given.
    pub(super) fn start(&mut self, on: Date, position: Position, reason: Option<String>) {
        let changes = Changes::all(position);
        let row = Row { id: None, from: on, position: changes.values.clone(), changed: changes.fields.clone(), reason };
        self.put(row);
        self.carry(on, changes);
    }

    /// Takes a row back: what it changed is again as it was before, up to the next row that changes it. The first row stays.
    pub(super) fn take_back(&mut self, on: Date) {
        let Some(at) = self.0.iter().position(|row| row.from == on).filter(|at| *at > 0) else { return };
        let row = self.0.remove(at);
        if let Some(before) = self.in_force(on) {
            let values = before.position.clone();
            self.carry(on, Changes { fields: row.changed, values });
        }
    }

    /// Drops the rows that begin after a day, up to the day on which it begins anew.
    pub(super) fn end(&mut self, last_day: Date, next: Option<Date>) {
        self.0.retain(|row| row.from <= last_day || next.is_some_and(|next| row.from >= next));
    }

    /// Moves the day on which it all began. What was filed for days that are then before it is merged into the first row.
    pub(super) fn move_start(&mut self, from: Date, to: Date) {
        let Some(first) = self.in_force(from.max(to)).cloned() else { return };
        self.0.retain(|row| row.from < from.min(to) || row.from > from.max(to));
        self.start(to, first.position, first.reason);
    }

    fn put(&mut self, row: Row) {
        self.0.retain(|other| other.from != row.from);
        let at = self.0.partition_point(|other| other.from < row.from);
        self.0.insert(at, row);
    }

    /// Gives the rows after a day the new values of fields, each up to the first row that changed it itself.
    fn carry(&mut self, after: Date, mut changes: Changes) {
        for row in self.0.iter_mut().filter(|row| row.from > after) {
            changes.fields.retain(|field| !row.changed.contains(field));
            let before = row.position.clone();
            changes.apply(&mut row.position);
            if row.position != before {
                row.id = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::employment::EmploymentType;

    fn day(number: i32) -> Date {
        date(2020, 1, 1) + number.days()
    }

    fn changes() -> impl Strategy<Value = Changes> {
        let values = (prop::option::of(0_u128..4), prop::option::of(0_usize..3), prop::option::of("[AB]"));
        let fields = prop::collection::btree_set(
            prop::sample::select(vec![Field::DepartmentId, Field::EmploymentType, Field::PayGrade]),
            1..=3,
        );
        (values, fields).prop_map(|((department, kind, pay_grade), fields)| {
            let values = Position {
                department_id: department.map(|number| Uuid::from_u128(number).into()),
                employment_type: kind.map(|at| EmploymentType::ALL[at]),
                pay_grade,
                ..Position::default()
            };
            Changes { fields, values }
        })
    }

    /// Somebody hired on day 0, with changes filed in whatever order.
    fn timelines() -> impl Strategy<Value = Timeline> {
        prop::collection::vec((1..40, changes()), 0..8).prop_map(|filed| {
            let mut timeline = Timeline::default();
            timeline.start(day(0), Position::default(), None);
            for (on, changes) in filed {
                timeline.file(day(on), changes, None);
            }
            stored(timeline)
        })
    }

    /// The timeline as it is when it was stored: each row has a key.
    fn stored(mut timeline: Timeline) -> Timeline {
        for (row, number) in timeline.0.iter_mut().zip(1_u128..) {
            row.id = Some(Uuid::from_u128(number).into());
        }
        timeline
    }

    fn positions(timeline: &Timeline) -> Vec<Option<Position>> {
        (0..50).map(|number| timeline.in_force(day(number)).map(|row| row.position.clone())).collect()
    }

    proptest! {
        #[test]
        fn nothing_changes_before_the_day_and_all_that_is_filed_holds_on_it(
            before in timelines(), on in 0..45, changes in changes(),
        ) {
            let mut after = before.clone();
            after.file(day(on), changes.clone(), None);
            for earlier in 0..on {
                prop_assert_eq!(after.in_force(day(earlier)), before.in_force(day(earlier)));
            }
            let mut expected = before.in_force(day(on)).unwrap().position.clone();
            changes.apply(&mut expected);
            prop_assert_eq!(&after.in_force(day(on)).unwrap().position, &expected);
        }

        #[test]
        fn what_was_changed_later_keeps_its_value_and_what_was_not_follows(
            before in timelines(), on in 0..45, changes in changes(),
        ) {
            let mut after = before.clone();
            after.file(day(on), changes.clone(), None);
            let mut open = changes.clone().that_differ_from(&before.in_force(day(on)).unwrap().position);
            for row in before.rows().iter().filter(|row| row.from > day(on)) {
                open.fields.retain(|field| !row.changed.contains(field));
                let mut expected = row.position.clone();
                open.apply(&mut expected);
                prop_assert_eq!(&after.in_force(row.from).unwrap().position, &expected);
            }
        }

        #[test]
        fn filing_the_same_again_changes_nothing(before in timelines(), on in 0..45, changes in changes()) {
            let mut once = before;
            once.file(day(on), changes.clone(), Some("why"));
            let mut twice = once.clone();
            twice.file(day(on), changes, Some("why"));
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn what_is_taken_back_at_once_leaves_everything_as_it_was(
            before in timelines(), on in 0..45, changes in changes(),
        ) {
            prop_assume!(before.rows().iter().all(|row| row.from != day(on)));
            let mut after = before.clone();
            after.file(day(on), changes, None);
            after.take_back(day(on));
            prop_assert_eq!(positions(&after), positions(&before));
            let marks = |timeline: &Timeline| -> Vec<_> {
                timeline.rows().iter().map(|row| (row.from, row.changed.clone())).collect()
            };
            prop_assert_eq!(marks(&after), marks(&before));
        }

        /// What a row did not change is as in the row before, whatever is done.
        #[test]
        fn rows_differ_from_those_before_only_in_what_they_changed(
            start in timelines(), steps in prop::collection::vec((0..45, prop::option::of(changes())), 0..6), to in 0..45,
        ) {
            let mut timeline = start;
            for (on, step) in steps {
                match step {
                    Some(changes) => timeline.file(day(on), changes, None),
                    None => timeline.take_back(day(on)),
                }
            }
            timeline.move_start(day(0), day(to - 10));
            prop_assert!(timeline.rows().is_sorted_by(|one, next| one.from < next.from));
            for pair in timeline.rows().windows(2) {
                let differing = Changes::between(&pair[0].position, pair[1].position.clone());
                prop_assert!(differing.fields.is_subset(&pair[1].changed), "{:?}", pair);
            }
        }

        #[test]
        fn a_moved_start_changes_nothing_after_both_days(before in timelines(), to in -10..45) {
            let mut after = before.clone();
            after.move_start(day(0), day(to));
            prop_assert_eq!(after.rows()[0].from, day(to));
            prop_assert_eq!(&positions(&after)[usize::try_from(to.max(0)).unwrap()..], &positions(&before)[usize::try_from(to.max(0)).unwrap()..]);
        }
    }
}
