//! What an import must not do: store what contradicts, keep what it should not, or get in the way of another.

use tenure_app::import_employees::Mode;

use crate::company::{Company, counts, input, rejects};

const PEOPLE: &str = "SELECT employee_number, work_email FROM employees ORDER BY 1";

#[tokio::test]
async fn an_address_of_somebody_else_is_a_reject_and_good_rows_are_stored() {
    let company = Company::new().await;
    company.import("Emp No,Name,Hired,Email\n1,Ann Lee,2020-01-01,ann@x.example\n").await;
    let text = "Emp No,Name,Hired,Email\n2,Bob Ray,2020-01-01,Ann@X.example\n3,Cy Poe,2020-01-01,cy@x.example\n";
    let imported = company.import(text).await;
    assert_eq!((counts(&imported), imported.file.read()), ((1, 0, 0, 1), 2));
    assert_eq!(rejects(&imported), [(2, "already the address of employee 1")]);
    assert_eq!(company.rows(PEOPLE).await, ["1|ann@x.example", "3|cy@x.example"]);
}

#[tokio::test]
async fn people_of_one_file_can_exchange_addresses_and_a_newcomer_take_a_free_one() {
    let company = Company::new().await;
    let heading = "Emp No,Name,Hired,Email";
    company.import(&format!("{heading}\n1,Ann Lee,2020-01-01,a@x.example\n2,Bob Ray,2020-01-01,b@x.example\n3,Cy Poe,2020-01-01,c@x.example\n")).await;
    let text = format!(
        "{heading}\n1,Ann Lee,2020-01-01,b@x.example\n2,Bob Ray,2020-01-01,a@x.example\n3,Cy Poe,2020-01-01,new@x.example\n0,Di Fox,2020-01-01,c@x.example\n"
    );
    assert_eq!(counts(&company.import(&text).await), (1, 3, 0, 0));
    assert_eq!(company.rows(PEOPLE).await, ["0|c@x.example", "1|b@x.example", "2|a@x.example", "3|new@x.example"]);
}

#[tokio::test]
async fn whoever_names_a_rejected_person_as_manager_gets_none() {
    let company = Company::new().await;
    company.import("Emp No,Name,Hired,Email\n1,Ann Lee,2020-01-01,ann@x.example\n").await;
    let text = "Emp No,Name,Hired,Email,Manager\n2,Bob Ray,2020-01-01,ann@x.example,\n3,Cy Poe,2020-01-01,,Bob Ray\n";
    let imported = company.import(text).await;
    assert_eq!((counts(&imported), imported.file.warnings().len()), ((1, 0, 0, 1), 1));
    assert_eq!(
        company.rows("SELECT custom::text FROM employees WHERE employee_number = '3'").await,
        [r#"{"Manager": "Bob Ray"}"#]
    );
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_keeps_nothing() {
    let company = Company::new().await;
    let text = "Emp No,Name,Hired,Department,Salary\n1,Ann Lee,2020-01-01,Sales,50000\n2,Bob Ray,2020-13-01,Sales,\n";
    let imported = company.import_as(text, &[], &input(company.tenant.id, Mode::DryRun)).await;
    assert_eq!((counts(&imported), imported.kept), ((1, 0, 0, 1), false));
    assert_eq!(imported.merged.departments, ["Sales"]);
    assert_eq!(
        company
            .rows("SELECT id FROM employees UNION ALL SELECT id FROM departments UNION ALL SELECT id FROM audit_log")
            .await,
        [""; 0]
    );
}

#[tokio::test]
async fn all_or_nothing_keeps_nothing_when_a_row_is_rejected() {
    let company = Company::new().await;
    let all = input(company.tenant.id, Mode::AllOrNothing);
    let bad = company.import_as("Emp No,Name,Hired\n1,Ann Lee,2020-01-01\n2,Bob Ray,2020-13-01\n", &[], &all).await;
    assert_eq!((counts(&bad), bad.kept), ((0, 0, 0, 1), false));
    assert_eq!(company.rows(PEOPLE).await, [""; 0]);
    let good = company.import_as("Emp No,Name,Hired\n1,Ann Lee,2020-01-01\n2,Bob Ray,2020-12-01\n", &[], &all).await;
    assert_eq!((counts(&good), good.kept), ((2, 0, 0, 0), true));
}

#[tokio::test]
async fn two_imports_at_once_follow_each_other() {
    let company = Company::new().await;
    let row = |number: usize| format!("{number},Ann Lee,2020-01-01,Dept {},{number}@x.example,1000\n", number % 7);
    let rows = (0..200).map(row).collect::<Vec<_>>().concat();
    let text = format!("Emp No,Name,Hired,Department,Email,Salary\n{rows}");
    let (one, other) = tokio::join!(company.import(&text), company.import(&text));
    let mut both = [counts(&one), counts(&other)];
    both.sort_unstable();
    assert_eq!(both, [(0, 0, 200, 0), (200, 0, 0, 0)]);
}

#[tokio::test]
async fn an_import_reaches_its_own_tenant_alone() {
    let company = Company::new().await;
    let other = company.installation.tenant("globex").await;
    company.import("Emp No,Name,Hired,Department\n1,Ann Lee,2020-01-01,Sales\n").await;
    let count = format!(
        "SELECT count(*) FROM \"{0}\".employees UNION ALL SELECT count(*) FROM \"{0}\".departments",
        other.schema
    );
    assert_eq!(company.rows(&count).await, ["0", "0"]);
}

#[tokio::test]
async fn text_arrives_as_it_was_written() {
    let company = Company::new().await;
    let note = "tab\there, back\\slash, \"quotes\", \u{1f600}, line\nbreak, \\N";
    let cell = note.replace('"', "\"\"");
    company.import(&format!("Emp No,Name,Hired,Note\n\\N,Zoë O'Neil,2020-01-01,\"{cell}\"\n")).await;
    let row = "SELECT employee_number, first_name, last_name, custom ->> 'Note' FROM employees";
    assert_eq!(company.rows(row).await, [format!("\\N|Zoë|O'Neil|{note}")]);
}
