//! What somebody gets of flags.

use serde_json::{Map, Value};
use tenure_core::flags::{Evaluation, Reason, Subject};

use tenure_db::platform_flags::Known;

use super::local;
use crate::caller::{Caller, Principal};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::kept;

/// For whom flags are evaluated, as the request says it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The user, or whatever else parts of a rollout go by; without it, the caller.
    pub targeting_key: Option<String>,
    /// What rules may ask for besides. The company and its plan are those of the credential, whatever stands here.
    pub attributes: Map<String, Value>,
}

/// What somebody gets of a flag.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The flag's key.
    pub key: String,
    /// The variant's name.
    pub variant: String,
    /// Its value.
    pub value: Value,
    /// Why.
    pub reason: Reason,
}

/// What somebody gets of one flag.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Unavailable`.
pub async fn evaluate(context: &Context, caller: Caller<'_>, key: &str, asked: &Asked) -> Result<Answer> {
    let actor = kept::enter(context, caller).await?;
    let flags = local::of(context, caller.token.tenant(), &actor).await?;
    let tenant = caller.token.tenant().to_string();
    let who = Who::of(&actor, asked);
    let found = flags.snapshot.evaluate(key, &who.subject(&tenant, &actor.known, asked), context.now());
    found.map(Answer::from).ok_or_else(|| Error::not_found("flag", &key))
}

/// What somebody gets of every flag, by key.
///
/// # Errors
/// `Unauthenticated`, `Unavailable`.
pub async fn evaluate_all(context: &Context, caller: Caller<'_>, asked: &Asked) -> Result<Vec<Answer>> {
    let actor = kept::enter(context, caller).await?;
    let flags = local::of(context, caller.token.tenant(), &actor).await?;
    let tenant = caller.token.tenant().to_string();
    let who = Who::of(&actor, asked);
    let subject = who.subject(&tenant, &actor.known, asked);
    let answers = flags.snapshot.evaluate_all(&subject, context.now());
    Ok(answers.map(Answer::from).collect())
}

/// The user and the user's roles: the caller's own, or those that are said of somebody else, of whom Tenure takes the caller's word.
struct Who {
    user: String,
    roles: Vec<String>,
}

impl Who {
    fn of(actor: &Principal, asked: &Asked) -> Self {
        let caller = actor.user_id().to_string();
        match &asked.targeting_key {
            Some(other) if *other != caller => Self { user: other.clone(), roles: words(asked.attributes.get("role")) },
            _ => Self { user: caller, roles: actor.roles.clone() },
        }
    }

    fn subject<'a>(&'a self, tenant: &'a str, known: &'a Known, asked: &'a Asked) -> Subject<'a> {
        Subject {
            tenant: [tenant, &known.slug],
            plan: Some(known.plan.as_str()).filter(|plan| !plan.is_empty()),
            roles: &self.roles,
            user: Some(&self.user),
            attributes: &asked.attributes,
        }
    }
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

impl From<Evaluation<'_>> for Answer {
    fn from(found: Evaluation<'_>) -> Self {
        Self {
            key: found.flag.key.to_string(),
            variant: found.variant.to_owned(),
            value: found.value.clone(),
            reason: found.reason,
        }
    }
}
