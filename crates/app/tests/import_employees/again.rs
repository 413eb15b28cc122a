//! People whom the company knows already: what an import changes of them.

use tenure_app::import_employees::{ImportEmployees, Mode};

use crate::company::{Company, counts, input};

const ANN: &str = "SELECT first_name, middle_name, last_name, work_email, birth_date, status, version FROM employees
    WHERE employee_number = 'E-1'";
const SALARIES: &str = "SELECT effective_from, base::text, currency, pay_period FROM salary_assignments
    WHERE deleted_at IS NULL ORDER BY effective_from";

#[tokio::test]
async fn only_what_differs_is_changed_and_recorded() {
    let company = Company::new().await;
    let heading = "Emp No,Name,Hired,Email,DOB,Note";
    company
        .import(&format!(
            "{heading}\nE-1,Ann B Lee,2020-01-01,ann@x.example,1990-05-01,left\\handed\nE-2,Bob Ray,2020-01-01,,,\n"
        ))
        .await;
    let again = company.import(&format!("{heading}\ne-1,Ann Lee,2020-01-01,,,\ne-2,Bob Roy,2020-01-01,,,tall\n")).await;
    assert_eq!(counts(&again), (0, 1, 1, 0));
    assert_eq!(company.rows(ANN).await, ["Ann|B|Lee|ann@x.example|1990-05-01|active|1"]);
    let entries = "SELECT actor, entity, before::text, after::text FROM audit_log WHERE action = 'employee.updated'";
    let before = r#"{"custom": {}, "last_name": "Ray"}"#;
    let after = r#"{"custom": {"Note": "tall"}, "last_name": "Roy"}"#;
    assert_eq!(company.rows(entries).await, [format!("test|employee|{before}|{after}")]);
    let notes = "SELECT employee_number, custom ->> 'Note', version FROM employees ORDER BY 1";
    assert_eq!(company.rows(notes).await, ["E-1|left\\handed|1", "E-2|tall|2"]);
}

