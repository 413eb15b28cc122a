//! What people are told by mail: which messages there are, what they say, who is reminded when, and how often sending is tried.

mod quiet;
mod reminder;
mod retry;
mod text;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use quiet::{Quiet, next_planning};
pub use reminder::{Due, Rhythm, due};
pub use retry::{ATTEMPTS, next_attempt};
pub use text::{Around, Text, text};

use crate::employment::{UnknownWord, vocabulary};
use crate::ids::{DocumentId, DocumentRequestId};

vocabulary! {
    /// Where a message stands.
    State, "state of a message" {
        /// It is to be sent, at once or when its time comes.
        Waiting = "waiting",
        /// A mail server has taken it.
        Sent = "sent",
        /// It was not needed any more, or there was nobody to send it to.
        Dropped = "dropped",
        /// It was refused, or tried for too long.
        Failed = "failed",
    }

    /// When in the course of things somebody is told.
    Stage, "stage of a reminder" {
        /// It begins.
        Begun = "begun",
        /// The last day is near.
        Soon = "soon",
        /// The last day is over.
        Late = "late",
    }

    /// Who is told of documents that end.
    Whom, "recipient of reminders" {
        /// Nobody.
        Nobody = "nobody",
        /// The person whose document it is.
        Person = "person",
        /// Those who look after people.
        Hr = "hr",
        /// Both.
        Both = "both",
    }
}

impl Whom {
    /// Whether the person is told.
    #[must_use]
    pub const fn is_the_person(self) -> bool {
        matches!(self, Self::Person | Self::Both)
    }

    /// Whether those who look after people are told.
    #[must_use]
    pub const fn is_hr(self) -> bool {
        matches!(self, Self::Hr | Self::Both)
    }
}

/// What somebody is told, with the few facts that the text needs. A title stands in it only where it may be read by whoever sees the mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// A way to choose a password, for whoever has this mail address. Whether somebody does is found out when it is sent.
    PasswordReset {
        /// As it was entered.
        email: String,
    },
    /// A person is asked for a document.
    DocumentRequest {
        /// The request.
        request: DocumentRequestId,
        /// What is asked for.
        title: Option<String>,
        /// By when.
        due_on: Option<Date>,
        /// Whether it is the first word of it.
        stage: Stage,
    },
    /// A document of a person ends.
    FileEnds {
        /// The document.
        document: DocumentId,
        /// The last day on which it is good.
        expires_on: Date,
        /// Whether that is over.
        stage: Stage,
    },
    /// Some documents of people and of the company end.
    FilesEnd {
        /// How many.
        count: usize,
    },
    /// A person is to answer for themself.
    SelfReview(Review),
    /// A person has appraisals to write.
    ManagerReview {
        /// The cycle and its last day.
        #[serde(flatten)]
        review: Review,
        /// How many.
        count: usize,
    },
    /// A person's appraisal can be read, and is to be acknowledged.
    AppraisalShared(Review),
}

/// A step of a cycle in which somebody has something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The cycle.
    pub cycle: Uuid,
    /// What people call it.
    pub name: String,
    /// The last day of the step.
    pub last_day: Option<Date>,
    /// What of it is told.
    pub stage: Stage,
}

impl Message {
    /// The word that is stored for what it is.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PasswordReset { .. } => "password_reset",
            Self::DocumentRequest { .. } => "document_request",
            Self::FileEnds { .. } => "file_ends",
            Self::FilesEnd { .. } => "files_end",
            Self::SelfReview(_) => "self_review",
            Self::ManagerReview { .. } => "manager_review",
            Self::AppraisalShared(_) => "appraisal_shared",
        }
    }

    /// Whether somebody waits for it: neither the company's choice to send no mail, nor quiet hours, nor a long queue hold it back.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        is_urgent(self.kind())
    }

    /// After how many hours it is of no use any more.
    #[must_use]
    pub fn worth_hours(&self) -> i64 {
        if self.is_urgent() { 24 } else { 7 * 24 }
    }
}

/// Whether somebody waits for messages of a kind, as it is stored.
#[must_use]
pub fn is_urgent(kind: &str) -> bool {
    kind == "password_reset"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_says_its_kind_once() {
        let review = Review { cycle: Uuid::nil(), name: "2026".to_owned(), last_day: None, stage: Stage::Begun };
        for message in [
            Message::PasswordReset { email: "a@b".to_owned() },
            Message::FilesEnd { count: 2 },
            Message::SelfReview(review.clone()),
            Message::ManagerReview { review: review.clone(), count: 3 },
            Message::AppraisalShared(review),
        ] {
            let stored = json!(message);
            assert_eq!(stored["kind"], message.kind());
            assert_eq!(serde_json::from_value::<Message>(stored).unwrap(), message);
        }
    }
}
