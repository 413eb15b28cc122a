//! Where a person stands, from what a row says in words and in dates.

use jiff::civil::Date;

use super::field::Field;
use super::words::StatusWord;
use crate::employment::{EmployeeStatus, EmploymentType, TerminationKind};

/// Where a person stands, and how the employment ended or will end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: Option<EmployeeStatus>,
    pub(super) terminated_on: Option<Date>,
    pub(super) kind: Option<TerminationKind>,
    pub(super) reason: Option<String>,
    pub(super) employment_type: Option<EmploymentType>,
}

/// Decides by these rules, and adds a remark where words and dates had to be reconciled:
/// - without a word, a termination date that has passed means terminated;
/// - someone said to have left must have a last day: pay, leave and access end with it;
/// - someone said to have left whose last day is still to come is active until then;
/// - someone said to be employed whose last day has passed is a contradiction that only the file's owner can resolve: whoever
///   left must not keep access, and whoever came back has a new hire date;
/// - someone said to be employed whose first day is still to come is pending, and someone said to be pending whose first day has come
///   is active.
///
/// # Errors
/// The field to blame, and why.
pub(super) fn decide(
    word: Option<StatusWord>,
    hired_on: Date,
    terminated_on: Option<Date>,
    today: Date,
) -> Result<(Standing, Option<&'static str>), (Field, &'static str)> {
    if terminated_on.is_some_and(|last_day| last_day < hired_on) {
        return Err((Field::TerminatedOn, "before the hire date"));
    }
    let has_passed = terminated_on.is_some_and(|last_day| last_day < today);
    let lies_ahead = terminated_on.is_some_and(|last_day| last_day > today);
    let mut standing = Standing { terminated_on, ..Standing::default() };
    let mut remark = None;
    standing.status = match word {
        None => has_passed.then_some(EmployeeStatus::Terminated),
        Some(StatusWord::Left(kind)) => {
            if terminated_on.is_none() {
                return Err((Field::TerminatedOn, "missing, but the status says that the person has left"));
            }
            standing.kind = kind;
            if lies_ahead {
                remark = Some("the last day is still to come; active until then");
            }
            Some(if lies_ahead { employed(hired_on, today) } else { EmployeeStatus::Terminated })
        }
        Some(StatusWord::Inactive) if has_passed => Some(EmployeeStatus::Terminated),
        Some(_) if has_passed => {
            return Err((
                Field::TerminatedOn,
                "has passed, but the status says that the person is employed; correct one of them",
            ));
        }
        Some(StatusWord::Inactive | StatusWord::Is(_)) if hired_on > today => Some(EmployeeStatus::Pending),
        Some(StatusWord::Inactive) => Some(EmployeeStatus::Suspended),
        Some(StatusWord::Is(EmployeeStatus::Pending)) => Some(EmployeeStatus::Active),
        Some(StatusWord::Is(status)) => Some(status),
        Some(StatusWord::Contract(employment_type)) => {
            standing.employment_type = Some(employment_type);
            Some(employed(hired_on, today))
        }
    };
    Ok((standing, remark))
}

fn employed(hired_on: Date, today: Date) -> EmployeeStatus {
    if hired_on > today { EmployeeStatus::Pending } else { EmployeeStatus::Active }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HIRED: Date = date(2011, 7, 5);
    const PAST: Date = date(2020, 1, 31);
    const FUTURE: Date = date(2030, 1, 31);
    const TODAY: Date = date(2024, 6, 15);

    fn status(word: Option<StatusWord>, terminated_on: Option<Date>) -> Option<EmployeeStatus> {
        decide(word, HIRED, terminated_on, TODAY).unwrap().0.status
    }

    #[test]
    fn a_past_termination_date_alone_means_terminated() {
        assert_eq!(status(None, Some(PAST)), Some(EmployeeStatus::Terminated));
        assert_eq!(status(None, Some(FUTURE)), None);
        assert_eq!(status(None, None), None);
    }

    #[test]
    fn a_word_alone_is_believed_except_that_someone_left() {
        assert_eq!(status(Some(StatusWord::Inactive), None), Some(EmployeeStatus::Suspended));
        assert_eq!(status(Some(StatusWord::Is(EmployeeStatus::OnLeave)), None), Some(EmployeeStatus::OnLeave));
        assert_eq!(decide(Some(StatusWord::Left(None)), HIRED, None, TODAY).unwrap_err().0, Field::TerminatedOn);
        let (standing, remark) =
            decide(Some(StatusWord::Left(Some(TerminationKind::Voluntary))), HIRED, Some(PAST), TODAY).unwrap();
        assert_eq!(
            (standing.status, standing.kind),
            (Some(EmployeeStatus::Terminated), Some(TerminationKind::Voluntary))
        );
        assert_eq!(remark, None);
    }

    #[test]
    fn whoever_leaves_later_is_active_until_then() {
        let (standing, remark) = decide(Some(StatusWord::Left(None)), HIRED, Some(FUTURE), TODAY).unwrap();
        assert_eq!((standing.status, standing.terminated_on), (Some(EmployeeStatus::Active), Some(FUTURE)));
        assert!(remark.is_some());
    }

    #[test]
    fn contradictions_are_refused() {
        let active = Some(StatusWord::Is(EmployeeStatus::Active));
        assert_eq!(decide(active, HIRED, Some(PAST), TODAY).unwrap_err().0, Field::TerminatedOn);
        assert_eq!(
            decide(None, HIRED, Some(date(2011, 7, 4)), TODAY).unwrap_err(),
            (Field::TerminatedOn, "before the hire date")
        );
        assert_eq!(status(Some(StatusWord::Inactive), Some(PAST)), Some(EmployeeStatus::Terminated));
    }

    #[test]
    fn whoever_starts_later_is_pending() {
        let (standing, _) = decide(Some(StatusWord::Is(EmployeeStatus::Active)), FUTURE, None, TODAY).unwrap();
        assert_eq!(standing.status, Some(EmployeeStatus::Pending));
        for word in [StatusWord::Inactive, StatusWord::Is(EmployeeStatus::OnLeave), StatusWord::Left(None)] {
            let (standing, _) = decide(Some(word), FUTURE, Some(date(2031, 1, 1)), TODAY).unwrap();
            assert_eq!(standing.status, Some(EmployeeStatus::Pending), "{word:?}");
        }
    }

    #[test]
    fn whoever_has_started_is_pending_no_longer() {
        assert_eq!(status(Some(StatusWord::Is(EmployeeStatus::Pending)), None), Some(EmployeeStatus::Active));
    }
}
