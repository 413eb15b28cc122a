//! The documents that appraisals consist of.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tenure_core::appraisal::{
    Answers, Deadlines, FormState, Given, Group, Minimum, RequestState, Step, Template as Content, Weights,
};
use tenure_core::goals::{self, Standing};
use tenure_core::ids::EmployeeId;
use tenure_store::documents::{Collection, Stored, TenantDocuments};
use uuid::Uuid;

use crate::change::{Change, Record};
use crate::documents::{Find, Found, Place};
use crate::error::{Error, Result};
use crate::{Page, PageStart};

pub(super) const FORMS: Collection = Collection::AppraisalForms;

/// A template in one of its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// What people call it.
    pub name: String,
    /// The first version.
    pub family_id: Uuid,
    /// Which version it is, from 1 on.
    pub number: u32,
    /// Whether it can still be changed; it is used once it cannot.
    pub published: bool,
    /// What it asks.
    pub content: Content,
}

/// A cycle: the appraisals of some people in some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cycle {
    /// What people call it.
    pub name: String,
    /// The version of a template that its forms are of.
    pub template_id: Uuid,
    /// The first day that is appraised.
    pub starts_on: Date,
    /// The last one.
    pub ends_on: Date,
    /// Where it is.
    pub step: Step,
    /// What the parts count.
    pub weights: Weights,
    /// The last days of the steps.
    pub deadlines: Deadlines,
    /// How many colleagues are told of together at least.
    #[serde(default)]
    pub feedback_minimum: Minimum,
}

/// One person's form in a cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The cycle.
    pub cycle_id: Uuid,
    /// The person.
    pub employee_id: EmployeeId,
    /// Who appraises: the manager of when the person was added, or whom HR has named since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager_id: Option<EmployeeId>,
    /// How far it is.
    pub state: FormState,
    /// What the person has answered.
    pub self_answers: Answers,
    /// What the manager has answered.
    pub manager_answers: Answers,
    /// When the person submitted.
    pub self_submitted_at: Option<Timestamp>,
    /// When the manager did.
    pub manager_submitted_at: Option<Timestamp>,
    /// What the person's answers score.
    pub self_score: Option<Decimal>,
    /// What the manager's answers score.
    pub manager_score: Option<Decimal>,
    /// What the goals scored when the manager submitted, where they count.
    #[serde(default)]
    pub goals_score: Option<Decimal>,
    /// What the colleagues' feedback scored, where it counts.
    #[serde(default)]
    pub feedback_score: Option<Decimal>,
    /// The final score, by rule or as it was set in calibration.
    pub score: Option<Decimal>,
    /// Why it was set.
    pub calibration: Option<String>,
    /// When the person acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// What the person said to it.
    pub comment: Option<String>,
}

impl Form {
    pub(super) fn new(cycle_id: Uuid, employee_id: EmployeeId, manager_id: Option<EmployeeId>) -> Self {
        Self {
            cycle_id,
            employee_id,
            manager_id,
            state: FormState::NotStarted,
            self_answers: Answers::new(),
            manager_answers: Answers::new(),
            self_submitted_at: None,
            manager_submitted_at: None,
            self_score: None,
            manager_score: None,
            goals_score: None,
            feedback_score: None,
            score: None,
            calibration: None,
            acknowledged_at: None,
            comment: None,
        }
    }
}

/// What colleagues have said of a person in a cycle, all of it in one document: nothing in it tells who has said what, or when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Feedback {
    /// The person's form.
    pub(super) form_id: Uuid,
    /// Who was asked.
    pub(super) asked: Vec<Asked>,
    /// What was said, in an order that follows from that alone.
    pub(super) given: Vec<Given>,
}

/// Somebody who was asked about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The request.
    pub request_id: Uuid,
    /// Who.
    pub employee_id: EmployeeId,
    /// How the two stand to each other.
    pub group: Group,
}

/// What somebody is asked about another. Once it is answered, nothing of the answer is in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackRequest {
    /// The form of whom it is about.
    pub form_id: Uuid,
    /// The cycle.
    pub cycle_id: Uuid,
    /// Who is asked.
    pub employee_id: EmployeeId,
    /// Whom it is about.
    pub about_id: EmployeeId,
    /// How the two stand to each other.
    pub group: Group,
    /// Whether it was answered.
    pub state: RequestState,
    /// What was kept until then.
    pub answers: Answers,
}

