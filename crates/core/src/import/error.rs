//! Why a file as a whole cannot be imported. What is wrong with single rows is a [`Reject`](super::Reject).

use thiserror::Error;

use super::field::Field;
use super::limits;

/// Why a file cannot be imported at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing in it but perhaps a byte-order mark and white space.
    #[error("the file is empty")]
    Empty,
    /// A heading line and nothing below.
    #[error("the file has headings but no rows below them")]
    NoRows,
    /// A known format that is not CSV.
    #[error("the file is {0}, not CSV")]
    NotCsv(&'static str),
    /// Text in an encoding other than UTF-8.
    #[error("the file is UTF-16 text, not UTF-8")]
    Utf16,
    /// Not text.
    #[error("line {line} contains a NUL byte: the file is not text")]
    Nul {
        /// Line of the byte, from 1.
        line: usize,
    },
    /// Text in an encoding other than UTF-8, whatever its byte-order mark says.
    #[error("line {line} is not UTF-8: byte {byte:#04x} at position {position} of the file")]
    NotUtf8 {
        /// Line of the byte, from 1.
        line: usize,
        /// Position of the byte in the file, from 1.
        position: usize,
        /// The byte.
        byte: u8,
    },
    /// More bytes than [`limits::FILE_BYTES`].
    #[error("the file has {0} bytes; at most {max} are read", max = limits::FILE_BYTES)]
    TooLarge(usize),
    /// More columns than [`limits::COLUMNS`].
    #[error("the heading line has more than {max} columns", max = limits::COLUMNS)]
    TooManyColumns,
    /// More rows than [`limits::ROWS`].
    #[error("the file has more than {max} rows", max = limits::ROWS)]
    TooManyRows,
    /// A heading longer than [`limits::HEADING_CHARS`].
    #[error("the heading of column {column} has {length} characters; is line {line} a line of headings?")]
    LongHeading {
        /// Number of the column, from 1.
        column: usize,
        /// Its length in characters.
        length: usize,
        /// The line taken for headings.
        line: usize,
    },
    /// The heading line cannot be read.
    #[error("the heading line (line {line}) cannot be read: {reason}")]
    BrokenHeadings {
        /// The line taken for headings.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Two columns of one name.
    #[error("columns {first} and {second} are both headed {heading:?}")]
    DuplicateHeading {
        /// The heading that appears twice.
        heading: String,
        /// Number of the first column, from 1.
        first: usize,
        /// Number of the second column, from 1.
        second: usize,
    },
    /// `--map` is not of the form `Heading=field`.
    #[error("{0:?} is not a mapping")]
    MapSyntax(String),
    /// Two `--map` for one column.
    #[error("column {0:?} is mapped twice")]
    MappedTwice(String),
    /// `--map` names a field that does not exist.
    #[error("{0:?} is not a field")]
    UnknownField(String),
    /// `--map` names a column that the file does not have.
    #[error("the file has no column {heading:?}; it has {present}")]
    UnknownHeading {
        /// The heading asked for.
        heading: String,
        /// The headings of the file.
        present: String,
    },
    /// Two columns for one field.
    #[error("columns {first:?} and {second:?} both look like {field}")]
    TwoColumns {
        /// The field that both would fill.
        field: Field,
        /// Heading of one column.
        first: String,
        /// Heading of the other.
        second: String,
    },
    /// No column for a field that every employee needs.
    #[error("no column for {field}; looked for {looked_for}")]
    MissingColumn {
        /// The field that is missing.
        field: &'static str,
        /// The headings that would have been recognised.
        looked_for: String,
    },
    /// All dates of a column can be read in two ways.
    #[error(
        "column {column:?} is ambiguous: {value:?} in line {line} may be day or month first, and no value of the column decides it"
    )]
    AmbiguousDates {
        /// Heading of the column.
        column: String,
        /// Line of an ambiguous value.
        line: usize,
        /// That value.
        value: String,
    },
    /// Some dates of a column have the month first, others the day.
    #[error(
        "column {column:?} mixes dates: {month_first:?} in line {month_line} has the month first, {day_first:?} in line {day_line} the day"
    )]
    MixedDates {
        /// Heading of the column.
        column: String,
        /// A value that only reads with the month first.
        month_first: String,
        /// Its line.
        month_line: usize,
        /// A value that only reads with the day first.
        day_first: String,
        /// Its line.
        day_line: usize,
    },
    /// Some amounts of a column have a decimal point, others a decimal comma.
    #[error(
        "column {column:?} mixes amounts: {point:?} in line {point_line} has a decimal point, {comma:?} in line {comma_line} a decimal comma"
    )]
    MixedAmounts {
        /// Heading of the column.
        column: String,
        /// A value that only reads with a decimal point.
        point: String,
        /// Its line.
        point_line: usize,
        /// A value that only reads with a decimal comma.
        comma: String,
        /// Its line.
        comma_line: usize,
    },
}

impl ImportError {
    /// What to do about it, in one line for the person who runs the import.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Empty | Self::NoRows => "the first line holds the headings, each further line one employee".to_owned(),
            Self::NotCsv(_) | Self::Utf16 | Self::Nul { .. } | Self::NotUtf8 { .. } => {
                "open the data in a spreadsheet and save it as \"CSV UTF-8\"".to_owned()
            }
            Self::TooLarge(_) | Self::TooManyRows => "split the file and import the parts one after the other".to_owned(),
            Self::TooManyColumns => "keep the columns that you need and save the file again".to_owned(),
            Self::LongHeading { .. } | Self::BrokenHeadings { .. } => "the first line must hold the headings".to_owned(),
            Self::DuplicateHeading { .. } => "rename one of the two columns in the file".to_owned(),
            Self::MappedTwice(_) => "give one --map for each column".to_owned(),
            Self::MapSyntax(_) => "write --map 'Heading=field', or --map 'Heading=' to keep a column as a custom value".to_owned(),
            Self::UnknownField(_) => format!("the fields are {}", Field::names()),
            Self::UnknownHeading { .. } => "write the heading as it stands in the file".to_owned(),
            Self::TwoColumns { field, first, second } => {
                format!("choose one by --map '{first}={field}' or --map '{second}={field}'; the other is kept as a custom value")
            }
            Self::MissingColumn { field, .. } => format!("name the column by --map 'Heading={field}'"),
            Self::AmbiguousDates { .. } | Self::MixedDates { .. } => {
                "say how dates are written by --date-format mdy, dmy or ymd; values that do not fit are then rejected one by one".to_owned()
            }
            Self::MixedAmounts { .. } => {
                "say which one is right by --decimal point or comma; values that do not fit are then rejected one by one".to_owned()
            }
        }
    }
}
