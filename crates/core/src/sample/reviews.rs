//! What a sample company says of its people: a template, a cycle that is under way, goals, and what colleagues say.
//!
//! As the company itself, all of it follows from the plan.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::json;

use super::rng::Rng;
use super::{Company, Plan};
use crate::appraisal::{
    Answers, Deadlines, FormState, Group, Kind, Party, Question, RequestState, Section, Template, Weights,
};
use crate::employment::EmployeeStatus;
use crate::goals::Progress;

/// What the draws of a company are kept apart by from those of its reviews.
const APART: u64 = 0x7265_7669_6577_7321;

/// How many colleagues are asked about one person.
const COLLEAGUES: usize = 5;

const GOALS: [&str; 8] = [
    "Answer customers within a day",
    "Bring the backlog below fifty",
    "Document the team's services",
    "Mentor a new colleague",
    "Halve the time of a release",
    "Pass the certification",
    "Prepare the move of the office",
    "Reach the quarter's target",
];

const OWN_WORDS: [&str; 5] = [
    "I finished the migration and enjoyed teaching it.",
    "A hard year; the new team helped a lot.",
    "I learned more than I expected.",
    "Most went as planned, the release did not.",
    "I would like to lead a project next year.",
];

const MANAGER_WORDS: [&str; 4] = [
    "Reliable, and others ask for advice.",
    "Strong results; plans could be written down earlier.",
    "Has grown into the role this year.",
    "Ready for more responsibility.",
];

const COLLEAGUE_WORDS: [&str; 5] = [
    "Always finds time to help.",
    "Clear in meetings.",
    "Could share plans earlier.",
    "Keeps promises.",
    "Makes hard things simple.",
];

/// The reviews of a company.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviews {
    /// What is asked.
    pub template: Template,
    /// What people call the cycle.
    pub cycle_name: String,
    /// The first day that is reviewed.
    pub starts_on: Date,
    /// The last one.
    pub ends_on: Date,
    /// What the parts count.
    pub weights: Weights,
    /// The last days of the steps. The managers' review is under way.
    pub deadlines: Deadlines,
    /// Those who take part.
    pub reviews: Vec<Review>,
}

/// One person's part.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Index into [`Company::people`].
    pub person: usize,
    /// How far it is.
    pub state: FormState,
    /// What the person has answered.
    pub own: Answers,
    /// What the manager has.
    pub manager: Answers,
    /// What was to be reached.
    pub goals: Vec<Aim>,
    /// Who was asked about the person.
    pub colleagues: Vec<Colleague>,
}

/// Something to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// In words.
    pub title: &'static str,
    /// How much of it is done.
    pub progress: Progress,
}

/// Somebody who was asked about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Colleague {
    /// Index into [`Company::people`].
    pub person: usize,
    /// How the two stand to each other.
    pub group: Group,
    /// What came of it.
    pub state: RequestState,
    /// What was said.
    pub answers: Answers,
}

/// The reviews of a plan's company.
#[must_use]
pub fn reviews(plan: &Plan, company: &Company) -> Reviews {
    let mut rng = Rng::new(plan.seed ^ APART);
    let year = plan.today.year().saturating_sub(1);
    let is_there = |person: &usize| company.people.get(*person).is_some_and(|one| one.status == EmployeeStatus::Active);
    let there: Vec<usize> = (0..company.people.len()).filter(is_there).collect();
    let percent = |percent: u32| Decimal::from(percent);
    Reviews {
        template: template(),
        cycle_name: format!("Year {year}"),
        starts_on: date(year, 1, 1),
        ends_on: date(year, 12, 31),
        weights: Weights { own: percent(20), manager: percent(50), feedback: percent(15), goals: percent(15) },
        deadlines: Deadlines {
            self_review: Some(plan.today.saturating_sub(7.days())),
            manager_review: Some(plan.today.saturating_add(14.days())),
            shared: None,
        },
        reviews: there.iter().map(|person| review(&mut rng, company, &there, *person)).collect(),
    }
}

fn review(rng: &mut Rng, company: &Company, there: &[usize], person: usize) -> Review {
    let manager_of = |one: usize| company.people.get(one).and_then(|one| one.manager);
    let state = match (rng.below(100), manager_of(person)) {
        (0..12, _) => FormState::NotStarted,
        (12..22, _) => FormState::SelfDraft,
        (22..50, _) | (_, None) => FormState::SelfSubmitted,
        (50..68, _) => FormState::ManagerDraft,
        _ => FormState::Completed,
    };
    let goals = (0..=rng.below(3)).map(|_| aim(rng)).collect();
    let group = |other: usize| match (manager_of(other), manager_of(person)) {
        (Some(manager), _) if manager == person => Group::Report,
        (Some(manager), Some(own)) if manager == own => Group::Peer,
        _ => Group::Other,
    };
    let is_near =
        |other: &&usize| **other != person && manager_of(person) != Some(**other) && group(**other) != Group::Other;
    let asked = if rng.chance(40) { COLLEAGUES } else { 0 };
    let near: Vec<usize> = there.iter().filter(is_near).take(asked).copied().collect();
    let colleagues = near.into_iter().map(|other| colleague(rng, other, group(other))).collect();
    Review { person, state, own: own(rng, state), manager: manager(rng, state), goals, colleagues }
}

fn aim(rng: &mut Rng) -> Aim {
    let tenths = rng.below(11);
    Aim { title: rng.pick(&GOALS), progress: Progress::try_from(Decimal::from(tenths * 10)).unwrap_or_default() }
}

