//! `tenure import employees …` against a real database.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::installation::Installation;
use crate::shown;

const IMPORT: &[&str] = &["import", "employees", "people.csv", "--tenant", "acme"];

async fn with_file(text: impl AsRef<[u8]>) -> Installation {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    fs::write(tenure.folder().join("people.csv"), text).unwrap();
    tenure
}

/// What a run shows, without the lines of its progress.
fn shown_without_progress(tenure: &Installation, arguments: &[&str]) -> String {
    let all = shown(&mut tenure.command(arguments));
    all.lines().filter(|line| !line.ends_with(" rows")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_can_be_corrected_and_imported_again() {
    let tenure = with_file(
        "Staff No;Name;Hire Date;Salary;Shoe size\n1;Lee, Ann;31.07.2020;50.000,00;39\n2;Ray, Bob;31.02.2020;1;40\n",
    )
    .await;
    let report = tenure.json(&[IMPORT, &["--currency", "EUR"]].concat(), 3);
    let count = |name: &str| report[name].clone();
    let counts = ["read", "created", "updated", "unchanged", "rejected", "warnings"].map(count);
    assert_eq!(counts, [2, 1, 0, 0, 1, 0].map(|count| json!(count)));
    assert_eq!(report["details"]["rejects"][0]["line"], 3);

    let rejects = tenure.folder().join(report["rejects_file"].as_str().unwrap());
    assert_eq!(fs::metadata(&rejects).unwrap().permissions().mode() & 0o777, 0o600);
    let corrected = fs::read_to_string(&rejects).unwrap().replace("31.02.2020", "28.02.2020");
    fs::write(&rejects, corrected).unwrap();
    let again = tenure.json(&["import", "employees", rejects.to_str().unwrap(), "--tenant", "acme"], 0);
    assert_eq!((&again["created"], &again["rejects_file"]), (&json!(1), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_columns_and_what_would_happen() {
    let text = "Code,Emp No,Name,Hire Date,Department,Manager\n\
        x,1,Ann Lee,2020-07-31,Sales,The Board\ny,2,Bob Ray,2020-02-31,Sales,Ann Lee\nz,3,Cy Poe,2020-01-31,IT,Ann Lee\n";
    let tenure = with_file(text).await;
    let first = shown_without_progress(&tenure, &[IMPORT, &["--dry-run", "--map", "Code="]].concat());
    assert!(!tenure.folder().join("people.csv.rejects.csv").exists());
    let second = shown_without_progress(&tenure, &[IMPORT, &["--all-or-nothing"]].concat());
    insta::assert_snapshot!(format!("{first}\n\n{second}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_said_with_a_way_out() {
    let tenure = with_file("Name,Hire Date\nAnn Lee,01/02/2020\n").await;
    let mut said = Vec::new();
    said.push(shown(&mut tenure.command(IMPORT)));
    said.push(shown(&mut tenure.command(&[IMPORT, &["--map", "Name=colour"]].concat())));
    said.push(shown(&mut tenure.command(&[IMPORT, &["--rejects", "./people.csv"]].concat())));
    for content in ["Emp No,Name,Hire Date\n1,Ann Lee,01/02/2020\n".as_bytes(), b"PK\x03\x04\0", b""] {
        fs::write(tenure.folder().join("people.csv"), content).unwrap();
        said.push(shown(&mut tenure.command(IMPORT)));
    }
    said.push(shown(&mut tenure.command(&["import", "employees", "none.csv", "--tenant", "acme"])));
    said.push(shown(&mut tenure.command(&["import", "employees", "people.csv", "--tenant", "globex"])));
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_row_is_rejected_the_command_has_failed() {
    let tenure = with_file("Emp No,Name,Hire Date\n1,Ann Lee,2020-02-31\n").await;
    assert_eq!(tenure.json(IMPORT, 1)["rejected"], 1);
}
