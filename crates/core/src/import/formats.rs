//! How the dates and amounts of a file are written, decided over whole columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::amount::{self, DecimalMark};
use super::date::{self, DateOrder};
use super::error::ImportError;
use super::field::Field;
use super::mapping::Mapping;
use super::table::Table;
use super::words::is_placeholder;

/// How dates and amounts are written in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    /// The order of each date column whose values show one, or need none because the caller stated it.
    pub dates: BTreeMap<Field, DateOrder>,
    /// The mark before the decimals of salaries.
    pub decimal_mark: DecimalMark,
}

/// A value that shows how its column is written, and its line.
type Witness = (usize, String);

struct DateColumn {
    field: Field,
    column: usize,
    month_first: Option<Witness>,
    day_first: Option<Witness>,
    either: Option<Witness>,
}

/// Decimals count first; only where no value has any is a single separator before three digits taken for one of thousands.
#[derive(Default)]
struct AmountColumn {
    point: Option<Witness>,
    comma: Option<Witness>,
    point_by_thousands: Option<Witness>,
    comma_by_thousands: Option<Witness>,
}

impl Formats {
    /// Decides the formats of a file in one pass over it. What the caller states goes before what the values show.
    pub(super) fn decide(
        table: &Table<'_>,
        mapping: &Mapping,
        date_order: Option<DateOrder>,
        decimal_mark: Option<DecimalMark>,
    ) -> Result<Self, ImportError> {
        let (mut date_columns, mut amounts) = (DateColumn::all(mapping), AmountColumn::default());
        let salary = mapping.column_of(Field::Salary);
        for record in table.records().flatten() {
            for column in &mut date_columns {
                column.see(record.line, record.cells.get(column.column));
            }
            amounts.see(record.line, salary.and_then(|(column, _)| record.cells.get(column)));
        }
        let heading = |field| mapping.column_of(field).map_or("", |(_, heading)| heading);
        let mut dates = BTreeMap::new();
        for column in date_columns {
            let field = column.field;
            let order = if date_order.is_some() { date_order } else { column.decide(heading(field))? };
            dates.extend(order.map(|order| (field, order)));
        }
        let decimal_mark = decimal_mark.map_or_else(|| amounts.decide(heading(Field::Salary)), Ok)?;
        Ok(Self { dates, decimal_mark })
    }
}

impl DateColumn {
    fn all(mapping: &Mapping) -> Vec<Self> {
        let fields = [Field::BirthDate, Field::HiredOn, Field::TerminatedOn].into_iter();
        let mapped = fields.filter_map(|field| Some((field, mapping.column_of(field)?.0)));
        mapped.map(|(field, column)| Self { field, column, month_first: None, day_first: None, either: None }).collect()
    }

    fn see(&mut self, line: usize, cell: Option<&Cow<'_, str>>) {
        let Some(value) = value(cell) else { return };
        let slot = match date::evidence(value) {
            date::Evidence::MonthFirst => &mut self.month_first,
            date::Evidence::DayFirst => &mut self.day_first,
            date::Evidence::Either => &mut self.either,
            date::Evidence::None => return,
        };
        slot.get_or_insert_with(|| (line, value.to_owned()));
    }

    fn decide(self, heading: &str) -> Result<Option<DateOrder>, ImportError> {
        let column = heading.to_owned();
        match (self.month_first, self.day_first, self.either) {
            (Some((month_line, month_first)), Some((day_line, day_first)), _) => {
                Err(ImportError::MixedDates { column, month_first, month_line, day_first, day_line })
            }
            (None, None, Some((line, value))) => Err(ImportError::AmbiguousDates { column, line, value }),
            (Some(_), None, _) => Ok(Some(DateOrder::Mdy)),
            (None, Some(_), _) => Ok(Some(DateOrder::Dmy)),
            (None, None, None) => Ok(None),
        }
    }
}

impl AmountColumn {
    fn see(&mut self, line: usize, cell: Option<&Cow<'_, str>>) {
        let Some(value) = value(cell) else { return };
        let slot = match (amount::evidence(value), amount::thousands(value)) {
            (Some(DecimalMark::Point), _) => &mut self.point,
            (Some(DecimalMark::Comma), _) => &mut self.comma,
            (None, Some(DecimalMark::Point)) => &mut self.point_by_thousands,
            (None, Some(DecimalMark::Comma)) => &mut self.comma_by_thousands,
            (None, None) => return,
        };
        slot.get_or_insert_with(|| (line, value.to_owned()));
    }

