//! Answers, held against the template that they were given under.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::template::{Kind, Party, Question, Template};
use super::{Fault, is_shown};

const LONGEST_TEXT: usize = 4000;

/// The answers of one party by the keys of the questions.
pub type Answers = Map<String, Value>;

/// What answers are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// They are kept: each is of its question's kind.
    Draft,
    /// They are final: every required question that is shown is answered too.
    Submitted,
}

/// What is wrong with one party's answers, by the keys of the questions.
#[must_use]
pub fn check_answers(template: &Template, party: Party, answers: &Answers, stage: Stage) -> Vec<Fault> {
    let mut faults: Vec<Fault> = answers
        .iter()
        .filter_map(|(key, answer)| {
            let question = template.questions_of(party).find(|question| question.key == *key);
            let words =
                question.map_or_else(|| Some("is no question of this part"), |question| fault(question, answer));
            words.map(|words| Fault::new(key, words))
        })
        .collect();
    if stage == Stage::Submitted {
        let missing = template.questions_of(party).filter(|question| {
            question.required && !answers.contains_key(&question.key) && is_shown(template, question, answers)
        });
        faults.extend(missing.map(|question| Fault::new(&question.key, "is missing")));
    }
    faults
}

/// What is wrong with an answer.
pub(super) fn fault(question: &Question, answer: &Value) -> Option<&'static str> {
    let is_word =
        |value: &Value| value.as_str().is_some_and(|word| question.choices.iter().any(|choice| choice == word));
    match question.kind {
        Kind::Text => match answer.as_str() {
            Some(text) if text.trim().is_empty() => Some("is empty"),
            Some(text) if text.chars().count() > LONGEST_TEXT => Some("has more than 4000 characters"),
            Some(text) if text.contains('\0') => Some("has a NUL character"),
            Some(_) => None,
            None => Some("is a text"),
        },
        Kind::Number => match number(answer) {
            Some(number) if is_within(question, number) => None,
            Some(_) => Some("lies outside the bounds"),
            None => Some("is a number"),
        },
        Kind::Rating => {
            let whole = number(answer).filter(|number| number.is_integer() && is_within(question, *number));
            if whole.is_some() { None } else { Some("is a whole number of the scale") }
        }
        Kind::Goal => {
            let reached = number(answer).filter(|number| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(number));
            if reached.is_some() { None } else { Some("is a number from 0 to 100") }
        }
        Kind::Choice | Kind::Likert => (!is_word(answer)).then_some("is none of the words"),
        Kind::MultipleChoice => {
            let words = answer.as_array().filter(|words| !words.is_empty() && words.iter().all(is_word));
            let twice = |words: &Vec<Value>| {
                words.iter().enumerate().any(|(at, word)| words.iter().take(at).any(|one| one == word))
            };
            if words.is_some_and(|words| !twice(words)) {
                None
            } else {
                Some("is a list of some of the words, each once")
            }
        }
    }
}

/// A number as JSON writes it or, to keep each digit, as a text.
pub(super) fn number(answer: &Value) -> Option<Decimal> {
    match answer {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) if text.len() <= 20 => text.parse().ok(),
        _ => None,
    }
}

fn is_within(question: &Question, number: Decimal) -> bool {
    question.minimum.is_none_or(|least| number >= least) && question.maximum.is_none_or(|most| number <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::template;
    use super::*;

    fn answers(value: Value) -> Answers {
        match value {
            Value::Object(answers) => answers,
            other => panic!("{other} is no object"),
        }
    }

    fn wrong(value: Value, stage: Stage) -> Vec<String> {
        check_answers(&template(), Party::Own, &answers(value), stage).into_iter().map(|fault| fault.place).collect()
    }

    #[test]
    fn a_draft_may_lack_answers_and_what_is_submitted_may_not() {
        assert_eq!(wrong(json!({}), Stage::Draft), [""; 0]);
        assert_eq!(wrong(json!({}), Stage::Submitted), ["rating"]);
        assert_eq!(wrong(json!({ "rating": 3, "mood": "good" }), Stage::Submitted), [""; 0]);
    }

    #[test]
    fn what_is_not_shown_need_not_be_answered() {
        assert_eq!(wrong(json!({ "rating": 1 }), Stage::Submitted), [""; 0], "its condition does not hold");
        assert_eq!(wrong(json!({ "rating": 3, "mood": "bad" }), Stage::Submitted), ["comment"]);
    }

    #[test]
    fn each_answer_is_of_its_questions_kind() {
        for (value, expected) in [
            (json!({ "rating": 6 }), vec!["rating"]),
            (json!({ "rating": "x", "mood": "worse" }), vec!["mood", "rating"]),
            (json!({ "rating": 2.5 }), vec!["rating"]),
            (json!({ "rating": "4", "goal": "33.3" }), vec!["goal"]),
            (json!({ "odd": 1 }), vec!["odd"]),
        ] {
            assert_eq!(wrong(value.clone(), Stage::Draft), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_may_be_submitted_may_be_kept(rating in 0_i32..7, mood in prop::option::of("good|bad|x"), comment in prop::option::of("a| ")) {
            let mut given = answers(json!({ "rating": rating }));
            given.extend(mood.map(|mood| ("mood".to_owned(), mood.into())));
            given.extend(comment.map(|comment| ("comment".to_owned(), comment.into())));
            let (draft, submitted) = (
                check_answers(&template(), Party::Own, &given, Stage::Draft),
                check_answers(&template(), Party::Own, &given, Stage::Submitted),
            );
            prop_assert!(draft.iter().all(|fault| submitted.contains(fault)));
        }
    }
}
