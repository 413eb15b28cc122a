//! What a template asks of whom, and what makes one that can be published.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Condition, Fault};
use crate::custom_fields::Key;
use crate::employment::{UnknownWord, vocabulary};
use crate::text::Line;

const MOST_SECTIONS: usize = 30;
const MOST_QUESTIONS: usize = 200;
const MOST_CHOICES: usize = 50;
const LONGEST_LIKERT: usize = 10;

vocabulary! {
    /// What a question asks for.
    Kind, "kind of question" {
        /// A text of up to 4,000 characters.
        Text = "text",
        /// A number; scores where it has both bounds.
        Number = "number",
        /// A whole number of a scale, which scores.
        Rating = "rating",
        /// One of some words.
        Choice = "choice",
        /// Some of some words.
        MultipleChoice = "multiple_choice",
        /// One of some words that go from worst to best, which scores by its place.
        Likert = "likert",
        /// How much of a goal was reached, in per cent, which scores.
        Goal = "goal",
    }

    /// Who answers a section.
    Party, "party of an appraisal" {
        /// The person.
        Own = "self",
        /// Who appraises the person.
        Manager = "manager",
        /// Colleagues who are asked for feedback.
        Peers = "peers",
    }
}

/// What a template asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Template {
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// Some questions that one party answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What people read above it.
    pub title: String,
    /// Who answers it.
    pub answered_by: Party,
    /// What it counts in the score of its part, in per cent; nothing when it is not scored.
    #[serde(default)]
    pub weight: Option<Decimal>,
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What answers name it by; unique in the template.
    pub key: String,
    /// What people read.
    pub label: String,
    /// What it asks for.
    pub kind: Kind,
    /// Whether it has to be answered before the part is submitted, as long as it is shown.
    #[serde(default)]
    pub required: bool,
    /// The words to choose from.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The least that a number or rating can be.
    #[serde(default)]
    pub minimum: Option<Decimal>,
    /// The most.
    #[serde(default)]
    pub maximum: Option<Decimal>,
    /// When it is shown; always without.
    #[serde(default)]
    pub shown_when: Option<Condition>,
}

impl Question {
    /// Whether its answers count in a score.
    #[must_use]
    pub fn scores(&self) -> bool {
        match self.kind {
            Kind::Rating | Kind::Likert | Kind::Goal => true,
            Kind::Number => self.minimum.is_some() && self.maximum.is_some(),
            Kind::Text | Kind::Choice | Kind::MultipleChoice => false,
        }
    }
}

impl Template {
    /// The questions that one party answers.
    pub fn questions_of(&self, party: Party) -> impl Iterator<Item = &Question> {
        let of_part = self.sections.iter().filter(move |section| section.answered_by == party);
        of_part.flat_map(|section| &section.questions)
    }

    /// What is wrong with the template; nothing when it can be published.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.sections.is_empty() || self.sections.len() > MOST_SECTIONS {
            faults.push(Fault::new("sections", format!("has 1 to {MOST_SECTIONS} sections")));
        }
        if self.sections.iter().map(|section| section.questions.len()).sum::<usize>() > MOST_QUESTIONS {
            faults.push(Fault::new("sections", format!("has more than {MOST_QUESTIONS} questions")));
        }
        let mut earlier = BTreeMap::new();
        for (number, section) in self.sections.iter().enumerate() {
            let place = format!("sections.{number}");
            section.check(&place, &mut faults);
            for (at, question) in section.questions.iter().enumerate() {
                let place = format!("{place}.questions.{at}");
                question.check(&place, &mut faults);
                if question.shown_when.is_some() && section.answered_by == Party::Peers {
                    // How many were shown a question would tell how many gave the answer before it.
                    faults.push(Fault::new(format!("{place}.shown_when"), "cannot be where colleagues answer"));
                }
                if let Some(condition) = &question.shown_when {
                    faults.extend(
                        condition
                            .fault(section.answered_by, &earlier)
                            .map(|words| Fault::new(format!("{place}.shown_when"), words)),
                    );
                }
                if earlier.insert(question.key.as_str(), (section.answered_by, question)).is_some() {
                    faults.push(Fault::new(format!("{place}.key"), "is the key of an earlier question"));
                }
            }
        }
        faults.extend(Party::ALL.iter().filter_map(|party| self.weight_fault(*party)));
        faults
    }

    /// The weights of the sections that one party answers are all absent, or total 100.
    fn weight_fault(&self, party: Party) -> Option<Fault> {
        let of_part = self.sections.iter().filter(|section| section.answered_by == party);
        let weights: Vec<Decimal> = of_part.filter_map(|section| section.weight).collect();
        let total: Decimal = weights.iter().sum();
        let wrong = !weights.is_empty() && total != Decimal::ONE_HUNDRED;
        wrong.then(|| Fault::new("sections", format!("the weights of the party {party} total {total}, not 100")))
    }
}

