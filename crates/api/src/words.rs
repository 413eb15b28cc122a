//! The vocabularies of the API, for its description.

use std::fmt::Display;

use serde_json::Value;
use tenure_app::Actor;
use tenure_app::flags::Origin;
use tenure_core::appraisal::{
    FormState, Group, Kind as QuestionKind, Part, Party, RequestState as FeedbackState, Step,
};
use tenure_core::custom_fields::{Class, Entity, Kind as FieldKind};
use tenure_core::employment::{
    EmployeeStatus, EmploymentType, Field, Gender, MaritalStatus, PayPeriod, TerminationKind,
};
use tenure_core::files::{Category, Expiry, RequestState, State, UploadState};
use tenure_core::flags::{Kind as FlagKind, Operator};
use tenure_core::goals::{Standing, Status as GoalStatus};
use tenure_core::person_records::DocumentKind;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems, ObjectBuilder, Schema, SchemaType, Type};

use crate::problem::Kind;

/// A text that is one of some words.
pub(crate) fn one_of(words: impl Iterator<Item = impl Display>, nullable: bool, description: &str) -> Schema {
    let mut values: Vec<Value> = words.map(|word| Value::from(word.to_string())).collect();
    let kind = if nullable {
        values.push(Value::Null);
        SchemaType::from_iter([Type::String, Type::Null])
    } else {
        SchemaType::Type(Type::String)
    };
    ObjectBuilder::new().schema_type(kind).enum_values(Some(values)).description(Some(description)).build().into()
}

/// The kinds of problems.
pub(crate) fn problem_types() -> Schema {
    one_of(Kind::ALL.iter().map(|kind| kind.uri()), false, "The kind of problem. Stable: programs decide by it.")
}

pub(crate) fn actor_kind() -> Schema {
    one_of(Actor::KINDS.iter(), false, "Who acted: a user of the company, who operates the platform, or Tenure itself.")
}

pub(crate) fn employee_status() -> Schema {
    one_of(EmployeeStatus::ALL.iter(), false, "Where the person stands with the company.")
}

pub(crate) fn employee_sort() -> Schema {
    let orders = ["name", "employee_number", "hired_on"].into_iter().flat_map(|by| [by.to_owned(), format!("-{by}")]);
    one_of(orders, false, "The order of a list of employees; without it `name`.")
}

pub(crate) fn employment_type_filter() -> Schema {
    one_of(EmploymentType::ALL.iter(), false, "The kind of contract.")
}

pub(crate) fn employment_type() -> Schema {
    one_of(EmploymentType::ALL.iter(), true, "The kind of contract.")
}

/// The fields of an assignment, as a list.
pub(crate) fn assigned_field() -> Schema {
    let words = one_of(Field::ALL.iter(), false, "A member of the assignment.");
    ArrayBuilder::new().items(ArrayItems::RefOrSchema(Box::new(RefOr::T(words)))).build().into()
}

pub(crate) fn gender() -> Schema {
    one_of(Gender::ALL.iter(), true, "As the person states it.")
}

pub(crate) fn marital_status() -> Schema {
    one_of(MaritalStatus::ALL.iter(), true, "Marital status.")
}

pub(crate) fn termination_kind() -> Schema {
    one_of(TerminationKind::ALL.iter(), true, "On whose initiative the employment ended.")
}

pub(crate) fn pay_period() -> Schema {
    one_of(PayPeriod::ALL.iter(), false, "The period that the amount is paid for.")
}

pub(crate) fn custom_field_entity() -> Schema {
    one_of(Entity::ALL.iter(), false, "The kind of record that has the field.")
}

pub(crate) fn custom_field_kind() -> Schema {
    one_of(FieldKind::ALL.iter(), false, "What the field holds.")
}

pub(crate) fn custom_field_class() -> Schema {
    one_of(Class::ALL.iter(), false, "For employees: who may see and change the field. Others are `public`.")
}

pub(crate) fn document_category() -> Schema {
    one_of(Category::ALL.iter(), false, "What the document is, which decides who may open it.")
}

pub(crate) fn document_state() -> Schema {
    one_of(State::ALL.iter(), false, "Where the document stands.")
}

pub(crate) fn document_expiry() -> Schema {
    one_of(Expiry::ALL.iter(), true, "How the document stands to its last day; null without one.")
}

pub(crate) fn document_request_state() -> Schema {
    one_of(RequestState::ALL.iter(), false, "Where the request stands.")
}

pub(crate) fn upload_state() -> Schema {
    one_of(UploadState::ALL.iter(), false, "Where the upload stands.")
}

pub(crate) fn flag_kind() -> Schema {
    one_of(FlagKind::ALL.iter(), false, "What the flag's values are.")
}

pub(crate) fn flag_origin() -> Schema {
    one_of(Origin::ALL.iter().map(|origin| origin.word()), false, "Whose the flag is.")
}

pub(crate) fn flag_operator() -> Schema {
    one_of(Operator::ALL.iter().map(|operator| operator.word()), false, "How the attribute is compared.")
}

pub(crate) fn flag_by() -> Schema {
    one_of(["user", "tenant"].iter(), false, "By what `split` parts people; `user` when nothing is said.")
}

pub(crate) fn question_kind() -> Schema {
    one_of(QuestionKind::ALL.iter(), false, "What a question asks for.")
}

pub(crate) fn appraisal_part() -> Schema {
    one_of(Part::ALL.iter(), false, "Whose part: the person's or the appraiser's.")
}

pub(crate) fn appraisal_party() -> Schema {
    one_of(
        Party::ALL.iter(),
        false,
        "Who answers: the person, the appraiser, or colleagues who are asked for feedback.",
    )
}

pub(crate) fn feedback_group() -> Schema {
    one_of(
        Group::ALL.iter(),
        false,
        "How whoever is asked stands to the person: reports to the same manager, to the person, or neither.",
    )
}

pub(crate) fn feedback_state() -> Schema {
    one_of(FeedbackState::ALL.iter(), false, "Whether the request was answered.")
}

pub(crate) fn appraisal_step() -> Schema {
    one_of(Step::ALL.iter(), false, "Where the cycle is.")
}

pub(crate) fn goal_status() -> Schema {
    one_of(GoalStatus::ALL.iter(), false, "Where the goal stands.")
}

pub(crate) fn goal_standing() -> Schema {
    one_of(Standing::ALL.iter(), false, "Whether the goal is worked on.")
}

pub(crate) fn appraisal_state() -> Schema {
    one_of(FormState::ALL.iter(), false, "How far the form is.")
}

pub(crate) fn document_kind() -> Schema {
    one_of(DocumentKind::ALL.iter(), false, "What the document is.")
}
