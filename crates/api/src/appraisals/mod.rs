//! `/api/v1/appraisals/…`, and what an employee has of them.

mod cycle_body;
pub(crate) mod cycles;
pub(crate) mod feedback;
pub(crate) mod feedback_requests;
mod form_body;
pub(crate) mod forms;
pub(crate) mod goals;
mod query;
pub(crate) mod templates;

use serde_json::Value;

/// Reads a part of a body that has a form of its own.
fn part<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("cannot be read: {error}"))
}
