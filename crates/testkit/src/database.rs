//! A database for one test, with logins of its own, on the PostgreSQL that `make services` starts.

use std::path::Path;
use std::{env, fs, thread};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, raw_sql};

/// Where the test services write the URL of their superuser.
const URL_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.services/postgres.url");

/// An empty database, owned by a login of its own and dropped when the test lets go of it.
#[derive(Debug)]
pub struct TestDatabase {
    /// For the login that serves requests.
    pub application_url: String,
    /// For the login that owns the database.
    pub owner_url: String,
    /// For the cluster's superuser, connected to this database.
    pub superuser_url: String,
    name: String,
    server: PgConnectOptions,
    drops_roles: bool,
}

impl TestDatabase {
    /// Makes an empty database with its two logins.
    ///
    /// # Panics
    /// When the test services are not running.
    pub async fn create() -> Self {
        let server_url = server_url();
        let server: PgConnectOptions = server_url.parse().expect("the URL of the test services");
        let suffix: u64 = rand::random();
        let (name, owner, application) =
            (format!("test_{suffix:016x}"), format!("owner_{suffix:016x}"), format!("app_{suffix:016x}"));
        let mut connection = server.connect().await.expect("the test services' PostgreSQL; run `make services`");
        for statement in [
            format!("CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'test'"),
            format!("CREATE ROLE {application} LOGIN NOINHERIT PASSWORD 'test'"),
            format!("CREATE DATABASE {name} OWNER {owner}"),
        ] {
            raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a database for the test");
        }
        Self::named(name, [&owner, &application], server)
    }

    /// A copy as of now with the same logins, which stands in for a replica that has stopped following.
    pub async fn copy(&self) -> Self {
        let name = format!("{}_copy", self.name);
        let mut connection = self.server.connect().await.expect("the test services' PostgreSQL");
        // A database with connections cannot be copied, and pools that were closed may still be saying goodbye.
        let (forbid, allow) = (self.connections_allowed(false), self.connections_allowed(true));
        let disconnect =
            format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        let copy = format!("CREATE DATABASE {name} TEMPLATE {}", self.name);
        for statement in [forbid, disconnect, copy, allow] {
            raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a copy of the test's database");
        }
        let login = |url: &str| url.parse::<PgConnectOptions>().expect("the test's URL").get_username().to_owned();
        Self::named(name, [&login(&self.owner_url), &login(&self.application_url)], self.server.clone())
    }

    fn connections_allowed(&self, allowed: bool) -> String {
        format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", self.name)
    }

    fn named(name: String, [owner, application]: [&str; 2], server: PgConnectOptions) -> Self {
        let url =
            |user: &str| server.clone().username(user).password("test").database(&name).to_url_lossy().to_string();
        Self {
            application_url: url(application),
            owner_url: url(owner),
            superuser_url: server.clone().database(&name).to_url_lossy().to_string(),
            name,
            server,
            drops_roles: false,
        }
    }

    /// Drops the roles of its tenants with it: for tests whose ids follow the clock. The names of roles follow from ids, are of the whole cluster, and
    /// there are some dozens of a slug in an hour.
    #[must_use]
    pub fn dropping_roles(mut self) -> Self {
        self.drops_roles = true;
        self
    }
}

impl Drop for TestDatabase {
    /// Drops the database on a thread of its own, because the test's runtime may be ending. Its roles stay otherwise: they are gone with the
    /// cluster, and dropping them would slow every test.
    fn drop(&mut self) {
        let (server, name, drops_roles) = (self.server.clone(), self.name.clone(), self.drops_roles);
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(drop_database(&server, &name, drops_roles))
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("the test database {} was left behind: {error}", self.name);
        }
    }
}

async fn drop_database(server: &PgConnectOptions, name: &str, drops_roles: bool) -> Result<(), sqlx::Error> {
    // A test may have left no tenants, or no such table.
    let roles = if drops_roles { tenant_roles(server, name).await.unwrap_or_default() } else { None };
    let mut connection = PgConnection::connect_with(server).await?;
    raw_sql(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).execute(&mut connection).await?;
    if let Some(roles) = roles {
        raw_sql(AssertSqlSafe(format!("DROP ROLE IF EXISTS {roles}"))).execute(&mut connection).await?;
    }
    connection.close().await
}

/// The roles of its tenants, as SQL lists them.
async fn tenant_roles(server: &PgConnectOptions, name: &str) -> Result<Option<String>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&server.clone().database(name)).await?;
    let roles = "SELECT string_agg(quote_ident(schema_name), ', ') FROM public.tenants";
    let roles = sqlx::query_scalar(roles).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(roles)
}

fn server_url() -> String {
    env::var("TENURE_TEST_POSTGRES")
        .ok()
        .or_else(|| fs::read_to_string(Path::new(URL_FILE)).ok())
        .map(|url| url.trim().to_owned())
        .expect("the test services are not running; run `make services`")
}