    fn decide(self, heading: &str) -> Result<DecimalMark, ImportError> {
        let shown = if self.point.is_some() || self.comma.is_some() {
            (self.point, self.comma)
        } else {
            (self.point_by_thousands, self.comma_by_thousands)
        };
        match shown {
            (Some((point_line, point)), Some((comma_line, comma))) => {
                Err(ImportError::MixedAmounts { column: heading.to_owned(), point, point_line, comma, comma_line })
            }
            (None, Some(_)) => Ok(DecimalMark::Comma),
            (_, None) => Ok(DecimalMark::Point),
        }
    }
}

fn value<'c>(cell: Option<&'c Cow<'_, str>>) -> Option<&'c str> {
    cell.map(|cell| cell.trim()).filter(|value| !value.is_empty() && !is_placeholder(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(hired: &[&str], salaries: &[&str]) -> Result<Formats, ImportError> {
        let rows = hired.iter().zip(salaries).map(|(hired, salary)| format!("1\tA B\t{hired}\t{salary}\n"));
        let text: String = std::iter::once("Emp ID\tName\tHire Date\tSalary\n".to_owned()).chain(rows).collect();
        let table = Table::open(text.as_bytes()).unwrap();
        let mapping = Mapping::new(table.headings(), &[]).unwrap();
        Formats::decide(&table, &mapping, None, None)
    }

    fn order(hired: &[&str]) -> Result<Option<DateOrder>, ImportError> {
        decide(hired, &["1"; 9]).map(|formats| formats.dates.get(&Field::HiredOn).copied())
    }

    fn mark(salaries: &[&str]) -> Result<DecimalMark, ImportError> {
        decide(&["2011-07-05"; 9], salaries).map(|formats| formats.decimal_mark)
    }

    #[test]
    fn one_telling_date_decides_its_column() {
        assert_eq!(order(&["7/5/2011", "7/31/2011"]), Ok(Some(DateOrder::Mdy)));
        assert_eq!(order(&["7/5/2011", "n/a", "31/7/2011", "2011-07-05"]), Ok(Some(DateOrder::Dmy)));
        assert_eq!(order(&["5.7.2011"]), Ok(Some(DateOrder::Dmy)));
        assert_eq!(order(&["2011-07-05", "", "5/5/2011"]), Ok(None));
    }

    #[test]
    fn a_column_that_nothing_decides_asks_for_the_format() {
        let error = order(&["2011-07-05", "7/5/2011"]).unwrap_err();
        let expected = r#"column "Hire Date" is ambiguous: "7/5/2011" in line 3 may be day or month first, and no value of the column decides it"#;
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().contains("--date-format"), "{}", error.hint());
    }

    #[test]
    fn a_column_that_contradicts_itself_names_both_witnesses() {
        let error = order(&["7/31/2011", "31/7/2011"]).unwrap_err();
        assert!(matches!(error, ImportError::MixedDates { month_line: 2, day_line: 3, .. }), "{error:?}");
        assert!(error.hint().contains("--date-format"), "{}", error.hint());
    }

    #[test]
    fn separators_of_amounts_are_decided_over_the_column() {
        assert_eq!(mark(&["62,506", "1,234.5"]), Ok(DecimalMark::Point));
        assert_eq!(mark(&["62.506", "1.234,5"]), Ok(DecimalMark::Comma));
        assert_eq!(mark(&["62,506"]), Ok(DecimalMark::Point));
        assert_eq!(mark(&["62.506", "750"]), Ok(DecimalMark::Comma));
        assert_eq!(mark(&["62.506", "750.5"]), Ok(DecimalMark::Point));
        assert!(matches!(mark(&["62.506", "62,506"]), Err(ImportError::MixedAmounts { .. })));
        assert!(matches!(mark(&["1.50", "1,50"]), Err(ImportError::MixedAmounts { point_line: 2, comma_line: 3, .. })));
    }
}
