//! The import of a real export: the public "Human Resources Data Set" (v14), which lies beside the checkout and is not part of it.
#![expect(clippy::unwrap_used, reason = "clippy lets only functions marked as tests unwrap, not those that they share")]

use std::path::PathBuf;

use jiff::civil::date;
use tenure_core::employment::{EmployeeStatus, TerminationKind};
use tenure_core::import::{DateOrder, Field, Options, Parsed, Table, Target, parse};

/// The file's bytes, from `TENURE_SAMPLE_DATA` (a folder) or the folder `shared/data` beside the checkout.
fn sample() -> Vec<u8> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("TENURE_SAMPLE_DATA").map_or_else(beside, PathBuf::from);
    let file = folder.join("hr_dataset_v14.csv");
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "{} cannot be read ({error}); set TENURE_SAMPLE_DATA to the folder that holds hr_dataset_v14.csv",
            file.display()
        )
    })
}

fn import(bytes: &[u8]) -> Parsed {
    let options = Options { rules: Vec::new(), date_order: None, decimal_mark: None, today: date(2024, 6, 15) };
    let mut parsed = parse(&Table::open(bytes).unwrap(), &options).unwrap();
    parsed.resolve_managers(&[]);
    parsed
}

#[test]
fn all_311_people_are_read_with_pay_dates_and_places() {
    let parsed = import(&sample());
    assert_eq!(parsed.rejects, []);
    assert_eq!(parsed.rows.len(), 311);
    assert!(
        parsed.rows.iter().all(|row| row.salary.is_some() && row.department.is_some() && row.designation.is_some())
    );
    assert!(parsed.rows.iter().all(|row| row.birth_date.is_some_and(|born| (1950..1995).contains(&born.year()))));
    assert_eq!(parsed.formats.dates.get(&Field::HiredOn), Some(&DateOrder::Mdy));
    let wilson = &parsed.rows[0];
    assert_eq!((wilson.line, wilson.number.as_str(), wilson.name.middle.as_deref()), (2, "10026", Some("K")));
    assert_eq!((wilson.hired_on, wilson.birth_date), (date(2011, 7, 5), Some(date(1983, 7, 10))));
}

#[test]
fn the_104_leavers_have_dates_reasons_and_kinds() {
    let parsed = import(&sample());
    let left: Vec<_> = parsed.rows.iter().filter(|row| row.status == Some(EmployeeStatus::Terminated)).collect();
    assert_eq!(left.len(), 104);
    assert!(left.iter().all(|row| row.terminated_on.is_some() && row.termination_reason.is_some()));
    assert_eq!(left.iter().filter(|row| row.termination_kind == Some(TerminationKind::Voluntary)).count(), 88);
    assert_eq!(left.iter().filter(|row| row.termination_kind == Some(TerminationKind::Involuntary)).count(), 16);
    let stayed = parsed.rows.iter().filter(|row| row.status == Some(EmployeeStatus::Active));
    assert!(stayed.clone().all(|row| row.termination_reason.is_none()));
    assert_eq!(stayed.count(), 207);
}

#[test]
fn codes_are_custom_values_and_do_not_shadow_names() {
    let parsed = import(&sample());
    let custom: Vec<_> = parsed
        .mapping
        .columns()
        .iter()
        .filter(|column| column.target == Target::Custom)
        .map(|column| column.heading.as_str())
        .collect();
    for code in ["MarriedID", "MaritalStatusID", "GenderID", "EmpStatusID", "DeptID", "PositionID", "Termd"] {
        assert!(custom.contains(&code), "{code} in {custom:?}");
    }
    assert_eq!(parsed.rows[0].department.as_deref(), Some("Production"));
    assert_eq!(parsed.rows[0].designation.as_deref(), Some("Production Technician I"));
}

#[test]
fn managers_in_the_file_are_found_by_name_and_others_are_kept_as_text() {
    let parsed = import(&sample());
    let missing = ["Michael Albert", "Webster Butler", "Alex Sweetwater", "David Stanley", "Board of Directors"];
    for row in &parsed.rows {
        let name = row.manager_name.as_deref().unwrap();
        let kept = row.custom.get("ManagerName").map(String::as_str);
        if missing.contains(&name) {
            assert_eq!((row.manager.as_deref(), kept), (None, Some(name)), "line {}", row.line);
        } else {
            assert!(row.manager.is_some() && kept.is_none(), "line {}: {name} should be found", row.line);
        }
    }
    let by_number: Vec<_> = parsed.warnings().into_iter().filter(|warning| warning.column == "ManagerID").collect();
    assert_eq!(by_number.len(), 1, "one warning for the whole column: {by_number:?}");
}
