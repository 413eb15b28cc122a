//! What an import makes of rows whose people are stored already.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::Parsed;
use super::employee::EmployeeRow;
use super::field::Field;
use super::findings::Reject;
use crate::employment::{EmployeeStatus, TerminationKind};

/// What is stored about the person of a row, as far as the rules ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Line of the row.
    pub line: usize,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Where the person stands.
    pub status: EmployeeStatus,
    /// Last day of the employment.
    pub terminated_on: Option<Date>,
    /// On whose initiative it ended.
    pub termination_kind: Option<TerminationKind>,
    /// Why it ended.
    pub termination_reason: Option<String>,
}

/// A work address of a row that is somebody else's at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenEmail {
    /// Line of the row.
    pub line: usize,
    /// Employee number of whoever has the address.
    pub holder: String,
    /// Line in which the holder gets another address, so that this one becomes free.
    pub freed_by: Option<usize>,
}

impl Parsed {
    /// Decides where each person stands, given what is stored about those whom the company knows already:
    /// - what the file says goes before what is stored, and what it is silent about stays;
    /// - a new person without a status is pending or active by the hire date;
    /// - whoever had left and is employed again, by status or by a hire date after the last day, loses the stored last day, kind
    ///   and reason; a last day that is still to come stays also when the file says nothing of it.
    ///
    /// A row that contradicts what is stored is rejected, and so is one of an employment that begins after one that has still to end: the
    /// person stands where he or she stands until then.
    pub fn settle(&mut self, stored: &[Stored]) {
        let stored: HashMap<usize, &Stored> = stored.iter().map(|person| (person.line, person)).collect();
        let mut rejects = Vec::new();
        for row in &mut self.rows {
            let Some(person) = stored.get(&row.line) else {
                row.status = row.status.or(Some(status_of_employed(row, self.today)));
                continue;
            };
            if let Some(reason) = contradiction(row, person, self.today) {
                let column = self.mapping.column_of(Field::HiredOn).map(|(_, heading)| heading.to_owned());
                rejects.push(Reject { line: row.line, column, value: row.hired_on.to_string(), reason });
            } else if settle_standing(row, person, self.today) {
                let field = [Field::Status, Field::HiredOn].into_iter().find_map(|field| self.mapping.column_of(field));
                let message = "had left and is employed again; the stored last day and its reason were removed";
                self.warnings.add(row.line, field.map_or("", |(_, heading)| heading), "", message);
            }
        }
        self.reject(rejects);
    }

    /// Rejects the rows whose work address stays somebody else's: nobody gives it up in this file, or only in a row that is
    /// itself rejected.
    pub fn reject_taken_emails(&mut self, taken: &[TakenEmail]) {
        let waiting: HashMap<usize, usize> = taken.iter().filter_map(|one| Some((one.freed_by?, one.line))).collect();
        let mut refused = BTreeSet::new();
        let mut open: Vec<usize> = taken.iter().filter(|one| one.freed_by.is_none()).map(|one| one.line).collect();
        while let Some(line) = open.pop() {
            if refused.insert(line) {
                open.extend(waiting.get(&line));
            }
        }
        let emails: HashMap<usize, &str> =
            self.rows.iter().filter_map(|row| Some((row.line, row.work_email.as_deref()?))).collect();
        let column = self.mapping.column_of(Field::WorkEmail).map(|(_, heading)| heading.to_owned());
        let rejects = taken.iter().filter(|one| refused.contains(&one.line)).map(|one| Reject {
            line: one.line,
            column: column.clone(),
            value: emails.get(&one.line).copied().unwrap_or_default().to_owned(),
            reason: format!("already the address of employee {}", one.holder),
        });
        self.reject(rejects.collect());
    }

    /// Notes that the salaries of these lines were taken for amounts of a currency that nothing names.
    pub fn warn_of_currency(&mut self, lines: &[usize], message: &str) {
        if let Some((_, heading)) = self.mapping.column_of(Field::Salary) {
            for line in lines {
                self.warnings.add(*line, heading, "", message);
            }
        }
    }

    pub(super) fn reject(&mut self, rejects: Vec<Reject>) {
        let lines: BTreeSet<usize> = rejects.iter().map(|reject| reject.line).collect();
        self.rows.retain(|row| !lines.contains(&row.line));
        self.rejects.extend(rejects);
        self.rejects.sort_by_key(|reject| reject.line);
    }
}

impl EmployeeRow {
    /// The day as of which the row's salary holds: today, though not before the first nor after the last day of employment.
    #[must_use]
    pub fn salary_as_of(&self, today: Date) -> Date {
        self.terminated_on.map_or(today, |last_day| last_day.min(today)).max(self.hired_on)
    }
}

