//! What is kept of files in the collection of their metadata: documents, uploads under way, requests, and the tenant's key, told apart by
//! `kind`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::custom_fields::Class;
use tenure_core::files::{Category, RequestState, State, UploadState};
use tenure_core::ids::{DocumentId, DocumentRequestId, EmployeeId, TenantId, UserId};
use tenure_store::sealed::folder_of;
use uuid::Uuid;

/// The word for the company itself among owners.
const COMPANY: &str = "company";

/// A record. What a later program has added to one is kept by the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Body {
    Document(DocumentBody),
    Upload(UploadBody),
    Request(RequestBody),
    Key(KeyBody),
    /// Of a later program.
    #[serde(other)]
    Other,
}

/// A kind of records.
pub(super) trait Kind: Clone + Into<Body> + TryFrom<Body> {
    /// The word that is stored for it.
    const KIND: &'static str;
}

macro_rules! kinds {
    ($($body:ident, $variant:ident, $word:literal;)+) => {$(
        impl From<$body> for Body {
            fn from(body: $body) -> Self {
                Self::$variant(body)
            }
        }

        impl TryFrom<Body> for $body {
            type Error = ();

            fn try_from(body: Body) -> Result<Self, ()> {
                match body {
                    Body::$variant(body) => Ok(body),
                    _ => Err(()),
                }
            }
        }

        impl Kind for $body {
            const KIND: &'static str = $word;
        }
    )+};
}

kinds! {
    DocumentBody, Document, "document";
    UploadBody, Upload, "upload";
    RequestBody, Request, "request";
    KeyBody, Key, "key";
}

/// Whose a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The company's own.
    Company,
    /// A person's.
    Person(EmployeeId),
}

impl Owner {
    /// The person, where it is one.
    #[must_use]
    pub const fn person(self) -> Option<EmployeeId> {
        match self {
            Self::Company => None,
            Self::Person(person) => Some(person),
        }
    }

    pub(super) fn word(self) -> String {
        match self {
            Self::Company => COMPANY.to_owned(),
            Self::Person(person) => person.to_string(),
        }
    }
}

impl Serialize for Owner {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == COMPANY {
            return Ok(Self::Company);
        }
        word.parse().map(Self::Person).map_err(serde::de::Error::custom)
    }
}

/// One version of a document's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its own id, which is also the last part of the object's name.
    pub id: Uuid,
    /// From 1 on.
    pub number: u32,
    /// What the file was called.
    pub name: String,
    /// What it is, as its first bytes say.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// Of the content, in hexadecimal digits.
    pub sha256: String,
    /// When it was complete.
    pub uploaded_at: Timestamp,
    /// Who has sent it; `None` for an operator.
    pub uploaded_by: Option<UserId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DocumentBody {
    pub(super) owner: Owner,
    pub(super) category: Category,
    /// That of the category, to be found by.
    pub(super) class: Class,
    pub(super) state: State,
    pub(super) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_on: Option<Date>,
    pub(super) remind_days: u16,
    pub(super) legal_hold: bool,
    pub(super) versions: Vec<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sweep_at: Option<Moment>,
}

/// What an upload is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "goal", rename_all = "snake_case")]
pub(super) enum Goal {
    /// A new document.
    Document {
        owner: Owner,
        category: Category,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_on: Option<Date>,
        remind_days: u16,
        request: Option<DocumentRequestId>,
    },
    /// A new version of a document, as it was in this version of its record.
    Version {
        /// The record has a `document` of its own beside this.
        #[serde(rename = "of")]
        document: DocumentId,
        seen: i32,
    },
}

/// A part of an upload that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1 on.
    pub number: u64,
    /// In bytes.
    pub size: u64,
    /// Of the content, in hexadecimal digits.
    pub sha256: String,
    /// The last part of the object's name.
    pub(super) object: Uuid,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct UploadBody {
    /// Who has begun it, and nobody else sees it.
    pub(super) by: String,
    #[serde(flatten)]
    pub(super) goal: Goal,
    /// The document that it becomes or belongs to.
    pub(super) document: DocumentId,
    /// The version that it becomes.
    pub(super) version: Uuid,
    pub(super) name: String,
    pub(super) declared: String,
    /// What was announced, of an upload in parts.
    pub(super) announced: Option<Announced>,
    pub(super) parts: Vec<Part>,
    pub(super) state: UploadState,
    pub(super) sweep_at: Moment,
}

/// What whoever sends a file in parts says of it before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Announced {
    pub(super) size: u64,
    pub(super) part_size: u64,
    pub(super) sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RequestBody {
    pub(super) owner: Owner,
    pub(super) state: RequestState,
    pub(super) category: Category,
    pub(super) title: String,
    pub(super) formats: Vec<String>,
    pub(super) max_size: Option<u64>,
    pub(super) due_on: Option<Date>,
    pub(super) document: Option<DocumentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeyBody {
    /// Wrapped in the installation's key, in hexadecimal digits.
    pub(super) wrapped: String,
}

/// A moment as a text that sorts as the moments do: whole seconds of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    pub(super) fn word(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self)
    }
}

/// The folder of an upload's parts.
pub(super) fn parts_of(tenant: TenantId, upload: impl std::fmt::Display) -> String {
    format!("{}/uploads/{upload}", folder_of(tenant))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_are_told_apart_by_their_kind() {
        let key = json!({ "kind": "key", "wrapped": "00" });
        let body: Body = serde_json::from_value(key.clone()).unwrap();
        assert_eq!(serde_json::to_value(&body).unwrap(), key);
        assert!(DocumentBody::try_from(body).is_err());
        let later: Body = serde_json::from_value(json!({ "kind": "folder", "name": "x" })).unwrap();
        assert_eq!(later, Body::Other);
    }

    #[test]
    fn an_upload_says_what_it_is_for() {
        let stored = json!({
            "kind": "upload", "by": "1", "goal": "document", "owner": "company", "category": "policy", "title": "Rules", "remind_days": 30,
            "request": null, "document": "0198f3c2-0000-7000-8000-000000000001", "version": "0198f3c2-0000-7000-8000-000000000002",
            "name": "rules.pdf", "declared": "", "announced": null, "parts": [], "state": "open", "sweep_at": "2026-01-16T09:30:00Z",
        });
        let body: Body = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&body).unwrap(), stored);
    }

    #[test]
    fn an_upload_of_a_version_comes_back_as_it_was() {
        let document = DocumentId::from(Uuid::from_u128(1));
        let upload = UploadBody {
            by: "1".to_owned(),
            goal: Goal::Version { document, seen: 3 },
            document,
            version: Uuid::from_u128(2),
            name: "a.pdf".to_owned(),
            declared: String::new(),
            announced: Some(Announced { size: 8, part_size: 1 << 20, sha256: None }),
            parts: vec![Part { number: 1, size: 8, sha256: String::new(), object: Uuid::from_u128(3) }],
            state: UploadState::Open,
            sweep_at: Moment("2026-01-16T09:30:00Z".parse().unwrap()),
        };
        let stored = serde_json::to_value(Body::from(upload.clone())).unwrap();
        assert_eq!(serde_json::from_value::<Body>(stored).unwrap(), Body::Upload(upload));
    }

    #[test]
    fn moments_sort_as_texts() {
        let moments = ["2026-01-15T09:30:00.5Z", "2026-01-15T09:30:01Z", "2027-01-01T00:00:00Z"];
        let words: Vec<String> = moments.iter().map(|moment| Moment(moment.parse().unwrap()).word()).collect();
        assert!(words.is_sorted(), "{words:?}");
        assert_eq!(words[0], "2026-01-15T09:30:00Z");
    }
}
