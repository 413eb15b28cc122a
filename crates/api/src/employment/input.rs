//! What clients send to hire, move and dismiss people.

use jiff::civil::Date;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::employment::{Filing, Hire, NewEmployee as Person, NewPersonalFields, Number};
use tenure_core::contact::Email;
use tenure_core::employment::{Changes, Correction, End, Field, PayGrade, Position};
use tenure_core::place::CountryCode;
use tenure_core::text::Line;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, date, id, nullable, object, text};
use crate::words::{employment_type, gender, marital_status, termination_kind};

type Reason = Line<500>;

/// Where an employee stands. In a change, absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct PositionFields {
    department_id: Option<Uuid>,
    designation_id: Option<Uuid>,
    /// Whom the employee reports to: somebody else who is employed on that day or will be.
    manager_id: Option<Uuid>,
    location_id: Option<Uuid>,
    #[schema(schema_with = employment_type, required = false)]
    employment_type: Option<String>,
    /// Of full time: a decimal number above 0 and at most 1 with at most 4 decimal places, as text.
    #[schema(examples("0.5"))]
    working_time_fraction: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    pay_grade: Option<String>,
}

/// Somebody to be hired. Members of the personal class need `employees.write_personal`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewEmployee {
    /// Unique in whatever case. Without it, the next number of the company's sequence.
    #[schema(min_length = 1, max_length = 50)]
    employee_number: Option<String>,
    /// Absent for people who have one name only.
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    middle_name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    last_name: String,
    #[schema(min_length = 1, max_length = 100)]
    preferred_name: Option<String>,
    /// Unique in whatever case.
    #[schema(max_length = 254)]
    work_email: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    work_phone: Option<String>,
    /// The first day of employment. While it lies ahead, the employee is pending.
    hired_on: Date,
    #[schema(max_length = 254)]
    personal_email: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    personal_phone: Option<String>,
    birth_date: Option<Date>,
    #[schema(schema_with = gender, required = false)]
    gender: Option<String>,
    #[schema(schema_with = marital_status, required = false)]
    marital_status: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    citizenship: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    city: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(pattern = "^[A-Z]{2}$")]
    country_code: Option<String>,
    department_id: Option<Uuid>,
    designation_id: Option<Uuid>,
    /// Somebody who is employed on the first day or will be.
    manager_id: Option<Uuid>,
    location_id: Option<Uuid>,
    #[schema(schema_with = employment_type, required = false)]
    employment_type: Option<String>,
    /// Of full time: a decimal number above 0 and at most 1 with at most 4 decimal places, as text.
    #[schema(examples("0.5"))]
    working_time_fraction: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    pay_grade: Option<String>,
    /// The company's own fields. Each needs the permission to write its class.
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

/// A change to be filed. Absent members of the position stay as they are; null empties one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewAssignment {
    /// The first day on which it holds: a day of employment, in the past or ahead.
    effective_from: Date,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    #[serde(flatten)]
    position: PositionFields,
}

/// What was wrong about an assignment. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AssignmentCorrection {
    /// Another day. That of an employment's first assignment moves with the day of hiring alone.
    #[schema(nullable = false)]
    effective_from: Option<Date>,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    #[serde(flatten)]
    position: PositionFields,
}

/// The end of an employment. Kind and reason need `employees.write_sensitive`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewTermination {
    /// The last day of employment, in the past or ahead.
    last_day: Date,
    #[schema(schema_with = termination_kind, required = false)]
    kind: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Another employment of somebody who has left.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct Rehire {
    /// The first day, after the last one of the employment before.
    hired_on: Date,
    #[serde(flatten)]
    position: PositionFields,
}

/// The right first day of the current employment.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct HireCorrection {
    hired_on: Date,
}

impl NewEmployee {
    pub(crate) fn read(mut fields: Fields) -> Result<Hire, Error> {
        let number = fields.optional("employee_number", nullable(text::<Number>)).flatten();
        let last_name = fields.required("last_name", text::<Line<100>>);
        let hired_on = fields.required("hired_on", date);
        let first_name = line::<100>(&mut fields, "first_name").unwrap_or_default();
        let middle_name = line::<100>(&mut fields, "middle_name");
        let preferred_name = line::<100>(&mut fields, "preferred_name");
        let work_email = fields.optional("work_email", nullable(text::<Email>)).flatten().map(String::from);
        let work_phone = line::<50>(&mut fields, "work_phone");
        let personal = personal(&mut fields);
        let position = changes(&mut fields).values;
        let custom = fields.optional("custom", object).unwrap_or_default();
        fields.finish(last_name.zip(hired_on).map(|(last_name, hired_on)| {
            let last_name = last_name.to_string();
            let person = Person {
                first_name,
                middle_name,
                last_name,
                preferred_name,
                work_email,
                work_phone,
                personal,
                hired_on,
                custom,
            };
            Hire { number, person, position }
        }))
    }
}