/// What of a hire date cannot be, with what is stored.
fn contradiction(row: &EmployeeRow, stored: &Stored, today: Date) -> Option<String> {
    let ends = stored.terminated_on.filter(|last_day| (today..row.hired_on).contains(last_day));
    let ahead = "import this after that day, or file the new employment by hand";
    let born = stored.birth_date.filter(|born| row.birth_date.is_none() && *born >= row.hired_on);
    ends.map(|last_day| format!("the person is employed until {last_day}; {ahead}"))
        .or_else(|| born.map(|born| format!("not after the stored date of birth, {born}")))
}

/// Completes where a known person stands. True when they had left and are employed again.
fn settle_standing(row: &mut EmployeeRow, stored: &Stored, today: Date) -> bool {
    let had_left =
        stored.status == EmployeeStatus::Terminated || stored.terminated_on.is_some_and(|last_day| last_day < today);
    let is_employed = row.status.is_some_and(|status| status != EmployeeStatus::Terminated);
    let hired_anew = stored.terminated_on.is_some_and(|last_day| last_day < row.hired_on);
    let is_back = had_left && is_employed || hired_anew;
    if !is_back {
        row.terminated_on = row.terminated_on.or(stored.terminated_on);
        row.termination_kind = row.termination_kind.or(stored.termination_kind);
        row.termination_reason = row.termination_reason.take().or_else(|| stored.termination_reason.clone());
    }
    let leaves_later = row.terminated_on.is_some_and(|last_day| last_day > today);
    let is_employed_now = is_back || stored.status == EmployeeStatus::Terminated && leaves_later;
    row.status = row.status.or(Some(if is_employed_now { status_of_employed(row, today) } else { stored.status }));
    is_back && row.status != Some(EmployeeStatus::Terminated)
}

