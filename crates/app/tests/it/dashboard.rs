//! The figures of a random company, held against plain SQL that counts person by person.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::PgConnection;
use tenure_app::caller::Caller;
use tenure_app::tokens::{self, Create};
use tenure_app::{Actor, Context, dashboard};
use tenure_core::organisation::figures::{Figures, Month, year_before};
use tenure_testkit::{NOW, TestInstallation};
use uuid::Uuid;

/// Three hundred people in five departments (and some in none), of whom some left, some came again, and most changed department, contract or
/// manager some time. Everything has been applied, so that nothing takes effect today.
const COMPANY: &str = "
    INSERT INTO departments (id, name, created_at, updated_at)
    SELECT gen_random_uuid(), 'Department ' || i, now(), now() FROM generate_series(1, 5) i;
    CREATE FUNCTION pg_temp.day(a int, b int) RETURNS date LANGUAGE sql VOLATILE AS
        'SELECT DATE ''2022-01-01'' + (a + floor(random() * (b - a)))::int';
    CREATE TEMP TABLE periods ON COMMIT DROP AS
    WITH first AS MATERIALIZED (SELECT gen_random_uuid() AS person, i, pg_temp.day(0, 1000) AS hired_on FROM generate_series(1, 300) i),
         ended AS MATERIALIZED (SELECT *, CASE WHEN random() < 0.5 THEN hired_on + (random() * 400)::int END AS terminated_on FROM first)
    SELECT person, i, hired_on, terminated_on FROM ended
    UNION ALL
    SELECT person, i, terminated_on + 1 + (random() * 90)::int, NULL FROM ended WHERE terminated_on < DATE '2025-06-01' AND random() < 0.4;
    INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, terminated_on, created_at, updated_at)
    SELECT DISTINCT ON (person) person, i, 'First', 'Last', CASE WHEN terminated_on IS NULL THEN 'active' ELSE 'terminated' END, hired_on, terminated_on, now(), now()
    FROM periods ORDER BY person, hired_on DESC;
    INSERT INTO employment_periods (id, employee_id, hired_on, terminated_on, created_at)
    SELECT gen_random_uuid(), person, hired_on, terminated_on, now() FROM periods;
    INSERT INTO job_assignments (id, employee_id, effective_from, department_id, employment_type, manager_id, applied_at, created_at)
    SELECT gen_random_uuid(), employee, effective_from,
           CASE WHEN random() < 0.9 THEN departments[1 + floor(random() * 5)::int] END,
           CASE WHEN random() < 0.9 THEN (ARRAY['full_time', 'part_time', 'intern'])[1 + floor(random() * 3)::int] END,
           CASE WHEN random() < 0.8 THEN nullif(managers[1 + floor(random() * 20)::int], employee) END, now(), now()
    FROM (SELECT person AS employee, min(hired_on) AS effective_from FROM periods GROUP BY person
          UNION SELECT person, pg_temp.day(0, 1400) FROM periods, generate_series(1, 2)) a,
         (SELECT array_agg(id) AS departments FROM departments) d,
         (SELECT array_agg(id) AS managers FROM (SELECT id FROM employees ORDER BY id LIMIT 20) m) m
    ON CONFLICT DO NOTHING";

/// Who is employed on a day, and how they stand then. `$1` is the day.
const STANDING: &str = "
    SELECT p.employee_id, a.department_id, a.employment_type, a.manager_id
    FROM employment_periods p
    JOIN LATERAL (SELECT * FROM job_assignments a WHERE a.employee_id = p.employee_id AND a.effective_from <= $1::date
                  ORDER BY effective_from DESC LIMIT 1) a ON true
    WHERE p.hired_on <= $1::date AND coalesce(p.terminated_on, 'infinity') >= $1::date";

/// Whose employment began (`hired_on`), or had its last day (`terminated_on`), from `$1` to `$2`, and how they stood on that day.
fn moved(on: &str) -> String {
    format!(
        "SELECT (SELECT department_id FROM job_assignments a WHERE a.employee_id = p.employee_id AND effective_from <= p.{on}
                 ORDER BY effective_from DESC LIMIT 1) AS department_id,
                (SELECT employment_type FROM job_assignments a WHERE a.employee_id = p.employee_id AND effective_from <= p.{on}
                 ORDER BY effective_from DESC LIMIT 1) AS employment_type
         FROM employment_periods p WHERE p.{on} BETWEEN $1::date AND $2::date"
    )
}

/// The figures of a day as plain SQL has them.
struct Plain<'a> {
    connection: &'a mut PgConnection,
}

