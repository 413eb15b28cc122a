//! Who is told of a document that ends, or that is asked for.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use serde_json::Value;
use tenure_core::custom_fields::Class;
use tenure_core::files::{RequestState, State};
use tenure_core::ids::{DocumentId, DocumentRequestId, EmployeeId};
use tenure_core::mail::{Message, Rhythm, Stage, Whom, due};
use tenure_db::TenantTx;
use tenure_db::outbox::To;
use tenure_db::recipients;
use tenure_store::documents::{Collection, Find};
use uuid::Uuid;

use super::stored::{Body, DocumentBody, Kind, RequestBody};
use crate::context::Context;
use crate::documents;
use crate::error::Result;
use crate::mail::{BEGUN, Choices, Days, Notice, tell};

const METADATA: Collection = Collection::DocumentMetadata;
/// How many records are read at once.
const PAGE: u32 = 500;
/// Reminders begin at most so many days before the end.
const LONGEST: u16 = 366;
/// Documents that ended so many days before the days that are looked at have nothing to be said of them any more.
const OVERLAP: i32 = 2;
/// Who looks after the documents of people.
const HR: [&str; 2] = ["hr_admin", "hr_manager"];
/// The time of the company's day at which somebody is reminded of a document that is asked for.
const MORNING: Time = Time::constant(8, 0, 0, 0);

/// What those are to be told whose documents end, and those who look after them.
pub(crate) async fn remind(context: &Context, tx: &mut TenantTx, days: &Days, whom: Whom) -> Result<Vec<Notice>> {
    if whom == Whom::Nobody {
        return Ok(Vec::new());
    }
    let (mut notices, mut count) = (Vec::new(), 0);
    for class in Class::ALL {
        let mut after = None;
        loop {
            let first = days.since.saturating_sub(OVERLAP.days()).to_string();
            let end = days.today.saturating_add(i32::from(LONGEST + 1).days()).to_string();
            let equal = [("kind", DocumentBody::KIND), ("state", State::Current.as_str()), ("class", class.as_str())];
            let find = Find {
                equal: &equal,
                by: Some("expires_on"),
                from: Some(&first),
                before: Some(&end),
                after: after.as_ref(),
                limit: PAGE,
                ..Find::default()
            };
            let found = documents::of(context, tx).find::<Body>(METADATA, &find).await?;
            for stored in found.documents {
                let Ok(document) = DocumentBody::try_from(stored.body) else { continue };
                if let Some(notice) = notice(stored.id.into(), &document, days) {
                    count += 1;
                    notices.extend(notice.filter(|_| whom.is_the_person()));
                }
            }
            after = found.next;
            if after.is_none() {
                break;
            }
        }
    }
    if whom.is_hr() && count > 0 {
        for user in recipients::of_roles(tx, &HR).await? {
            notices.push(Notice {
                message: Message::FilesEnd { count },
                subject: user.uuid(),
                occasion: days.today.to_string(),
                to: To::User(user),
                due_at: days.now,
            });
        }
    }
    Ok(notices)
}

/// `None` when nothing is to be said of a document; nothing inside when there is no person to say it to.
#[expect(clippy::option_option, reason = "not due, due, and due to a person")]
fn notice(id: DocumentId, document: &DocumentBody, days: &Days) -> Option<Option<Notice>> {
    let expires_on = document.expires_on?;
    let rhythm = Rhythm::of_a_document(document.remind_days.min(LONGEST).into());
    let due = due(expires_on, rhythm, days.span())?;
    let notice = |person: EmployeeId| Notice {
        message: Message::FileEnds { document: id, expires_on, stage: due.stage },
        subject: id.uuid(),
        // With the last day, for a document can be prolonged and end again.
        occasion: format!("{} {expires_on}", due.stage),
        to: To::Employee(person),
        due_at: days.now,
    };
    Some(document.owner.person().map(notice))
}

/// Keeps what a person is to be told who is asked for a document: at once, and while it is open again near its last day and after that.
pub(super) async fn tell_of_request(
    context: &Context,
    tx: &mut TenantTx,
    id: DocumentRequestId,
    request: &RequestBody,
) -> Result<()> {
    let Some(person) = request.owner.person().filter(|_| context.mail.is_some()) else { return Ok(()) };
    let now = context.now();
    let choices = Choices::read(context, tx).await?;
    // Mail is read by others too: what is asked for is said where colleagues may know of it.
    let is_harmless = matches!(request.category.class(), Class::Public | Class::Personal);
    let title = is_harmless.then(|| request.title.clone());
    let notice = |stage: Stage, occasion: String, due_at| Notice {
        message: Message::DocumentRequest { request: id, title: title.clone(), due_on: request.due_on, stage },
        subject: id.uuid(),
        occasion,
        to: To::Employee(person),
        due_at,
    };
    let mut notices = vec![notice(Stage::Begun, BEGUN.to_owned(), now)];
    if let Some(last_day) = request.due_on {
        for reminder in Rhythm::of_a_task(choices.reminder_days).reminders(last_day) {
            let at = choices.zone.to_timestamp(reminder.day.to_datetime(MORNING));
            let Some(at) = at.ok().filter(|at| *at > now) else { continue };
            notices.push(notice(reminder.stage, format!("{} {}", reminder.stage, reminder.day), at));
        }
    }
    tell(context, tx, &notices).await.map(|_| ())
}

/// The same for a request whose change broke off before it was complete, as its entry of the audit log shows it.
pub(crate) async fn tell_of_kept_request(context: &Context, tx: &mut TenantTx, id: Uuid, after: &Value) -> Result<()> {
    match serde_json::from_value::<RequestBody>(after.clone()) {
        Ok(request) => tell_of_request(context, tx, id.into(), &request).await,
        Err(_) => Ok(()),
    }
}

/// Whether a document is still asked for.
pub(crate) async fn is_asked_for(context: &Context, tx: &mut TenantTx, id: DocumentRequestId) -> Result<bool> {
    let stored = documents::of(context, tx).get::<Body>(METADATA, id.uuid()).await?;
    let request = stored.and_then(|stored| RequestBody::try_from(stored.body).ok());
    Ok(request.is_some_and(|request| request.state == RequestState::Open))
}

/// Whether a document is there and still ends on a day.
pub(crate) async fn ends_on(context: &Context, tx: &mut TenantTx, id: DocumentId, day: Date) -> Result<bool> {
    let stored = documents::of(context, tx).get::<Body>(METADATA, id.uuid()).await?;
    let document = stored.and_then(|stored| DocumentBody::try_from(stored.body).ok());
    Ok(document.is_some_and(|document| document.state == State::Current && document.expires_on == Some(day)))
}