/// A goal of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The person.
    pub employee_id: EmployeeId,
    /// The cycle whose score it counts in. What documents are found by is a text in each, so none is the empty one.
    #[serde(with = "none_as_empty")]
    pub cycle_id: Option<Uuid>,
    /// The goal that it is a part of.
    pub parent_id: Option<Uuid>,
    /// What is to be reached.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// When it is begun with.
    pub starts_on: Option<Date>,
    /// Until when it is to be reached.
    pub due_on: Option<Date>,
    /// Whether it is worked on.
    pub standing: Standing,
    /// How much of it is done, as it was said; when goals lie below it theirs counts.
    pub progress: goals::Progress,
}

mod none_as_empty {
    use serde::{Deserialize, Deserializer, Serializer};
    use uuid::Uuid;

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(id: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&id.map(|id| id.to_string()).unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
    }
}

/// A document by its kind. Those of other areas lie in the same collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Document {
    Template(Template),
    Cycle(Cycle),
    Form(Form),
    Goal(Goal),
    Feedback(Feedback),
    FeedbackRequest(FeedbackRequest),
    #[serde(other)]
    Other,
}

macro_rules! kinds {
    ($($kind:ident),+) => {$(
        impl From<$kind> for Document {
            fn from(body: $kind) -> Self {
                Self::$kind(body)
            }
        }

        impl TryFrom<Document> for $kind {
            type Error = ();

            fn try_from(document: Document) -> Result<Self, ()> {
                if let Document::$kind(body) = document { Ok(body) } else { Err(()) }
            }
        }
    )+};
}
kinds!(Template, Cycle, Form, Goal, Feedback, FeedbackRequest);

/// A document of one kind, with what the store knows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row<T> {
    /// Which one.
    pub id: Uuid,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// What it says.
    pub body: T,
}

/// A document as it was read, of one kind.
pub(super) struct Loaded<T> {
    pub(super) stored: Stored<Document>,
    pub(super) body: T,
}

impl<T> Loaded<T> {
    pub(super) fn into_row(self) -> Row<T> {
        let Stored { id, version, created_at, updated_at, .. } = self.stored;
        Row { id, version, created_at, updated_at, body: self.body }
    }
}

pub(super) fn of_kind<T: TryFrom<Document>>(stored: Stored<Document>) -> Option<Loaded<T>> {
    let body = stored.body.clone().try_into().ok()?;
    Some(Loaded { stored, body })
}

/// A document of a kind.
pub(super) async fn read<T: TryFrom<Document>>(
    documents: &mut TenantDocuments<'_>,
    what: &'static str,
    id: Uuid,
) -> Result<Loaded<T>> {
    let stored = documents.get::<Document>(FORMS, id).await?;
    stored.and_then(of_kind).ok_or_else(|| Error::not_found(what, &id))
}

/// A page of the documents of a kind.
pub(super) async fn page<T: TryFrom<Document>>(
    documents: &mut TenantDocuments<'_>,
    find: &Find<'_>,
) -> Result<Page<Row<T>>> {
    let Found { documents, next } = documents.find::<Document>(FORMS, find).await?;
    let rows = documents.into_iter().filter_map(of_kind).map(Loaded::into_row).collect();
    Ok(Page { rows, next: next.map(|place| PageStart { name: place.value, id: place.id }) })
}

pub(super) fn place(after: Option<PageStart>) -> Option<Place> {
    after.map(|start| Place { value: start.name, id: start.id })
}

/// Adds a document and what the audit log says of it.
pub(super) async fn insert<T: Serialize + Clone + Into<Document> + TryFrom<Document>>(
    change: &mut Change<'_>,
    id: Uuid,
    body: T,
    action: &'static str,
) -> Result<Row<T>> {
    let now = change.context.now();
    change.record(Record::of(action, id, None, Some(&body))).await?;
    let stored = change.documents().insert(FORMS, id, body.clone().into(), now, None).await?;
    Ok(Loaded { stored, body }.into_row())
}

/// Writes a document that was read and changed; one that stays as it is keeps its version.
pub(super) async fn save<T: Serialize + Clone + PartialEq + Into<Document>>(
    change: &mut Change<'_>,
    loaded: Loaded<T>,
    wanted: T,
    action: &'static str,
) -> Result<Row<T>> {
    if loaded.body == wanted {
        return Ok(loaded.into_row());
    }
    change.record(Record::of(action, loaded.stored.id, Some(&loaded.body), Some(&wanted))).await?;
    put(change, loaded, wanted).await
}

/// The same without a word in the audit log, which the caller writes.
pub(super) async fn put<T: Clone + Into<Document>>(
    change: &mut Change<'_>,
    loaded: Loaded<T>,
    wanted: T,
) -> Result<Row<T>> {
    let now = change.context.now();
    let mut stored = loaded.stored;
    stored.body = wanted.clone().into();
    change.documents().replace(FORMS, &mut stored, now).await?;
    Ok(Loaded { stored, body: wanted }.into_row())
}
