//! The staging table: filled by COPY, emptied when its rows are merged.

use std::fmt::Display;

use tenure_core::import::EmployeeRow;
use uuid::Uuid;

use super::Import;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

const COPY: &str = "COPY employee_import_rows (line, employee_id, audit_id, salary_id, salary_audit_id, employee_number,
    first_name, middle_name, last_name, work_email, personal_email, work_phone, birth_date, gender, marital_status,
    citizenship, region, postal_code, country_code, status, employment_type, hired_on, terminated_on, termination_kind,
    termination_reason, custom, department, designation, manager_number, salary_base, salary_currency, salary_pay_period,
    salary_as_of) FROM STDIN";

/// Bytes that are gathered before they are sent.
const CHUNK: usize = 256 * 1024;

/// Copies the rows into the staging table.
pub(super) async fn copy(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
    on_row: &(dyn Fn() + Sync),
) -> Result<()> {
    let mut copy = tx.copy_in_raw(COPY).await?;
    let mut text = CopyText::default();
    for row in import.rows {
        text.row(row, import, new_id);
        if text.0.len() >= CHUNK {
            copy.send(text.0.as_bytes()).await?;
            text.0.clear();
        }
        on_row();
    }
    copy.send(text.0.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// Empties the staging table.
pub(super) async fn clear(tx: &mut TenantTx) -> Result<()> {
    sqlx::query!("DELETE FROM employee_import_rows").execute(&mut **tx).await?;
    Ok(())
}

/// Rows in PostgreSQL's text format for COPY: fields end in tabs, rows in line feeds.
#[derive(Default)]
struct CopyText(String);

impl CopyText {
    fn row(&mut self, row: &EmployeeRow, import: &Import<'_>, new_id: &(dyn Fn() -> Uuid + Sync)) {
        self.value(row.line);
        for _ in ["employee", "audit", "salary", "salary_audit"] {
            self.value(new_id());
        }
        self.value(&row.number);
        self.person(row);
        self.employment(row);
        self.value(serde_json::json!(row.custom));
        self.option(row.department.as_ref());
        self.option(row.designation.as_ref());
        self.option(row.manager.as_ref());
        self.option(row.salary);
        self.option(row.currency);
        self.option(row.pay_period);
        self.value(row.salary_as_of(import.today));
        self.0.pop();
        self.0.push('\n');
    }

    fn person(&mut self, row: &EmployeeRow) {
        self.value(&row.name.first);
        self.option(row.name.middle.as_ref());
        self.value(&row.name.last);
        self.option(row.work_email.as_ref());
        self.option(row.personal_email.as_ref());
        self.option(row.work_phone.as_ref());
        self.option(row.birth_date);
        self.option(row.gender);
        self.option(row.marital_status);
        self.option(row.citizenship.as_ref());
        self.option(row.region.as_ref());
        self.option(row.postal_code.as_ref());
        self.option(row.country_code);
    }

    fn employment(&mut self, row: &EmployeeRow) {
        self.option(row.status);
        self.option(row.employment_type);
        self.value(row.hired_on);
        self.option(row.terminated_on);
        self.option(row.termination_kind);
        self.option(row.termination_reason.as_ref());
    }

    fn option(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.value(value),
            None => self.0.push_str("\\N\t"),
        }
    }

    fn value(&mut self, value: impl Display) {
        for character in value.to_string().chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '\t' => self.0.push_str("\\t"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                other => self.0.push(other),
            }
        }
        self.0.push('\t');
    }
}

#[cfg(test)]
mod tests {
    use super::CopyText;

    #[test]
    fn what_would_end_a_field_or_a_row_is_escaped() {
        let mut text = CopyText::default();
        text.value("a\tb\\N\r\nc");
        text.option(None::<u8>);
        assert_eq!(text.0, "a\\tb\\\\N\\r\\nc\t\\N\t");
    }
}
