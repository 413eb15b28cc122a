//! Scores, in per cent. They are computed exactly and rounded once, at the end, to two digits after the point; a half goes to the even digit.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::template::{Kind, Party, Question, Section, Template};
use super::{Answers, Fault, answers, is_shown};

/// What each part counts in the final score, in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// What the person says.
    #[serde(rename = "self", default)]
    pub own: Decimal,
    /// What the manager says.
    #[serde(default)]
    pub manager: Decimal,
    /// What colleagues say.
    #[serde(default)]
    pub feedback: Decimal,
    /// How much of the goals was reached.
    #[serde(default)]
    pub goals: Decimal,
}

/// Weights that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeightsError {
    /// One is negative.
    #[error("has a weight below 0")]
    Negative,
    /// They do not add up.
    #[error("totals {0}, not 100")]
    Total(Decimal),
}

impl Default for Weights {
    /// The manager's part alone.
    fn default() -> Self {
        Self { own: Decimal::ZERO, manager: Decimal::ONE_HUNDRED, feedback: Decimal::ZERO, goals: Decimal::ZERO }
    }
}

impl Weights {
    /// Checks that the weights total 100.
    ///
    /// # Errors
    /// When they do not, or one is negative.
    pub fn check(&self) -> Result<(), WeightsError> {
        let all = [self.own, self.manager, self.feedback, self.goals];
        let total = all.iter().try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight));
        if all.iter().any(|weight| *weight < Decimal::ZERO) {
            Err(WeightsError::Negative)
        } else if total == Some(Decimal::ONE_HUNDRED) {
            Ok(())
        } else {
            Err(WeightsError::Total(total.unwrap_or(Decimal::MAX)))
        }
    }

    /// The parts that count though nothing in them scores, by the names of their weights. Goals are not asked for by templates.
    #[must_use]
    pub fn faults(&self, template: &Template) -> Vec<Fault> {
        let parts = [
            ("self", self.own, Party::Own),
            ("manager", self.manager, Party::Manager),
            ("feedback", self.feedback, Party::Peers),
        ];
        let is_empty =
            |weight: Decimal, party| weight > Decimal::ZERO && !template.questions_of(party).any(Question::scores);
        let words = "is above 0, and the template asks nothing of this part that scores";
        let wrong = parts.into_iter().filter(|(_, weight, party)| is_empty(*weight, *party));
        wrong.map(|(name, ..)| Fault::new(name, words)).collect()
    }
}

/// The scores of the parts that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartScores {
    /// Of what the person says.
    pub own: Option<Decimal>,
    /// Of what the manager says.
    pub manager: Option<Decimal>,
    /// Of what colleagues say.
    pub feedback: Option<Decimal>,
    /// Of the goals.
    pub goals: Option<Decimal>,
}

/// The final score: the mean of the parts by their weights. The weight of a part that is missing is shared out among the others in the
/// proportion of theirs; `None` when no part that counts is there.
#[must_use]
pub fn final_score(weights: &Weights, parts: &PartScores) -> Option<Decimal> {
    let pairs = [
        (weights.own, parts.own),
        (weights.manager, parts.manager),
        (weights.feedback, parts.feedback),
        (weights.goals, parts.goals),
    ];
    mean(pairs.into_iter().filter_map(|(weight, score)| score.map(|score| (weight, score)))).map(rounded)
}

/// The score of what one party has answered: the mean of the sections by their weights, a section being the plain mean of its answers that
/// score. Sections without such an answer do not count; without weights all count alike. Answers that are not shown do not count.
#[must_use]
pub fn part_score(template: &Template, party: Party, answers: &Answers) -> Option<Decimal> {
    let sections: Vec<&Section> = template.sections.iter().filter(|section| section.answered_by == party).collect();
    let weighted = sections.iter().any(|section| section.weight.is_some());
    let score = |section: &&Section| {
        let given = section.questions.iter().filter(|question| is_shown(template, question, answers));
        let scores = given.filter_map(|question| points(question, answers).map(|points| (Decimal::ONE, points)));
        let weight = if weighted { section.weight.unwrap_or_default() } else { Decimal::ONE };
        mean(scores).map(|score| (weight, score))
    };
    mean(sections.iter().filter_map(score)).map(rounded)
}

