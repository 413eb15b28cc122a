//! Which column fills which field.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::ImportError;
use super::field::Field;

/// Heading of the column that a rejects file carries its reasons in; an import passes over it.
pub const REASON_HEADING: &str = "Reject reason";

/// Heading of record ids in many exports: the employee number where no column says so more clearly.
const BARE_ID: &str = "id";

/// What the caller says about one column: `Heading=field`, or `Heading=` to keep it as a custom value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRule {
    heading: String,
    field: Option<Field>,
}

impl FromStr for MapRule {
    type Err = ImportError;

    fn from_str(text: &str) -> Result<Self, ImportError> {
        let (heading, field) = text.rsplit_once('=').ok_or_else(|| ImportError::MapSyntax(text.to_owned()))?;
        if heading.trim().is_empty() {
            return Err(ImportError::MapSyntax(text.to_owned()));
        }
        let field = if field.trim().is_empty() { None } else { Some(Field::of_name(field)?) };
        Ok(Self { heading: heading.trim().to_owned(), field })
    }
}

/// Where the values of a column go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Into a field of the employee.
    Field(Field),
    /// Into the employee's custom values, under the column's heading.
    Custom,
    /// Nowhere: the reasons of a rejects file.
    Nowhere,
}

/// A column and where its values go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading as it stands in the file.
    pub heading: String,
    /// Where its values go.
    pub target: Target,
}

/// The columns of a file in their order, with no field filled twice and every needed field filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<Column>,
    /// Positions of the columns that fill a field.
    by_field: BTreeMap<Field, usize>,
}

impl Mapping {
    /// Maps headings to fields: first as the rules say, then by known headings; the rest are custom values.
    ///
    /// # Errors
    /// When a rule names no column of the file, when two columns claim one field, or when a needed field has no column.
    pub fn new(headings: &[String], rules: &[MapRule]) -> Result<Self, ImportError> {
        check_rules(headings, rules)?;
        let mut claimed: BTreeMap<Field, &str> = BTreeMap::new();
        for rule in rules {
            if let Some(field) = rule.field {
                claim(&mut claimed, field, &rule.heading)?;
            }
        }
        let by_rule = claimed.clone();
        let is_ruled = |heading: &str| rules.iter().any(|rule| same(&rule.heading, heading));
        for heading in headings.iter().filter(|heading| !is_ruled(heading)) {
            match Field::of_heading(heading) {
                Some(field) if !by_rule.contains_key(&field) => claim(&mut claimed, field, heading)?,
                _ => {}
            }
        }
        if let Some(id) = headings.iter().find(|heading| same(heading, BARE_ID) && !is_ruled(heading)) {
            claimed.entry(Field::EmployeeNumber).or_insert(id);
        }
        check_needed(&claimed)?;
        let column = |heading: &String| Column { heading: heading.clone(), target: target(&claimed, heading) };
        let columns: Vec<Column> = headings.iter().map(column).collect();
        let filled = columns.iter().enumerate().filter_map(|(position, column)| match column.target {
            Target::Field(field) => Some((field, position)),
            Target::Custom | Target::Nowhere => None,
        });
        Ok(Self { by_field: filled.collect(), columns })
    }

    /// The columns in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The position, from 0, and the heading of the column that fills a field.
    #[must_use]
    pub fn column_of(&self, field: Field) -> Option<(usize, &str)> {
        let position = *self.by_field.get(&field)?;
        Some((position, &self.columns.get(position)?.heading))
    }
}

fn check_rules(headings: &[String], rules: &[MapRule]) -> Result<(), ImportError> {
    for (position, rule) in rules.iter().enumerate() {
        let heading = rule.heading.clone();
        if !headings.iter().any(|present| same(present, &heading)) {
            return Err(ImportError::UnknownHeading { heading, present: headings.join(", ") });
        }
        if rules.iter().take(position).any(|earlier| same(&earlier.heading, &heading)) {
            return Err(ImportError::MappedTwice(heading));
        }
    }
    Ok(())
}

fn claim<'a>(claimed: &mut BTreeMap<Field, &'a str>, field: Field, heading: &'a str) -> Result<(), ImportError> {
    match claimed.insert(field, heading) {
        Some(first) if !same(first, heading) => {
            Err(ImportError::TwoColumns { field, first: first.to_owned(), second: heading.to_owned() })
        }
        _ => Ok(()),
    }
}

fn target(claimed: &BTreeMap<Field, &str>, heading: &str) -> Target {
    match claimed.iter().find(|(_, column)| same(column, heading)) {
        Some((field, _)) => Target::Field(*field),
        None if same(heading, REASON_HEADING) => Target::Nowhere,
        None => Target::Custom,
    }
}

