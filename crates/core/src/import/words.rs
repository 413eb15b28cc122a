//! The words of spreadsheets for what Tenure has fixed words for.

use crate::employment::{EmployeeStatus, EmploymentType, Gender, MaritalStatus, PayPeriod, TerminationKind};

/// What the status column of a file says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusWord {
    /// A status other than terminated.
    Is(EmployeeStatus),
    /// No longer employed, and perhaps on whose initiative.
    Left(Option<TerminationKind>),
    /// Out of use: gone where a termination date says so, else kept from work.
    Inactive,
    /// Employed, under this kind of contract: some exports call that the employment status.
    Contract(EmploymentType),
}

/// Whether an optional cell holds a placeholder for nothing.
pub(super) fn is_placeholder(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "-" | "--" | "n/a" | "#n/a" | "null" | "nan" | "none")
}

/// Whether a reason for leaving says that the person has not left, as `N/A-StillEmployed` does.
pub(super) fn is_no_reason(text: &str) -> bool {
    let words = normal(text);
    matches!(words.as_str(), "na" | "n a" | "none" | "not applicable" | "still employed" | "stillemployed")
        || words.starts_with("n a ")
}

pub(super) fn status(text: &str) -> Option<StatusWord> {
    let words = normal(text);
    let is = |status| Some(StatusWord::Is(status));
    match words.as_str() {
        "a" | "active" | "employed" | "current" | "working" | "enabled" | "confirmed" | "probation"
        | "on probation" | "on notice" | "notice period" => is(EmployeeStatus::Active),
        "future start" | "future hire" | "pending" | "not started" | "preboarding" | "pre boarding" | "onboarding" => {
            is(EmployeeStatus::Pending)
        }
        "loa" | "leave" | "on leave" | "leave of absence" | "parental leave" | "maternity leave"
        | "paternity leave" | "sick leave" | "long term leave" | "sabbatical" => is(EmployeeStatus::OnLeave),
        "suspended" | "on hold" | "garden leave" => is(EmployeeStatus::Suspended),
        "i" | "inactive" | "disabled" => Some(StatusWord::Inactive),
        "t" => Some(StatusWord::Left(None)),
        _ if has_left(&words) => Some(StatusWord::Left(kind_in(&words))),
        _ => employment_type(text).map(StatusWord::Contract),
    }
}

pub(super) fn termination_kind(text: &str) -> TerminationKind {
    kind_in(&normal(text)).unwrap_or(TerminationKind::Other)
}

pub(super) fn employment_type(text: &str) -> Option<EmploymentType> {
    match normal(text).as_str() {
        "full time"
        | "fulltime"
        | "ft"
        | "regular"
        | "permanent"
        | "regular full time"
        | "full time regular"
        | "full time permanent"
        | "f" => Some(EmploymentType::FullTime),
        "part time" | "parttime" | "pt" | "regular part time" | "part time regular" | "part time permanent" | "p" => {
            Some(EmploymentType::PartTime)
        }
        "fixed term" | "contract" | "full time contract" | "part time contract" | "limited" => {
            Some(EmploymentType::FixedTerm)
        }
        "temporary" | "temp" | "seasonal" | "casual" | "on call" => Some(EmploymentType::Temporary),
        "contractor" | "freelance" | "freelancer" | "consultant" | "independent contractor" => {
            Some(EmploymentType::Contractor)
        }
        "intern" | "internship" | "full time internship" | "part time internship" | "trainee" | "working student" => {
            Some(EmploymentType::Intern)
        }
        "apprentice" | "apprenticeship" => Some(EmploymentType::Apprentice),
        _ => None,
    }
}

pub(super) fn gender(text: &str) -> Option<Gender> {
    match normal(text).as_str() {
        "f" | "female" | "woman" | "w" => Some(Gender::Female),
        "m" | "male" | "man" => Some(Gender::Male),
        "x" | "nb" | "non binary" | "nonbinary" | "diverse" | "d" | "genderqueer" => Some(Gender::NonBinary),
        "other" | "o" => Some(Gender::Other),
        "undisclosed" | "prefer not to say" | "not specified" | "not disclosed" | "unknown" | "u" => {
            Some(Gender::Undisclosed)
        }
        _ => None,
    }
}

pub(super) fn marital_status(text: &str) -> Option<MaritalStatus> {
    match normal(text).as_str() {
        "single" | "unmarried" | "never married" | "s" => Some(MaritalStatus::Single),
        "married" | "m" => Some(MaritalStatus::Married),
        "partnership" | "registered partnership" | "domestic partnership" | "civil partnership" | "civil union" => {
            Some(MaritalStatus::Partnership)
        }
        "separated" => Some(MaritalStatus::Separated),
        "divorced" | "d" => Some(MaritalStatus::Divorced),
        "widowed" | "widow" | "widower" | "w" => Some(MaritalStatus::Widowed),
        _ => None,
    }
}

