//! What becomes of a file of employees, seen from outside: rows, rejects, warnings and managers.
#![expect(clippy::unwrap_used, reason = "clippy lets only functions marked as tests unwrap, not those that they share")]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use tenure_core::employment::{EmployeeStatus, EmploymentType, Gender, TerminationKind};
use tenure_core::import::{
    Colleague, DateOrder, ImportError, Options, Parsed, PersonName, Reject, Table, parse, write_rejects,
};

const TODAY: Date = date(2024, 6, 15);

fn options(rules: &[&str]) -> Options {
    let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Options { rules, date_order: None, decimal_mark: None, today: TODAY }
}

fn read(text: &str) -> Parsed {
    parse(&Table::open(text.as_bytes()).unwrap(), &options(&[]))
        .unwrap_or_else(|error| panic!("{error}\n{}", error.hint()))
}

fn rejects(text: &str) -> Vec<(usize, String, String)> {
    let told = |reject: Reject| (reject.line, reject.column.unwrap_or_default(), reject.reason);
    read(text).rejects.into_iter().map(told).collect()
}

fn rejected(line: usize, column: &str, reason: &str) -> (usize, String, String) {
    (line, column.to_owned(), reason.to_owned())
}

#[test]
fn a_row_becomes_a_typed_employee() {
    let text = "Emp No;Name;Hire Date;DOB;Sex;Email;Country;Department;Salary;Currency;Employment Type;Shoe size\r\n\
                E-1;\"Smith, Leigh Ann\";31.07.2011;09.19.88;F ; l.smith@acme.example ;Germany; Sales   East ;62.506,50;eur;Part-time;39\r\n";
    // A birth date in another order than the hire dates: each column is decided by itself.
    let parsed = read(text);
    assert_eq!(parsed.rejects, []);
    let row = &parsed.rows[0];
    assert_eq!((row.line, row.number.as_str(), row.hired_on), (2, "E-1", date(2011, 7, 31)));
    assert_eq!((row.name.first.as_str(), row.name.last.as_str()), ("Leigh Ann", "Smith"));
    assert_eq!((row.birth_date, row.gender), (Some(date(1988, 9, 19)), Some(Gender::Female)));
    assert_eq!((row.work_email.as_deref(), row.country_code), (Some("l.smith@acme.example"), Some("DE")));
    assert_eq!(row.department.as_deref(), Some("Sales East"));
    assert_eq!(row.salary.map(|salary| salary.to_string()).as_deref(), Some("62506.5"));
    assert_eq!(row.currency.map(String::from).as_deref(), Some("EUR"));
    assert_eq!((row.status, row.employment_type), (None, Some(EmploymentType::PartTime)));
    assert_eq!(row.custom.get("Shoe size").map(String::as_str), Some("39"));
}

#[test]
fn empty_cells_and_placeholders_say_nothing() {
    let parsed = read("Emp No,Name,Hired,DOB,Email,Salary,Department,Note\n1,Ann Lee,2020-01-01,n/a,-,NULL,,\n");
    let row = &parsed.rows[0];
    assert_eq!((row.birth_date, &row.work_email, row.salary, &row.department), (None, &None, None, &None));
    assert!(row.custom.is_empty(), "{:?}", row.custom);
}

