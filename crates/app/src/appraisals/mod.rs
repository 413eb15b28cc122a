//! Appraisals: templates of what is asked, cycles in which people are appraised, and each person's form.
//!
//! All of it lies in documents. Forms say how far they are themselves and not where their cycle is, so that a cycle of any size goes to its
//! next step by one write.

mod cycles;
mod document;
mod feedback;
mod forms;
mod goals;
mod lists;
mod open;
mod people;
mod remind;
pub(crate) mod sample;
mod templates;
mod withhold;

use tenure_core::appraisal::{CycleError, Fault};
use tenure_core::text::Line;

pub use self::cycles::{
    CycleChanges, NewCycle, Progress, advance, change_cycle, create_cycle, cycle, cycles, progress,
};
pub use self::document::{Asked, Cycle, FeedbackRequest, Form, Goal, Row, Template};
pub use self::feedback::requests::{ShownRequest, decline, request, requests, save_feedback, submit_feedback};
pub use self::feedback::{Requests, ask, asked, summary, withdraw};
pub use self::forms::{Calibration, Shown, acknowledge, assign, calibrate, form, remove, save, submit};
pub use self::goals::{GoalChanges, NewGoal, ShownGoal, change_goal, create_goal, delete_goal, goal, goals};
pub use self::lists::{Of, forms, late, of_employee};
pub use self::people::add_people;
pub(crate) use self::remind::{remind, still_waits};
pub use self::templates::{
    TemplateChanges, change_template, create_template, new_version, publish, template, templates,
};
pub(crate) use self::withhold::withhold;
pub use tenure_db::appraisals::Chosen;

use crate::PageStart;
use crate::error::{Error, FieldError};

/// The name of a template or cycle.
pub type Name = Line<120>;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many rows it holds at most.
    pub limit: u16,
}

/// The errors of a template or of answers, each under its place.
fn invalid(faults: Vec<Fault>, below: &str) -> Result<(), Error> {
    if faults.is_empty() {
        return Ok(());
    }
    let named = |fault: Fault| FieldError { field: format!("{below}{}", fault.place), message: fault.words };
    Err(Error::Invalid(faults.into_iter().map(named).collect()))
}

fn rule(words: impl Into<String>) -> Error {
    Error::Rule(words.into())
}

/// What a cycle or form is not ready for.
fn step_rule(error: CycleError) -> Error {
    Error::Rule(error.to_string())
}