pub(super) fn pay_period(text: &str) -> Option<PayPeriod> {
    match normal(text).as_str() {
        "year" | "yearly" | "annual" | "annually" | "annum" | "per annum" | "per year" | "salary" => {
            Some(PayPeriod::Year)
        }
        "month" | "monthly" | "per month" => Some(PayPeriod::Month),
        "week" | "weekly" | "per week" => Some(PayPeriod::Week),
        "day" | "daily" | "per day" => Some(PayPeriod::Day),
        "hour" | "hourly" | "per hour" => Some(PayPeriod::Hour),
        _ => None,
    }
}

fn has_left(words: &str) -> bool {
    const STEMS: &[&str] = &[
        "terminat",
        "resign",
        "retire",
        "dismiss",
        "fired",
        "laid off",
        "layoff",
        "lay off",
        "redundan",
        "separated",
        "deceased",
        "end of contract",
        "contract ended",
        "quit",
        "exited",
        "released",
    ];
    matches!(words, "left" | "former" | "former employee" | "leaver" | "gone" | "ex employee")
        || STEMS.iter().any(|stem| words.contains(stem))
}

fn kind_in(words: &str) -> Option<TerminationKind> {
    let has = |stems: &[&str]| stems.iter().any(|stem| words.contains(stem));
    // "involuntary" contains "voluntar", so it is asked first.
    if has(&["involuntar", "for cause", "dismiss", "fired", "laid off", "layoff", "lay off", "redundan"]) {
        Some(TerminationKind::Involuntary)
    } else if has(&["voluntar", "resign", "retire", "quit"]) {
        Some(TerminationKind::Voluntary)
    } else if has(&["deceased", "death", "end of contract", "contract ended"]) {
        Some(TerminationKind::Other)
    } else {
        None
    }
}

/// Lower case, with single spaces for everything that is no letter or digit.
fn normal(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_of_several_systems_are_understood() {
        use EmployeeStatus::{Active, OnLeave, Pending, Suspended};
        use StatusWord::{Contract, Inactive, Is, Left};
        for (text, expected) in [
            ("Active", Some(Is(Active))),
            (" active ", Some(Is(Active))),
            ("Leave of Absence", Some(Is(OnLeave))),
            ("on_leave", Some(Is(OnLeave))),
            ("Future Start", Some(Is(Pending))),
            ("Suspended", Some(Is(Suspended))),
            ("Inactive", Some(Inactive)),
            ("Left", Some(Left(None))),
            ("Terminated", Some(Left(None))),
            ("Voluntarily Terminated", Some(Left(Some(TerminationKind::Voluntary)))),
            ("Involuntary termination", Some(Left(Some(TerminationKind::Involuntary)))),
            ("Terminated for Cause", Some(Left(Some(TerminationKind::Involuntary)))),
            ("Retired", Some(Left(Some(TerminationKind::Voluntary)))),
            ("Deceased", Some(Left(Some(TerminationKind::Other)))),
            ("Full-Time", Some(Contract(EmploymentType::FullTime))),
            ("purple", None),
        ] {
            assert_eq!(status(text), expected, "{text}");
        }
    }

    #[test]
    fn tenures_own_words_are_understood() {
        for word in EmployeeStatus::ALL {
            assert!(status(word.as_str()).is_some(), "{word}");
        }
        for word in TerminationKind::ALL {
            assert_eq!(termination_kind(word.as_str()), *word);
        }
        for word in EmploymentType::ALL {
            assert_eq!(employment_type(word.as_str()), Some(*word));
        }
        for word in Gender::ALL {
            assert_eq!(gender(word.as_str()), Some(*word));
        }
        for word in MaritalStatus::ALL {
            assert_eq!(marital_status(word.as_str()), Some(*word));
        }
        for word in PayPeriod::ALL {
            assert_eq!(pay_period(word.as_str()), Some(*word));
        }
    }

    #[test]
    fn not_having_left_is_no_reason_for_leaving() {
        for text in ["N/A-StillEmployed", "N/A - still employed", "n/a", "None", "Still Employed"] {
            assert!(is_no_reason(text), "{text}");
        }
        for text in ["no-call, no-show", "Another position", "national service"] {
            assert!(!is_no_reason(text), "{text}");
        }
    }
}