/// The points of an answer, from 0 to 100: where it lies on its scale.
pub(super) fn points(question: &Question, given: &Answers) -> Option<Decimal> {
    if !question.scores() {
        return None;
    }
    let answer = given.get(&question.key)?;
    let (value, least, most) = match question.kind {
        Kind::Likert => {
            let place = question.choices.iter().position(|word| answer.as_str() == Some(word))?;
            (Decimal::from(place), Decimal::ZERO, Decimal::from(question.choices.len().checked_sub(1)?))
        }
        Kind::Goal => (answers::number(answer)?, Decimal::ZERO, Decimal::ONE_HUNDRED),
        _ => (answers::number(answer)?, question.minimum?, question.maximum?),
    };
    let share = value.checked_sub(least)?.checked_mul(Decimal::ONE_HUNDRED)?;
    share.checked_div(most.checked_sub(least)?)
}

pub(super) fn mean(scores: impl Iterator<Item = (Decimal, Decimal)>) -> Option<Decimal> {
    let (mut weights, mut sum) = (Decimal::ZERO, Decimal::ZERO);
    for (weight, score) in scores {
        weights = weights.checked_add(weight)?;
        sum = sum.checked_add(weight.checked_mul(score)?)?;
    }
    sum.checked_div(weights)
}

/// A score with two digits after the point, also where they are zeros.
#[must_use]
pub fn rounded(score: Decimal) -> Decimal {
    let mut rounded = score.round_dp(2);
    rounded.rescale(2);
    rounded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::template;
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_part_scores_where_its_answers_lie_on_their_scales() {
        let answers = json!({ "rating": 3, "mood": "good", "comment": "ignored" });
        assert_eq!(part_score(&template(), Party::Own, answers.as_object().unwrap()), Some(decimal("75")));
        let hidden = json!({ "rating": 4, "mood": "good" });
        assert_eq!(part_score(&template(), Party::Own, hidden.as_object().unwrap()), Some(decimal("75")), "not shown");
        assert_eq!(part_score(&template(), Party::Manager, &Answers::new()), None);
    }

    #[test]
    fn the_weight_of_a_missing_part_is_shared_out() {
        let weights = Weights { own: 20.into(), manager: 40.into(), feedback: 20.into(), goals: 20.into() };
        weights.check().unwrap();
        let parts = PartScores { own: Some(50.into()), manager: Some(80.into()), feedback: None, goals: None };
        assert_eq!(final_score(&weights, &parts), Some(decimal("70")), "20 to 40 as 1 to 2");
        assert_eq!(final_score(&weights, &PartScores::default()), None);
        let own_alone = PartScores { own: Some(50.into()), ..PartScores::default() };
        assert_eq!(final_score(&Weights::default(), &own_alone), None, "what is there does not count");
    }

    #[test]
    fn weights_total_100_exactly() {
        let weights =
            |own: &str, manager: &str| Weights { own: decimal(own), manager: decimal(manager), ..Weights::default() };
        assert_eq!(weights("33.33", "66.67").check(), Ok(()));
        assert_eq!(weights("33.33", "66.66").check(), Err(WeightsError::Total(decimal("99.99"))));
        assert_eq!(weights("-1", "101").check(), Err(WeightsError::Negative));
    }

    #[test]
    fn what_counts_has_a_question_that_scores() {
        let mut template = template();
        let names = |template: &Template, weights: &Weights| -> Vec<String> {
            weights.faults(template).into_iter().map(|fault| fault.place).collect()
        };
        let weights = Weights { own: 20.into(), manager: 40.into(), feedback: 20.into(), goals: 20.into() };
        assert_eq!(names(&template, &weights), ["feedback"], "nobody else is asked, and goals are no questions");
        template.sections[1].questions[0].kind = Kind::Text;
        assert_eq!(names(&template, &weights), ["manager", "feedback"]);
        assert_eq!(names(&template, &Weights { manager: 0.into(), feedback: 0.into(), ..weights }), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_final_score_lies_between_the_least_and_the_greatest_part(
            own in 0_u32..=100, scores in prop::array::uniform2(0_u32..=10_000),
        ) {
            let weights = Weights { own: own.into(), manager: (100 - own).into(), ..Weights::default() };
            let [own, manager] = scores.map(|score| Decimal::new(score.into(), 2));
            let parts = PartScores { own: Some(own), manager: Some(manager), ..PartScores::default() };
            let score = final_score(&weights, &parts).unwrap();
            prop_assert!(score >= own.min(manager) && score <= own.max(manager));
        }
    }
}
