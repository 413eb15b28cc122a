//! Opening a document: by right, or by a link.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::Stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_core::custom_fields::Class;
use tenure_core::files::{LONGEST_LINK, Link, NoLink, Range, State};
use tenure_core::ids::DocumentId;
use tenure_db::audit::Actor;
use tenure_store::objects::Objects;
use tenure_store::sealed::{self, TenantKey, object_of};

use super::records::{self, Found};
use super::rights::Rights;
use super::stored::{DocumentBody, Owner, Version};
use super::{away, keys};
use crate::caller::Caller;
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::error::{Error, Result};

/// A version of a document that may be read.
#[derive(Debug)]
pub struct Opened {
    /// Which one.
    pub version: Version,
    objects: Objects,
    key: TenantKey,
    object: String,
}

impl Opened {
    /// Some or all of its bytes.
    ///
    /// # Errors
    /// `Unavailable` when the store of files is away, `Internal` when it holds something else; in the stream as well.
    pub async fn read(&self, part: Range) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        let size = self.version.size;
        let stream = sealed::download(&self.objects, &self.key, &self.object, size, part.start..part.end).await;
        Ok(futures_util::TryStreamExt::map_err(stream.map_err(|error| away(&error))?, |error| away(&error)))
    }
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkMade {
    /// What the link has to hold.
    pub token: String,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
}

/// Opens a document, its newest version or the one of a number. That one of somebody else was opened, the audit log keeps.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that the actor may not open), `Unavailable`.
pub async fn open(context: &Context, caller: Caller<'_>, id: DocumentId, number: Option<u32>) -> Result<Opened> {
    change::run_unkept(context, caller, async |change| {
        let found = readable(change, id).await?;
        let version = version_of(&found, number)?;
        record_opening(change, &found, "document.read", &json!({ "version": version.number })).await?;
        opened(change, &found, version).await
    })
    .await
}

/// Makes a link that opens one version of a document for a while, for whoever has it, without a credential.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that the actor may not open), `Invalid` (the time), `Unavailable`.
pub async fn link(
    context: &Context,
    caller: Caller<'_>,
    id: DocumentId,
    number: Option<u32>,
    valid_for: SignedDuration,
) -> Result<LinkMade> {
    if valid_for.is_negative() || valid_for.is_zero() || valid_for > LONGEST_LINK {
        return Err(Error::invalid("valid_minutes", "is from one minute to seven days"));
    }
    change::run_unkept(context, caller, async |change| {
        let found = readable(change, id).await?;
        let version = version_of(&found, number)?;
        let expires_at =
            Timestamp::from_second(context.now().as_second() + valid_for.as_secs()).unwrap_or(Timestamp::MIN);
        let said = json!({ "version": version.number, "expires_at": expires_at });
        let record =
            Record { action: "document.link_made", entity: "document", id: id.uuid(), before: None, after: Some(said) };
        change.record(record).await?;
        let link = Link { tenant: change.tx.tenant(), document: id, version: version.id, expires_at };
        let message = link.message();
        let code = context.files()?.master.sign(&message);
        Ok(LinkMade { token: URL_SAFE_NO_PAD.encode([message, code].concat()), expires_at })
    })
    .await
}

/// Opens what a link opens. Nothing of it is believed before its code was compared.
///
/// # Errors
/// `Invalid` (no link of this server, or its time is over), `Denied` (the company is suspended), `NotFound` (the document was deleted),
/// `Unavailable`.
pub async fn open_link(context: &Context, token: &str) -> Result<Opened> {
    let no_link = || Error::invalid("token", &NoLink);
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| no_link())?;
    let (link, code) = Link::read(&bytes).map_err(|_| no_link())?;
    if !context.files()?.master.has_signed(&link.message(), code) || !link.is_open(context.now()) {
        return Err(no_link());
    }
    change::run_as_operator(context, &Actor::System, link.tenant, async |change| {
        let found = records::document(change, link.document, State::Current).await?;
        let version = found.body.versions.iter().find(|version| version.id == link.version).cloned();
        let version = version.ok_or_else(|| Error::not_found("document", &link.document))?;
        let said = Some(json!({ "version": version.number, "by": "link" }));
        let id = link.document.uuid();
        change.record(Record { action: "document.read", entity: "document", id, before: None, after: said }).await?;
        opened(change, &found, version).await
    })
    .await
}

/// A document that the actor may open.
pub(super) async fn readable(change: &mut Change<'_>, id: DocumentId) -> Result<Found<DocumentBody>> {
    let found = records::document(change, id, State::Current).await?;
    let not_found = || Error::not_found("document", &id);
    let rights = match Rights::of(&mut change.tx, &change.actor, found.body.owner).await {
        Err(Error::NotFound { .. }) => return Err(not_found()),
        rights => rights?,
    };
    if rights.may_read(found.body.class) { Ok(found) } else { Err(not_found()) }
}

/// Records that a document of somebody else was opened, unless everybody who knows the person may know it.
pub(super) async fn record_opening(
    change: &mut Change<'_>,
    found: &Found<DocumentBody>,
    action: &'static str,
    said: &serde_json::Value,
) -> Result<()> {
    let is_own = matches!(found.body.owner, Owner::Person(person) if change.actor.employee == Some(person));
    if is_own || found.body.class == Class::Public {
        return Ok(());
    }
    change.record(Record { action, entity: "document", id: found.id, before: None, after: Some(said.clone()) }).await
}

fn version_of(found: &Found<DocumentBody>, number: Option<u32>) -> Result<Version> {
    let versions = &found.body.versions;
    let version = match number {
        None => versions.last(),
        Some(number) => versions.iter().find(|version| version.number == number),
    };
    version.cloned().ok_or_else(|| Error::not_found("version of the document", &number.unwrap_or_default()))
}

async fn opened(change: &mut Change<'_>, found: &Found<DocumentBody>, version: Version) -> Result<Opened> {
    let key = keys::existing(change).await?;
    let object = object_of(change.tx.tenant(), found.id.into(), version.id);
    Ok(Opened { version, objects: change.context.files()?.objects.clone(), key, object })
}
