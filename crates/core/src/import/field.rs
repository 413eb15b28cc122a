//! The fields that a column can fill, and the headings under which people export them.

use std::fmt;

use super::error::ImportError;
use super::limits;

/// A field of an employee that a column of a file can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The number that identifies the employee in the company.
    EmployeeNumber,
    /// The whole name in one column.
    FullName,
    /// Given name.
    FirstName,
    /// Middle name or initial.
    MiddleName,
    /// Family name.
    LastName,
    /// Mail address at work, unique in the company.
    WorkEmail,
    /// Private mail address.
    PersonalEmail,
    /// Telephone at work.
    WorkPhone,
    /// Date of birth.
    BirthDate,
    /// Gender.
    Gender,
    /// Marital status.
    MaritalStatus,
    /// Citizenship, in the file's words.
    Citizenship,
    /// State, province or canton.
    Region,
    /// Postal code.
    PostalCode,
    /// Country, by name or ISO 3166 code.
    Country,
    /// Department, by name.
    Department,
    /// Designation (job title), by name.
    Designation,
    /// The manager's employee number.
    ManagerNumber,
    /// The manager's name, or number.
    Manager,
    /// First day of the employment.
    HiredOn,
    /// Last day of the employment.
    TerminatedOn,
    /// On whose initiative the employment ended.
    TerminationKind,
    /// Why the employment ended, in the file's words.
    TerminationReason,
    /// Where the person stands: active, on leave, terminated …
    Status,
    /// The kind of contract: full time, part time, contractor …
    EmploymentType,
    /// Base salary for one pay period.
    Salary,
    /// Currency of the salary, as an ISO 4217 code.
    Currency,
    /// What the salary pays for: a year, a month, an hour …
    PayPeriod,
}

/// What is known of each field: its name for `--map`, and the headings it is recognised by. Among them are those of the
/// exports of Frappe HR, `OrangeHRM` and `BambooHR`. Headings are compared without case, spaces and punctuation, and whole:
/// `DeptID` or `GenderID` are codes of another system, not names, and match nothing.
#[rustfmt::skip] // One heading per line would be 250 lines.
const FIELDS: &[(Field, &str, &str)] = &[
    (Field::EmployeeNumber, "employee_number",
        "Employee Number | Employee No | Employee ID | Employee Code | Employee # | Emp ID | Emp No | Emp \
         Number | Emp Code | Emp # | EEID | Staff ID | Staff Number | Staff No | Personnel Number | \
         Personnel No | Badge Number | Payroll Number | Worker ID"),
    (Field::FullName, "full_name",
        "Full Name | Employee Name | Employee Full Name | Emp Name | Name | Staff Name | Worker Name | Last \
         Name, First Name | Display Name"),
    (Field::FirstName, "first_name", "First Name | Employee First Name | Given Name | Given Names | Forename | First"),
    (Field::MiddleName, "middle_name",
        "Middle Name | Employee Middle Name | Middle Initial | Middle Names | Middle | MI"),
    (Field::LastName, "last_name", "Last Name | Employee Last Name | Family Name | Surname | Last"),
    (Field::WorkEmail, "work_email",
        "Work Email | Work E-mail | Company Email | Business Email | Office Email | Email | E-mail | Email \
         Address | Work Email Address | Mail"),
    (Field::PersonalEmail, "personal_email",
        "Personal Email | Personal E-mail | Private Email | Home Email | Other Email"),
    (Field::WorkPhone, "work_phone",
        "Work Phone | Work Telephone | Office Phone | Business Phone | Phone | Phone Number | Telephone | \
         Work Phone Number"),
    (Field::BirthDate, "birth_date", "Birth Date | Date of Birth | DOB | Birthday | Born | Born on"),
    (Field::Gender, "gender", "Gender | Sex"),
    (Field::MaritalStatus, "marital_status", "Marital Status | Marital Desc | Marital Description | Civil Status"),
    (Field::Citizenship, "citizenship",
        "Citizenship | Citizen Desc | Citizen Description | Citizenship Status | Nationality"),
    (Field::Region, "region", "Region | State | Province | State/Province | State or Province | County | Canton"),
    (Field::PostalCode, "postal_code", "Postal Code | Post Code | Zip | Zip Code | Zip/Postal Code | Zip Postal"),
    (Field::Country, "country", "Country | Country Code | Country Name"),
    (Field::Department, "department", "Department | Dept | Department Name | Dept Name | Sub Unit | Org Unit"),
    (Field::Designation, "designation",
        "Designation | Job Title | Position | Title | Position Title | Role | Job | Job Position | Position \
         Name"),
    (Field::ManagerNumber, "manager_number",
        "Manager Number | Manager ID | Manager No | Manager Employee ID | Manager Employee Number | \
         Supervisor ID | Supervisor Number | Supervisor Employee # | Reports To ID"),
    (Field::Manager, "manager",
        "Manager | Manager Name | Reports To | Reporting To | Supervisor | Supervisor Name | Line Manager | \
         Direct Manager"),
    (Field::HiredOn, "hired_on",
        "Hired On | Hire Date | Date of Hire | Date Hired | Joining Date | Date of Joining | Joined Date | \
         Joined | Start Date | Employment Start Date | Entry Date | Hired"),
    (Field::TerminatedOn, "terminated_on",
        "Terminated On | Termination Date | Date of Termination | Term Date | Date Terminated | Relieving \
         Date | Leaving Date | Date of Leaving | Exit Date | Employment End Date | Last Working Day | Last \
         Day"),
    (Field::TerminationKind, "termination_kind", "Termination Kind | Termination Type | Type of Termination"),
    (Field::TerminationReason, "termination_reason",
        "Termination Reason | Term Reason | Reason for Termination | Reason for Leaving | Leaving Reason | \
         Exit Reason"),
    (Field::Status, "status", "Status | Employment Status | Employee Status | Emp Status"),
    (Field::EmploymentType, "employment_type",
        "Employment Type | Employee Type | Contract Type | Type of Employment | Worker Type | Full Time / \
         Part Time"),
    (Field::Salary, "salary",
        "Salary | Base Salary | Annual Salary | Base Pay | Pay Rate | Basic Salary | Gross Salary | CTC | \
         Compensation | Amount"),
    (Field::Currency, "currency", "Currency | Salary Currency | Currency Code | Pay Currency"),
    (Field::PayPeriod, "pay_period", "Pay Period | Paid Per | Pay Per | Salary Period | Rate Period | Pay Rate Period"),
];

