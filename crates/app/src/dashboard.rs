//! The figures of a company, over the people whom the actor may see.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::access::{Permission, ScopeSet};
use tenure_core::ids::{DepartmentId, EmployeeId, TenantId};
use tenure_core::organisation::figures::{Figures, figures, year_before};
use tenure_core::stamps::Area;
use tenure_db::TenantTx;
use tenure_db::dashboard::{self, Part};

use crate::caller::{Caller, Principal};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::kept::{self, Kept, Subject};

static FIGURES: Subject = Subject::new("dash:figures", 3, 60, &[Area::Organisation, Area::People]);

/// The figures of a day and of the year that ends with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The day.
    pub as_of: Date,
    /// The first day of the year.
    pub year_from: Date,
    /// The figures.
    pub figures: Figures,
    /// What the departments in them are called.
    pub departments: HashMap<DepartmentId, String>,
}

/// The figures as of a day, or of today.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, as_of: Option<Date>) -> Result<Kept<Dashboard>> {
    let as_of = as_of.unwrap_or_else(|| context.today());
    let actor = kept::enter(context, caller).await?;
    find(context, caller.token.tenant(), &actor, as_of).await
}

pub(crate) async fn find(
    context: &Context,
    tenant: TenantId,
    actor: &Principal,
    as_of: Date,
) -> Result<Kept<Dashboard>> {
    let visible = actor.grants.scopes(Permission::EmployeesRead);
    if visible.is_empty() {
        return Err(Error::Denied("reading the dashboard needs the permission employees.read".to_owned()));
    }
    let which = format!("{}:{as_of}", kept::view(visible, actor.employee));
    let load = async |tx: &mut TenantTx| read(tx, visible, actor.employee, as_of).await;
    kept::find(context, (tenant, actor), &FIGURES, &which, load).await
}

async fn read(tx: &mut TenantTx, visible: ScopeSet, viewer: Option<EmployeeId>, as_of: Date) -> Result<Dashboard> {
    let year_from = year_before(as_of);
    let part = Part { visible, viewer, first: year_from, last: as_of };
    let (standing, movement) = dashboard::read(tx, &part).await?;
    let figures = figures(as_of, &standing, &movement);
    let departments: Vec<DepartmentId> = figures.by_department.iter().filter_map(|(id, _)| *id).collect();
    let departments = dashboard::department_names(tx, &departments).await?.into_iter().collect();
    Ok(Dashboard { as_of, year_from, figures, departments })
}
