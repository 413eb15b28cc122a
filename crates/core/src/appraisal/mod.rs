//! Appraisals: what templates ask, which answers they take, what those score, and how a cycle goes from step to step.

mod answers;
mod condition;
mod cycle;
mod feedback;
mod score;
mod template;

pub use answers::{Answers, Stage, check_answers};
pub use condition::{Condition, is_shown};
pub use cycle::{CycleError, Deadlines, FormState, Late, Part, Step};
pub use feedback::{Given, Group, Minimum, NotMinimum, PartSummary, QuestionSummary, RequestState, Summary, summarise};
pub use score::{PartScores, Weights, WeightsError, final_score, part_score, rounded};
pub use template::{Kind, Party, Question, Section, Template};

/// What is wrong with one place of a template or one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place, for example `sections.0.questions.2.choices`, or the key of a question.
    pub place: String,
    /// What is wrong with it.
    pub words: String,
}

impl Fault {
    fn new(place: impl Into<String>, words: impl Into<String>) -> Self {
        Self { place: place.into(), words: words.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn question(key: &str, kind: Kind) -> Question {
        Question {
            key: key.to_owned(),
            label: "A question".to_owned(),
            kind,
            required: true,
            choices: Vec::new(),
            minimum: None,
            maximum: None,
            shown_when: None,
        }
    }

    pub(super) fn section(answered_by: Party, questions: Vec<Question>) -> Section {
        Section { title: "A section".to_owned(), answered_by, weight: None, questions }
    }

    /// Of oneself a rating of 1 to 5 and, from a rating of 3 on, a mood, and to a bad mood a comment; of the manager how much of the goals was reached.
    pub(super) fn template() -> Template {
        let mut rating = question("rating", Kind::Rating);
        (rating.minimum, rating.maximum) = (Some(1.into()), Some(5.into()));
        let mut mood = question("mood", Kind::Likert);
        mood.choices = ["bad", "fair", "good"].map(ToOwned::to_owned).to_vec();
        (mood.required, mood.shown_when) = (false, Some(Condition { question: "rating".to_owned(), is: 3.into() }));
        let mut comment = question("comment", Kind::Text);
        comment.shown_when = Some(Condition { question: "mood".to_owned(), is: "bad".into() });
        let mut own = section(Party::Own, vec![rating, mood, comment]);
        own.weight = Some(100.into());
        let mut manager = section(Party::Manager, vec![question("goal", Kind::Goal)]);
        manager.weight = Some(100.into());
        Template { sections: vec![own, manager] }
    }
}
