//! Employment over time: periods and assignments of one or many people, what is due today, and the columns of `employees` that
//! show it.
//!
//! `employees` shows today: nobody but [`settle`] and what makes an employee writes those columns.

mod check;
mod due;
mod history;
mod load;
mod number;
mod save;
mod settle;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::raw_sql;
use tenure_core::employment::{Field, Fraction};
use tenure_core::ids::EmployeeId;

pub use check::{Circle, Unfit, circles, unfit};
pub use due::due;
pub use history::{Assignment, PeriodRow, assignments, periods};
pub use load::{in_department, load};
pub use number::{Sequence, put_sequence, sequence, take_number};
pub use save::save;
pub use settle::{Settled, settle};

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// The operations on one person's employment.
pub type Operations = (EmployeeId, tenure_core::employment::Operations);

/// Makes the changes of all employments in a tenant follow each other until this transaction ends: two managers that are each right
/// could together close a loop, and a department could be deleted while somebody is moved into it. Readers do not wait. To be called
/// after [`crate::departments::lock`] where both are, and before anything that the change depends on is read.
///
/// # Errors
/// When the database refuses it.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE job_assignments IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// When something is shown or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The day.
    pub today: Date,
    /// The instant.
    pub now: Timestamp,
}

/// The fields that the words of a row name.
fn fields(words: &[String]) -> Result<std::collections::BTreeSet<Field>> {
    words.iter().map(|word| crate::employees::word(word)).collect()
}

/// A share of full time that a CHECK holds within its bounds.
pub(crate) fn fraction(number: Option<rust_decimal::Decimal>) -> Result<Option<Fraction>> {
    let read = |number| Fraction::try_from(number).map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))));
    number.map(read).transpose()
}

/// Takes the position out of a row that has its columns.
macro_rules! position {
    ($row:ident) => {
        tenure_core::employment::Position {
            department_id: $row.department_id.map(Into::into),
            designation_id: $row.designation_id.map(Into::into),
            manager_id: $row.manager_id.map(Into::into),
            location_id: $row.location_id.map(Into::into),
            employment_type: $crate::employees::optional_word($row.employment_type.as_deref())?,
            working_time_fraction: $crate::employment::fraction($row.working_time_fraction)?,
            pay_grade: $row.pay_grade,
        }
    };
}
pub(crate) use position;
