//! Filling a tenant with a sample company.

use jiff::civil::date;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_app::sample::{fill, users_of_roles};
use tenure_app::{Context, Error};
use tenure_core::access::BuiltInRole;
use tenure_core::sample::{Company, Plan, company};
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use tenure_testkit::{NOW, ROWS_NOT_OF_TODAY, TestInstallation};
use uuid::Uuid;

fn plan(size: u32) -> Plan {
    Plan { seed: 1, size, today: date(2026, 1, 15), slug: "acme".parse().unwrap(), currency: "EUR".parse().unwrap() }
}

async fn scene() -> (TestInstallation, Context, Tenant) {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    (installation, context, tenant)
}

/// A superuser in the tenant's schema.
async fn inside(installation: &TestInstallation, tenant: &Tenant) -> PgConnection {
    let mut connection = installation.superuser().await;
    let enter = format!("SET search_path = \"{}\"", tenant.schema);
    connection.execute(raw_sql(AssertSqlSafe(enter))).await.unwrap();
    connection
}

async fn count(connection: &mut PgConnection, what: &'static str) -> usize {
    let query = format!("SELECT count(*) FROM {what}");
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(connection).await.unwrap();
    usize::try_from(count).unwrap()
}

const TABLES: [&str; 6] = ["departments", "designations", "employees", "salary_assignments", "users", "audit_log"];

async fn counts(connection: &mut PgConnection) -> Vec<usize> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(count(connection, table).await);
    }
    counts
}

fn expected_counts(company: &Company) -> Vec<usize> {
    let people = company.people.len();
    vec![company.departments.len(), company.designations.len(), people, people, BuiltInRole::ALL.len(), 1]
}

#[tokio::test]
async fn everybody_has_an_employment_and_stands_where_it_says() {
    let (installation, context, tenant) = scene().await;
    assert!(fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap());
    let mut connection = inside(&installation, &tenant).await;
    let wrong: Vec<String> = sqlx::query_scalar(ROWS_NOT_OF_TODAY).fetch_all(&mut connection).await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let people = company(&plan(60)).people.len();
    assert_eq!(count(&mut connection, "employment_periods").await, people);
    assert_eq!(count(&mut connection, "job_assignments").await, people);
}

#[tokio::test]
async fn a_company_is_written_whole_and_once() {
    let (installation, context, tenant) = scene().await;
    assert!(fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap());
    let mut connection = inside(&installation, &tenant).await;
    let expected = expected_counts(&company(&plan(60)));
    assert_eq!(counts(&mut connection).await, expected, "rows of {TABLES:?}");

    assert!(!fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap());
    assert_eq!(counts(&mut connection).await, expected, "rows of {TABLES:?} after a second time");
}

#[tokio::test]
async fn everything_in_a_company_is_linked() {
    let (installation, context, tenant) = scene().await;
    fill(&context, &Actor::System, tenant.id, &plan(200)).await.unwrap();
    let mut connection = inside(&installation, &tenant).await;
    let subdivisions = company(&plan(200)).departments.iter().filter(|department| department.parent.is_some()).count();
    for (what, expected) in [
        ("employees WHERE manager_id IS NULL", 1),
        ("employees WHERE department_id IS NULL OR designation_id IS NULL", 0),
        ("departments WHERE parent_id IS NOT NULL", subdivisions),
        ("departments d LEFT JOIN employees e ON e.id = d.head_id WHERE e.department_id IS DISTINCT FROM d.id", 0),
        (
            "employees e LEFT JOIN salary_assignments s ON s.employee_id = e.id AND s.effective_from = e.hired_on WHERE s.base IS NULL",
            0,
        ),
        ("salary_assignments WHERE currency <> 'EUR' OR pay_period <> 'year' OR base < 10000", 0),
    ] {
        assert_eq!(count(&mut connection, what).await, expected, "{what}");
    }
}

