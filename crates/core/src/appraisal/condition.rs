//! Questions that are shown when an earlier one has some answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::{Kind, Party, Question, Template};
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
        if question.kind == Kind::MultipleChoice {
            let known = self.is.as_str().is_some_and(|word| question.choices.iter().any(|choice| choice == word));
            return (!known).then(|| "is no word of that question".to_owned());
        }
        answers::fault(question, &self.is).map(|words| format!("is no answer of that question, which {words}"))
    }

    /// Whether the answer of the question that it names is the one that shows. Numbers are compared as such, however they are written.
    fn holds(&self, asked: &Question, answers: &Answers) -> bool {
        match (answers.get(&self.question), asked.kind) {
            (Some(Value::Array(words)), _) => words.contains(&self.is),
            (Some(answer), Kind::Number | Kind::Rating | Kind::Goal) => {
                answers::number(answer).is_some_and(|number| answers::number(&self.is) == Some(number))
            }
            (Some(answer), _) => *answer == self.is,
            (None, _) => false,
        }
    }
}

/// Whether a question is shown to who has given these answers: its condition holds, and the question that it names is shown itself.
#[must_use]
pub fn is_shown(template: &Template, question: &Question, answers: &Answers) -> bool {
    let mut condition = question.shown_when.as_ref();
    // A chain of conditions is never longer than the questions are many.
    for _ in template.sections.iter().flat_map(|section| &section.questions) {
        let Some(shown_when) = condition else { return true };
        let mut all = template.sections.iter().flat_map(|section| &section.questions);
        let Some(asked) = all.find(|other| other.key == shown_when.question) else { return false };
        if !shown_when.holds(asked, answers) {
            return false;
        }
        condition = asked.shown_when.as_ref();
    }
    condition.is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{question, section};
    use super::*;

    fn shows(kind: Kind, is: Value, answer: Value) -> bool {
        let mut asked = question("asked", kind);
        asked.choices = ["1", "1.0"].map(ToOwned::to_owned).to_vec();
        let mut shown = question("shown", Kind::Text);
        shown.shown_when = Some(Condition { question: "asked".to_owned(), is });
        let template = Template { sections: vec![section(Party::Own, vec![asked, shown])] };
        let answers = Answers::from_iter([("asked".to_owned(), answer)]);
        is_shown(&template, &template.sections[0].questions[1], &answers)
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        for kind in [Kind::Number, Kind::Rating, Kind::Goal] {
            for (is, answer) in
                [(json!(1), json!(1.0)), (json!("1"), json!(1)), (json!(10), json!("10.00")), (json!(0), json!("-0"))]
            {
                assert!(shows(kind, is.clone(), answer.clone()), "{kind}: {is} and {answer}");
            }
            assert!(!shows(kind, json!(10), json!(9)) && !shows(kind, json!(10), json!("1")), "{kind}");
        }
    }

    #[test]
    fn words_are_equal_letter_by_letter() {
        assert!(!shows(Kind::Text, json!("1"), json!("1.0")));
        assert!(!shows(Kind::Choice, json!("1"), json!("1.0")));
        assert!(shows(Kind::MultipleChoice, json!("1"), json!(["1.0", "1"])));
    }
}
