//! `tenure demo`

mod ready;
mod tokens;

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use clap::Args;
use tenure_api::{BackupCounts, MailCounts, SlowQueries};
use tenure_app::Context;
use tenure_app::demo::{COMPANIES, DemoCompany, password, prepare, token};
use tenure_app::sample::users_of_roles;
use tenure_core::tenant::TenantStatus;

use self::ready::{Ready, SignIn};
use self::tokens::TokenFile;
use super::migrate::{self, UpOptions};
use super::serve::{self, Address};
use crate::config::Settings;
use crate::error::{Error, Outcome};
use crate::files;
use crate::installation::{FOLDER, Installation};
use crate::node::Background;
use crate::output::Output;
use crate::session::Session;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    address: Address,
}

/// What is done, on stderr, each line with the time since the start.
struct Steps(Instant);

impl Steps {
    fn begin(&self, what: &str) {
        // When stderr is closed there is nobody to tell.
        let _ = writeln!(io::stderr(), "{:5.1} s  {what}", self.0.elapsed().as_secs_f64());
    }
}

/// Makes what is missing, shows how to sign in, and serves until a signal says to stop.
pub(crate) async fn run(
    demo: &Demo,
    settings: &Settings,
    slow: &SlowQueries,
    output: &Output,
) -> Result<Outcome, Error> {
    let steps = Steps(Instant::now());
    // Signals first: one that comes while the database starts is heeded when there is something to stop.
    let mut signals = Signals::new()?;
    // Then the port: a second demo on it ends here and touches nothing.
    let (listener, address) = demo.address.listen(&settings.server).await?;
    let session = open(settings, &steps).await?;
    let set_up = tokio::select! {
        set_up = set_up(&session, settings, &steps) => set_up,
        () = signals.next() => Err(Error::Interrupted),
    };
    let shown = set_up.and_then(|sign_ins| output.document(&Ready::new(address, sign_ins)));
    if shown.is_ok() {
        steps.begin("serving");
        let kept = files::open(true, &settings.files)?;
        let context = || Context::new(session.db().clone()).with_files(kept.clone());
        let (counts, mails) = (BackupCounts::default(), MailCounts::default());
        let background = Background::new(context, true, settings, (&counts, &mails))?;
        let router = serve::server(context(), settings, slow).counting(&counts, &mails).router();
        tokio::select! {
            () = serve::until_told(listener, router, &settings.server, signals) => {}
            never = session.keep_up() => match never {},
            never = background.work() => match never {},
        }
        steps.begin("stopping");
    }
    session.close().await?;
    shown.map(|()| Outcome::Done)
}

async fn open(settings: &Settings, steps: &Steps) -> Result<Session, Error> {
    let made = if Installation::is_here() { "starting" } else { "making and starting" };
    steps.begin(&format!("{made} PostgreSQL in {FOLDER}"));
    Session::open_embedded(&settings.database).await
}

/// Brings schemas up to date, makes what is missing of the demo, and gives a token for each role.
async fn set_up(session: &Session, settings: &Settings, steps: &Steps) -> Result<Vec<SignIn>, Error> {
    steps.begin("bringing schemas up to date");
    let up = migrate::bring_up(&UpOptions::default(), session, &settings.migrate).await?;
    if up.outcome() != Outcome::Done {
        steps.begin(&up.to_string());
    }
    let mut file = TokenFile::read(&Path::new(FOLDER).join("demo-tokens.json"));
    let mut sign_ins = Vec::new();
    for company in &COMPANIES {
        steps.begin(&format!("tenant {}: {} people", company.slug, company.size));
        sign_ins.extend(set_up_company(session, company, &mut file, steps).await?);
    }
    file.write()?;
    Ok(sign_ins)
}

async fn set_up_company(
    session: &Session,
    company: &DemoCompany,
    file: &mut TokenFile,
    steps: &Steps,
) -> Result<Vec<SignIn>, Error> {
    let DemoCompany { slug, roles, .. } = *company;
    let Session { context, actor, .. } = session;
    let tenant = prepare(context, actor, company).await?.tenant;
    if tenant.status != TenantStatus::Active {
        steps.begin(&format!("it is {}; `tenure tenant resume {slug}` takes it back into use", tenant.status));
        return Ok(Vec::new());
    }
    let users = users_of_roles(&context.db, tenant.id).await?;
    let mut sign_ins = Vec::new();
    for user in roles.iter().filter_map(|role| users.iter().find(|user| user.role == *role)) {
        let token = token(context, actor, tenant.id, user, file.kept(slug, user.role)).await?;
        file.note(slug, user.role, &token);
        let password = password(context, actor, tenant.id, user, file.kept_password(slug, user.role)).await?;
        file.note_password(slug, user.role, &password);
        let (role, employee) = (user.role, user.employee);
        sign_ins.push(SignIn {
            tenant: slug,
            role,
            user: user.email.clone(),
            employee,
            token: token.reveal(),
            password: password.reveal().to_owned(),
        });
    }
    Ok(sign_ins)
}
