//! A PostgreSQL of the benchmark's own with Tenure in it.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use tempfile::TempDir;
use tenure_app::Context;
use tenure_app::tenants::{Create, create};
use tenure_db::audit::Actor;
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::tenants::Tenant;
use tenure_db::{Database, Settings};
use tenure_embedded::{DatabaseUrl, Durability, Installation, Login, Running};

use crate::Result;

/// A server with an empty Tenure, gone with this value.
pub(crate) struct Bed {
    pub(crate) context: Context,
    pub(crate) settings: Settings,
    server: Running,
    _folder: TempDir,
}

impl Bed {
    /// With [`Durability::Disposable`] nothing waits for the disk, so that what remains is work.
    pub(crate) async fn new(durability: Durability) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Installation::at(&folder.path().join("tenure")).open(durability)?;
        let settings = Settings::for_urls(server.url(Login::Application).as_str(), server.url(Login::Owner).as_str())?;
        let context = Context::new(Database::new(&settings));
        migrate_platform(&context.db, MigrationSet::platform(), context.now()).await?;
        Ok(Self { context, settings, server, _folder: folder })
    }

    /// Makes tenants with the slugs `p0`, `p1` … and gives them with the time that each took.
    pub(crate) async fn tenants(&self, prefix: &str, count: usize) -> Result<Vec<(Tenant, Duration)>> {
        let mut made = Vec::with_capacity(count);
        for number in 0..count {
            let slug = format!("{prefix}{number}");
            let input =
                Create { slug: slug.parse()?, name: slug.parse()?, owner_email: format!("owner@{slug}.example") };
            let start = Instant::now();
            let tenant = create(&self.context, &Actor::System, input).await?;
            made.push((tenant, start.elapsed()));
        }
        Ok(made)
    }

    /// Where a login of the server connects.
    pub(crate) fn url(&self, login: Login) -> DatabaseUrl {
        self.server.url(login)
    }

    /// A bare connection of the owner's login, with nothing of Tenure around it.
    pub(crate) async fn raw_owner(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect_with(&self.settings.owner).await?)
    }

    pub(crate) async fn close(self) -> Result<()> {
        self.context.db.close().await;
        Ok(self.server.close()?)
    }
}

/// Sends statements one by one, as they are.
pub(crate) async fn send(connection: &mut PgConnection, statements: &[String]) -> Result<()> {
    for statement in statements {
        raw_sql(AssertSqlSafe(statement.as_str())).execute(&mut *connection).await?;
    }
    Ok(())
}
