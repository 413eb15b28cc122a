use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;

fn progress() -> impl Strategy<Value = Progress> {
    (0_i64..=10_000).prop_map(|hundredths| Decimal::new(hundredths, 2).try_into().unwrap())
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(u128::try_from(number).unwrap() + 1)
}

fn node(number: usize, parent: Option<usize>, standing: Standing, own: Progress) -> Node {
    Node { id: id(number), parent: parent.map(id), standing, own }
}

/// Goals that were given parents one after the other, wherever that was allowed.
fn grown(parents: &[usize]) -> Tree {
    let mut nodes: Vec<Node> =
        (0..parents.len()).map(|number| node(number, None, Standing::Open, Progress::default())).collect();
    for (number, parent) in parents.iter().enumerate() {
        let tree: Tree = nodes.iter().copied().collect();
        if tree.check_parent(id(number), id(*parent)).is_ok() {
            nodes[number].parent = Some(id(*parent));
        }
    }
    nodes.into_iter().collect()
}

proptest! {
    #[test]
    fn a_goal_lies_between_its_least_and_its_most_advanced_part(all in prop::collection::vec(progress(), 1..20)) {
        let parts = all.iter().enumerate().map(|(at, own)| node(at + 1, Some(0), Standing::Closed, *own));
        let tree: Tree = parts.chain([node(0, None, Standing::Open, Progress::WHOLE)]).collect();
        let whole = tree.progress(id(0));
        prop_assert!(whole >= *all.iter().min().unwrap() && whole <= *all.iter().max().unwrap());
        prop_assert!(tree.follows(id(0)));
    }

    #[test]
    fn an_archived_part_changes_nothing(all in prop::collection::vec(progress(), 0..20), own in progress(), archived in progress()) {
        let top = node(0, None, Standing::Open, own);
        let mut nodes: Vec<Node> = all.iter().enumerate().map(|(at, own)| node(at + 1, Some(0), Standing::Open, *own)).chain([top]).collect();
        let before: Tree = nodes.iter().copied().collect();
        nodes.push(node(99, Some(0), Standing::Archived, archived));
        let after: Tree = nodes.into_iter().collect();
        prop_assert_eq!(after.progress(id(0)), before.progress(id(0)));
        prop_assert_eq!(after.follows(id(0)), before.follows(id(0)));
    }

    #[test]
    fn no_goal_is_a_part_of_itself_and_none_lies_too_deep(parents in prop::collection::vec(0_usize..12, 12)) {
        let tree = grown(&parents);
        for start in tree.0.values() {
            let (mut levels, mut at) = (1, start.parent);
            while let Some(above) = at {
                levels += 1;
                prop_assert!(levels <= DEEPEST, "{:?}", tree);
                at = tree.0[&above].parent;
            }
        }
    }
}

#[test]
fn thirds_are_rounded_at_the_second_digit() {
    let whole = Progress::average([Progress::WHOLE, Progress::WHOLE, Progress::default()]).unwrap();
    assert_eq!(whole.percent(), Decimal::new(6_667, 2));
    assert_eq!(Progress::average([]), None);
}

#[test]
fn what_is_no_percentage_is_refused() {
    for text in ["-1", "100.01", "1.234", "NaN", ""] {
        assert!(text.parse::<Progress>().is_err(), "{text}");
    }
    assert_eq!("50.00".parse::<Progress>().unwrap().to_string(), "50");
}

#[test]
fn the_status_follows_from_standing_and_progress() {
    let half: Progress = "50".parse().unwrap();
    for (standing, progress, status) in [
        (Standing::Open, Progress::default(), Status::Pending),
        (Standing::Open, half, Status::InProgress),
        (Standing::Open, Progress::WHOLE, Status::Completed),
        (Standing::Closed, Progress::WHOLE, Status::Closed),
        (Standing::Archived, half, Status::Archived),
    ] {
        assert_eq!(Status::of(standing, progress), status);
    }
}

#[test]
fn of_some_goals_those_on_top_count() {
    let half: Progress = "50".parse().unwrap();
    let tree: Tree = [
        node(0, None, Standing::Open, Progress::default()),
        node(1, Some(0), Standing::Open, half),
        node(2, None, Standing::Closed, Progress::WHOLE),
        node(3, None, Standing::Archived, Progress::default()),
    ]
    .into_iter()
    .collect();
    let percent = |some: &[usize]| {
        tree.average_of(&some.iter().map(|at| id(*at)).collect::<Vec<_>>()).map(|progress| progress.to_string())
    };
    assert_eq!(percent(&[0, 1, 2, 3]).as_deref(), Some("75"));
    assert_eq!(percent(&[1, 2]).as_deref(), Some("75"), "the goal above is not among them");
    assert_eq!(percent(&[3]), None);
}

#[test]
fn who_asks_for_an_impossible_parent_is_told_why() {
    let tree: Tree = [node(0, None, Standing::Open, Progress::default())].into_iter().collect();
    assert_eq!(tree.check_parent(id(0), id(0)), Err(TreeError::Circle));
    assert_eq!(tree.check_parent(id(1), id(7)), Err(TreeError::Unknown));
}
