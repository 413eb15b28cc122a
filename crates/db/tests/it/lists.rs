//! How much of a tenant PostgreSQL reads for a page of a list, over some thousand people. Times differ from run to run; the number of rows
//! that are read does not, and an index that is missing or not used shows in it.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use sqlx::{query_scalar, raw_sql};
use tenure_core::access::{Scope, ScopeSet, UserStatus};
use tenure_core::employment::{EmployeeStatus, EmploymentType};
use tenure_core::ids::{EmployeeId, TenantId};
use tenure_db::employees::{self, AsOfDay, DepartmentFilter, Filter, PageStart, Sort, WorkFields};
use tenure_db::{TenantTx, audit, users};
use tenure_testkit::TestInstallation;
use uuid::Uuid;

const PAGE: u16 = 50;
/// Half of the entries were made later.
const LOGGED: Timestamp = Timestamp::constant(1_736_294_400, 0);
const TODAY: Date = date(2026, 1, 15);
const ALL: ScopeSet = ScopeSet::EMPTY.with(Scope::All);

struct Company {
    installation: TestInstallation,
    tenant: TenantId,
}

async fn company() -> Company {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let mut tx = installation.db.begin(tenant.id).await.unwrap();
    raw_sql(include_str!("lists.sql")).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    // ANALYZE looks at all of so few rows, so that the plans of each run are the same.
    raw_sql("VACUUM ANALYZE").execute(installation.db.owner_pool()).await.unwrap();
    Company { installation, tenant: tenant.id }
}

impl Company {
    /// What a list gives, and how many rows and entries of indexes PostgreSQL read for it. To read a small table whole is often best;
    /// that is forbidden here, for the tables stand for large ones.
    async fn reading<T>(&self, list: impl AsyncFnOnce(&mut TenantTx) -> T) -> (T, i64) {
        let mut tx = self.installation.db.begin_read(self.tenant).await.unwrap();
        raw_sql("SET LOCAL enable_seqscan = off; SET LOCAL jit = off").execute(&mut *tx).await.unwrap();
        let before = read_so_far(&mut tx).await;
        let found = list(&mut tx).await;
        let read = read_so_far(&mut tx).await - before;
        tx.rollback().await.unwrap();
        (found, read)
    }

    async fn page(&self, filter: &Filter, sort: &str, after: Option<&PageStart>, limit: u16) -> (Vec<WorkFields>, i64) {
        let sort: Sort = sort.parse().unwrap();
        self.reading(async |tx| employees::list(tx, filter, sort, after, limit).await.unwrap()).await
    }
}

async fn read_so_far(tx: &mut TenantTx) -> i64 {
    let read = "SELECT sum(pg_stat_get_xact_tuples_returned(oid))::bigint FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i')";
    query_scalar(read).fetch_one(&mut **tx).await.unwrap()
}

/// The most that a page may read of the 8,000 people; with what it shows it takes some 300. Whoever reads up to the page from the start, or
/// all, to sort them, reads more. Of a few people with something in common, a page in an order of others may be found by meeting
/// them one by one.
fn most(people: i64) -> i64 {
    if people > 4000 { 2000 } else { 5000 }
}

/// The id of a row of `lists.sql`.
fn id<T: From<Uuid>>(kind: char, number: i64) -> T {
    format!("{kind}0000000-0000-7000-8000-{number:012}").parse::<Uuid>().unwrap().into()
}

fn filter() -> Filter {
    Filter { visible: ALL, ..Filter::default() }
}

/// Filters, and how many people they leave.
fn filters() -> Vec<(&'static str, Filter, i64)> {
    let department = |department| Filter { department: Some(department), ..filter() };
    let as_of = |on| Filter { as_of: Some(AsOfDay { on, today: TODAY }), ..filter() };
    let visible = |scope, viewer| Filter {
        visible: ScopeSet::EMPTY.with(Scope::Own).with(scope),
        viewer: Some(id::<EmployeeId>('e', viewer)),
        ..Filter::default()
    };
    let search = |text: &str| Filter { search: Some(text.to_owned()), ..filter() };
    vec![
        ("everybody", filter(), 7960),
        ("a department", department(DepartmentFilter::Id(id('d', 7))), 100),
        ("a department by name", department(DepartmentFilter::Name("DEPARTMENT 7".to_owned())), 100),
        ("a department and those below", department(DepartmentFilter::Under(id('d', 7))), 200),
        ("a job title", Filter { designation: Some(id('a', 3)), ..filter() }, 200),
        ("a place of work", Filter { location: Some(id('b', 3)), ..filter() }, 800),
        ("a manager", Filter { manager: Some(id('e', 77)), ..filter() }, 8),
        ("a status", Filter { status: Some(EmployeeStatus::Active), ..filter() }, 7140),
        ("a rare status", Filter { status: Some(EmployeeStatus::Suspended), ..filter() }, 20),
        ("a kind of contract", Filter { employment_type: Some(EmploymentType::FullTime), ..filter() }, 7940),
        ("a rare kind of contract", Filter { employment_type: Some(EmploymentType::Apprentice), ..filter() }, 20),
        ("a kind that nobody has", Filter { employment_type: Some(EmploymentType::Intern), ..filter() }, 0),
        (
            "hired in a month",
            Filter { hired_from: Some(date(2000, 1, 1)), hired_to: Some(date(2000, 1, 31)), ..filter() },
            31,
        ),
        ("part of a number", search("e0777"), 10),
        ("part of an address", search("777@EXAMPLE"), 8),
        ("part of a name", Filter { name: Some("ast777".to_owned()), ..filter() }, 11),
        ("what nobody is called", search("nobody"), 0),
        ("the deleted", Filter { deleted: true, ..filter() }, 40),
        ("a day", as_of(date(2020, 1, 1)), 7960),
        ("a day when there were few", as_of(date(1990, 1, 10)), 10),
        ("a department on a day", Filter { department: Some(DepartmentFilter::Id(id('d', 7))), ..as_of(TODAY) }, 100),
        ("a manager of few", visible(Scope::Reports, 900), 9),
        ("a manager of everybody", visible(Scope::Reports, 1), 7960),
        ("the own department", visible(Scope::Department, 7), 200),
    ]
}

