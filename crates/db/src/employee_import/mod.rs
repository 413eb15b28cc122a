//! The import of employees: what is stored about the people of a file, and the merge of its rows in a few statements for all.
//!
//! The rows are copied into the table `employee_import_rows`, completed there by what is stored, compared, and what differs is
//! written to the tables it belongs to. The number of statements does not grow with the number of rows.

mod employments;
mod lookup;
mod merge;
mod organisation;
mod salaries;
mod stage;
mod trail;

use jiff::Timestamp;
use jiff::civil::Date;
use tenure_core::employment::PayPeriod;
use tenure_core::import::EmployeeRow;
use tenure_core::money::Currency;
use uuid::Uuid;

use crate::audit::Actor;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

pub use employments::Closed;
pub use lookup::{colleagues, lock, stored, taken_emails};

/// Rows to be merged and what all of them share.
#[derive(Debug)]
pub struct Import<'a> {
    /// The id of this import, which its entries in the audit log carry as their request.
    pub id: Uuid,
    /// The rows, settled and with their managers found.
    pub rows: &'a [EmployeeRow],
    /// Headings under which the texts of managers who were not found are kept as custom values.
    pub manager_headings: &'a [String],
    /// The present day.
    pub today: Date,
    /// The present moment.
    pub now: Timestamp,
    /// Who imports.
    pub actor: &'a Actor,
    /// The currency of salaries for which neither the row nor an earlier salary names one.
    pub currency: Currency,
    /// The same for their pay period.
    pub pay_period: PayPeriod,
}

/// What came of a merge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// How many employees were made.
    pub created: usize,
    /// How many were changed, or got another salary.
    pub updated: usize,
    /// How many were as the file says.
    pub unchanged: usize,
    /// Names of the departments that were made.
    pub departments: Vec<String>,
    /// Titles of the designations that were made.
    pub designations: Vec<String>,
    /// Lines whose salary was taken for an amount of [`Import::currency`].
    pub without_currency: Vec<usize>,
}

/// What comes of a merge.
#[derive(Debug)]
pub enum Outcome {
    /// All rows are merged.
    Merged(Merged),
    /// With these rows managers would report to each other; nothing is merged.
    Circles(Vec<Closed>),
}

/// Merges the rows into the tenant's employees. `new_id` makes ids; `on_row` is called for each row that is on its way.
///
/// The transaction must hold the [`lock`].
///
/// # Errors
/// When the database refuses a row; nothing may be committed then.
pub async fn merge(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
    on_row: &(dyn Fn() + Sync),
) -> Result<Outcome> {
    let mark = tx.mark().await?;
    let outcome = try_merge(tx, import, new_id, on_row).await?;
    if matches!(outcome, Outcome::Circles(_)) {
        tx.undo_to(mark).await?;
    }
    Ok(outcome)
}

async fn try_merge(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
    on_row: &(dyn Fn() + Sync),
) -> Result<Outcome> {
    stage::copy(tx, import, new_id, on_row).await?;
    let departments = organisation::add_departments(tx, import, new_id).await?;
    let designations = organisation::add_designations(tx, import, new_id).await?;
    merge::complete(tx, import.manager_headings).await?;
    merge::compare(tx).await?;
    let without_currency = salaries::without_currency(tx).await?;
    salaries::compare(tx, import).await?;
    merge::save(tx, import.now).await?;
    let circles = employments::save(tx, import, new_id).await?;
    if !circles.is_empty() {
        return Ok(Outcome::Circles(circles));
    }
    salaries::save(tx, import.now).await?;
    trail::record_people(tx, import).await?;
    let counts = merge::count(tx).await?;
    stage::clear(tx).await?;
    Ok(Outcome::Merged(Merged { departments, designations, without_currency, ..counts }))
}
