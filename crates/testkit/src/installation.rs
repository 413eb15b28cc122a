//! A database of a test's own with the platform's tables in it, and tenants made in it.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tenure_core::access::BuiltInRole;
use tenure_core::ids::{IdSequence, TenantId};
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::tenants::{self, Act, NewTenant, Tenant};
use tenure_db::{Database, Settings};
use uuid::Uuid;

use crate::database::TestDatabase;
use crate::standby::Standby;

/// The moment at which the tests' clock stands still: 2026-01-15 09:30 UTC.
pub const NOW: Timestamp = Timestamp::constant(1_768_469_400, 0);

/// A Tenure installation for one test, dropped with it.
#[derive(Debug)]
pub struct TestInstallation {
    /// Its database.
    pub db: Database,
    /// What its pools were made from, to make others that differ.
    pub settings: Settings,
    database: TestDatabase,
    replica: Option<TestDatabase>,
    standby: Option<Standby>,
}

impl TestInstallation {
    /// An installation with the platform's tables and no tenants.
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same with settings that differ from the usual.
    pub async fn with(adjust: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::create().await;
        let mut settings = Settings::for_urls(&database.application_url, &database.owner_url).expect("the test's URLs");
        let setup = Database::new(&settings);
        migrate_platform(&setup, MigrationSet::platform(), NOW).await.expect("the platform's migrations");
        setup.close().await;
        // However busy the machine is.
        settings.acquire_timeout = Duration::from_mins(1);
        adjust(&mut settings);
        Self { db: Database::new(&settings), settings, database, replica: None, standby: None }
    }

    /// Copies the database and reads what may lag from the copy, as from a replica that has stopped following.
    pub async fn with_frozen_replica(mut self) -> Self {
        self.db.close().await;
        let copy = self.database.copy().await;
        self.settings.replica = Some(copy.application_url.parse().expect("the copy's URL"));
        self.db = Database::new(&self.settings);
        self.replica = Some(copy);
        self
    }

    /// Reads what may lag from a streaming replica, for which backups wait so long.
    pub async fn with_replica(mut self, wait: Duration) -> Self {
        if self.standby.is_none() {
            self.standby = Some(Standby::of(&self.database.superuser_url).await);
        }
        self.db.close().await;
        self.settings.replica = self.standby.as_ref().map(|standby| standby.url(&self.database.application_url));
        self.settings.replica_wait = wait;
        self.db = Database::new(&self.settings);
        self
    }

    /// Lets the replica follow no further, or again.
    pub async fn let_replica_follow(&self, follows: bool) {
        self.standby.as_ref().expect("a replica").follow(follows).await;
    }

    /// A connection of the cluster's superuser to this database, for looking behind the scenes.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.database.superuser_url).await.expect("a superuser's connection")
    }

    /// Makes a tenant from the baseline.
    pub async fn tenant(&self, slug: &str) -> Tenant {
        self.tenant_of(MigrationSet::tenant(), slug).await
    }

    /// Makes a tenant as a program with other migrations would.
    pub async fn tenant_of(&self, set: &MigrationSet, slug: &str) -> Tenant {
        tenants::create(&self.db, set, &new_tenant(slug), &act()).await.expect("a new tenant")
    }
}

/// A database that does not answer, behind pools that give up soon.
#[must_use]
pub fn unreachable_database() -> Database {
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let mut settings = Settings::for_urls(nowhere, nowhere).expect("a URL");
    settings.acquire_timeout = Duration::from_millis(100);
    Database::new(&settings)
}

/// A tenant to be made, with random ids; its schema's name differs from that of every other test's.
#[must_use]
pub fn new_tenant(slug: &str) -> NewTenant {
    NewTenant {
        id: TenantId::from(Uuid::from_bytes(rand::random())),
        slug: slug.parse().expect("a slug"),
        name: format!("{slug} Ltd").parse().expect("a name"),
        owner: new_id(),
        owner_email: format!("owner@{slug}.example"),
        roles: BuiltInRole::ALL.map(|role| (role, new_id())),
        documents: None,
    }
}

/// The record of an act by the test.
#[must_use]
pub fn act() -> Act {
    Act { id: new_id(), actor: "operator:test".to_owned(), now: NOW, request_id: None }
}

/// A new id of any kind; ids made later in a test sort later.
#[must_use]
pub fn new_id<T: From<Uuid>>() -> T {
    static IDS: Mutex<Option<IdSequence>> = Mutex::new(None);
    let millis = u64::try_from(NOW.as_millisecond()).expect("a moment after 1970");
    let mut ids = IDS.lock().expect("no test panics while it makes an id");
    ids.get_or_insert_default().next(millis, rand::random()).into()
}
