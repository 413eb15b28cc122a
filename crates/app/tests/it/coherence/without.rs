//! The same check with a part of the protection taken out: it finds what the part is there for. A check that found nothing would prove
//! nothing.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use tenure_app::{Actor, Cache};
use tenure_core::ids::{DepartmentId, TenantId};
use tenure_core::stamps::Area;
use tenure_db::audit::{self, Entry};
use tenure_db::{Database, TenantTx, stamps};
use tenure_store::cache::{Key, Kind, Loaded};
use tenure_testkit::{NOW, TestInstallation, TestRedis, new_id};
use tokio::task::JoinSet;

use super::PATIENCE;

static NAMES: Kind =
    Kind { name: "org:names", form: 1, ttl: Duration::from_mins(10), ttl_of_nothing: Duration::from_secs(10) };

/// So many writes that a protection with a hole in it is found out; one that holds is tried by [`ENOUGH`].
const MOST: u32 = 5_000;
const ENOUGH: u32 = 100;

/// What protects those who read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// Everything, as in the program.
    Whole,
    /// Values have no stamp, as in a cache that lives by its time alone.
    NoStamp,
    /// A value gets the stamp of the moment at which it is kept, not of the one at which it was read: no lease.
    StampAfterLoad,
    /// The stamps are renewed after the commit, and a crash comes between them now and then: no outbox.
    StampAfterCommit,
}

#[derive(Clone)]
struct Bed {
    db: Database,
    tenant: TenantId,
    department: DepartmentId,
    protection: Protection,
    committed: Arc<AtomicU32>,
    violated: Arc<AtomicBool>,
    written: Arc<AtomicBool>,
}

impl Bed {
    /// Whether there is nothing more to be seen.
    fn is_over(&self) -> bool {
        self.violated.load(Ordering::SeqCst) || self.written.load(Ordering::SeqCst)
    }

    async fn write(&self, number: u32) {
        let mut tx = self.db.begin(self.tenant).await.unwrap();
        let update = sqlx::query("UPDATE departments SET name = $1 WHERE id = $2");
        update.bind(number.to_string()).bind(self.department.uuid()).execute(&mut *tx).await.unwrap();
        if self.protection == Protection::StampAfterCommit {
            tx.commit().await.unwrap();
            let crashes = number.is_multiple_of(3);
            if !crashes {
                let mut after = self.db.begin(self.tenant).await.unwrap();
                record(&mut after).await;
                after.commit().await.unwrap();
            }
        } else {
            record(&mut tx).await;
            tx.commit().await.unwrap();
        }
        self.committed.store(number, Ordering::SeqCst);
    }

    /// Reads on a node, and notes it when what was committed before is not seen.
    async fn read(&self, cache: &Cache) {
        let committed = self.committed.load(Ordering::SeqCst);
        let key = |state: &str| Key::new(self.tenant, &NAMES, &state, "all");
        let found = match self.protection {
            Protection::StampAfterLoad => {
                let kept = cache.get_or_load(&key(&self.state().await), nothing()).await.unwrap();
                if let Some(found) = kept.as_ref() {
                    *found
                } else {
                    let (_, loaded) = self.load().await;
                    cache.put(&key(&self.state().await), Some(loaded)).await;
                    loaded
                }
            }
            protection => {
                let state = if protection == Protection::NoStamp { String::new() } else { self.state().await };
                let load = async {
                    let (seen, value) = self.load().await;
                    let is_kept = seen == state || protection == Protection::NoStamp;
                    Ok::<_, Infallible>(if is_kept { Loaded::Value(value) } else { Loaded::Unkept(value) })
                };
                cache.get_or_load(&key(&state), load).await.unwrap().as_ref().unwrap()
            }
        };
        if found < committed {
            self.violated.store(true, Ordering::SeqCst);
        }
    }

    async fn state(&self) -> String {
        let mut tx = self.db.begin_read(self.tenant).await.unwrap();
        let seen = stamps::read(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        seen.over(&[Area::Organisation]).unwrap()
    }

    async fn load(&self) -> (String, u32) {
        let mut tx = self.db.begin_snapshot(self.tenant).await.unwrap();
        let seen = stamps::read(&mut tx).await.unwrap();
        let name = sqlx::query_scalar("SELECT name FROM departments WHERE id = $1").bind(self.department.uuid());
        let name: String = name.fetch_one(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        (seen.over(&[Area::Organisation]).unwrap(), name.parse().unwrap())
    }
}

/// A look without keeping anything.
fn nothing() -> Ready<Result<Loaded<u32>, Infallible>> {
    ready(Ok(Loaded::Nothing))
}

async fn record(tx: &mut TenantTx) {
    let entry = Entry {
        id: new_id(),
        now: NOW,
        actor: &Actor::System,
        action: "department.updated",
        entity: "department",
        entity_id: None,
        before: None,
        after: Some(json!({})),
        request_id: None,
    };
    audit::record(tx, &entry).await.unwrap();
}

/// Whether a reader on one of three nodes has seen what was before the last answer.
async fn is_violated(protection: Protection, writes: u32) -> bool {
    let redis = TestRedis::start();
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    let department: DepartmentId = new_id();
    let mut tx = installation.db.begin(tenant).await.unwrap();
    let insert = "INSERT INTO departments (id, name, created_at, updated_at) VALUES ($1, '0', now(), now())";
    sqlx::query(insert).bind(department.uuid()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let (committed, violated, written) = (Arc::default(), Arc::default(), Arc::default());
    let bed = Bed { db: installation.db.clone(), tenant, department, protection, committed, violated, written };
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let (bed, cache) = (bed.clone(), Cache::open(&redis.url(), 1 << 20, PATIENCE).unwrap());
        tasks.spawn(async move {
            while !bed.is_over() {
                bed.read(&cache).await;
                // A hit in memory waits for nothing, and would let nobody else go on.
                tokio::task::yield_now().await;
            }
        });
    }
    let writing = bed.clone();
    tasks.spawn(async move {
        for number in 1..=writes {
            if writing.is_over() {
                return;
            }
            writing.write(number).await;
        }
        writing.written.store(true, Ordering::SeqCst);
    });
    tasks.join_all().await;
    bed.violated.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_whole_protection_nobody_sees_what_was_before() {
    assert!(!is_violated(Protection::Whole, ENOUGH).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_stamps_somebody_does() {
    assert!(is_violated(Protection::NoStamp, MOST).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_lease_somebody_does() {
    assert!(is_violated(Protection::StampAfterLoad, MOST).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_stamp_in_the_commit_somebody_does() {
    assert!(is_violated(Protection::StampAfterCommit, MOST).await);
}
