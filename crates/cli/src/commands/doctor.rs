//! `tenure doctor`

use std::fmt;
use std::path::Path;

use clap::Args;
use nix::sys::statvfs::statvfs;
use serde::Serialize;
use tenure_app::files::{Files, Keys};
use tenure_app::{Context, cache, documents};
use tenure_db::doctor::{Check, State, examine};
use tenure_db::migrate::MigrationSet;

use crate::config::{self, Settings};
use crate::error::{Error, Outcome};
use crate::files;
use crate::installation::{FOLDER, Installation};
use crate::output::{Output, Table};

/// Below this much free space PostgreSQL may soon stop.
const LITTLE_SPACE: u64 = 1 << 30;
/// How many of the tenants that something is wrong with are listed.
const SHOWN: u16 = 10;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look for drift in so many tenants
    #[arg(long, default_value_t = 20, value_name = "TENANTS", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    drift: u32,
}

/// Examines everything that the installation depends on.
pub(crate) async fn run(options: &Doctor, settings: &Settings, output: &Output) -> Result<Outcome, Error> {
    let installation = Installation::find(&settings.database)?;
    let db = installation.database(&settings.database)?;
    let kept = files::open(installation.is_embedded(), &settings.files);
    let context = Context::new(db).with_cache(settings.cache.open()).with_documents(settings.documents.open()?);
    let mut checks = examine(&context.db, MigrationSet::tenant(), || context.now(), options.drift).await;
    if installation.is_embedded() {
        checks.push(free_space());
    }
    checks.extend(cache_answers(&context).await);
    checks.extend(documents_answer(&context).await);
    checks.push(documents_are_known(&context).await);
    checks.extend(files_are_kept(&context, kept).await);
    checks.extend(mail_is_taken(&settings.mail).await);
    context.db.close().await;
    installation.close()?;
    let examined = Examined { checks };
    output.document(&examined)?;
    Ok(if examined.worst() == State::Failed { Outcome::Failed } else { Outcome::Done })
}

/// Nothing when there is no Redis to ask. Requests are served without it too.
async fn cache_answers(context: &Context) -> Option<Check> {
    let name = "cache: Redis";
    match cache::check(context).await {
        Ok(None) => None,
        Ok(Some(took)) => Some(Check::new(name, State::Ok, format!("answers in {} ms", took.as_millis()))),
        Err(error) => Some(Check::new(name, State::Warning, error.to_string())),
    }
}

/// Nothing when documents lie in PostgreSQL.
async fn documents_answer(context: &Context) -> Option<Check> {
    let name = "documents: MongoDB";
    let took = match documents::check(context).await {
        Ok(took) => took?,
        Err(error) => return Some(Check::new(name, State::Failed, error.to_string())),
    };
    Some(match documents::differences(context).await {
        Ok(found) if found.is_empty() => Check::new(name, State::Ok, format!("answers in {} ms", took.as_millis())),
        Ok(found) => Check::new(name, State::Warning, found.join("; ")),
        Err(error) => Check::new(name, State::Failed, error.to_string()),
    })
}

/// Whether all documents of every tenant lie where the servers look for them.
async fn documents_are_known(context: &Context) -> Check {
    let check = |state, found| Check::new("documents: places", state, found);
    match documents::elsewhere(context, SHOWN).await {
        Ok(found) if found.is_empty() => {
            check(State::Ok, "the documents of every company lie where they are looked for".to_owned())
        }
        Ok(found) => {
            let listed: Vec<_> = found.iter().map(|(tenant, place)| format!("{tenant} in {place}")).collect();
            let words = "neither documents.url nor documents.former_url names where documents lie of";
            check(State::Failed, format!("{words} {}", listed.join(", ")))
        }
        Err(error) => check(State::Failed, Error::from(error).to_string()),
    }
}

/// Nothing where no files are kept.
async fn files_are_kept(context: &Context, kept: Result<Option<Files>, Error>) -> Vec<Check> {
    let name = "files: place and key";
    match kept {
        Ok(None) => Vec::new(),
        Ok(Some(files)) => {
            let place = match files.check().await {
                Ok(took) => Check::new(name, State::Ok, format!("answers in {} ms", took.as_millis())),
                Err(error) => Check::new(name, State::Failed, error.to_string()),
            };
            vec![place, files_open(context, &files).await]
        }
        Err(error) => vec![Check::new(name, State::Failed, error.to_string())],
    }
}

/// Whether there is a key to the files of every tenant, and which tenants still need a former one.
async fn files_open(context: &Context, files: &Files) -> Check {
    let check = |state, found: String| Check::new("files: tenants' keys", state, found);
    let tenants = match documents::copy::tenants(context).await {
        Ok(tenants) => tenants,
        Err(error) => return check(State::Failed, Error::from(error).to_string()),
    };
    let Keys { current, former, failed, .. } = files.keys_of(context, &tenants).await;
    match (failed.into_iter().next(), former) {
        (Some((tenant, error)), _) => check(State::Failed, format!("{tenant}: {}", Error::from(error))),
        (None, 0) => check(State::Ok, format!("{current} wrapped in the first key of files.key_file")),
        (None, _) => {
            let found =
                format!("{former} wrapped in a former key of files.key_file; `tenure files rewrap` changes that");
            check(State::Warning, found)
        }
    }
}

/// Nothing where no mail is sent.
async fn mail_is_taken(configured: &config::Mail) -> Option<Check> {
    let name = "mail: server";
    let server = configured.server.as_ref()?;
    let checked = async { Ok::<_, Error>(server.open()?.check().await?) };
    Some(match checked.await {
        Ok(()) => Check::new(name, State::Ok, "answers as mail.url says".to_owned()),
        Err(error) => Check::new(name, State::Failed, error.to_string()),
    })
}

fn free_space() -> Check {
    let name = "disk: free space";
    match statvfs(&Path::new(FOLDER).join("postgres")) {
        Err(error) => Check::new(name, State::Failed, format!("{FOLDER}: {error}")),
        Ok(volume) => {
            let free = volume.blocks_available().saturating_mul(volume.fragment_size());
            let state = if free < LITTLE_SPACE { State::Warning } else { State::Ok };
            Check::new(name, state, format!("{} GiB where {FOLDER} keeps its data", free >> 30))
        }
    }
}

#[derive(Serialize)]
struct Examined {
    checks: Vec<Check>,
}

impl Examined {
    fn worst(&self) -> State {
        self.checks.iter().map(|check| check.state).max().unwrap_or(State::Ok)
    }
}

impl fmt::Display for Examined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["", "CHECK", "FOUND"]);
        for check in &self.checks {
            let mark = match check.state {
                State::Ok => "ok",
                State::Warning => "warning",
                State::Failed => "FAILED",
            };
            table.row([mark.to_owned(), check.name.clone(), check.detail.clone()]);
        }
        table.fmt(f)
    }
}