impl Field {
    /// The field's name as `--map` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(field, ..)| *field == self).map_or("", |(_, name, _)| name)
    }

    /// The headings that are recognised as this field, for messages.
    #[must_use]
    pub fn known_headings(self) -> String {
        FIELDS
            .iter()
            .find(|(field, ..)| *field == self)
            .map_or_else(String::new, |(_, _, headings)| headings.replace(" | ", ", "))
    }

    /// How many characters a text of this field may have, as the database keeps it.
    pub(super) fn max_chars(self) -> usize {
        match self {
            Self::PostalCode => 20,
            Self::EmployeeNumber | Self::WorkPhone => 50,
            Self::Citizenship | Self::Region => 100,
            Self::TerminationReason => 500,
            _ => limits::TEXT_CHARS,
        }
    }

    /// The names of all fields, for messages.
    #[must_use]
    pub fn names() -> String {
        FIELDS.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The field that a heading is known to stand for.
    pub(super) fn of_heading(heading: &str) -> Option<Self> {
        let heading = essence(heading);
        let known = |headings: &str| headings.split('|').any(|known| essence(known) == heading);
        FIELDS.iter().find(|(_, name, headings)| essence(name) == heading || known(headings)).map(|(field, ..)| *field)
    }

    /// The field of that name, as `--map` gives it.
    pub(super) fn of_name(name: &str) -> Result<Self, ImportError> {
        let wanted = name.trim().to_lowercase().replace([' ', '-'], "_");
        let field = FIELDS.iter().find(|(_, name, _)| *name == wanted).map(|(field, ..)| *field);
        field.ok_or_else(|| ImportError::UnknownField(name.trim().to_owned()))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What of a heading counts when headings are compared: its letters and digits in lower case, with `#` read as "number".
fn essence(heading: &str) -> String {
    heading.replace('#', "number").chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_heading_stands_for_two_fields() {
        let mut seen = HashMap::new();
        for (field, _, headings) in FIELDS {
            for heading in headings.split('|') {
                let other = seen.insert(essence(heading), field);
                assert!(other.is_none_or(|other| other == field), "{heading:?} stands for {field} and {other:?}");
            }
        }
    }

    #[test]
    fn headings_match_whatever_their_case_and_punctuation() {
        for (heading, field) in [
            ("EmpID", Field::EmployeeNumber),
            ("employee #", Field::EmployeeNumber),
            ("Employee_Name", Field::FullName),
            ("DOB", Field::BirthDate),
            ("DateofHire", Field::HiredOn),
            ("JOINING-DATE", Field::HiredOn),
            ("Reports to", Field::Manager),
            ("termination_reason", Field::TerminationReason),
        ] {
            assert_eq!(Field::of_heading(heading), Some(field), "{heading}");
        }
    }

    #[test]
    fn code_columns_are_no_fields() {
        for heading in
            ["DeptID", "PositionID", "GenderID", "MaritalStatusID", "EmpStatusID", "MarriedID", "Termd", "ID"]
        {
            assert_eq!(Field::of_heading(heading), None, "{heading}");
        }
    }
}