fn status_of_employed(row: &EmployeeRow, today: Date) -> EmployeeStatus {
    if row.hired_on > today { EmployeeStatus::Pending } else { EmployeeStatus::Active }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{Options, Table, parse};
    use super::*;

    const TODAY: Date = date(2024, 6, 15);

    fn parsed(rows: &str) -> Parsed {
        let text = format!("Emp No,Name,Hired,DOB,Status,Last day,Reason for leaving,Work email\n{rows}");
        let options = Options { rules: Vec::new(), date_order: None, decimal_mark: None, today: TODAY };
        parse(&Table::open(text.as_bytes()).unwrap(), &options).unwrap()
    }

    fn left(line: usize, last_day: Date) -> Stored {
        Stored {
            line,
            birth_date: None,
            status: EmployeeStatus::Terminated,
            terminated_on: Some(last_day),
            termination_kind: Some(TerminationKind::Voluntary),
            termination_reason: Some("moved".to_owned()),
        }
    }

    fn settled(row: &str, stored: &[Stored]) -> (EmployeeStatus, Option<Date>, Option<String>, usize) {
        let mut parsed = parsed(row);
        parsed.settle(stored);
        let row = parsed.rows[0].clone();
        (row.status.unwrap(), row.terminated_on, row.termination_reason, parsed.warnings().len())
    }

    #[test]
    fn someone_new_without_a_status_is_active_or_pending_by_the_hire_date() {
        assert_eq!(settled("1,Ann Lee,2020-01-01,,,,,\n", &[]).0, EmployeeStatus::Active);
        assert_eq!(settled("1,Ann Lee,2024-07-01,,,,,\n", &[]).0, EmployeeStatus::Pending);
    }

    #[test]
    fn what_the_file_is_silent_about_stays() {
        let last_day = date(2022, 3, 31);
        let kept = (EmployeeStatus::Terminated, Some(last_day), Some("moved".to_owned()), 0);
        assert_eq!(settled("1,Ann Lee,2020-01-01,,,,,\n", &[left(2, last_day)]), kept);
        let on_leave = Stored { status: EmployeeStatus::OnLeave, terminated_on: None, ..left(2, last_day) };
        assert_eq!(settled("1,Ann Lee,2020-01-01,,,,,\n", &[on_leave]).0, EmployeeStatus::OnLeave);
    }

    #[test]
    fn a_stored_last_day_that_is_still_to_come_outlives_a_file_that_says_active() {
        let notice = Stored { status: EmployeeStatus::Active, ..left(2, date(2024, 9, 30)) };
        let kept = (EmployeeStatus::Active, Some(date(2024, 9, 30)), Some("moved".to_owned()), 0);
        assert_eq!(settled("1,Ann Lee,2020-01-01,,Active,,,\n", &[notice]), kept);
    }

    #[test]
    fn whoever_is_said_to_be_employed_again_has_no_last_day_and_a_warning() {
        let back = (EmployeeStatus::Active, None, None, 1);
        assert_eq!(settled("1,Ann Lee,2020-01-01,,Active,,,\n", &[left(2, date(2022, 3, 31))]), back);
        assert_eq!(settled("1,Ann Lee,2023-01-01,,,,,\n", &[left(2, date(2022, 3, 31))]), back);
        let left_again = settled("1,Ann Lee,2023-01-01,,,2024-01-31,,\n", &[left(2, date(2022, 3, 31))]);
        assert_eq!(left_again, (EmployeeStatus::Terminated, Some(date(2024, 1, 31)), None, 0));
    }

    #[test]
    fn a_last_day_moved_into_the_future_ends_the_termination() {
        let (status, last_day, ..) = settled("1,Ann Lee,2020-01-01,,,2024-12-31,,\n", &[left(2, date(2024, 3, 31))]);
        assert_eq!((status, last_day), (EmployeeStatus::Active, Some(date(2024, 12, 31))));
    }

    #[test]
    fn a_hire_date_before_the_stored_birth_is_a_reject() {
        let mut parsed = parsed("1,Ann Lee,1980-01-01,,,,,\n2,Bob Lee,2020-01-01,,,,,\n");
        let stored = Stored { birth_date: Some(date(1990, 5, 1)), ..left(2, date(2022, 3, 31)) };
        parsed.settle(&[stored]);
        assert_eq!((parsed.rows.len(), parsed.read()), (1, 2));
        assert_eq!(parsed.rejects[0].reason, "not after the stored date of birth, 1990-05-01");
    }

    #[test]
    fn a_hire_date_after_a_last_day_that_is_still_to_come_is_a_reject() {
        for (last_day, rejected) in [(date(2024, 6, 14), 0), (TODAY, 1), (date(2024, 6, 30), 1), (date(2024, 7, 1), 0)]
        {
            let mut parsed = parsed("1,Ann Lee,2024-07-01,,,,,\n");
            parsed.settle(&[Stored { status: EmployeeStatus::Active, ..left(2, last_day) }]);
            assert_eq!(parsed.rejects.len(), rejected, "{last_day}");
        }
        let mut parsed = parsed("1,Ann Lee,2024-07-01,,,,,\n");
        parsed.settle(&[left(2, date(2024, 6, 30))]);
        let said =
            "the person is employed until 2024-06-30; import this after that day, or file the new employment by hand";
        assert_eq!((parsed.rejects[0].reason.as_str(), parsed.rejects[0].column.as_deref()), (said, Some("Hired")));
    }

    #[test]
    fn a_taken_address_is_a_reject_unless_its_holder_gives_it_up() {
        let people = "1,Ann Lee,2020-01-01,,,,,a@x.example\n2,Bob Lee,2020-01-01,,,,,b@x.example\n\
            3,Cat Lee,2020-01-01,,,,,c@x.example\n4,Dan Lee,2020-01-01,,,,,d@x.example\n";
        let taken = |line, holder: &str, freed_by| TakenEmail { line, holder: holder.to_owned(), freed_by };
        let mut swapped = parsed(people);
        swapped.reject_taken_emails(&[taken(2, "2", Some(3)), taken(3, "1", Some(2))]);
        assert_eq!(swapped.rejects, []);
        // Line 4 waits for line 3, which waits for line 2, whose address stays another's.
        let mut chain = parsed(people);
        chain.reject_taken_emails(&[taken(4, "2", Some(3)), taken(3, "1", Some(2)), taken(2, "99", None)]);
        assert_eq!(chain.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(chain.rejects[0].reason, "already the address of employee 99");
        assert_eq!(chain.rejects[0].value, "a@x.example");
        assert_eq!(chain.rows.len(), 1);
    }

    #[test]
    fn a_salary_holds_today_but_within_the_employment() {
        let as_of = |row| parsed(row).rows[0].salary_as_of(TODAY);
        assert_eq!(as_of("1,Ann Lee,2020-01-01,,,,,\n"), TODAY);
        assert_eq!(as_of("1,Ann Lee,2024-07-01,,,,,\n"), date(2024, 7, 1));
        assert_eq!(as_of("1,Ann Lee,2020-01-01,,,2022-03-31,,\n"), date(2022, 3, 31));
    }
}
