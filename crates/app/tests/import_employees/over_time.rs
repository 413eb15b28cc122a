//! What an import means for employments: where people stood when, and when they were employed.

use tenure_app::Error;
use tenure_app::import_employees::{Mode, import_employees, today};
use tenure_core::import::{Options, Table, parse};
use tenure_db::audit::Actor;
use tenure_testkit::ROWS_NOT_OF_TODAY;

use crate::company::{Company, counts, input};

const ASSIGNMENTS: &str = "SELECT a.effective_from, d.name, a.employment_type, a.applied_at IS NOT NULL FROM job_assignments a
    LEFT JOIN departments d ON d.id = a.department_id WHERE a.deleted_at IS NULL ORDER BY a.employee_id, a.effective_from";
const PERIODS: &str =
    "SELECT hired_on, terminated_on, termination_reason FROM employment_periods WHERE deleted_at IS NULL
    ORDER BY employee_id, hired_on";
const HEADING: &str = "Emp No,Name,Hired,Department,Employment Type,Termination Date,Termination Reason";

async fn import(company: &Company, rows: &str) -> (usize, usize, usize, usize) {
    let imported = company.import(&format!("{HEADING}\n{rows}\n")).await;
    assert_eq!(company.rows(ROWS_NOT_OF_TODAY).await, Vec::<String>::new());
    counts(&imported)
}

#[tokio::test]
async fn new_people_begin_and_what_differs_later_holds_as_of_the_import() {
    let company = Company::new().await;
    assert_eq!(import(&company, "1,Ann Lee,2020-01-01,Sales,Full Time,,").await, (1, 0, 0, 0));
    assert_eq!(company.rows(ASSIGNMENTS).await, ["2020-01-01|Sales|full_time|t"]);
    assert_eq!(company.rows(PERIODS).await, ["2020-01-01||"]);
    let company = company.days_later(30);
    assert_eq!(import(&company, "1,Ann Lee,2020-01-01,IT,Full Time,,").await, (0, 1, 0, 0));
    let moved = ["2020-01-01|Sales|full_time|t", "2026-02-14|IT|full_time|t"];
    assert_eq!(company.rows(ASSIGNMENTS).await, moved);
    assert_eq!(import(&company, "1,Ann Lee,2020-01-01,IT,Full Time,,").await, (0, 0, 1, 0));
    assert_eq!(company.rows("SELECT count(*) FROM job_assignments").await, ["2"]);
}

#[tokio::test]
async fn other_days_correct_the_period_and_a_later_hiring_begins_another() {
    let company = Company::new().await;
    import(&company, "1,Ann Lee,2020-01-01,Sales,,,").await;
    assert_eq!(import(&company, "1,Ann Lee,2019-06-01,Sales,,2022-03-31,moved").await, (0, 1, 0, 0));
    assert_eq!(company.rows(PERIODS).await, ["2019-06-01|2022-03-31|moved"]);
    assert_eq!(company.rows(ASSIGNMENTS).await, ["2019-06-01|Sales||t"]);
    assert_eq!(import(&company, "1,Ann Lee,2025-06-01,IT,,,").await, (0, 1, 0, 0));
    assert_eq!(company.rows(PERIODS).await, ["2019-06-01|2022-03-31|moved", "2025-06-01||"]);
    assert_eq!(company.rows(ASSIGNMENTS).await, ["2019-06-01|Sales||t", "2025-06-01|IT||t"]);
    assert_eq!(import(&company, "1,Ann Lee,2025-06-01,IT,,,").await, (0, 0, 1, 0));
    let known = "SELECT count(*) FROM employment_periods WHERE deleted_at IS NOT NULL";
    assert_eq!(company.rows(known).await, ["1"], "what was wrong can still be asked for");
}

#[tokio::test]
async fn whoever_is_hired_ahead_or_said_to_be_away_before_that_is_pending_and_stays_as_the_file_says() {
    let company = Company::new().await;
    let text = "Emp No,Name,Hired,Status\n1,Ann Lee,2026-03-01,Active\n2,Bob Ray,2026-03-01,On Leave\n";
    assert_eq!(counts(&company.import(text).await), (2, 0, 0, 0));
    assert_eq!(counts(&company.import(text).await), (0, 0, 2, 0));
    let company = company.days_later(60);
    company.import("Emp No,Name,Hired\n1,Ann Lee,2026-03-01\n").await;
    assert_eq!(company.rows("SELECT status FROM employees ORDER BY employee_number").await, ["active", "active"]);
    assert_eq!(company.rows(ROWS_NOT_OF_TODAY).await, Vec::<String>::new());
}

#[tokio::test]
async fn managers_who_would_close_a_circle_with_what_is_filed_ahead_are_refused() {
    let company = Company::new().await;
    company.import("Emp No,Name,Hired\n1,Ann Lee,2020-01-01\n2,Bob Ray,2020-01-01\n").await;
    let ahead = "INSERT INTO job_assignments (id, employee_id, effective_from, manager_id, changed, created_at)
        SELECT gen_random_uuid(), a.id, '2026-06-01', b.id, '{manager_id}', now()
        FROM employees a, employees b WHERE a.employee_number = '1' AND b.employee_number = '2'";
    company.change(ahead).await;
    let text = "Emp No,Name,Hired,Manager ID\n2,Bob Ray,2020-01-01,1\n";
    let options = Options { rules: Vec::new(), date_order: None, decimal_mark: None, today: today(&company.context) };
    let file = parse(&Table::open(text.as_bytes()).unwrap(), &options).unwrap();
    let (actor, input) = (Actor::Operator("test".to_owned()), input(company.tenant.id, Mode::GoodRows));
    let outcome = import_employees(&company.context, &actor, &input, file, &|| ()).await;
    assert!(matches!(outcome, Err(Error::Rule(words)) if words.ends_with("Bob Ray, Ann Lee")));
    assert_eq!(company.rows("SELECT count(*) FROM employees WHERE manager_id IS NOT NULL").await, ["0"]);
}
