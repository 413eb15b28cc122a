//! Salaries as they look on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::Error;
use tenure_app::salaries::{self as app, Reason};
use tenure_core::employment::PayPeriod;
use tenure_core::money::PaidAmount;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, date, nullable, text};
use crate::listing::Listing;
use crate::money;
use crate::words::pay_period;

/// What an employee earns from a day on, until the next salary's day.
#[derive(Serialize, ToSchema)]
pub(crate) struct Salary {
    id: Uuid,
    /// The first day on which it holds.
    effective_from: Date,
    /// What is paid for one period: a decimal number as text.
    #[schema(examples("62506.00"))]
    base: String,
    /// ISO 4217.
    #[schema(examples("USD"))]
    currency: String,
    #[schema(schema_with = pay_period)]
    pay_period: PayPeriod,
    reason: Option<String>,
    /// The `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
}

/// The salaries of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct SalaryList {
    /// The latest first.
    data: Vec<Salary>,
}

impl Listing for SalaryList {
    const FILE: &'static str = "salaries";
    const COLUMNS: &'static [&'static str] =
        &["id", "effective_from", "base", "currency", "pay_period", "reason", "version", "created_at"];
}

/// A salary to be filed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewSalary {
    /// The first day on which it holds, in the past or ahead. An employee has one salary from a day on.
    effective_from: Date,
    /// What is paid for one period: a decimal number as text, with at most 15 digits before the point and 4 after it.
    #[schema(pattern = "^[0-9]{1,15}(\\.[0-9]{1,4})?$", examples("62506.00"))]
    base: String,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    currency: String,
    #[schema(schema_with = pay_period)]
    pay_period: String,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// What was wrong about a salary. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct SalaryCorrection {
    #[schema(nullable = false)]
    effective_from: Option<Date>,
    #[schema(pattern = "^[0-9]{1,15}(\\.[0-9]{1,4})?$", examples("62506.00"), nullable = false)]
    base: Option<String>,
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"), nullable = false)]
    currency: Option<String>,
    #[schema(schema_with = pay_period, required = false)]
    pay_period: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

impl NewSalary {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let effective_from = fields.required("effective_from", date);
        let base = fields.required("base", text::<PaidAmount>);
        let currency = fields.required("currency", text);
        let pay_period = fields.required("pay_period", text);
        let reason = fields.optional("reason", nullable(text::<Reason>)).flatten().map(String::from);
        let made = effective_from.zip(base).zip(currency.zip(pay_period));
        fields.finish(made.map(|((effective_from, base), (currency, pay_period))| app::Content {
            effective_from,
            base: base.decimal(),
            currency,
            pay_period,
            reason,
        }))
    }
}

impl SalaryCorrection {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Correction, Error> {
        let correction = app::Correction {
            effective_from: fields.optional("effective_from", date),
            base: fields.optional("base", text),
            currency: fields.optional("currency", text),
            pay_period: fields.optional("pay_period", text),
            reason: fields.optional("reason", nullable(text)),
        };
        fields.finish(Some(correction))
    }
}

impl From<Vec<app::Salary>> for SalaryList {
    fn from(salaries: Vec<app::Salary>) -> Self {
        Self { data: salaries.into_iter().map(Salary::from).collect() }
    }
}

impl From<app::Salary> for Salary {
    fn from(salary: app::Salary) -> Self {
        Self {
            id: salary.id.uuid(),
            effective_from: salary.effective_from,
            base: money::decimal(salary.base),
            currency: salary.currency.to_string(),
            pay_period: salary.pay_period,
            reason: salary.reason,
            version: salary.version,
            created_at: salary.created_at,
        }
    }
}