fn own(rng: &mut Rng, state: FormState) -> Answers {
    match state {
        FormState::NotStarted => Answers::new(),
        FormState::SelfDraft => answers([("year", json!(3 + rng.below(3)))]),
        _ => answers([
            ("year", json!(2 + rng.below(4))),
            ("mood", json!(rng.pick(&["tired", "content", "eager"]))),
            ("words", json!(rng.pick(&OWN_WORDS))),
        ]),
    }
}

fn manager(rng: &mut Rng, state: FormState) -> Answers {
    match state {
        FormState::ManagerDraft => answers([("results", json!(2 + rng.below(4)))]),
        FormState::Completed => answers([
            ("results", json!(2 + rng.below(4))),
            ("together", json!(2 + rng.below(4))),
            ("summary", json!(rng.pick(&MANAGER_WORDS))),
        ]),
        _ => Answers::new(),
    }
}

fn colleague(rng: &mut Rng, person: usize, group: Group) -> Colleague {
    let state = match rng.below(10) {
        0 => RequestState::Declined,
        1 => RequestState::Asked,
        _ => RequestState::Submitted,
    };
    let said = answers([
        ("works", json!(2 + rng.below(4))),
        ("strength", json!(rng.pick(&["calm", "clear", "quick"]))),
        ("note", json!(rng.pick(&COLLEAGUE_WORDS))),
    ]);
    let answers = if state == RequestState::Submitted { said } else { Answers::new() };
    Colleague { person, group, state, answers }
}

fn answers<const N: usize>(given: [(&str, serde_json::Value); N]) -> Answers {
    given.into_iter().map(|(key, answer)| (key.to_owned(), answer)).collect()
}

fn template() -> Template {
    let rating = |key, label| {
        let (minimum, maximum) = (Some(Decimal::ONE), Some(Decimal::from(5)));
        Question { minimum, maximum, required: true, ..question(key, label, Kind::Rating) }
    };
    let words = |key, label| question(key, label, Kind::Text);
    let one_of = |key, label, kind, choices: [&str; 3]| Question {
        choices: choices.map(ToOwned::to_owned).to_vec(),
        ..question(key, label, kind)
    };
    let section =
        |title: &str, answered_by, questions| Section { title: title.to_owned(), answered_by, weight: None, questions };
    let own = vec![
        rating("year", "How was your year?"),
        one_of("mood", "How do you look at the next one?", Kind::Likert, ["tired", "content", "eager"]),
        words("words", "What was most important?"),
    ];
    let manager = vec![
        rating("results", "How good were the results?"),
        rating("together", "How well did the work with others go?"),
        words("summary", "In a sentence?"),
    ];
    let peers = vec![
        rating("works", "How is it to work together?"),
        one_of("strength", "What stands out?", Kind::Choice, ["calm", "clear", "quick"]),
        words("note", "Anything else?"),
    ];
    Template {
        sections: vec![
            section("My year", Party::Own, own),
            section("Result", Party::Manager, manager),
            section("Working together", Party::Peers, peers),
        ],
    }
}

fn question(key: &str, label: &str, kind: Kind) -> Question {
    Question {
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
        required: false,
        choices: Vec::new(),
        minimum: None,
        maximum: None,
        shown_when: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::super::company;
    use super::*;
    use crate::appraisal::{Stage, check_answers};

    fn acme() -> (Company, Reviews) {
        let (slug, currency) = ("acme".parse().unwrap(), "USD".parse().unwrap());
        let plan = Plan { seed: 1, size: 60, today: date(2026, 3, 2), slug, currency };
        let company = company(&plan);
        let reviews = reviews(&plan, &company);
        (company, reviews)
    }

    #[test]
    fn what_is_answered_fits_the_template() {
        let (_, reviews) = acme();
        assert_eq!((reviews.template.faults(), reviews.weights.faults(&reviews.template)), (vec![], vec![]));
        for review in &reviews.reviews {
            let stage = |done| if done { Stage::Submitted } else { Stage::Draft };
            let own = stage(!matches!(review.state, FormState::NotStarted | FormState::SelfDraft));
            let manager = stage(review.state.has_result());
            for (party, given, stage) in [(Party::Own, &review.own, own), (Party::Manager, &review.manager, manager)] {
                assert_eq!(check_answers(&reviews.template, party, given, stage), []);
            }
            for colleague in &review.colleagues {
                let stage = stage(colleague.state == RequestState::Submitted);
                assert_eq!(check_answers(&reviews.template, Party::Peers, &colleague.answers, stage), []);
            }
        }
    }

    #[test]
    fn there_is_something_of_everything_and_it_stays_from_release_to_release() {
        let (company, reviews) = acme();
        let states: BTreeSet<FormState> = reviews.reviews.iter().map(|review| review.state).collect();
        let expected = [
            FormState::Completed,
            FormState::ManagerDraft,
            FormState::NotStarted,
            FormState::SelfDraft,
            FormState::SelfSubmitted,
        ];
        assert_eq!(states, BTreeSet::from(expected));
        let told =
            |review: &&Review| review.colleagues.iter().filter(|one| one.state == RequestState::Submitted).count() >= 3;
        assert!(reviews.reviews.iter().any(|review| told(&review)), "feedback that is told");
        assert!(reviews.reviews.iter().all(|review| !review.goals.is_empty() && review.person < company.people.len()));
        assert_eq!(acme().1, reviews);
    }
}
