//! What colleagues say of somebody, told so that nobody learns who has said what.
//!
//! Answers are shown in parts of several people each, and all of them are in some part or none is shown at all: nothing can be found by taking
//! what is shown from a whole. What is shown follows from the answers alone, and not from their order.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::score::{mean, points, rounded};
use super::template::{Kind, Party, Question, Template};
use super::{Answers, answers, is_shown};
use crate::employment::{UnknownWord, vocabulary};

vocabulary! {
    /// How somebody who is asked stands to the person.
    Group, "group of colleagues" {
        /// Both report to the same manager.
        Peer = "peer",
        /// Reports to the person.
        Report = "report",
        /// Anybody else.
        Other = "other",
    }

    /// How far somebody is who was asked.
    RequestState, "state of a request for feedback" {
        /// Has not answered yet.
        Asked = "asked",
        /// Has said no.
        Declined = "declined",
        /// Has answered.
        Submitted = "submitted",
    }
}

/// How many people are shown together at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Minimum(u8);

/// Why a number is no minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is a whole number from 3 to 20")]
pub struct NotMinimum;

impl TryFrom<u8> for Minimum {
    type Error = NotMinimum;

    fn try_from(number: u8) -> Result<Self, NotMinimum> {
        if (3..=20).contains(&number) { Ok(Self(number)) } else { Err(NotMinimum) }
    }
}

impl From<Minimum> for u8 {
    fn from(minimum: Minimum) -> Self {
        minimum.0
    }
}

impl Default for Minimum {
    fn default() -> Self {
        Self(3)
    }
}

impl Minimum {
    fn is_met_by(self, number: usize) -> bool {
        number >= usize::from(self.0)
    }
}

/// What one colleague has submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// How the colleague stands to the person.
    pub group: Group,
    /// The answers.
    pub answers: Answers,
}

impl Given {
    /// Puts this among others, in an order that follows from what was said and not from when.
    pub fn join(self, others: &mut Vec<Self>) {
        others.push(self);
        others.sort_by_cached_key(|given| (given.group, serde_json::Value::Object(given.answers.clone()).to_string()));
    }
}

/// What is shown of all that colleagues have submitted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The parts that are shown; none when too few have answered.
    pub parts: Vec<PartSummary>,
    /// What they score together, in per cent.
    pub score: Option<Decimal>,
}

/// What some colleagues have said together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSummary {
    /// The groups that they are of.
    pub groups: Vec<Group>,
    /// How many they are.
    pub answered: usize,
    /// The questions that enough of them have answered, in the order of the template.
    pub questions: Vec<QuestionSummary>,
}

/// What they have said to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionSummary {
    /// The key of the question.
    pub key: String,
    /// How many have answered it.
    pub answered: usize,
    /// Of numbers their average, with two digits after the point.
    pub average: Option<Decimal>,
    /// What the answers score on average, in per cent.
    pub score: Option<Decimal>,
    /// How often each word was chosen, unless one colleague alone has chosen a word or left one out.
    pub choices: Option<BTreeMap<String, usize>>,
    /// Texts by the alphabet, which says nothing of who wrote them.
    pub texts: Vec<String>,
}

/// Tells what colleagues have said of somebody.
#[must_use]
pub fn summarise(template: &Template, minimum: Minimum, given: &[Given]) -> Summary {
    let parts: Vec<PartSummary> = partition(minimum, given)
        .into_iter()
        .map(|Shown { groups, answers }| {
            let questions = template.questions_of(Party::Peers);
            let questions = questions.filter_map(|question| told(template, minimum, question, &answers)).collect();
            PartSummary { groups, answered: answers.len(), questions }
        })
        .collect();
    let score = score(template, &parts);
    Summary { parts, score }
}

/// Answers that are shown together.
struct Shown<'a> {
    groups: Vec<Group>,
    answers: Vec<&'a Answers>,
}

/// Groups that are too small are put together, and if they are so still, with the smallest other one.
fn partition(minimum: Minimum, given: &[Given]) -> Vec<Shown<'_>> {
    let of_group = |group: &Group| -> Shown<'_> {
        let answers = given.iter().filter(|one| one.group == *group).map(|one| &one.answers).collect();
        Shown { groups: vec![*group], answers }
    };
    let there = Group::ALL.iter().map(of_group).filter(|group| !group.answers.is_empty());
    let (mut shown, small): (Vec<_>, Vec<_>) = there.partition(|group| minimum.is_met_by(group.answers.len()));
    let rest = small.into_iter().reduce(Shown::with);
    if let Some(rest) = rest {
        if minimum.is_met_by(rest.answers.len()) {
            shown.push(rest);
        } else if let Some(at) = (0..shown.len()).min_by_key(|at| shown.get(*at).map(|group| group.answers.len())) {
            let smallest = shown.remove(at);
            shown.insert(at, smallest.with(rest));
        }
    }
    shown
}