#[test]
fn bad_rows_are_named_by_line_column_and_reason_and_do_not_stop_good_ones() {
    let text = "Emp No,Name,Hired,DOB,Email,Salary,Status,Term Date\n\
        1,Ann Lee,2020-01-01,,,,,\n\
        ,Bob Lee,2020-01-01,,,,,\n\
        3,\"Cher,\",2020-13-01,,,,,\n\
        4,Dan Lee,,,,,,\n\
        5,Eve Lee,2020-01-01,2021-01-01,,,,\n\
        6,Fay Lee,2020-01-01,,nobody,,,\n\
        7,Gus Lee,2020-01-01,,,-5,,\n\
        8,Hal Lee,2020-01-01,,,,purple,\n\
        9,Ida Lee,2020-01-01,,,,,2019-12-31\n\
        10,Joe Lee,2020-01-01,,,,Active,2021-12-31\n\
        11,Kim Lee,2020-01-01\n\
        12,\"Lou\" Lee,2020-01-01,,,,,\n\
        13,Max Lee,2020-01-01,,,,,\n";
    let parsed = read(text);
    assert_eq!(parsed.rows.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(), ["1", "13"]);
    assert_eq!((parsed.read(), parsed.rejected()), (13, 11));
    let expected = [
        rejected(3, "Emp No", "missing"),
        rejected(4, "Name", "a part of the name is missing; write \"Last, First\" or \"First Last\""),
        rejected(4, "Hired", "no such day in the calendar"),
        rejected(5, "Hired", "missing"),
        rejected(6, "DOB", "not before the hire date"),
        rejected(7, "Email", "not a mail address"),
        rejected(8, "Salary", "negative"),
        rejected(9, "Status", "not a known status; write active, on leave, suspended, pending or terminated"),
        rejected(10, "Term Date", "before the hire date"),
        rejected(11, "Term Date", "has passed, but the status says that the person is employed; correct one of them"),
        rejected(12, "", "the row has 3 cells, the headings are 8"),
    ];
    let found = rejects(text);
    assert_eq!(found[..11], expected);
    assert!(found[11].0 == 13 && found[11].2.starts_with("text follows a closing quote"), "{:?}", found[11]);
}

#[test]
fn repeated_numbers_and_mail_addresses_name_the_first_line() {
    let text = "Emp No,Name,Hired,Email\na1,Ann Lee,2020-01-01,x@acme.example\nA1,Bob Lee,2020-01-01,\n2,Cid Lee,2020-01-01,X@acme.example\n\
                3,Dan Lee,never,\n3,Eve Lee,2020-01-01,\n";
    let expected = [
        rejected(3, "Emp No", "already in line 2"),
        rejected(4, "Email", "already in line 2"),
        rejected(5, "Hired", "not a date"),
        rejected(6, "Emp No", "already in line 5"),
    ];
    assert_eq!(rejects(text), expected);
}

#[test]
fn a_stated_date_order_turns_contradictions_into_rejects() {
    let text = "Emp No,Name,Hired\n1,Ann Lee,7/31/2011\n2,Bob Lee,31/7/2011\n3,Cid Lee,7/5/2011\n";
    let table = Table::open(text.as_bytes()).unwrap();
    assert!(matches!(parse(&table, &options(&[])), Err(ImportError::MixedDates { .. })));
    let parsed = parse(&table, &Options { date_order: Some(DateOrder::Mdy), ..options(&[]) }).unwrap();
    assert_eq!(parsed.rejects[0].reason, "does not fit the column, where the month comes first");
    assert_eq!(parsed.rows.iter().map(|row| row.hired_on).collect::<Vec<_>>(), [date(2011, 7, 31), date(2011, 7, 5)]);
}

#[test]
fn leavers_carry_kind_and_reason_and_others_carry_none() {
    let text = "Emp No,Name,Hired,Term Date,Term Reason,Status\n\
        1,Ann Lee,2020-01-01,2021-01-31,hours,Voluntarily Terminated\n\
        2,Bob Lee,2020-01-01,,N/A-StillEmployed,Active\n\
        3,Cid Lee,2020-01-01,,moving soon,Active\n";
    let rows = read(text).rows;
    let left = (Some(EmployeeStatus::Terminated), Some(TerminationKind::Voluntary), Some("hours"));
    assert_eq!((rows[0].status, rows[0].termination_kind, rows[0].termination_reason.as_deref()), left);
    assert_eq!((rows[1].status, &rows[1].termination_reason), (Some(EmployeeStatus::Active), &None));
    assert!(rows[1].custom.is_empty(), "{:?}", rows[1].custom);
    assert_eq!(rows[2].custom.get("Term Reason").map(String::as_str), Some("moving soon"));
}

#[test]
fn words_that_are_not_known_are_kept_with_a_warning() {
    let parsed = read(
        "Emp No,Name,Hired,Gender,Country\n1,Ann Lee,2020-01-01,agender,Atlantis\n2,Bob Lee,2020-01-01,agender,\n",
    );
    assert_eq!(parsed.rows[0].custom.get("Country").map(String::as_str), Some("Atlantis"));
    let warnings = parsed.warnings();
    let gender = warnings.iter().find(|warning| warning.column == "Gender").unwrap();
    assert_eq!((gender.value.as_str(), gender.lines.as_slice()), ("agender", &[2, 3][..]));
}

