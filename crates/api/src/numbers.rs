//! `/api/v1/number-sequences/employee_number`

use serde::Serialize;
use serde_json::Value;
use tenure_app::{Error, employment};
use tenure_core::employment::Pattern;
use utoipa::ToSchema;

use crate::caller::Call;
use crate::fields::{Fields, text};
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};

const LARGEST: i64 = 999_999_999_999;

/// How the next employee numbers are made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberSequence {
    /// Text around one place for the number: `{n}`, or `{n:5}` with leading zeros to five digits; `{yyyy}` is the year of hiring.
    #[schema(examples("E{n:5}"))]
    pattern: String,
    /// The number that is tried next. Those that are in use are left out.
    next_value: i64,
    /// Grows when the pattern or the number is chosen, not when a number is given out; the `ETag` to give as `If-Match`.
    version: i32,
}

/// Another pattern, and the number to go on with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewNumberSequence {
    #[schema(min_length = 3, max_length = 40, examples("{yyyy}-{n:4}"))]
    pattern: String,
    #[schema(minimum = 1, maximum = 999_999_999_999_i64)]
    next_value: i64,
}

/// How the next employee numbers are made.
#[utoipa::path(
    get,
    path = "/api/v1/number-sequences/employee_number",
    tag = "settings",
    operation_id = "show_employee_number_sequence",
    responses((status = 200, description = "The sequence", body = NumberSequence, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call) -> Result<Versioned<NumberSequence>, Problem> {
    let sequence = employment::sequence(call.context(), call.caller()).await?;
    Ok(versioned(sequence.version, sequence.into()))
}

/// Chooses how the next employee numbers are made.
#[utoipa::path(
    put,
    path = "/api/v1/number-sequences/employee_number",
    tag = "settings",
    operation_id = "put_employee_number_sequence",
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = NewNumberSequence,
    responses((status = 200, description = "The sequence as it is now", body = NumberSequence, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn put(
    call: Call,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<NumberSequence>, Problem> {
    let chosen = NewNumberSequence::read(fields)?;
    let sequence = employment::put_sequence(call.context(), call.caller(), version, chosen).await?;
    Ok(versioned(sequence.version, sequence.into()))
}

impl NewNumberSequence {
    fn read(mut fields: Fields) -> Result<(Pattern, i64), Error> {
        let pattern = fields.required("pattern", text);
        let next_value = fields.required("next_value", number);
        fields.finish(pattern.zip(next_value))
    }
}

fn number(value: Value) -> Result<i64, String> {
    let Value::Number(number) = value else { return Err("is not a number".to_owned()) };
    let number = number.as_i64().filter(|number| (1..=LARGEST).contains(number));
    number.ok_or_else(|| format!("is a whole number from 1 to {LARGEST}"))
}

impl From<employment::Sequence> for NumberSequence {
    fn from(sequence: employment::Sequence) -> Self {
        Self { pattern: sequence.pattern, next_value: sequence.next_value, version: sequence.version }
    }
}