impl NewAssignment {
    pub(crate) fn read(mut fields: Fields) -> Result<Filing, Error> {
        let effective_from = fields.required("effective_from", date);
        let reason = line::<500>(&mut fields, "reason");
        let changes = changes(&mut fields);
        fields.finish(effective_from.map(|effective_from| Filing { effective_from, changes, reason }))
    }
}

impl AssignmentCorrection {
    pub(crate) fn read(mut fields: Fields) -> Result<Correction, Error> {
        let from = fields.optional("effective_from", date);
        let reason = fields.optional("reason", nullable(text::<Reason>));
        let reason = reason.map(|reason| reason.map(|reason| reason.to_string()));
        let changes = changes(&mut fields);
        fields.finish(Some(Correction { from, changes, reason }))
    }
}

impl NewTermination {
    pub(crate) fn read(mut fields: Fields) -> Result<End, Error> {
        let last_day = fields.required("last_day", date);
        let kind = fields.optional("kind", nullable(text)).flatten();
        let reason = line::<500>(&mut fields, "reason");
        fields.finish(last_day.map(|last_day| End { last_day, kind, reason }))
    }
}

impl Rehire {
    pub(crate) fn read(mut fields: Fields) -> Result<(Date, Position), Error> {
        let hired_on = fields.required("hired_on", date);
        let position = changes(&mut fields).values;
        fields.finish(hired_on.map(|hired_on| (hired_on, position)))
    }
}

impl HireCorrection {
    pub(crate) fn read(mut fields: Fields) -> Result<Date, Error> {
        let hired_on = fields.required("hired_on", date);
        fields.finish(hired_on)
    }
}

/// The members of a position that are there.
fn changes(fields: &mut Fields) -> Changes {
    let mut changes = Changes::default();
    let Changes { fields: named, values } = &mut changes;
    take(fields, Field::DepartmentId, id, named, &mut values.department_id);
    take(fields, Field::DesignationId, id, named, &mut values.designation_id);
    take(fields, Field::ManagerId, id, named, &mut values.manager_id);
    take(fields, Field::LocationId, id, named, &mut values.location_id);
    take(fields, Field::EmploymentType, text, named, &mut values.employment_type);
    take(fields, Field::WorkingTimeFraction, text, named, &mut values.working_time_fraction);
    let pay_grade = |value| text::<PayGrade>(value).map(|grade| grade.to_string());
    take(fields, Field::PayGrade, pay_grade, named, &mut values.pay_grade);
    changes
}

fn take<T>(
    fields: &mut Fields,
    field: Field,
    read: impl FnOnce(Value) -> Result<T, String>,
    named: &mut std::collections::BTreeSet<Field>,
    into: &mut Option<T>,
) {
    if let Some(value) = fields.optional(field.as_str(), nullable(read)) {
        named.insert(field);
        *into = value;
    }
}

/// The members of the personal class; `None` when there are none.
fn personal(fields: &mut Fields) -> Option<NewPersonalFields> {
    let read = NewPersonalFields {
        personal_email: fields.optional("personal_email", nullable(text::<Email>)).flatten().map(String::from),
        personal_phone: line::<50>(fields, "personal_phone"),
        birth_date: fields.optional("birth_date", nullable(date)).flatten(),
        gender: fields.optional("gender", nullable(text)).flatten(),
        marital_status: fields.optional("marital_status", nullable(text)).flatten(),
        citizenship: line::<100>(fields, "citizenship"),
        address: line::<500>(fields, "address"),
        city: line::<100>(fields, "city"),
        region: line::<100>(fields, "region"),
        postal_code: line::<20>(fields, "postal_code"),
        country_code: fields
            .optional("country_code", nullable(text::<CountryCode>))
            .flatten()
            .map(|code| code.to_string()),
    };
    Some(read).filter(|read| *read != NewPersonalFields::default())
}

fn line<const MAX: usize>(fields: &mut Fields, name: &str) -> Option<String> {
    fields.optional(name, nullable(text::<Line<MAX>>)).flatten().map(|line| line.to_string())
}
