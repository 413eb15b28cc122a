//! The whole list of employees, page by page.

use serde_json::{Value, json};
use tenure_db::audit::{self, Entry};
use tenure_db::employees;
use tokio::sync::mpsc;

use super::WorkFields;
use super::list::{Query, filter, list};
use crate::caller::{self, Caller};
use crate::context::Context;
use crate::error::{Error, Result};

/// The most employees that are given at once.
pub const MOST_ROWS: i64 = 1_000_000;
/// How many are read together.
const PAGE: u16 = 1_000;

/// Gives all employees of a query to `pages`, a thousand at a time, and at least one page. That they are given is recorded before, with
/// `asked`, the filter in the words of whoever asks, and how many there are: who breaks off has seen them, too.
///
/// Each page asks anew who the caller is and what the caller may see, in a transaction that has ended when the page is given: however long
/// it takes to be taken, no connection waits for it.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Rule` (too many), `Unavailable`, also when nobody takes the pages any more.
pub async fn export(
    context: &Context,
    caller: Caller<'_>,
    (mut query, asked): (Query, Value),
    pages: mpsc::Sender<Vec<WorkFields>>,
) -> Result<()> {
    announce(context, caller, &query, asked).await?;
    query.limit = PAGE;
    loop {
        let found = list(context, caller, query.clone()).await?;
        let gone = |_| Error::Unavailable("nobody takes the list any more".to_owned());
        pages.send(found.employees).await.map_err(gone)?;
        query.after = found.next;
        if query.after.is_none() {
            return Ok(());
        }
    }
}

async fn announce(context: &Context, caller: Caller<'_>, query: &Query, asked: Value) -> Result<()> {
    let (mut tx, actor) = caller::enter(context, caller).await?;
    let outcome = async {
        let filter = filter(context, &actor, query)?;
        let rows = employees::count(&mut tx, &filter).await?;
        if rows > MOST_ROWS {
            return Err(Error::Rule(format!("these are {rows} employees, and at most {MOST_ROWS} are given at once")));
        }
        let entry = Entry {
            id: context.id(),
            now: context.now(),
            actor: &actor.user,
            action: "employees.exported",
            entity: "employee",
            entity_id: None,
            before: None,
            after: Some(json!({ "filter": asked, "rows": rows })),
            request_id: Some(caller.request_id),
        };
        Ok(audit::record(&mut tx, &entry).await?)
    }
    .await;
    caller::conclude(tx, outcome).await
}
