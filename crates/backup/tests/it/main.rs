//! Archives of real tenants: made, verified, damaged, restored, pruned.
#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them by panicking")]

mod access;
mod all;
mod beside;
mod bucket;
mod damaged;
mod files;
mod large_records;
mod mail;
mod moment_lost;
mod on_mongo;
mod one;
mod prune;
mod replica;
mod whole;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, raw_sql};
use tempfile::TempDir;
use tenure_backup::{Error, Identities, Maker, Recipients, Restorer, Target, new_identity, verify};
use tenure_core::ids::TenantId;
use tenure_db::backups::{self, Backup, Running};
use tenure_db::migrate::{self, MigrationSet, RunOptions};
use tenure_db::tenants::Tenant;
use tenure_store::documents::Documents;
use tenure_store::objects::Objects;
use tenure_testkit::{NOW, TestInstallation, act, new_id};
use uuid::Uuid;

use self::files::InUse;

/// However busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// An installation with one tenant, a place for its archives, and a key.
struct Bed {
    installation: TestInstallation,
    tenant: Tenant,
    folder: TempDir,
    objects: Objects,
    recipients: Recipients,
    identities: Identities,
    documents: Documents,
    in_use: InUse,
}

impl Bed {
    async fn new() -> Self {
        Self::in_installation(TestInstallation::new().await).await
    }

    async fn in_installation(installation: TestInstallation) -> Self {
        let tenant = installation.tenant("acme").await;
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        let (identity, recipient) = new_identity();
        let (recipients, identities) = (Recipients::parse(&recipient).unwrap(), Identities::parse(&identity).unwrap());
        Self {
            installation,
            tenant,
            folder,
            objects,
            recipients,
            identities,
            documents: Documents::in_postgres(),
            in_use: InUse::new(),
        }
    }

    /// Makes archives at the time of the standing clock.
    fn maker(&self) -> Maker<'_> {
        self.maker_at(&|| NOW)
    }

    fn maker_at<'a>(&'a self, now: &'a (dyn Fn() -> Timestamp + Sync)) -> Maker<'a> {
        let Self { installation, objects, recipients, documents, in_use, .. } = self;
        Maker {
            db: &installation.db,
            objects,
            recipients,
            documents,
            files: Some(in_use.files()),
            now,
            new_id: &new_id,
            patience: PATIENCE,
        }
    }

    fn restorer(&self) -> Restorer<'_> {
        let Self { installation, objects, identities, documents, in_use, .. } = self;
        Restorer {
            db: &installation.db,
            objects,
            identities,
            documents,
            files: Some(in_use.files()),
            now: &|| NOW,
            patience: PATIENCE,
        }
    }

    async fn try_create(&self) -> Result<Backup, Error> {
        self.maker().create(self.tenant.id).await
    }

    async fn create(&self) -> Backup {
        self.try_create().await.unwrap()
    }

    async fn restore(&self, backup: Uuid) -> Result<(), Error> {
        self.restorer().restore(backup, &Target::Same(self.tenant.id), &act()).await.map(|_| ())
    }

    async fn verify(&self, backup: Uuid) -> Result<(), Error> {
        verify(&self.installation.db, &self.objects, &self.identities, backup, NOW).await.map(|_| ())
    }

    /// The claim of a backup on the list that is being made, and its rows read.
    async fn running(&self, key: &str) -> (Uuid, Running) {
        let db = &self.installation.db;
        let id = new_id();
        let reserved = backups::reserve(db, id, Some(self.tenant.id), PATIENCE).await.unwrap();
        (id, reserved.start(db, key, NOW).await.unwrap())
    }

    /// Waits until nobody has a turn any more: that of a dropped transaction ends by and by.
    async fn until_unlocked(&self) {
        let held = "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
                    WHERE locktype = 'advisory' AND datname = current_database())";
        let mut superuser = self.installation.superuser().await;
        while sqlx::query_scalar::<_, bool>(held).fetch_one(&mut superuser).await.unwrap() {}
    }

    fn file(&self, backup: &Backup) -> PathBuf {
        self.folder.path().join(&backup.object_key)
    }

    /// Runs statements in the tenant's schema.
    async fn run(&self, sql: &str) {
        let mut tx = self.installation.db.begin(self.tenant.id).await.unwrap();
        raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn migrate_down_to(&self, target: i32) {
        let options = RunOptions {
            target,
            down: true,
            only: Vec::new(),
            canary: 0,
            parallelism: 1,
            // A backup beside it may take its time.
            lock_timeout: Duration::from_mins(1),
            retries: 3,
        };
        let report = migrate::run(&self.installation.db, MigrationSet::tenant(), &options, &act, &|_, _| ()).await;
        assert!(report.unwrap().failed.is_empty());
    }

    async fn titles(&self, tenant: TenantId) -> Vec<String> {
        let mut tx = self.installation.db.begin(tenant).await.unwrap();
        let titles = titles(&mut tx).await;
        tx.commit().await.unwrap();
        titles
    }
}

async fn titles(tx: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT title FROM designations ORDER BY title").fetch_all(tx).await.unwrap()
}

fn designation(title: &str, custom: &str) -> String {
    format!(
        "INSERT INTO designations (id, title, custom, created_at, updated_at)
         VALUES (gen_random_uuid(), {title}, {custom}, now(), now());"
    )
}