#[tokio::test]
async fn a_page_of_employees_reads_few_rows_whatever_is_asked_for_and_however_deep_it_lies() {
    let company = company().await;
    for (name, filter, people) in filters() {
        let (matching, _) = company.reading(async |tx| employees::count(tx, &filter).await.unwrap()).await;
        assert_eq!(matching, people, "{name}");
        for sort in ["name", "-employee_number", "hired_on"] {
            let (first, read) = company.page(&filter, sort, None, PAGE).await;
            assert_eq!(i64::try_from(first.len()).unwrap(), people.min(i64::from(PAGE)), "{name}, {sort}");
            assert!(read <= most(people), "{name}, {sort}: {read} rows for the first page");

            let (everybody, _) = company.page(&filter, sort, None, u16::MAX).await;
            assert_eq!(i64::try_from(everybody.len()).unwrap(), people, "{name}, {sort}");
            let Some(last) = everybody.get(everybody.len() / 2) else { continue };
            let start = PageStart::of(last, sort.parse().unwrap());
            let (deep, read) = company.page(&filter, sort, Some(&start), PAGE).await;
            assert_eq!(deep.first(), everybody.get(everybody.len() / 2 + 1), "{name}, {sort}");
            assert!(read <= most(people), "{name}, {sort}: {read} rows for a page in the middle");
        }
    }
}

#[tokio::test]
async fn a_page_of_the_audit_log_reads_few_rows_whatever_is_asked_for_and_however_deep_it_lies() {
    let company = company().await;
    let of = |kind: &str| audit::Filter { entity: Some(kind.to_owned()), ..audit::Filter::default() };
    let thing = Some(id('e', 200));
    let by = |action: &str| audit::Filter { action: Some(action.to_owned()), ..audit::Filter::default() };
    let filters = [
        ("everything", audit::Filter::default()),
        ("a kind of thing", of("employee")),
        ("a rare kind of thing", of("role")),
        ("a thing", audit::Filter { entity_id: thing, ..audit::Filter::default() }),
        ("a thing of a kind", audit::Filter { entity_id: thing, ..of("role") }),
        ("an action", by("employee.updated")),
        ("a rare action", by("role.created")),
        ("an actor", audit::Filter { actor_id: Some(id('c', 7)), ..audit::Filter::default() }),
        ("a request", audit::Filter { request_id: Some("request-77".to_owned()), ..audit::Filter::default() }),
        (
            "a day",
            audit::Filter {
                from: Some(LOGGED),
                to: Some(LOGGED + SignedDuration::from_hours(24)),
                ..audit::Filter::default()
            },
        ),
    ];
    let middle = audit::PageStart { created_at: LOGGED + SignedDuration::from_hours(12), id: id('f', 0) };
    for (name, filter) in filters {
        for after in [None, Some(middle)] {
            let list = async |tx: &mut TenantTx| audit::list(tx, &filter, after, PAGE).await.unwrap();
            let (found, read) = company.reading(list).await;
            assert!(!found.is_empty(), "{name}, {after:?}");
            assert!(read <= 3000, "{name}, {after:?}: {read} rows");
        }
    }
}

#[tokio::test]
async fn a_page_of_users_reads_few_rows_whatever_is_asked_for_and_however_deep_it_lies() {
    let company = company().await;
    let of = |status| users::Filter { status: Some(status), ..users::Filter::default() };
    let with = |role: &str| users::Filter { role: Some(role.to_owned()), ..users::Filter::default() };
    let about = |text: &str| users::Filter { text: Some(text.to_owned()), ..users::Filter::default() };
    let filters = [
        ("everybody", users::Filter::default(), 7961),
        ("a state", of(UserStatus::Active), 7941),
        ("a rare state", of(UserStatus::Suspended), 20),
        ("a role of everybody", with("employee"), 7960),
        ("a rare role", with("auditor"), 20),
        ("a role that there is not", with("nothing"), 0),
        ("part of a mail address", about("R777@Acme"), 1),
        ("part of a name", about("last777"), 11),
        ("what nobody is called", about("nobody_%"), 0),
        (
            "a state and part of a name",
            users::Filter { text: Some("last40".to_owned()), ..of(UserStatus::Suspended) },
            2,
        ),
    ];
    for (name, filter, people) in filters {
        let page = async |after: Option<&users::PageStart>, limit| {
            company.reading(async |tx| users::list(tx, &filter, after, limit).await.unwrap()).await
        };
        let (everybody, _) = page(None, u16::MAX).await;
        assert_eq!(everybody.len(), people, "{name}");
        assert!(everybody.is_sorted_by_key(|user| user.email.to_lowercase()), "{name}");
        let (first, read) = page(None, PAGE).await;
        assert_eq!(first.as_slice(), everybody.get(..people.min(usize::from(PAGE))).unwrap(), "{name}");
        assert!(read <= 2000, "{name}: {read} rows for the first page");
        let Some(last) = everybody.get(people / 2) else { continue };
        let start = users::PageStart { email: last.email.clone(), id: last.id };
        let (deep, read) = page(Some(&start), PAGE).await;
        assert_eq!(deep.first(), everybody.get(people / 2 + 1), "{name}");
        assert!(read <= 2000, "{name}: {read} rows for a page in the middle");
    }
}