fn check_needed(claimed: &BTreeMap<Field, &str>) -> Result<(), ImportError> {
    let missing = |field: Field, looked_for| Err(ImportError::MissingColumn { field: field.name(), looked_for });
    let has_name = claimed.contains_key(&Field::FullName)
        || (claimed.contains_key(&Field::FirstName) && claimed.contains_key(&Field::LastName));
    if !has_name {
        let parts = format!("{}, or first_name and last_name", Field::FullName.known_headings());
        return missing(Field::FullName, parts);
    }
    match [Field::EmployeeNumber, Field::HiredOn].into_iter().find(|field| !claimed.contains_key(field)) {
        Some(field) => missing(field, field.known_headings()),
        None => Ok(()),
    }
}

/// Headings are unique without regard to case, so that is how they are found.
fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headings: &[&str], rules: &[&str]) -> Result<Mapping, ImportError> {
        let headings: Vec<String> = headings.iter().map(ToString::to_string).collect();
        let rules: Vec<MapRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Mapping::new(&headings, &rules)
    }

    fn targets(mapping: &Mapping) -> Vec<Target> {
        mapping.columns().iter().map(|column| column.target).collect()
    }

    #[test]
    fn known_headings_are_mapped_and_the_rest_is_custom() {
        let mapping = map(&["EmpID", "Employee_Name", "DateofHire", "Absences", REASON_HEADING], &[]).unwrap();
        let expected = [
            Target::Field(Field::EmployeeNumber),
            Target::Field(Field::FullName),
            Target::Field(Field::HiredOn),
            Target::Custom,
            Target::Nowhere,
        ];
        assert_eq!(targets(&mapping), expected);
    }

    #[test]
    fn exports_of_other_systems_are_recognised_as_they_are() {
        let exports: [&[&str]; 3] = [
            &[
                "ID",
                "First Name",
                "Last Name",
                "Gender",
                "Date of Birth",
                "Date of Joining",
                "Department",
                "Designation",
                "Reports to",
                "Status",
                "Relieving Date",
            ],
            &[
                "first_name",
                "middle_name",
                "last_name",
                "employee_id",
                "gender",
                "marital_status",
                "nationality",
                "date_of_birth",
                "state/province",
                "zip/postal_code",
                "country",
                "joined_date",
                "work_email",
                "other_email",
            ],
            &[
                "Employee #",
                "Last Name, First Name",
                "Hire Date",
                "Termination Date",
                "Employment Status",
                "Department",
                "Job Title",
                "Reporting to",
                "Work Email",
                "Home Email",
                "Pay rate",
            ],
        ];
        for headings in exports {
            let mapping = map(headings, &[]).unwrap();
            let custom: Vec<_> = mapping.columns().iter().filter(|column| column.target == Target::Custom).collect();
            assert!(custom.is_empty(), "{custom:?}");
        }
    }

    #[test]
    fn a_rule_wins_over_a_known_heading_and_an_empty_one_makes_it_custom() {
        let mapping =
            map(&["No", "Employee ID", "Name", "Hire Date", "Status"], &["no=employee_number", "Status="]).unwrap();
        assert_eq!(mapping.column_of(Field::EmployeeNumber), Some((0, "No")));
        assert_eq!(mapping.columns()[1].target, Target::Custom);
        assert_eq!(mapping.column_of(Field::Status), None);
    }

    #[test]
    fn two_columns_for_one_field_name_both_and_the_way_out() {
        let error = map(&["Emp ID", "Name", "Hire Date", "Joining Date"], &[]).unwrap_err();
        assert_eq!(error.to_string(), r#"columns "Hire Date" and "Joining Date" both look like hired_on"#);
        assert!(error.hint().contains("--map 'Hire Date=hired_on'"), "{}", error.hint());
        assert!(map(&["A", "B", "Emp ID", "Name", "Hired"], &["A=salary", "B=salary"]).is_err());
    }

    #[test]
    fn a_missing_field_is_named_with_the_headings_looked_for() {
        let error = map(&["Emp ID", "First Name", "Surname"], &[]).unwrap_err();
        assert!(error.to_string().starts_with("no column for hired_on; looked for Hired On, Hire Date,"), "{error}");
        assert_eq!(error.hint(), "name the column by --map 'Heading=hired_on'");
        let error = map(&["Emp ID", "First Name", "Hired"], &[]).unwrap_err();
        assert!(error.to_string().ends_with("or first_name and last_name"), "{error}");
    }

    #[test]
    fn wrong_rules_are_explained() {
        assert_eq!("Heading".parse::<MapRule>(), Err(ImportError::MapSyntax("Heading".to_owned())));
        assert_eq!("H=colour".parse::<MapRule>(), Err(ImportError::UnknownField("colour".to_owned())));
        let twice = map(&["Emp ID", "Name", "Hired", "A"], &["A=salary", "a=currency"]);
        assert_eq!(twice, Err(ImportError::MappedTwice("a".to_owned())));
        assert!(matches!(
            map(&["Emp ID", "Name", "Hired"], &["Hours=salary"]),
            Err(ImportError::UnknownHeading { .. })
        ));
    }
}