#[test]
fn corrected_rejects_can_be_imported_again() {
    let text = "Emp No\tName\tHired\tNote\n1\tAnn Lee\tnever\tsays \"hi\"\n2\tBob Lee\t2020-01-01\t\n3\t\"Cid Lee\t2020-01-01\t\n";
    let table = Table::open(text.as_bytes()).unwrap();
    let parsed = parse(&table, &options(&[])).unwrap();
    let mut file = Vec::new();
    write_rejects(&table, &parsed.rejects, &mut file).unwrap();
    let again = Table::open(&file).unwrap();
    let rejects = parse(&again, &options(&[])).unwrap().rejects;
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    let corrected = String::from_utf8(file).unwrap().replace("never", "2020-01-01");
    let rows = read(&corrected).rows;
    assert_eq!(rows.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(rows[0].custom.get("Note").map(String::as_str), Some("says \"hi\""));
    assert_eq!(rows[0].custom.len(), 1, "the reasons are not imported");
}

/// Imports people given as `number,name,manager number,manager name` and finds their managers.
fn managers(people: &[&str], existing: &[Colleague]) -> Parsed {
    let rows = people.iter().map(|person| format!("{person},2020-01-01\n"));
    let text: String = std::iter::once("Emp No,Name,Manager ID,Manager Name,Hired\n".to_owned()).chain(rows).collect();
    let mut parsed = read(&text);
    assert_eq!(parsed.rejects, []);
    parsed.resolve_managers(existing);
    parsed
}

fn found(parsed: &Parsed) -> Vec<Option<&str>> {
    parsed.rows.iter().map(|row| row.manager.as_deref()).collect()
}

fn colleague(number: &str, name: &str, manager: Option<&str>) -> Colleague {
    Colleague {
        number: number.to_owned(),
        name: PersonName::parse(name).unwrap(),
        manager: manager.map(ToOwned::to_owned),
    }
}

#[test]
fn managers_are_found_by_number_or_name_also_below_and_in_the_company() {
    let parsed = managers(
        &[
            "1,\"Lee, Ann\",2,",
            "2,\"LeBlanc, Brandon  R\",,Zoe Old",
            "3,Cid Lee,,Brandon R. LeBlanc",
            "4,Dan Lee,,2",
            "5,Eve Lee,2,Brandon LeBlanc",
        ],
        &[colleague("90", "Old, Zoe", None)],
    );
    assert_eq!(found(&parsed), [Some("2"), Some("90"), Some("2"), Some("2"), Some("2")]);
    assert_eq!(parsed.warnings(), []);
}

#[test]
fn the_name_wins_over_a_number_of_another_numbering() {
    let parsed = managers(&["1,Ann Lee,22,Bob Roe", "2,Bob Roe,1,Cid Poe", "3,Cid Poe,,"], &[]);
    assert_eq!(found(&parsed), [Some("2"), Some("3"), None]);
    assert_eq!(parsed.rows[0].custom.get("Manager ID").map(String::as_str), Some("22"));
    let warnings = parsed.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(warnings[0].message, "no employee has these numbers; the names beside them were followed");
    assert_eq!(warnings[1].message, "the number is another employee's than the name beside it; the name was followed");
}

#[test]
fn unknown_and_ambiguous_managers_are_warnings_that_keep_the_text() {
    let parsed = managers(
        &[
            "1,Ann Lee,,Board of Directors",
            "2,John Roe,,Ann Lee",
            "3,John Roe,,Ann Lee",
            "4,Dan Lee,,John Roe",
            "5,Eve Lee,3,John Roe",
            "6,Fay Lee,77,",
        ],
        &[],
    );
    assert_eq!(found(&parsed), [None, Some("1"), Some("1"), None, Some("3"), None]);
    let kept = |row: usize, heading: &str| parsed.rows[row].custom.get(heading).map(String::as_str);
    assert_eq!(kept(0, "Manager Name"), Some("Board of Directors"));
    assert_eq!(kept(3, "Manager Name"), Some("John Roe"));
    assert_eq!(kept(5, "Manager ID"), Some("77"));
    let lines: Vec<_> = parsed.warnings().into_iter().map(|warning| (warning.lines, warning.message)).collect();
    let expected = [
        (vec![2], "no employee has this name; kept as a custom value".to_owned()),
        (vec![5], "several employees have this name; kept as a custom value".to_owned()),
        (vec![7], "no employee has this number; kept as a custom value".to_owned()),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_namesake_of_ones_own_is_meant_before_oneself() {
    assert_eq!(found(&managers(&["1,John Roe,,John Roe", "2,John Roe,,"], &[])), [Some("2"), None]);
}

#[test]
fn nobody_becomes_their_own_manager_directly_or_through_others() {
    let parsed = managers(&["1,Ann Lee,1,", "2,Bob Lee,3,", "3,Cid Lee,2,", "4,Dan Lee,2,"], &[]);
    assert_eq!(found(&parsed), [None, None, None, Some("2")]);
    assert!(
        parsed.warnings().iter().all(|warning| warning.message.starts_with("would lead back")),
        "{:?}",
        parsed.warnings()
    );
}

#[test]
fn loops_through_stored_managers_are_found_too() {
    let stored =
        [colleague("1", "Ann Lee", None), colleague("2", "Bob Lee", Some("1")), colleague("3", "Cid Lee", Some("2"))];
    assert_eq!(found(&managers(&["1,Ann Lee,3,"], &stored)), [None]);
    // Once Bob moves as well, nothing leads back any more.
    assert_eq!(
        found(&managers(&["1,Ann Lee,3,", "3,Cid Lee,4,", "4,Dan Lee,,"], &stored)),
        [Some("3"), Some("4"), None]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_import_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(table) = Table::open(&bytes) {
            let _ = parse(&table, &options(&[]));
        }
    }

    #[test]
    fn no_rows_make_the_import_panic_or_vanish(rows in prop::collection::vec("[-\"a-c0-3/.,; ]{0,30}", 1..12)) {
        let text = format!("Emp No,Name,Hired,Salary,Manager,Term Date,Status\n9,A B,2020-01-01,1,,,\n{}", rows.join("\n"));
        let table = Table::open(text.as_bytes()).unwrap();
        let options = Options { date_order: Some(DateOrder::Dmy), ..options(&[]) };
        if let Ok(mut parsed) = parse(&table, &options) {
            parsed.resolve_managers(&[]);
            let blank = rows.iter().filter(|row| row.chars().all(|c| matches!(c, ' ' | ','))).count();
            if !text.contains('"') {
                prop_assert_eq!(parsed.read(), rows.len() + 1 - blank);
            }
            let mut file = Vec::new();
            write_rejects(&table, &parsed.rejects, &mut file).unwrap();
        }
    }

    #[test]
    fn managers_never_form_a_loop(edges in prop::collection::vec((0usize..12, 0usize..12), 12)) {
        let people: Vec<String> = edges.iter().enumerate().map(|(own, (new, _))| format!("{own},P{own} Lee,{new},")).take(8).collect();
        // Stored managers come from lower numbers only, so that they form a tree.
        let stored = |(own, (_, old)): (usize, &(usize, usize))| {
            let manager = own.checked_sub(1).map(|highest| old.min(&highest).to_string());
            colleague(&own.to_string(), &format!("P{own} Lee"), manager.as_deref())
        };
        let existing: Vec<Colleague> = edges.iter().enumerate().map(stored).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let parsed = managers(&people, &existing);
        let manager = |own: &str| {
            let place: usize = own.parse().unwrap();
            parsed.rows.get(place).and_then(|row| row.manager.clone()).or_else(|| existing[place].manager.clone())
        };
        for own in 0..edges.len() {
            let chain = std::iter::successors(Some(own.to_string()), |own| manager(own));
            prop_assert!(chain.take(edges.len() + 1).count() <= edges.len(), "a loop from {own}: {:?}", found(&parsed));
        }
    }
}