#[tokio::test]
async fn people_are_stored_as_they_were_drawn() {
    let (installation, context, tenant) = scene().await;
    fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap();
    let mut connection = inside(&installation, &tenant).await;
    let expected = company(&plan(60));
    let leaver = expected.people.iter().find(|person| person.termination.is_some()).unwrap();
    let end = leaver.termination.as_ref().unwrap();
    let row: serde_json::Value = sqlx::query_scalar(
        "SELECT to_jsonb(e) || jsonb_build_object('title', g.title, 'department', d.code, 'manager', m.employee_number)
         FROM employees e JOIN designations g ON g.id = e.designation_id JOIN departments d ON d.id = e.department_id
         JOIN employees m ON m.id = e.manager_id WHERE e.employee_number = $1",
    )
    .bind(&leaver.number)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    for (column, value) in [
        ("first_name", leaver.first_name),
        ("last_name", leaver.last_name),
        ("work_email", &leaver.work_email),
        ("birth_date", &leaver.birth_date.to_string()),
        ("gender", leaver.gender.as_str()),
        ("marital_status", leaver.marital_status.as_str()),
        ("citizenship", leaver.citizenship),
        ("city", leaver.city),
        ("country_code", leaver.country_code),
        ("status", leaver.status.as_str()),
        ("employment_type", leaver.employment_type.as_str()),
        ("hired_on", &leaver.hired_on.to_string()),
        ("terminated_on", &end.on.to_string()),
        ("termination_kind", end.kind.as_str()),
        ("termination_reason", end.reason),
        ("title", expected.designations[leaver.designation].title),
        ("department", expected.departments[leaver.department].code),
        ("manager", &expected.people[leaver.manager.unwrap()].number),
    ] {
        assert_eq!(row[column], value, "{column} of {row:#}");
    }
}

#[tokio::test]
async fn each_role_has_a_user_and_the_manager_is_linked_to_one_who_leads_the_employee() {
    let (installation, context, tenant) = scene().await;
    fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap();
    let users = users_of_roles(&context.db, tenant.id).await.unwrap();
    assert_eq!(users.len(), BuiltInRole::ALL.len(), "{users:?}");
    assert!(users.iter().all(|user| user.email.ends_with("@acme.example")), "{users:?}");
    let linked = |role| users.iter().find(|user| user.role == role).and_then(|user| user.employee).unwrap().uuid();
    let mut connection = inside(&installation, &tenant).await;
    let manager: Uuid = sqlx::query_scalar("SELECT manager_id FROM employees WHERE id = $1")
        .bind(linked(BuiltInRole::Employee))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(manager, linked(BuiltInRole::Manager));
}

#[tokio::test]
async fn a_company_that_was_cut_off_is_written_the_next_time() {
    let (installation, context, tenant) = scene().await;
    let mut connection = inside(&installation, &tenant).await;
    // The entry in the audit log is the last thing to be written.
    let block = "ALTER TABLE audit_log ADD CONSTRAINT blocked CHECK (action <> 'sample.created')";
    connection.execute(block).await.unwrap();
    let error = fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error:?}");
    assert_eq!(counts(&mut connection).await, [0, 0, 0, 0, 1, 0], "rows of {TABLES:?}");

    connection.execute("ALTER TABLE audit_log DROP CONSTRAINT blocked").await.unwrap();
    assert!(fill(&context, &Actor::System, tenant.id, &plan(60)).await.unwrap());
    assert_eq!(counts(&mut connection).await, expected_counts(&company(&plan(60))), "rows of {TABLES:?}");
}

#[tokio::test]
async fn of_two_at_once_one_writes_the_company() {
    let (_installation, context, tenant) = scene().await;
    let plan = plan(200);
    let (one, other) = tokio::join!(
        fill(&context, &Actor::System, tenant.id, &plan),
        fill(&context, &Actor::System, tenant.id, &plan)
    );
    assert_ne!(one.unwrap(), other.unwrap(), "both or neither wrote the company");
}

#[tokio::test]
async fn a_company_of_one_has_nobody_to_lead() {
    let (_installation, context, tenant) = scene().await;
    assert!(fill(&context, &Actor::System, tenant.id, &plan(1)).await.unwrap());
    let users = users_of_roles(&context.db, tenant.id).await.unwrap();
    assert_eq!(users.len(), BuiltInRole::ALL.len() - 2, "{users:?}");
}
