//! The departments of a company as a tree: what may be moved where, and what a merge does.

pub mod chart;
pub mod figures;

use thiserror::Error;

use crate::ids::{DepartmentId, EmployeeId};

/// A change that would not leave a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeError {
    /// The new parent is the department itself.
    #[error("a department cannot be placed under itself")]
    UnderItself,
    /// The new parent lies below the department.
    #[error("a department cannot be placed under one that lies below it; move that one out first")]
    UnderItsOwn,
    /// Both sides of a merge are one department.
    #[error("a department cannot be merged into itself")]
    IntoItself,
    /// The target of a merge lies below the department that would go.
    #[error("a department cannot be merged into one that lies below it; move that one out first")]
    IntoItsOwn,
}

/// Checks that a department may be placed under a new parent. `above` are the parent and all departments above it; it is empty for
/// a place at the top.
///
/// # Errors
/// When the department would lie below itself.
pub fn check_move(department: DepartmentId, above: &[DepartmentId]) -> Result<(), TreeError> {
    match above.iter().position(|ancestor| *ancestor == department) {
        None => Ok(()),
        Some(0) => Err(TreeError::UnderItself),
        Some(_) => Err(TreeError::UnderItsOwn),
    }
}

/// One side of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// The department.
    pub id: DepartmentId,
    /// Who heads it.
    pub head: Option<EmployeeId>,
}

/// Who heads the target after a merge: its own head, or else the head of the department that goes. People and sub-departments of
/// the latter always go to the target. `above` are the target and all departments above it.
///
/// # Errors
/// When the target is the department itself or lies below it: its sub-departments would then lie below themselves.
pub fn head_after_merge(from: Side, into: Side, above: &[DepartmentId]) -> Result<Option<EmployeeId>, TreeError> {
    check_move(from.id, above).map_err(|error| match error {
        TreeError::UnderItself => TreeError::IntoItself,
        _ => TreeError::IntoItsOwn,
    })?;
    Ok(into.head.or(from.head))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn department(number: usize) -> DepartmentId {
        Uuid::from_u128(u128::try_from(number).unwrap()).into()
    }

    /// The path from a department to the top, itself first; `None` when it does not end.
    fn path(parents: &[Option<usize>], from: usize) -> Option<Vec<DepartmentId>> {
        let mut path = vec![department(from)];
        let mut at = from;
        while let Some(parent) = parents[at] {
            path.push(department(parent));
            at = parent;
            if path.len() > parents.len() {
                return None;
            }
        }
        Some(path)
    }

    #[test]
    fn the_head_of_the_target_stays_and_one_without_gets_the_other() {
        let head = |number: u128| Some(EmployeeId::from(Uuid::from_u128(number)));
        let side = |number, head| Side { id: department(number), head };
        let above = [department(2)];
        assert_eq!(head_after_merge(side(1, head(8)), side(2, head(9)), &above), Ok(head(9)));
        assert_eq!(head_after_merge(side(1, head(8)), side(2, None), &above), Ok(head(8)));
        assert_eq!(head_after_merge(side(2, None), side(2, None), &above), Err(TreeError::IntoItself));
        assert_eq!(
            head_after_merge(side(1, None), side(2, None), &[department(2), department(1)]),
            Err(TreeError::IntoItsOwn)
        );
    }

    proptest! {
        /// Whatever is moved in whatever order, what the rule allows leaves a tree, and what it refuses would not.
        #[test]
        fn moves_that_are_allowed_leave_a_tree_and_those_refused_would_not(
            moves in prop::collection::vec((0_usize..8, prop::option::of(0_usize..8)), 0..40),
        ) {
            let mut parents: Vec<Option<usize>> = vec![None; 8];
            for (moved, parent) in moves {
                let above = parent.map_or_else(Vec::new, |parent| path(&parents, parent).unwrap());
                let allowed = check_move(department(moved), &above);
                let mut after = parents.clone();
                after[moved] = parent;
                let is_tree = (0..8).all(|number| path(&after, number).is_some());
                prop_assert_eq!(allowed.is_ok(), is_tree, "{} under {:?} in {:?}", moved, parent, parents);
                if is_tree {
                    parents = after;
                }
            }
        }
    }
}
