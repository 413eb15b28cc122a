//! A company on several nodes, in which numbers are counted up that everybody can read by way of the cache.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tenure_app::caller::Caller;
use tenure_app::change::Target;
use tenure_app::credential::Secret;
use tenure_app::departments::{self, Changes};
use tenure_app::flags::{self, Asked, Put};
use tenure_app::tokens::{self, Create};
use tenure_app::{Actor, Cache, Context, dashboard, org_chart, sample};
use tenure_core::ids::{DepartmentId, TenantId};
use tenure_core::sample::Plan;
use tenure_db::Database;
use tenure_store::cache::Patience;
use tenure_testkit::{NOW, TestInstallation, TestRedis};

use super::loads::{Lease, Loads};

const NODES: u64 = 3;

/// Redis is tried again soon, so that it is in use between its failures.
pub(super) const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(50),
    answer: Duration::from_millis(50),
    avoided: Duration::from_millis(20),
};

/// Where a number stands.
#[derive(Debug, Clone, Copy)]
enum Home {
    /// In a department's name.
    Department(DepartmentId),
    /// In a flag of the company's own, or of the platform.
    Flag(&'static str, Option<TenantId>),
}

/// What a reader looks at: each is a load of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum View {
    Departments,
    Flags,
}

impl View {
    pub(super) const ALL: [Self; 2] = [Self::Departments, Self::Flags];
}

/// A number that one writer counts up.
#[derive(Debug)]
pub(super) struct Counter {
    home: Home,
    /// The last number whose writer has been answered.
    committed: AtomicU32,
    /// The last number that a writer has begun with.
    begun: AtomicU32,
    /// Numbers that a failover has lost.
    lost: Mutex<BTreeSet<u32>>,
}

impl Counter {
    fn new(home: Home) -> Arc<Self> {
        Arc::new(Self { home, committed: AtomicU32::new(0), begun: AtomicU32::new(0), lost: Mutex::default() })
    }

    /// What is wrong with a number that a request has given which began when `committed` was the last that was answered.
    fn fault(&self, seen: u32, committed: u32) -> Option<String> {
        let begun = self.begun.load(Ordering::SeqCst);
        let is_lost = self.lost.lock().unwrap().contains(&seen);
        let is_right = (committed..=begun).contains(&seen) && !is_lost;
        let lost = if is_lost { ", and it is lost" } else { "" };
        (!is_right)
            .then(|| format!("{:?}: {seen} is seen where {committed} was committed, {begun} begun{lost}", self.home))
    }
}

pub(super) struct Company {
    pub(super) nodes: Vec<Arc<Context>>,
    pub(super) tenant: TenantId,
    pub(super) token: Arc<Secret>,
    pub(super) counters: Vec<Arc<Counter>>,
    pub(super) loads: Loads,
    pub(super) installation: TestInstallation,
    schema: String,
}

pub(super) fn caller(token: &Secret) -> Caller<'_> {
    Caller { token, request_id: "test", once: None }
}