impl Section {
    fn check(&self, place: &str, faults: &mut Vec<Fault>) {
        if let Err(error) = self.title.parse::<Line<200>>() {
            faults.push(Fault::new(format!("{place}.title"), error.to_string()));
        }
        if self.questions.is_empty() {
            faults.push(Fault::new(format!("{place}.questions"), "is empty"));
        }
        let Some(weight) = self.weight else { return };
        if weight <= Decimal::ZERO || weight > Decimal::ONE_HUNDRED || weight.scale() > 4 {
            let words = "is more than 0 and at most 100, with at most four digits after the point";
            faults.push(Fault::new(format!("{place}.weight"), words));
        }
        if !self.questions.iter().any(Question::scores) {
            faults.push(Fault::new(format!("{place}.weight"), "needs a question that scores in the section"));
        }
    }
}

impl Question {
    fn check(&self, place: &str, faults: &mut Vec<Fault>) {
        if let Err(error) = self.key.parse::<Key>() {
            faults.push(Fault::new(format!("{place}.key"), error.to_string()));
        }
        if let Err(error) = self.label.parse::<Line<500>>() {
            faults.push(Fault::new(format!("{place}.label"), error.to_string()));
        }
        faults.extend(self.choices_fault().map(|words| Fault::new(format!("{place}.choices"), words)));
        faults.extend(self.bounds_fault().map(|words| Fault::new(format!("{place}.maximum"), words)));
    }

    fn choices_fault(&self) -> Option<&'static str> {
        let repeated = |(at, word): (usize, &String)| self.choices.iter().take(at).any(|earlier| earlier == word);
        let most = if self.kind == Kind::Likert { LONGEST_LIKERT } else { MOST_CHOICES };
        match self.kind {
            Kind::Choice | Kind::MultipleChoice | Kind::Likert => {
                if self.choices.len() < 2 || self.choices.len() > most {
                    Some("has 2 to 50 words, of a Likert scale 2 to 10")
                } else if self.choices.iter().any(|word| word.parse::<Line<200>>().is_err()) {
                    Some("has a word that is empty, longer than 200 characters, or of more than one line")
                } else {
                    self.choices.iter().enumerate().any(repeated).then_some("has a word twice")
                }
            }
            _ => (!self.choices.is_empty()).then_some("is for choices and Likert scales"),
        }
    }

    fn bounds_fault(&self) -> Option<&'static str> {
        let whole = |bound: &Decimal| bound.is_integer();
        match (self.kind, &self.minimum, &self.maximum) {
            (Kind::Number | Kind::Rating, Some(least), Some(most)) if least >= most => Some("is not above minimum"),
            (Kind::Rating, Some(least), Some(most)) if !whole(least) || !whole(most) => Some("is whole, as is minimum"),
            (Kind::Rating, None, _) | (Kind::Rating, _, None) => Some("is there, as is minimum, for a rating"),
            (Kind::Number | Kind::Rating, _, _) | (_, None, None) => None,
            _ => Some("is for numbers and ratings, as is minimum"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{question, section, template};
    use super::*;

    fn places(template: &Template) -> Vec<String> {
        template.faults().into_iter().map(|fault| fault.place).collect()
    }

    #[test]
    fn a_template_that_can_be_answered_has_no_faults() {
        assert_eq!(template().faults(), []);
    }

    #[test]
    fn each_fault_names_its_place() {
        let mut odd = template();
        odd.sections[0].title.clear();
        odd.sections[0].questions[0].maximum = None;
        odd.sections[0].questions[1].choices = vec!["a".to_owned()];
        odd.sections[0].questions[2].key = "rating".to_owned();
        let expected = [
            "sections.0.title",
            "sections.0.questions.0.maximum",
            "sections.0.questions.1.choices",
            "sections.0.questions.2.shown_when",
            "sections.0.questions.2.key",
        ];
        assert_eq!(places(&odd), expected);
    }

    #[test]
    fn the_weights_of_a_part_total_100_to_the_last_digit() {
        let third = |weight: &str| {
            let mut third = section(Party::Own, vec![question(&format!("r{}", weight.len()), Kind::Goal)]);
            third.weight = Some(weight.parse().unwrap());
            third
        };
        assert_eq!(places(&Template { sections: vec![third("33.3333"), third("66.667")] }), ["sections"]);
        assert_eq!(places(&Template { sections: vec![third("33.3333"), third("66.66670")] }), ["sections.1.weight"]);
        assert_eq!(places(&Template { sections: vec![third("33.333"), third("66.6670")] }), [""; 0]);
    }

    #[test]
    fn a_condition_names_an_earlier_question_of_the_same_part() {
        let mut odd = template();
        odd.sections[0].questions[1].shown_when = Some(Condition { question: "comment".to_owned(), is: "x".into() });
        odd.sections[1].questions[0].shown_when = Some(Condition { question: "rating".to_owned(), is: 3.into() });
        assert_eq!(places(&odd), ["sections.0.questions.1.shown_when", "sections.1.questions.0.shown_when"]);
    }

    #[test]
    fn colleagues_are_all_asked_the_same() {
        let mut template = template();
        template.sections.truncate(1);
        template.sections[0].answered_by = Party::Peers;
        assert_eq!(places(&template), ["sections.0.questions.1.shown_when", "sections.0.questions.2.shown_when"]);
    }
}
