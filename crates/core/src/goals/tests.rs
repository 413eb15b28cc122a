use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Progress, Status, of_children};

fn progress() -> impl Strategy<Value = Progress> {
    (0_i64..=10_000).prop_map(|hundredths| Progress::new(Decimal::new(hundredths, 2)).unwrap())
}

proptest! {
    #[test]
    fn a_goal_lies_between_its_least_and_its_most_advanced_child(all in prop::collection::vec(progress(), 1..20)) {
        let children: Vec<_> = all.iter().map(|one| (Status::InProgress, *one)).collect();
        let whole = of_children(&children).unwrap();
        prop_assert!(whole >= *all.iter().min().unwrap() && whole <= *all.iter().max().unwrap());
    }

    #[test]
    fn an_archived_child_changes_nothing(all in prop::collection::vec(progress(), 0..20), archived in progress()) {
        let mut children: Vec<_> = all.iter().map(|one| (Status::Closed, *one)).collect();
        let before = of_children(&children);
        children.push((Status::Archived, archived));
        prop_assert_eq!(of_children(&children), before);
    }
}

#[test]
fn thirds_are_rounded_at_the_second_decimal() {
    let child = |percent| (Status::Completed, Progress::new(Decimal::from(percent)).unwrap());
    let whole = of_children(&[child(100), child(100), child(0)]).unwrap();
    assert_eq!(whole.percent(), Decimal::new(6_667, 2));
}

#[test]
fn what_is_no_percentage_is_refused() {
    for (number, scale) in [(-1, 0), (101, 0), (1_234, 3)] {
        assert!(Progress::new(Decimal::new(number, scale)).is_err());
    }
}
