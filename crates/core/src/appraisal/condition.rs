//! Questions that are shown when an earlier one has some answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::{Party, Question, Template};
use super::{Answers, answers};

/// The answer of an earlier question of the same part that shows a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The key of the earlier question.
    pub question: String,
    /// The answer that shows this one; of several words, one that is among them.
    pub is: Value,
}

impl Condition {
    /// What is wrong with it, given the questions before. As only earlier ones can be named, no conditions form a circle.
    pub(super) fn fault(&self, party: Party, earlier: &BTreeMap<&str, (Party, &Question)>) -> Option<String> {
        let Some((of, question)) = earlier.get(self.question.as_str()) else {
            return Some("names no earlier question".to_owned());
        };
        if *of != party {
            return Some("names a question that somebody else answers".to_owned());
        }
        if question.kind == super::Kind::MultipleChoice {
            let known = self.is.as_str().is_some_and(|word| question.choices.iter().any(|choice| choice == word));
            return (!known).then(|| "is no word of that question".to_owned());
        }
        answers::fault(question, &self.is).map(|words| format!("is no answer of that question, which {words}"))
    }

    fn holds(&self, answers: &Answers) -> bool {
        match answers.get(&self.question) {
            Some(Value::Array(words)) => words.contains(&self.is),
            Some(answer) => *answer == self.is,
            None => false,
        }
    }
}

/// Whether a question is shown to who has given these answers: its condition holds, and the question that it names is shown itself.
#[must_use]
pub fn is_shown(template: &Template, question: &Question, answers: &Answers) -> bool {
    let mut condition = question.shown_when.as_ref();
    // A chain of conditions is never longer than the questions are many.
    for _ in template.sections.iter().flat_map(|section| &section.questions) {
        let Some(asked) = condition else { return true };
        if !asked.holds(answers) {
            return false;
        }
        let all = template.sections.iter().flat_map(|section| &section.questions);
        condition =
            all.into_iter().find(|other| other.key == asked.question).and_then(|other| other.shown_when.as_ref());
    }
    condition.is_none()
}
