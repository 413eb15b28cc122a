//! Who may give what: nobody hands out, or takes away, more than they have themself.

use thiserror::Error;

use super::Grants;

/// Why somebody may not change what others may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GivingError {
    /// It is their own.
    #[error("nobody changes their own roles, or suspends or deletes themself; ask somebody else who may")]
    Oneself,
    /// The other user may do something that the actor may not.
    #[error("this user may do what you may not, so somebody with as many rights has to do it")]
    Outranked,
    /// What is given or taken is more than the actor has.
    #[error("nobody gives or takes a right that they do not have themself")]
    Beyond,
}

/// Whether an actor may act upon another user: suspend, delete, rename, give a new password, change roles.
///
/// # Errors
/// `Oneself`, or `Outranked` by a user who may do more.
pub fn check_user(actor: &Grants, is_oneself: bool, user: &Grants) -> Result<(), GivingError> {
    if is_oneself {
        Err(GivingError::Oneself)
    } else if actor.cover(user) {
        Ok(())
    } else {
        Err(GivingError::Outranked)
    }
}

/// Whether an actor may make these rights another's, or no longer another's.
///
/// # Errors
/// `Beyond` when some of them are not the actor's own.
pub fn check_rights(actor: &Grants, rights: &Grants) -> Result<(), GivingError> {
    if actor.cover(rights) { Ok(()) } else { Err(GivingError::Beyond) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::{Permission, Scope, ScopeSet};

    fn of(role: &str) -> Grants {
        Grants::of([role], [])
    }

    fn grants(most: usize) -> impl Strategy<Value = Grants> {
        let pair = (0..Permission::ALL.len(), 0..Scope::ALL.len());
        prop::collection::vec(pair, 0..most).prop_map(|pairs| {
            Grants::of([], pairs.into_iter().map(|(p, s)| (Permission::ALL[p].key(), Scope::ALL[s].key())))
        })
    }

    #[test]
    fn administrators_manage_those_who_may_no_more_than_they() {
        assert_eq!(check_user(&of("hr_admin"), false, &of("hr_manager")), Ok(()));
        assert_eq!(check_user(&of("hr_admin"), false, &of("owner")), Err(GivingError::Outranked));
        assert_eq!(check_user(&of("hr_admin"), false, &of("auditor")), Err(GivingError::Outranked));
        assert_eq!(check_user(&of("owner"), false, &of("owner")), Ok(()));
        assert_eq!(check_user(&of("owner"), true, &of("owner")), Err(GivingError::Oneself));
        assert_eq!(check_rights(&of("hr_admin"), &of("auditor")), Err(GivingError::Beyond));
    }

    #[test]
    fn everybody_includes_the_few_and_not_the_other_way_round() {
        let all = Grants::of([], [("pay.read", "all")]);
        for narrow in ["self", "reports", "department"] {
            let narrow = Grants::of([], [("pay.read", narrow)]);
            assert!(all.cover(&narrow) && !narrow.cover(&all));
        }
    }

    proptest! {
        #[test]
        fn what_is_covered_allows_nothing_that_its_giver_is_denied(giver in grants(40), given in grants(3)) {
            let is_covered = giver.cover(&given);
            for permission in Permission::ALL {
                for scope in Scope::ALL {
                    let person = ScopeSet::EMPTY.with(Scope::All).with(scope);
                    prop_assert!(!is_covered || !given.allow(permission, person) || giver.allow(permission, person));
                }
            }
        }

        #[test]
        fn a_confined_credential_never_may_more(full in grants(12), picked in prop::collection::vec(0..Permission::ALL.len(), 0..6)) {
            let permissions: Vec<Permission> = picked.into_iter().map(|at| Permission::ALL[at]).collect();
            let confined = full.clone().confined_to(&permissions);
            prop_assert!(full.cover(&confined));
            for permission in Permission::ALL {
                let expected = if permissions.contains(&permission) { full.scopes(permission) } else { ScopeSet::EMPTY };
                prop_assert_eq!(confined.scopes(permission), expected);
            }
        }
    }
}
