//! The rejected rows as a file that can be corrected and imported again.

use std::collections::BTreeMap;
use std::io;

use super::findings::Reject;
use super::mapping::REASON_HEADING;
use super::table::Table;

/// Writes the rejected rows as CSV with the delimiter and the columns of the file they come from, the reasons in a column in front.
///
/// A row that could not be split into cells is split at every delimiter, so that its text is there to be mended. A byte-order
/// mark lets spreadsheets see that the file is UTF-8.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_rejects(table: &Table<'_>, rejects: &[Reject], mut out: impl io::Write) -> io::Result<()> {
    let reasons = reasons_by_line(rejects);
    out.write_all("\u{feff}".as_bytes())?;
    let delimiter = u8::try_from(table.delimiter()).unwrap_or(b',');
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(out);
    // The reasons of an earlier rejects file give way to the new ones.
    let earlier = table.headings().iter().position(|heading| heading == REASON_HEADING);
    let kept = |cells: Vec<String>| {
        cells.into_iter().enumerate().filter(move |(at, _)| Some(*at) != earlier).map(|(_, cell)| cell)
    };
    writer.write_record(std::iter::once(REASON_HEADING.to_owned()).chain(kept(table.headings().to_vec())))?;
    for record in table.records() {
        let (line, cells) = match record {
            Ok(record) => (record.line, record.cells.iter().map(ToString::to_string).collect()),
            Err(broken) => (broken.line, broken.raw.split(table.delimiter()).map(ToOwned::to_owned).collect()),
        };
        if let Some(reason) = reasons.get(&line) {
            writer.write_record(std::iter::once(reason.clone()).chain(kept(cells)))?;
        }
    }
    writer.flush()
}

fn reasons_by_line(rejects: &[Reject]) -> BTreeMap<usize, String> {
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    for reject in rejects {
        let text = match &reject.column {
            Some(column) => format!("{column}: {}", reject.reason),
            None => reject.reason.clone(),
        };
        let reason = reasons.entry(reject.line).or_default();
        if !reason.is_empty() {
            reason.push_str("; ");
        }
        reason.push_str(&text);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: usize, column: Option<&str>, reason: &str) -> Reject {
        Reject { line, column: column.map(ToOwned::to_owned), value: String::new(), reason: reason.to_owned() }
    }

    fn write(text: &str, rejects: &[Reject]) -> String {
        let mut out = Vec::new();
        write_rejects(&Table::open(text.as_bytes()).unwrap(), rejects, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rejected_rows_come_back_as_they_were_with_their_reasons_in_front() {
        let text = "No;Name;Hired\n1;A B;x\n2;\"C; D\";y\n3;E F;z\n4;\"open\n";
        let rejects = [
            reject(3, Some("Name"), "bad"),
            reject(3, Some("Hired"), "not a date"),
            reject(5, None, "a quote is opened and never closed"),
        ];
        let expected = "\u{feff}Reject reason;No;Name;Hired\nName: bad; Hired: not a date;2;C; D;y\n";
        let written = write(text, &rejects);
        let expected = expected
            .replace("Name: bad; Hired: not a date", "\"Name: bad; Hired: not a date\"")
            .replace("C; D", "\"C; D\"");
        assert_eq!(written, format!("{expected}a quote is opened and never closed;4;\"\"\"open\"\n"));
    }

    #[test]
    fn reasons_of_an_earlier_run_are_replaced() {
        let text = "Reject reason,No,Name\nold,1,A\n";
        assert_eq!(write(text, &[reject(2, None, "new")]), "\u{feff}Reject reason,No,Name\nnew,1,A\n");
    }
}
