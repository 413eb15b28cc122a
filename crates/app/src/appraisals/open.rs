//! One person's form as it is opened: whether the actor may see it, write it or decide of it.

use tenure_core::access::{Permission, ScopeSet};
use tenure_core::appraisal::{Part, Template as Content};
use tenure_db::{TenantTx, appraisals, person_records};
use uuid::Uuid;

use super::cycles;
use super::document::{Cycle, Form, Loaded, Template, read};
use crate::caller::Principal;
use crate::change::{Change, Target};
use crate::documents;
use crate::employees;
use crate::error::{Error, Result};

/// What the audit log calls a form.
pub(super) const WHAT: &str = "appraisal";

/// What an actor is to a form that it may see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    pub(super) is_own: bool,
    pub(super) may_write: bool,
}

/// A form with what it takes to judge a change of it.
pub(super) struct Open {
    pub(super) form: Loaded<Form>,
    pub(super) cycle: Cycle,
    pub(super) content: Content,
    pub(super) access: Access,
}

/// A form that the actor may see.
pub(super) async fn open(change: &mut Change<'_>, id: Uuid) -> Result<Open> {
    let form = read::<Form>(&mut change.documents(), WHAT, id).await?;
    let access = access(&mut change.tx, &change.actor, &form.body).await?.ok_or_else(|| Error::not_found(WHAT, &id))?;
    let cycle: Cycle = read(&mut change.documents(), cycles::WHAT, form.body.cycle_id).await?.body;
    let template: Template = read(&mut change.documents(), "appraisal template", cycle.template_id).await?.body;
    Ok(Open { form, cycle, content: template.content, access })
}

/// As [`open`], with the cycle's step and the person held: until the change ends, the cycle does not go on, and nobody else asks or says
/// anything about the person.
pub(super) async fn open_held(change: &mut Change<'_>, id: Uuid) -> Result<Open> {
    appraisals::hold_steps(&mut change.tx).await?;
    // Read outside of the change, which shall see what is there once the person is held.
    let about = read::<Form>(&mut documents::of(change.context, &mut change.tx), WHAT, id).await?;
    person_records::hold(&mut change.tx, about.body.employee_id).await?;
    // Boxed, for it is the larger part of each change.
    Box::pin(open(change, id)).await
}

/// What the actor is to a form; `None` to one that it may not see. The appraiser sees and writes it wherever the person stands by now.
pub(super) async fn access(tx: &mut TenantTx, actor: &Principal, form: &Form) -> Result<Option<Access>> {
    let lies_in = employees::scopes_of(tx, actor, form.employee_id).await?;
    let is_own = actor.employee == Some(form.employee_id);
    let appraises = actor.employee.is_some() && actor.employee == form.manager_id;
    let may = |permission| {
        let granted = actor.grants.scopes(permission) != ScopeSet::EMPTY;
        actor.grants.allow(permission, lies_in) || (appraises && granted)
    };
    Ok(may(Permission::AppraisalsRead).then(|| Access { is_own, may_write: may(Permission::AppraisalsWrite) }))
}

/// A form of which the actor writes one part.
pub(super) async fn open_for_writing(change: &mut Change<'_>, target: Target<Uuid>, part: Part) -> Result<Open> {
    appraisals::hold_steps(&mut change.tx).await?;
    let open = open(change, target.id).await?;
    target.check(WHAT, open.form.stored.version)?;
    let is_ones = open.access.is_own == (part == Part::Own);
    if open.access.may_write && is_ones {
        Ok(open)
    } else if open.access.may_write {
        Err(Error::Denied("everybody writes the part self of their own appraisal, and manager of others'".to_owned()))
    } else {
        Err(Error::Denied("this needs the permission appraisals.write for this employee".to_owned()))
    }
}

/// A form of which its managers decide. Until the change ends, nobody else decides of it, or asks or says anything about its person.
pub(super) async fn open_for_managing(change: &mut Change<'_>, target: Target<Uuid>) -> Result<Open> {
    change.require(Permission::AppraisalsManage)?;
    let open = open_held(change, target.id).await?;
    target.check(WHAT, open.form.stored.version)?;
    if open.access.is_own { Err(Error::Denied("nobody decides of their own appraisal".to_owned())) } else { Ok(open) }
}
