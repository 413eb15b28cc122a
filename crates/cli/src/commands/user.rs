//! `tenure user …`

use std::fmt;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use tenure_app::caller::By;
use tenure_app::change::Target;
use tenure_app::passwords::ResetToken;
use tenure_app::users::{self, Content, DisplayName, Filter, NewUser, PageStart, Query, User};
use tenure_core::access::UserStatus;
use tenure_core::contact::Email;
use tenure_core::ids::{EmployeeId, TenantId, UserId};

use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

/// How many users are read at once.
const PAGE: u16 = 1000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a user, and a token by which the user chooses a password
    Create(Create),
    /// List a tenant's users by mail address
    List(List),
    /// Show a user
    Show(Which),
    /// Keep a user out from now on
    Suspend(Which),
    /// Let a suspended user in again
    Resume(Which),
    /// Give a user these roles in place of those that there are
    SetRoles {
        #[command(flatten)]
        which: Which,
        /// Keys of roles, for example manager; none takes all roles away
        roles: Vec<String>,
    },
    /// Make a token by which a user chooses a password; it works once, for an hour
    ResetPassword(Which),
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Mail address
    email: String,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Mail address
    email: Email,
    /// Name to be shown [default: the mail address]
    #[arg(long)]
    name: Option<DisplayName>,
    /// Key of a role, for example manager; can be given several times
    #[arg(long = "role", value_name = "KEY")]
    roles: Vec<String>,
    /// Id of the employee that the user is
    #[arg(long, value_name = "ID")]
    employee: Option<EmployeeId>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Only users of this status: active or suspended
    #[arg(long)]
    status: Option<UserStatus>,
    /// Only users who have the role of this key
    #[arg(long, value_name = "KEY")]
    role: Option<String>,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let (Command::Create(Create { tenant, .. })
    | Command::List(List { tenant, .. })
    | Command::Show(Which { tenant, .. })
    | Command::Suspend(Which { tenant, .. })
    | Command::Resume(Which { tenant, .. })
    | Command::SetRoles { which: Which { tenant, .. }, .. }
    | Command::ResetPassword(Which { tenant, .. })) = command;
    let tenant = tenant.find(session.db()).await?.id;
    let context = &session.context;
    let by = By::Operator { actor: &session.actor, tenant };
    match command {
        Command::Create(input) => output.document(&create(session, by, input).await?)?,
        Command::List(wanted) => output.document(&Users { users: list(session, by, wanted).await? })?,
        Command::Show(which) => output.document(&Shown(find(session, tenant, which).await?))?,
        Command::Suspend(which) => {
            let target = target(session, tenant, which).await?;
            output.document(&Shown(users::suspend(context, by, target).await?))?;
        }
        Command::Resume(which) => {
            let target = target(session, tenant, which).await?;
            output.document(&Shown(users::resume(context, by, target).await?))?;
        }
        Command::SetRoles { which, roles } => {
            let target = target(session, tenant, which).await?;
            output.document(&Shown(users::set_roles(context, by, target, roles.clone()).await?))?;
        }
        Command::ResetPassword(which) => {
            let user = find(session, tenant, which).await?;
            let reset = users::reset_password(context, by, user.id).await?;
            output.document(&Reset::of(user, &reset))?;
        }
    }
    Ok(Outcome::Done)
}

async fn create(session: &Session, by: By<'_>, input: &Create) -> Result<Reset, Error> {
    let display_name = match &input.name {
        Some(name) => name.clone(),
        None => input
            .email
            .as_str()
            .parse()
            .map_err(|_| Error::Usage("the mail address cannot be the name; give --name"))?,
    };
    let content = Content { email: input.email.clone(), display_name, employee_id: input.employee };
    let made = users::create(&session.context, by, NewUser { content, roles: input.roles.clone() }).await?;
    Ok(Reset::of(made.user, &made.reset))
}

async fn list(session: &Session, by: By<'_>, wanted: &List) -> Result<Vec<User>, Error> {
    let filter = Filter { text: None, status: wanted.status, role: wanted.role.clone() };
    let mut found = Vec::new();
    let mut after: Option<PageStart> = None;
    loop {
        let query = Query { filter: filter.clone(), after, limit: PAGE };
        let page = users::list(&session.context, by, query).await?;
        found.extend(page.users);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

async fn find(session: &Session, tenant: TenantId, which: &Which) -> Result<User, Error> {
    Ok(users::by_email(&session.context, tenant, &which.email).await?)
}

async fn target(session: &Session, tenant: TenantId, which: &Which) -> Result<Target<UserId>, Error> {
    let user = find(session, tenant, which).await?;
    Ok(Target { id: user.id, version: user.version })
}

#[derive(Serialize)]
struct Shown(User);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(std::slice::from_ref(&self.0)).fmt(f)
    }
}

#[derive(Serialize)]
struct Users {
    users: Vec<User>,
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(&self.users).fmt(f)
    }
}

fn table(users: &[User]) -> Table<5> {
    let mut table = Table::new(["MAIL", "NAME", "STATUS", "ROLES", "LAST SIGNED IN"]);
    for user in users {
        let last = user.last_signed_in_at.map(|moment| format!("{moment:.0}")).unwrap_or_default();
        let (email, name) = (user.email.clone(), user.display_name.clone());
        table.row([email, name, user.status.to_string(), user.roles.join(" "), last]);
    }
    table
}

/// A user, and the token by which the user chooses a password.
#[derive(Serialize)]
struct Reset {
    user: User,
    token: String,
    expires_at: Timestamp,
}

impl Reset {
    fn of(user: User, reset: &ResetToken) -> Self {
        Self { user, token: reset.token.reveal(), expires_at: reset.expires_at }
    }
}

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.token)?;
        writeln!(f, "{} chooses a password with it until {:.0}:", self.user.email, self.expires_at)?;
        f.write_str("POST /api/v1/password-resets/redeem {\"token\": …, \"password\": …}")
    }
}