#[tokio::test]
async fn every_field_is_stored_and_can_be_changed() {
    let company = Company::new().await;
    let heading = "Emp No,First Name,Middle Name,Last Name,Work Email,Home Email,Phone,DOB,Sex,Marital Status,Citizenship,State,Zip,\
        Country,Department,Job Title,Manager ID,Hire Date,Termination Date,Termination Type,Term Reason,Status,Employment Type,\
        Salary,Currency,Pay Period,Note\nB,Bob,,Ray,,,,,,,,,,,,,,2019-01-01,,,,,,,,,\nC,Cy,,Poe,,,,,,,,,,,,,,2019-01-01,,,,,,,,,\n";
    let one = "A,Ann,X,Lee,a@x.example,a@y.example,1,1990-05-01,F,Single,US,MA,1,US,Sales,Chief,B,2020-01-01,2021-01-01,\
        Voluntary,moved,Terminated,Full Time,1,EUR,year,n\n";
    let other = "A,Bea,Y,Fox,b@x.example,b@y.example,2,1991-06-02,M,Married,CH,NY,2,DE,IT,Clerk,C,2020-02-02,2022-02-02,\
        Involuntary,theft,Terminated,Part Time,2,USD,month,m\n";
    let all = "SELECT to_jsonb(e) - '{id,version,created_at,updated_at,search_text,department_id,designation_id,manager_id}'::text[],
        d.name, g.title, m.employee_number, a.base::text, a.currency, a.pay_period
        FROM employees e JOIN departments d ON d.id = e.department_id JOIN designations g ON g.id = e.designation_id
        JOIN employees m ON m.id = e.manager_id JOIN salary_assignments a ON a.employee_id = e.id ORDER BY effective_from DESC LIMIT 1";
    company.import(&format!("{heading}{one}")).await;
    let first = company.rows(all).await.concat();
    let fields: Vec<&str> = first.split([',', '|']).collect();
    let changed = company.import(&format!("{heading}{other}")).await;
    assert_eq!(counts(&changed), (0, 1, 2, 0), "{:?}", changed.file.rejects);
    let second = company.rows(all).await.concat();
    let same: Vec<_> =
        second.split([',', '|']).filter(|field| fields.contains(field) && !field.contains("null")).collect();
    assert_eq!(same, [r#" "status": "terminated""#, r#" "employee_number": "A""#], "\n{first}\n{second}");
    assert_eq!(counts(&company.import(&format!("{heading}{other}")).await), (0, 0, 3, 0));
}

#[tokio::test]
async fn values_that_are_not_in_the_file_stay() {
    let company = Company::new().await;
    company.import("Emp No,Name,Hired,Department,Salary\n1,Ann Lee,2020-01-01,Sales,50000\n").await;
    company
        .change("UPDATE employees SET custom = '{\"desk\": 4}', status = 'on_leave', preferred_name = 'Annie'")
        .await;
    let again = company.import("Emp No,Name,Hired,Note\n1,Ann Lee,2020-01-01,x\n").await;
    assert_eq!(counts(&again), (0, 1, 0, 0));
    let row = "SELECT e.status, e.preferred_name, e.custom::text, d.name FROM employees e JOIN departments d ON d.id = e.department_id";
    assert_eq!(company.rows(row).await, [r#"on_leave|Annie|{"Note": "x", "desk": 4}|Sales"#]);
}

#[tokio::test]
async fn a_changed_salary_holds_from_the_day_of_the_import() {
    let company = Company::new().await;
    let text = |salary: &str| format!("Emp No,Name,Hired,Salary\n1,Ann Lee,2020-01-01,{salary}\n");
    let euro = ImportEmployees { currency: Some("EUR".parse().unwrap()), ..input(company.tenant.id, Mode::GoodRows) };
    let first = company.import_as(&text("50000"), &[], &euro).await;
    assert_eq!((counts(&first), first.file.warnings().len()), ((1, 0, 0, 0), 0));
    assert_eq!(counts(&company.import(&text("51000")).await), (0, 1, 0, 0));
    // A second change on one day corrects the first. The currency is that of the earlier salary.
    assert_eq!(counts(&company.import(&text("52000.50")).await), (0, 1, 0, 0));
    let company = company.days_later(1);
    assert_eq!(counts(&company.import(&text("52000.5")).await), (0, 0, 1, 0));
    assert_eq!(company.rows(SALARIES).await, ["2020-01-01|50000.0000|EUR|year", "2026-01-15|52000.5000|EUR|year"]);
}

#[tokio::test]
async fn a_salary_without_a_currency_is_in_that_of_the_company_and_in_the_usual_one_with_a_warning() {
    let company = Company::new().await;
    let text =
        |number: usize| format!("Emp No,Name,Hired,Salary,Pay Period\n{number},Ann Lee,2020-01-0{number},30,hour\n");
    // What earlier versions read counts for nothing.
    company
        .change("INSERT INTO settings (key, version, value, created_at) VALUES ('pay.currency', 1, '\"GBP\"', now())")
        .await;
    let usual = company.import(&text(1)).await;
    let warning = usual.file.warnings()[0].clone();
    assert!(warning.message.starts_with("no currency is named; taken for EUR"), "{warning:?}");
    assert_eq!((warning.column.as_str(), warning.lines), ("Salary", vec![2]));
    company.choose_currency("CHF").await;
    assert_eq!(company.import(&text(2)).await.file.warnings(), []);
    let named = ImportEmployees { currency: Some("USD".parse().unwrap()), ..input(company.tenant.id, Mode::GoodRows) };
    company.import_as(&text(3), &[], &named).await;
    assert_eq!(company.import(&text(1)).await.merged.unchanged, 1, "what is stored keeps its currency");
    let salaries = ["2020-01-01|30.0000|EUR|hour", "2020-01-02|30.0000|CHF|hour", "2020-01-03|30.0000|USD|hour"];
    assert_eq!(company.rows(SALARIES).await, salaries);
}

#[tokio::test]
async fn whoever_comes_back_is_active_again() {
    let company = Company::new().await;
    let heading = "Emp No,Name,Hired,Termination Date,Termination Reason";
    company.import(&format!("{heading}\nE-1,Ann Lee,2020-01-01,2022-03-31,moved\n")).await;
    let standing = "SELECT status, hired_on, terminated_on, termination_reason FROM employees";
    assert_eq!(company.rows(standing).await, ["terminated|2020-01-01|2022-03-31|moved"]);
    let back = company.import(&format!("{heading}\nE-1,Ann Lee,2025-06-01,,\n")).await;
    assert_eq!((counts(&back), back.file.warnings().len()), ((0, 1, 0, 0), 1));
    assert_eq!(company.rows(standing).await, ["active|2025-06-01||"]);
}

#[tokio::test]
async fn a_manager_who_was_missing_and_joins_later_replaces_the_text_that_was_kept() {
    let company = Company::new().await;
    let text = "Emp No,Name,Hired,Reports To\n1,Ann Lee,2020-01-01,\"Ray, Bob\"\n";
    assert_eq!(company.import(text).await.file.warnings().len(), 1);
    company.import("Emp No,Name,Hired\n2,Bob Ray,2020-01-01\n").await;
    let manager =
        "SELECT e.custom::text, m.employee_number FROM employees e LEFT JOIN employees m ON m.id = e.manager_id
        WHERE e.employee_number = '1'";
    assert_eq!(company.rows(manager).await, [r#"{"Reports To": "Ray, Bob"}|"#]);
    assert_eq!(counts(&company.import(text).await), (0, 1, 0, 0));
    assert_eq!(company.rows(manager).await, ["{}|2"]);
}

#[tokio::test]
async fn whoever_comes_back_has_no_manager_who_was_deleted_since() {
    let company = Company::new().await;
    let heading = "Emp No,Name,Hired,Termination Date,Manager ID,Status";
    company
        .import(&format!("{heading}\n1,Ann Lee,2020-01-01,2022-03-31,2,\n2,Bob Ray,2020-01-01,2022-03-31,,\n"))
        .await;
    company.change("UPDATE employees SET deleted_at = now() WHERE employee_number = '2'").await;
    let manager = "SELECT status, manager_id IS NULL FROM employees WHERE employee_number = '1'";
    assert_eq!(counts(&company.import(&format!("{heading}\n1,Ann Lee,2020-01-01,2022-03-31,,\n")).await), (0, 0, 1, 0));
    assert_eq!(company.rows(manager).await, ["terminated|f"]);
    company.import(&format!("{heading}\n1,Ann Lee,2025-01-01,,,Active\n")).await;
    assert_eq!(company.rows(manager).await, ["active|t"]);
}

#[tokio::test]
async fn departments_and_designations_are_found_whatever_their_case() {
    let company = Company::new().await;
    let text =
        "Emp No,Name,Hired,Department,Job Title\n1,Ann Lee,2020-01-01,ÄRZTE,Chief\n2,Bob Ray,2020-01-01,Ärzte,chief\n";
    let imported = company.import(text).await;
    assert_eq!(
        (imported.merged.departments, imported.merged.designations),
        (vec!["ÄRZTE".to_owned()], vec!["Chief".to_owned()])
    );
    assert_eq!(company.rows("SELECT count(*) FROM departments").await, ["1"]);
}

#[tokio::test]
async fn of_departments_of_one_name_the_one_the_person_is_in_is_meant() {
    let company = Company::new().await;
    company.import("Emp No,Name,Hired,Department\n1,Ann Lee,2020-01-01,Sales\n2,Bob Ray,2020-01-01,Europe\n").await;
    company
        .change(
            "INSERT INTO departments (id, parent_id, name, created_at, updated_at)
             SELECT '00000000-0000-7000-8000-000000000001', id, 'Sales', now(), now() FROM departments WHERE name = 'Europe';
             UPDATE employees SET department_id = '00000000-0000-7000-8000-000000000001' WHERE employee_number = '2'",
        )
        .await;
    let text = "Emp No,Name,Hired,Department\n1,Ann Lee,2020-01-01,Sales\n2,Bob Ray,2020-01-01,Sales\n3,Cy Poe,2020-01-01,Sales\n";
    assert_eq!(counts(&company.import(text).await), (1, 0, 2, 0));
    let places = "SELECT e.employee_number, d.parent_id IS NULL FROM employees e JOIN departments d ON d.id = e.department_id ORDER BY 1";
    assert_eq!(company.rows(places).await, ["1|t", "2|f", "3|t"]);
}