impl Plain<'_> {
    async fn headcount(&mut self, day: Date) -> u32 {
        let count = format!("SELECT count(*) FROM ({STANDING}) s");
        let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(count)).bind(day.to_string());
        u32::try_from(count.fetch_one(&mut *self.connection).await.unwrap()).unwrap()
    }

    /// How many by a column, of whoever stands so on a day.
    async fn by(&mut self, column: &str, day: Date) -> BTreeMap<Option<String>, u32> {
        let counts = format!("SELECT {column}::text, count(*) FROM ({STANDING}) s GROUP BY 1");
        let counts = sqlx::query_as::<_, (Option<String>, i64)>(sqlx::AssertSqlSafe(counts)).bind(day.to_string());
        let counts = counts.fetch_all(&mut *self.connection).await.unwrap();
        counts.into_iter().map(|(key, count)| (key, u32::try_from(count).unwrap())).collect()
    }

    /// How many by a column, of whoever came or went within some days.
    async fn moved_by(&mut self, on: &str, column: &str, first: Date, last: Date) -> BTreeMap<Option<String>, u32> {
        let counts = format!("SELECT {column}::text, count(*) FROM ({}) m GROUP BY 1", moved(on));
        let counts = sqlx::query_as::<_, (Option<String>, i64)>(sqlx::AssertSqlSafe(counts));
        let counts =
            counts.bind(first.to_string()).bind(last.to_string()).fetch_all(&mut *self.connection).await.unwrap();
        counts.into_iter().map(|(key, count)| (key, u32::try_from(count).unwrap())).collect()
    }

    async fn moved(&mut self, on: &str, first: Date, last: Date) -> u32 {
        self.moved_by(on, "department_id", first, last).await.into_values().sum()
    }
}

/// A leaver's first day without is the one after the last.
fn eve(day: Date) -> Date {
    day.yesterday().unwrap()
}

async fn compare(plain: &mut Plain<'_>, day: Date, found: &Figures) {
    let first = year_before(day);
    assert_eq!(found.headcount, plain.headcount(day).await, "{day}");
    assert_eq!(found.joiners, plain.moved("hired_on", first, day).await, "{day}");
    assert_eq!(found.leavers, plain.moved("terminated_on", eve(first), eve(day)).await, "{day}");
    let departments = found.by_department.iter().map(|(id, count)| (id.map(|id| Uuid::from(id).to_string()), *count));
    let types = found.by_employment_type.iter().map(|(kind, count)| (kind.map(|kind| kind.to_string()), *count));
    for (column, counts) in [("department_id", departments.collect::<Vec<_>>()), ("employment_type", types.collect())] {
        let of = |pick: fn(&tenure_core::organisation::figures::Count) -> u32| -> BTreeMap<Option<String>, u32> {
            counts.iter().map(|(key, count)| (key.clone(), pick(count))).filter(|(_, count)| *count > 0).collect()
        };
        assert_eq!(of(|count| count.headcount), plain.by(column, day).await, "{column} {day}");
        assert_eq!(of(|count| count.joiners), plain.moved_by("hired_on", column, first, day).await, "{column} {day}");
        let left = plain.moved_by("terminated_on", column, eve(first), eve(day)).await;
        assert_eq!(of(|count| count.leavers), left, "{column} {day}");
    }
    for Month { from, to, joiners, leavers, headcount } in &found.by_month {
        let seen = (*joiners, *leavers, *headcount);
        let joined = plain.moved("hired_on", *from, *to).await;
        let left = plain.moved("terminated_on", eve(*from), eve(*to)).await;
        assert_eq!(seen, (joined, left, plain.headcount(*to).await), "{from} {day}");
    }
    let mut spans = plain.by("manager_id", day).await;
    spans.remove(&None);
    let (managers, led) = (u32::try_from(spans.len()).unwrap(), spans.values().sum::<u32>());
    assert_eq!(
        (found.managers, found.largest_span),
        (managers, spans.into_values().max().unwrap_or_default()),
        "{day}"
    );
    let tenth = |of: f64| (of * 10.0).round() / 10.0;
    let number =
        |decimal: Option<rust_decimal::Decimal>| decimal.map(|decimal| decimal.to_string().parse::<f64>().unwrap());
    let about = |found: Option<f64>, expected: f64| found.is_some_and(|found| (found - tenth(expected)).abs() < 0.11);
    assert!(managers == 0 || about(number(found.average_span), f64::from(led) / f64::from(managers)), "{day}");
    let before = plain.headcount(eve(first)).await;
    let mean = f64::from(before + found.headcount) / 2.0;
    assert!(mean == 0.0 || about(number(found.attrition_percent), f64::from(found.leavers) * 100.0 / mean), "{day}");
}

#[tokio::test]
async fn the_figures_of_a_random_company_are_those_that_plain_sql_counts() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let mut superuser = installation.superuser().await;
    let mut seen = 0;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "SET search_path = \"{}\"; BEGIN; SELECT setseed(0.25); {COMPANY}; COMMIT",
        tenant.schema
    )))
    .execute(&mut superuser)
    .await
    .unwrap();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    let create = Create { tenant: tenant.id, user: None, name: "test".to_owned(), valid_for: None };
    let token = tokens::create(&context, &Actor::System, &create).await.unwrap().token;
    let mut plain = Plain { connection: &mut superuser };
    let mut chance = StdRng::seed_from_u64(7);
    for _ in 0..12 {
        let day = jiff::civil::date(2022, 1, 1).saturating_add(chance.random_range(0..1600).days());
        let caller = Caller { token: &token, request_id: "test", once: None };
        let found = dashboard::get(&context, caller, Some(day)).await.unwrap();
        let figures = &found.get().unwrap().figures;
        compare(&mut plain, day, figures).await;
        seen += figures.leavers + figures.joiners;
    }
    assert!(seen > 500, "there is something to count: {seen}");
}
