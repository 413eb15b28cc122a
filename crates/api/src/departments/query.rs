//! The parameters that the department list has of its own.

use tenure_app::departments::Filter;
use tenure_app::{Error, Part};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::List;
use crate::query::{self, Parameters};

/// What the list takes besides, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// Only departments directly under the one of this id; `top` for those under none.
    parent: Option<String>,
    /// Only the department of this id and those below it. Not together with `parent`.
    under: Option<Uuid>,
}

/// Reads the parameters.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn read(parameters: &Parameters) -> Result<(Filter, Part), Error> {
    let mut filter = Filter::All;
    let part = query::part(List::Departments, parameters, ", parent and under", |name, value| {
        let known = ["parent", "under"].contains(&name);
        known.then(|| set(&mut filter, name, value))
    })?;
    Ok((filter, part))
}

fn set(filter: &mut Filter, name: &str, value: &str) -> Result<(), String> {
    if *filter != Filter::All {
        return Err("is not taken together with the other of parent and under".to_owned());
    }
    *filter = match (name, value) {
        ("parent", "top") => Filter::Top,
        ("parent", id) => Filter::Parent(read_id(id)?.into()),
        (_, id) => Filter::Under(read_id(id)?.into()),
    };
    Ok(())
}

fn read_id(value: &str) -> Result<Uuid, String> {
    Uuid::try_parse(value).map_err(|_| "is not a UUID".to_owned())
}