impl Shown<'_> {
    fn with(mut self, other: Self) -> Self {
        self.groups.extend(other.groups);
        self.groups.sort_unstable();
        self.answers.extend(other.answers);
        self
    }
}

/// What some have said to a question; nothing when too few have.
fn told(template: &Template, minimum: Minimum, question: &Question, all: &[&Answers]) -> Option<QuestionSummary> {
    let shown = all.iter().filter(|given| is_shown(template, question, given));
    let given: Vec<_> = shown.filter_map(|given| Some((*given, given.get(&question.key)?))).collect();
    if !minimum.is_met_by(given.len()) {
        return None;
    }
    let numbers = given.iter().filter_map(|(_, answer)| answers::number(answer));
    let average = match question.kind {
        Kind::Number | Kind::Rating | Kind::Goal => average(numbers),
        _ => None,
    };
    let scores = given.iter().filter_map(|(answers, _)| points(question, answers));
    let words = given.iter().flat_map(|(_, answer)| match answer {
        serde_json::Value::Array(words) => words.iter().filter_map(serde_json::Value::as_str).collect(),
        word => Vec::from_iter(word.as_str()),
    });
    let (choices, texts) = match question.kind {
        Kind::Text => (None, sorted(words)),
        Kind::Choice | Kind::MultipleChoice | Kind::Likert => (counted(words, given.len()), Vec::new()),
        _ => (None, Vec::new()),
    };
    Some(QuestionSummary {
        key: question.key.clone(),
        answered: given.len(),
        average: average.map(rounded),
        score: self::average(scores).map(rounded),
        choices,
        texts,
    })
}

fn average(numbers: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    mean(numbers.map(|number| (Decimal::ONE, number)))
}

