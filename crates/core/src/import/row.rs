//! From the cells of a row to an employee.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::amount;
use super::country;
use super::date::{self, DateMeaning};
use super::employee::EmployeeRow;
use super::field::Field;
use super::findings::{Reject, Warnings};
use super::formats::Formats;
use super::mapping::{Mapping, Target};
use super::name::PersonName;
use super::standing::{self, Standing};
use super::table::squeeze;
use super::words;
use crate::money::Currency;

/// What is the same for all rows of a file.
pub(super) struct Context<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) formats: &'a Formats,
    pub(super) today: Date,
}

/// Reads the cells of one row; what is wrong is collected, so that all of it can be told at once.
pub(super) struct RowReader<'a> {
    context: &'a Context<'a>,
    line: usize,
    cells: &'a [Cow<'a, str>],
    warnings: &'a mut Warnings,
    rejects: Vec<Reject>,
    custom: BTreeMap<String, String>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        line: usize,
        cells: &'a [Cow<'a, str>],
        warnings: &'a mut Warnings,
    ) -> Self {
        Self { context, line, cells, warnings, rejects: Vec::new(), custom: BTreeMap::new() }
    }

    /// Reads the row.
    pub(super) fn read(mut self) -> Result<EmployeeRow, Vec<Reject>> {
        self.keep_custom_columns();
        self.require(Field::EmployeeNumber);
        self.require(Field::HiredOn);
        let number = self.text(Field::EmployeeNumber);
        let name = self.name();
        let hired_on = self.date(Field::HiredOn, DateMeaning::Event);
        let birth_date = self.date(Field::BirthDate, DateMeaning::Birth);
        let terminated_on = self.date(Field::TerminatedOn, DateMeaning::Event);
        let standing = hired_on.map(|hired_on| self.standing(hired_on, terminated_on)).unwrap_or_default();
        if hired_on.zip(birth_date).is_some_and(|(hired_on, birth_date)| birth_date >= hired_on) {
            self.reject_cell(Field::BirthDate, "not before the hire date");
        }
        let (salary, currency) = self.salary();
        let (Some(number), Some(name), Some(hired_on)) = (number, name, hired_on) else { return Err(self.rejects) };
        let row = EmployeeRow {
            line: self.line,
            number,
            name,
            work_email: self.email(Field::WorkEmail),
            personal_email: self.email(Field::PersonalEmail),
            work_phone: self.text(Field::WorkPhone),
            birth_date,
            gender: self.word(Field::Gender, words::gender),
            marital_status: self.word(Field::MaritalStatus, words::marital_status),
            citizenship: self.text(Field::Citizenship),
            region: self.text(Field::Region),
            postal_code: self.text(Field::PostalCode),
            country_code: self.word(Field::Country, country::code),
            department: self.text(Field::Department),
            designation: self.text(Field::Designation),
            hired_on,
            status: standing.status,
            terminated_on: standing.terminated_on,
            termination_kind: standing.kind,
            termination_reason: standing.reason,
            employment_type: self.word(Field::EmploymentType, words::employment_type).or(standing.employment_type),
            salary,
            currency,
            pay_period: self.word(Field::PayPeriod, words::pay_period),
            manager_number: self.text(Field::ManagerNumber),
            manager_name: self.text(Field::Manager),
            manager: None,
            custom: self.custom,
        };
        if self.rejects.is_empty() { Ok(row) } else { Err(self.rejects) }
    }

    /// The name from columns of its parts or, where the last name is empty, from one column.
    fn name(&mut self) -> Option<PersonName> {
        if let Some(last) = self.cell(Field::LastName) {
            let first = self.cell(Field::FirstName).unwrap_or_default();
            let name = PersonName::from_parts(first, self.cell(Field::MiddleName), last);
            return name.map_err(|error| self.reject_cell(Field::LastName, &error.to_string())).ok();
        }
        if self.cell(Field::FullName).is_none() {
            let has_one_column = self.context.mapping.column_of(Field::FullName).is_some();
            self.reject_cell(if has_one_column { Field::FullName } else { Field::LastName }, "missing");
        }
        self.parsed(Field::FullName, PersonName::parse)
    }

    fn date(&mut self, field: Field, meaning: DateMeaning) -> Option<Date> {
        let (order, today) = (self.context.formats.dates.get(&field).copied(), self.context.today);
        self.parsed(field, |text| date::parse(text, order, meaning, today))
    }

    fn standing(&mut self, hired_on: Date, terminated_on: Option<Date>) -> Standing {
        let word = match self.optional(Field::Status).map(|text| (text, words::status(text))) {
            Some((_, None)) => {
                self.reject_cell(
                    Field::Status,
                    "not a known status; write active, on leave, suspended, pending or terminated",
                );
                return Standing::default();
            }
            Some((_, word)) => word,
            None => None,
        };
        match standing::decide(word, hired_on, terminated_on, self.context.today) {
            Err((field, reason)) => {
                self.reject_cell(field, reason);
                Standing::default()
            }
            Ok((mut standing, remark)) => {
                if let Some(remark) = remark {
                    self.warn(Field::Status, remark);
                }
                self.add_cause(&mut standing);
                standing
            }
        }
    }

    /// Adds kind and reason to an employment that ended or will end. For others the texts are kept as custom values.
    fn add_cause(&mut self, standing: &mut Standing) {
        let kind = self.optional(Field::TerminationKind).map(words::termination_kind);
        let reason = self.text(Field::TerminationReason).filter(|reason| !words::is_no_reason(reason));
        if standing.terminated_on.is_some() {
            standing.kind = kind.or(standing.kind);
            standing.reason = reason;
        } else {
            if kind.is_some() {
                self.keep(Field::TerminationKind);
            }
            if reason.is_some() {
                self.keep(Field::TerminationReason);
            }
        }
    }

    fn salary(&mut self) -> (Option<Decimal>, Option<Currency>) {
        let mark = self.context.formats.decimal_mark;
        let stated: Option<Currency> = self.parsed(Field::Currency, |text| text.to_uppercase().parse::<Currency>());
        let Some(amount) = self.parsed(Field::Salary, |text| amount::parse(text, mark)) else { return (None, stated) };
        if stated.zip(amount.currency).is_some_and(|(stated, written)| stated != written) {
            self.reject_cell(Field::Salary, "its currency is not that of the currency column");
        }
        (Some(amount.value), stated.or(amount.currency))
    }

    fn email(&mut self, field: Field) -> Option<String> {
        self.parsed(field, |text| if is_email(text) { Ok(text.to_owned()) } else { Err("not a mail address") })
    }

    fn text(&mut self, field: Field) -> Option<String> {
        self.parsed(field, |text| {
            let (text, most) = (squeeze(text), field.max_chars());
            if text.chars().count() > most { Err(format!("longer than {most} characters")) } else { Ok(text) }
        })
    }

    /// A fixed word. A text that is none is kept as a custom value.
    fn word<T>(&mut self, field: Field, recognise: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.optional(field)?;
        let word = recognise(text);
        if word.is_none() {
            self.keep(field);
            self.warn(field, &format!("not a known {}; kept as a custom value", field.name().replace('_', " ")));
        }
        word
    }

    fn require(&mut self, field: Field) {
        if self.optional(field).is_none() {
            self.reject_cell(field, "missing");
        }
    }

    fn parsed<T, E: Display>(&mut self, field: Field, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.optional(field)?;
        parse(text).map_err(|error| self.reject_cell(field, &error.to_string())).ok()
    }

    /// The text of a field's cell, without spaces around.
    fn cell(&self, field: Field) -> Option<&'a str> {
        let (column, _) = self.context.mapping.column_of(field)?;
        self.cells.get(column).map(|cell| cell.trim()).filter(|text| !text.is_empty())
    }

    /// Like [`Self::cell`], but a placeholder such as `n/a` is nothing, except in a name.
    fn optional(&self, field: Field) -> Option<&'a str> {
        self.cell(field).filter(|text| field == Field::FullName || !words::is_placeholder(text))
    }

    fn keep_custom_columns(&mut self) {
        for (column, cell) in self.context.mapping.columns().iter().zip(self.cells) {
            if column.target == Target::Custom && !cell.trim().is_empty() {
                self.custom.insert(column.heading.clone(), cell.trim().to_owned());
            }
        }
    }

    fn keep(&mut self, field: Field) {
        if let (Some((_, heading)), Some(text)) = (self.context.mapping.column_of(field), self.cell(field)) {
            self.custom.insert(heading.to_owned(), text.to_owned());
        }
    }

    fn warn(&mut self, field: Field, message: &str) {
        if let Some((_, heading)) = self.context.mapping.column_of(field) {
            self.warnings.add(self.line, heading, self.cell(field).unwrap_or_default(), message);
        }
    }

    fn reject_cell(&mut self, field: Field, reason: &str) {
        self.reject(field, self.cell(field).unwrap_or_default(), reason);
    }

    fn reject(&mut self, field: Field, value: &str, reason: &str) {
        let column = self.context.mapping.column_of(field).map(|(_, heading)| heading.to_owned());
        self.rejects.push(Reject { line: self.line, column, value: value.to_owned(), reason: reason.to_owned() });
    }
}

/// Whether a text has the form of a mail address. Whether it exists shows when it is used.
fn is_email(text: &str) -> bool {
    let has_space = text.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',');
    // RFC 5321 allows 254 characters.
    !has_space
        && text.len() <= 254
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && domain.contains('.')
        })
}
