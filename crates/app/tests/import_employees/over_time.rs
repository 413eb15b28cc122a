//! What an import means for employments: where people stood when, and when they were employed.

use tenure_app::audit;
use tenure_testkit::ROWS_NOT_OF_TODAY;

use crate::company::{Company, counts};

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
async fn a_circle_with_what_is_filed_ahead_costs_a_row_its_manager_and_no_other_row_anything() {
    let company = Company::new().await;
    let people = "Emp No,Name,Hired\n1,Ann Lee,2020-01-01\n2,Bob Ray,2020-01-01\n3,Cy Poe,2020-01-01\n";
    company.import(people).await;
    let ahead = "INSERT INTO job_assignments (id, employee_id, effective_from, manager_id, changed, created_at)
        SELECT gen_random_uuid(), a.id, '2026-06-01', b.id, '{manager_id}', now()
        FROM employees a, employees b WHERE a.employee_number = '1' AND b.employee_number = '2'";
    company.change(ahead).await;
    let text = "Emp No,Name,Hired,Department,Manager ID\n3,Cy Poe,2020-01-01,Sales,1\n2,Bob Ray,2020-01-01,Sales,3\n4,Di Fox,2020-01-01,IT,2\n";
    let imported = company.import(text).await;
    assert_eq!(counts(&imported), (1, 2, 0, 0));
    let warnings = imported.file.warnings();
    let message = "with what is filed, these people would report to each other in a circle: ";
    let shown: Vec<_> = warnings
        .iter()
        .map(|warning| (warning.column.as_str(), warning.value.as_str(), warning.lines.as_slice()))
        .collect();
    assert_eq!(shown, [("Manager ID", "1", [2].as_slice()), ("Manager ID", "3", [3].as_slice())]);
    assert!(
        warnings
            .iter()
            .all(|warning| warning.message.starts_with(message) && warning.message.ends_with("; no manager set")),
        "{warnings:?}"
    );
    let rows = "SELECT e.employee_number, d.name, m.employee_number, e.custom::text FROM employees e
        LEFT JOIN employees m ON m.id = e.manager_id LEFT JOIN departments d ON d.id = e.department_id ORDER BY 1";
    let expected = ["1|||{}", r#"2|Sales||{"Manager ID": "3"}"#, r#"3|Sales||{"Manager ID": "1"}"#, "4|IT|2|{}"];
    assert_eq!(company.rows(rows).await, expected);
    assert_eq!(counts(&company.import(text).await), (0, 0, 3, 0), "again it changes nothing");
    assert_eq!(company.rows("SELECT count(*) FROM departments").await, ["2"]);
    let verified = audit::verify(&company.context, company.tenant.id, None, |fault| panic!("{fault:?}")).await.unwrap();
    assert_eq!(verified.faults, 0, "the log is whole though a first try was undone");
}

#[tokio::test]
async fn an_employment_that_is_filed_ahead_stays_and_today_is_what_the_file_says() {
    let company = Company::new().await;
    import(&company, "1,Ann Lee,2020-01-01,Sales,Full Time,2026-01-31,").await;
    let ahead = "INSERT INTO employment_periods (id, employee_id, hired_on, created_at) SELECT gen_random_uuid(), id, '2026-03-01', now() FROM employees;
        INSERT INTO job_assignments (id, employee_id, effective_from, department_id, changed, created_at)
        SELECT gen_random_uuid(), id, '2026-03-01', department_id, ARRAY['department_id', 'designation_id', 'manager_id', 'location_id',
               'employment_type', 'working_time_fraction', 'pay_grade'], now() FROM employees";
    company.change(ahead).await;
    let moved = "1,Ann Lee,2020-01-01,IT,Full Time,2026-01-31,";
    assert_eq!((import(&company, moved).await, import(&company, moved).await), ((0, 1, 0, 0), (0, 0, 1, 0)));
    assert_eq!(company.rows(PERIODS).await, ["2020-01-01|2026-01-31|", "2026-03-01||"]);
    let rows = ["2020-01-01|Sales|full_time|t", "2026-01-15|IT|full_time|t", "2026-03-01|Sales||f"];
    assert_eq!(company.rows(ASSIGNMENTS).await, rows);
    let early = company.import("Emp No,Name,Hired\n1,Ann Lee,2026-04-01\n2,Bob Ray,2020-01-01\n").await;
    assert_eq!(counts(&early), (1, 0, 0, 1));
    let reject = &early.file.rejects[0];
    assert_eq!((reject.line, reject.column.as_deref(), reject.value.as_str()), (2, Some("Hired"), "2026-04-01"));
    assert!(reject.reason.starts_with("the person is employed until 2026-01-31"), "{}", reject.reason);
    assert_eq!(company.rows(PERIODS).await.len(), 3);
}