/// How often each word was chosen; nothing when one alone has chosen a word, or has not chosen one that all others have.
fn counted<'a>(words: impl Iterator<Item = &'a str>, people: usize) -> Option<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for word in words {
        let count: &mut usize = counts.entry(word.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
    counts.values().all(|count| *count > 1 && people.abs_diff(*count) != 1).then_some(counts)
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut texts: Vec<String> = texts.map(ToOwned::to_owned).collect();
    texts.sort_unstable();
    texts
}

/// What is shown scores: the mean of the sections by their weights, a section being the mean of its questions, and a question that of the parts in
/// which it is shown, by how many answered there. As it follows from what is shown, it tells nothing more.
fn score(template: &Template, parts: &[PartSummary]) -> Option<Decimal> {
    let sections = template.sections.iter().filter(|section| section.answered_by == Party::Peers);
    let weighted = sections.clone().any(|section| section.weight.is_some());
    let of_question = |question: &Question| {
        let shown = parts.iter().flat_map(|part| &part.questions).filter(|shown| shown.key == question.key);
        mean(shown.filter_map(|shown| Some((Decimal::from(shown.answered), shown.score?))))
    };
    let of_sections = sections.filter_map(|section| {
        let weight = if weighted { section.weight.unwrap_or_default() } else { Decimal::ONE };
        average(section.questions.iter().filter_map(of_question)).map(|score| (weight, score))
    });
    mean(of_sections).map(rounded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::{question, section};
    use super::*;

    fn template() -> Template {
        let mut rating = question("rating", Kind::Rating);
        (rating.minimum, rating.maximum) = (Some(1.into()), Some(5.into()));
        let mut mood = question("mood", Kind::Likert);
        mood.choices = ["bad", "fair", "good"].map(ToOwned::to_owned).to_vec();
        let mut text = question("text", Kind::Text);
        text.required = false;
        Template { sections: vec![section(Party::Peers, vec![rating, mood, text])] }
    }

    fn given(group: Group, rating: u8, text: Option<&str>) -> Given {
        let mut answers = json!({ "rating": rating, "mood": "good" }).as_object().unwrap().clone();
        answers.extend(text.map(|text| ("text".to_owned(), json!(text))));
        Given { group, answers }
    }

    fn any_given() -> impl Strategy<Value = Given> {
        (prop::sample::select(Group::ALL), 1_u8..=5, prop::option::of("[a-c]{1,3}"))
            .prop_map(|(group, rating, text)| given(group, rating, text.as_deref()))
    }

    proptest! {
        #[test]
        fn everybody_is_in_one_part_of_enough_or_nothing_is_shown(all in prop::collection::vec(any_given(), 0..15), least in 3_u8..6) {
            let minimum = Minimum::try_from(least).unwrap();
            let summary = summarise(&template(), minimum, &all);
            let least = usize::from(least);
            let shown: usize = summary.parts.iter().map(|part| part.answered).sum();
            prop_assert_eq!(shown, if all.len() < least { 0 } else { all.len() });
            for part in &summary.parts {
                prop_assert!(part.answered >= least);
                let of_groups = all.iter().filter(|one| part.groups.contains(&one.group)).count();
                prop_assert_eq!(of_groups, part.answered, "a group is whole in one part");
                for question in &part.questions {
                    prop_assert!(question.answered >= least);
                    prop_assert!(question.choices.iter().flat_map(BTreeMap::values).all(|count| *count > 1));
                }
            }
        }

        #[test]
        fn the_order_in_which_they_came_is_not_to_be_seen(
            (all, other) in prop::collection::vec(any_given(), 0..12).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let minimum = Minimum::default();
            prop_assert_eq!(summarise(&template(), minimum, &all), summarise(&template(), minimum, &other));
        }

        #[test]
        fn the_score_follows_from_what_is_shown(all in prop::collection::vec(any_given(), 3..12), hidden in "[x-z]{1,9}") {
            let summary = summarise(&template(), Minimum::default(), &all);
            prop_assert_eq!(score(&template(), &summary.parts), summary.score);
            let mut others = all;
            others[0].answers.insert("text".to_owned(), json!(hidden));
            prop_assert_eq!(summarise(&template(), Minimum::default(), &others).score, summary.score);
        }
    }

    fn groups(all: &[(Group, usize)]) -> Vec<(Vec<Group>, usize)> {
        let all: Vec<Given> = all.iter().flat_map(|(group, number)| vec![given(*group, 3, None); *number]).collect();
        let parts = summarise(&template(), Minimum::default(), &all).parts;
        parts.into_iter().map(|part| (part.groups, part.answered)).collect()
    }

    #[test]
    fn a_group_that_is_too_small_is_shown_with_another() {
        use Group::{Other, Peer, Report};
        assert_eq!(groups(&[(Peer, 3), (Report, 4)]), [(vec![Peer], 3), (vec![Report], 4)]);
        assert_eq!(groups(&[(Peer, 4), (Report, 1), (Other, 2)]), [(vec![Peer], 4), (vec![Report, Other], 3)]);
        assert_eq!(groups(&[(Peer, 4), (Report, 3), (Other, 1)]), [(vec![Peer], 4), (vec![Report, Other], 4)]);
        assert_eq!(groups(&[(Peer, 2), (Report, 1)]), [(vec![Peer, Report], 3)]);
        assert_eq!(groups(&[(Peer, 2)]), []);
    }

    #[test]
    fn what_too_few_have_said_is_not_told() {
        let all = [given(Group::Peer, 1, Some("b")), given(Group::Peer, 3, None), given(Group::Peer, 5, Some("a"))];
        let summary = summarise(&template(), Minimum::default(), &all);
        let told: Vec<&str> = summary.parts[0].questions.iter().map(|question| question.key.as_str()).collect();
        assert_eq!(told, ["rating", "mood"], "two texts are too few");
        let rating = &summary.parts[0].questions[0];
        assert_eq!((rating.average, rating.score), (Some("3.00".parse().unwrap()), Some("50.00".parse().unwrap())));
        assert_eq!(summary.parts[0].questions[1].choices, Some(BTreeMap::from([("good".to_owned(), 3)])));
        assert_eq!(summary.score, Some("75.00".parse().unwrap()));
    }

    #[test]
    fn a_word_that_one_alone_has_chosen_keeps_all_counts_back() {
        assert_eq!(counted(["good", "good", "bad"].into_iter(), 3), None);
        let all_but_one = ["fair", "fair", "fair", "fair", "honest", "honest", "honest"];
        assert_eq!(counted(all_but_one.into_iter(), 4), None, "one has not said honest");
        assert_eq!(counted(["good", "good"].into_iter(), 2), Some(BTreeMap::from([("good".to_owned(), 2)])));
    }

    #[test]
    fn fewer_than_three_are_never_enough() {
        assert!(Minimum::try_from(2).is_err() && Minimum::try_from(21).is_err());
        assert!(serde_json::from_str::<Minimum>("2").is_err());
    }
}
