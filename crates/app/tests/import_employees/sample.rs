//! The import of a real export: the public "Human Resources Data Set" (v14), which lies beside the checkout and is not part of it.

use std::path::PathBuf;

use tenure_app::audit::verify;

use crate::company::{Company, counts};

/// The file's text, from `TENURE_SAMPLE_DATA` (a folder) or the folder `shared/data` beside the checkout.
fn sample() -> String {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("TENURE_SAMPLE_DATA").map_or_else(beside, PathBuf::from);
    let file = folder.join("hr_dataset_v14.csv");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{} cannot be read ({error}); set TENURE_SAMPLE_DATA to the folder that holds hr_dataset_v14.csv",
            file.display()
        )
    })
}

#[tokio::test]
async fn the_sample_is_stored_whole() {
    let company = Company::new().await;
    let imported = company.import(&sample()).await;
    assert_eq!(counts(&imported), (311, 0, 0, 0));
    let people =
        "SELECT count(*), count(*) FILTER (WHERE status = 'terminated'), count(termination_reason), count(manager_id),
        count(department_id), count(designation_id), count(custom ->> 'ManagerName') FROM employees";
    assert_eq!(company.rows(people).await, ["311|104|104|236|311|311|75"]);
    let salaries = "SELECT count(*), min(base)::text, count(*) FILTER (WHERE currency = 'EUR' AND pay_period = 'year') FROM salary_assignments a
        JOIN employees e ON e.id = a.employee_id AND e.hired_on = a.effective_from";
    assert_eq!(company.rows(salaries).await, ["311|45046.0000|311"]);
    let organisation = "SELECT (SELECT count(*) FROM departments), (SELECT count(*) FROM designations)";
    assert_eq!(company.rows(organisation).await, ["6|31"]);
    let wilson =
        "SELECT first_name, middle_name, last_name, birth_date, hired_on, region, postal_code, custom ->> 'Absences'
        FROM employees WHERE employee_number = '10026'";
    assert_eq!(company.rows(wilson).await, ["Wilson|K|Adinolfi|1983-07-10|2011-07-05|MA|1960|1"]);
    let manager = "SELECT m.first_name, m.last_name FROM employees e JOIN employees m ON m.id = e.manager_id
        WHERE e.employee_number = '10084'";
    assert_eq!(company.rows(manager).await, ["Simon|Roup"]);
}

#[tokio::test]
async fn the_second_time_nothing_changes() {
    let company = Company::new().await;
    company.import(&sample()).await;
    let state = "SELECT (SELECT count(*) FROM audit_log), (SELECT count(*) FROM salary_assignments),
        (SELECT max(version) FROM employees), (SELECT count(*) FROM employee_import_rows)";
    let before = company.rows(state).await;
    let company = company.days_later(40);
    let imported = company.import(&sample()).await;
    assert_eq!(counts(&imported), (0, 0, 311, 0));
    assert_eq!(company.rows(state).await, before);
    // 311 people, 311 salaries, 6 departments, 31 designations.
    assert_eq!(before, ["659|311|1|0"]);
    let verified = verify(&company.context, company.tenant.id, None, |fault| panic!("{fault}")).await.unwrap();
    assert_eq!((verified.entries, verified.links), (659, 1));
}
