//! The import of employees from a file that has been read.

use jiff::civil::Date;
use tenure_core::employment::PayPeriod;
use tenure_core::ids::TenantId;
use tenure_core::import::{EmployeeRow, Field, Parsed};
use tenure_core::money::Currency;
use tenure_db::TenantTx;
use tenure_db::audit::Actor;
use tenure_db::employee_import::{self, Closed, Import, Merged, Outcome};

use crate::context::Context;
use crate::employment::due;
use crate::error::Result;
use crate::settings;

/// Where a file goes, and how.
#[derive(Debug, Clone)]
pub struct ImportEmployees {
    /// The tenant.
    pub tenant: TenantId,
    /// The currency of salaries whose row does not name one.
    pub currency: Option<Currency>,
    /// The pay period of salaries whose row does not name one; a year when there is no earlier salary either.
    pub pay_period: Option<PayPeriod>,
    /// What is kept.
    pub mode: Mode,
}

/// What an import keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The good rows.
    GoodRows,
    /// All rows, or none if one is rejected.
    AllOrNothing,
    /// Nothing: it is only found out what would happen.
    DryRun,
}

/// What came of an import.
#[derive(Debug)]
pub struct Imported {
    /// The file, with what is wrong with its rows.
    pub file: Parsed,
    /// What was made and changed, or would be.
    pub merged: Merged,
    /// Whether it was kept.
    pub kept: bool,
}

/// The present day, which a file must be read with.
#[must_use]
pub fn today(context: &Context) -> Date {
    context.today()
}

/// Imports the rows of a file. `on_row` is called for each row that is on its way to the database.
///
/// # Errors
/// When the tenant is not served, or the database refuses a row for a reason that the rules do not know.
pub async fn import_employees(
    context: &Context,
    actor: &Actor,
    input: &ImportEmployees,
    mut file: Parsed,
    on_row: &(dyn Fn() + Sync),
) -> Result<Imported> {
    let mut tx = context.db.begin(input.tenant).await?;
    employee_import::lock(&mut tx).await?;
    due::apply_in(context, &mut tx).await?;
    file.settle(&employee_import::stored(&mut tx, &file.rows).await?);
    file.reject_taken_emails(&employee_import::taken_emails(&mut tx, &file.rows).await?);
    file.resolve_managers(&employee_import::colleagues(&mut tx).await?);
    if input.mode == Mode::AllOrNothing && !file.rejects.is_empty() {
        tx.rollback().await?;
        return Ok(Imported { file, merged: Merged::default(), kept: false });
    }
    let merged = merge(&mut tx, context, (actor, input), &mut file, on_row).await?;
    let kept = match input.mode {
        Mode::GoodRows => true,
        Mode::AllOrNothing => file.rejects.is_empty(),
        Mode::DryRun => false,
    };
    if kept {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    let merged = if kept || input.mode == Mode::DryRun { merged } else { Merged::default() };
    Ok(Imported { file, merged, kept })
}

/// The currency of salaries that name none, and whether the company has chosen it. Where all name one, the settings are not asked.
async fn currency(context: &Context, tx: &mut TenantTx, rows: &[EmployeeRow]) -> Result<(Currency, bool)> {
    let is_asked = rows.iter().any(|row| row.salary.is_some() && row.currency.is_none());
    if is_asked { settings::currency(context, tx).await } else { Ok((Currency::EUR, true)) }
}

async fn merge(
    tx: &mut TenantTx,
    context: &Context,
    (actor, input): (&Actor, &ImportEmployees),
    file: &mut Parsed,
    on_row: &(dyn Fn() + Sync),
) -> Result<Merged> {
    for row in &mut file.rows {
        row.currency = row.currency.or(input.currency);
        row.pay_period = row.pay_period.or(input.pay_period);
    }
    let manager_columns = [Field::Manager, Field::ManagerNumber].map(|field| file.mapping.column_of(field));
    let manager_headings: Vec<String> =
        manager_columns.into_iter().flatten().map(|(_, name)| name.to_owned()).collect();
    let (currency, chosen) = currency(context, tx, &file.rows).await?;
    let id = context.id();
    // Each turn but the last takes a manager or a row out of the file.
    let mut turn = on_row;
    let merged = loop {
        let import = Import {
            id,
            rows: &file.rows,
            manager_headings: &manager_headings,
            today: file.today,
            now: context.now(),
            actor,
            currency,
            pay_period: PayPeriod::Year,
        };
        match employee_import::merge(tx, &import, &|| context.id(), turn).await? {
            Outcome::Merged(merged) => break merged,
            Outcome::Circles(rows) => {
                file.take_managers(&rows.into_iter().map(|Closed { line, names }| (line, names)).collect());
                file.reject_taken_emails(&employee_import::taken_emails(tx, &file.rows).await?);
            }
        }
        turn = &|| ();
    };
    if !chosen {
        let words = format!(
            "no currency is named; taken for {currency}, the usual one, as the company has not set regional.currency; --currency names another"
        );
        file.warn_of_currency(&merged.without_currency, &words);
    }
    Ok(merged)
}