impl Company {
    pub(super) async fn new(redis: &TestRedis, patience: Patience, lease: Lease) -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await;
        let loads = Loads::new();
        let node = |seed| {
            let cache = Cache::open(&redis.url(), 1 << 20, patience).unwrap();
            let mut settings = installation.settings.clone();
            loads.of(&mut settings.application, lease);
            Arc::new(Context::repeatable(Database::new(&settings), NOW, seed).with_cache(cache))
        };
        let nodes: Vec<_> = (0..NODES).map(node).collect();
        let plan = Plan {
            seed: 1,
            size: 20,
            today: "2026-01-15".parse().unwrap(),
            slug: tenant.slug,
            currency: "EUR".parse().unwrap(),
        };
        let first = nodes.first().unwrap();
        sample::fill(first, &Actor::System, tenant.id, &plan).await.unwrap();
        let create = Create { tenant: tenant.id, user: None, name: "test".to_owned(), valid_for: None };
        let token = Arc::new(tokens::create(first, &Actor::System, &create).await.unwrap().token);
        let found = dashboard::get(first, caller(&token), None).await.unwrap();
        let mut departments: Vec<DepartmentId> = found.get().unwrap().departments.keys().copied().collect();
        departments.sort_unstable();
        let of_flags = [Home::Flag("own", Some(tenant.id)), Home::Flag("everybodys", None)];
        let homes = departments.into_iter().take(2).map(Home::Department).chain(of_flags);
        let counters = homes.map(Counter::new).collect();
        let schema = tenant.schema.to_string();
        let company = Self { nodes, tenant: tenant.id, token, counters, loads, installation, schema };
        company.count_all_up().await;
        company
    }

    pub(super) async fn count_all_up(&self) {
        for counter in &self.counters {
            Box::pin(count_up(self.nodes.first().unwrap(), &self.token, counter)).await;
        }
    }

    /// Looks on every node, one after the other.
    pub(super) async fn look_around(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for node in &self.nodes {
            for view in View::ALL {
                faults.extend(look(node, &self.token, view, &self.counters).await);
            }
        }
        faults
    }

    /// The tables in which the numbers and their stamps are.
    fn tables(&self) -> [String; 5] {
        let of_company = |table: &str| format!("\"{}\".{table}", self.schema);
        let [departments, stamps, flags] = ["departments", "cache_stamps", "feature_flags"].map(of_company);
        [departments, stamps, flags, "public.feature_flags".to_owned(), "public.platform_stamps".to_owned()]
    }

    /// Keeps what there is now aside, as a standby has it that gets nothing more from here on.
    pub(super) async fn fall_behind(&self) -> Vec<u32> {
        let copy = |(at, table): (usize, &String)| format!("CREATE TABLE behind.t{at} AS TABLE {table};");
        let copies: String = self.tables().iter().enumerate().map(copy).collect();
        self.as_superuser(format!("DROP SCHEMA IF EXISTS behind CASCADE; CREATE SCHEMA behind; {copies}")).await;
        self.counters.iter().map(|counter| counter.committed.load(Ordering::SeqCst)).collect()
    }

    /// Loses what was committed since, as a failover to that standby does, or a restore.
    pub(super) async fn fail_over(&self, kept: &[u32]) {
        let back = |(at, table): (usize, &String)| {
            format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM behind.t{at};")
        };
        let back: String = self.tables().iter().enumerate().map(back).collect();
        self.as_superuser(format!("SET LOCAL session_replication_role = replica; {back}")).await;
        for (counter, kept) in self.counters.iter().zip(kept) {
            counter.committed.store(*kept, Ordering::SeqCst);
            counter.lost.lock().unwrap().extend(kept + 1..=counter.begun.load(Ordering::SeqCst));
        }
    }

    /// Several statements sent together are one transaction.
    pub(super) async fn as_superuser(&self, statements: String) {
        let mut superuser = self.installation.superuser().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut superuser).await.unwrap();
    }

    /// Makes the renewal of stamps without effect, for the platform's too: what is left of a change is the change.
    pub(super) async fn take_the_outbox_out(&self) {
        let [_, stamps, _, _, platform] = self.tables();
        let trigger = |table| {
            format!("CREATE TRIGGER stays BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.stay();")
        };
        let function = "CREATE FUNCTION public.stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';";
        self.as_superuser(format!("{function} {} {}", trigger(stamps), trigger(platform))).await;
    }
}

/// Writes the next number, on some node.
pub(super) async fn count_up(node: &Context, token: &Secret, counter: &Counter) {
    let next = counter.begun.fetch_add(1, Ordering::SeqCst) + 1;
    match counter.home {
        Home::Department(id) => {
            let department = departments::get(node, caller(token), id).await.unwrap();
            let target = Target { id, version: department.version };
            let changes = Changes { name: Some(format!("{id} {next}").parse().unwrap()), ..Changes::default() };
            departments::change(node, caller(token), target, changes).await.unwrap();
        }
        Home::Flag(key, tenant) => {
            let written = serde_json::from_value(json!({ "kind": "number", "variants": { "off": next } })).unwrap();
            let (key, put) = (key.parse().unwrap(), Put::Whole(Box::new(written)));
            flags::set_as_operator(node, &Actor::System, tenant, &key, put).await.unwrap();
        }
    }
    counter.committed.store(next, Ordering::SeqCst);
}

/// Reads the numbers of a view on some node, and holds each against what was committed before the request and begun after it.
pub(super) async fn look(node: &Context, token: &Secret, view: View, counters: &[Arc<Counter>]) -> Vec<String> {
    match view {
        View::Departments => look_at_departments(node, token, counters).await,
        View::Flags => look_at_flags(node, token, counters).await,
    }
}

async fn look_at_departments(node: &Context, token: &Secret, counters: &[Arc<Counter>]) -> Vec<String> {
    let before: Vec<u32> = counters.iter().map(|counter| counter.committed.load(Ordering::SeqCst)).collect();
    let found = dashboard::get(node, caller(token), None).await.unwrap();
    let mut faults = Vec::new();
    for (counter, committed) in counters.iter().zip(before) {
        let Home::Department(id) = counter.home else { continue };
        let name = found.get().unwrap().departments.get(&id).unwrap();
        let seen = name.rsplit_once(' ').unwrap().1.parse().unwrap();
        faults.extend(counter.fault(seen, committed));
    }
    let chart = org_chart::get(node, caller(token), org_chart::Query::WHOLE).await.unwrap();
    assert!(!chart.get().unwrap().is_empty());
    faults
}

async fn look_at_flags(node: &Context, token: &Secret, counters: &[Arc<Counter>]) -> Vec<String> {
    let mut faults = Vec::new();
    for counter in counters {
        let Home::Flag(key, _) = counter.home else { continue };
        let committed = counter.committed.load(Ordering::SeqCst);
        let found = flags::evaluate(node, caller(token), key, &Asked::default()).await.unwrap();
        let seen = u32::try_from(found.value.as_u64().unwrap()).unwrap();
        faults.extend(counter.fault(seen, committed));
    }
    faults
}
