//! `/api/v1/org-chart`

use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::{Error, org_chart};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::caller::Call;
use crate::listing::{Form, Listing};
use crate::problem::Problem;
use crate::query::{self, Parameters};

const LARGEST_DEPTH: u16 = 100;

/// What the chart takes, for the API's description. [`read`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ChartParameters {
    /// The employee to begin with; without it, everybody who has no manager in the chart.
    root: Option<Uuid>,
    /// How many levels below are shown.
    #[param(minimum = 0, maximum = 100, default = 3)]
    depth: Option<u16>,
    /// The day to show, of the past or ahead; without it, today.
    as_of: Option<Date>,
}

/// A part of the chart.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrgChart {
    /// From the top down, each level by name. `manager_id` makes it a tree.
    data: Vec<OrgChartNode>,
}

impl Listing for OrgChart {
    const FILE: &'static str = "org-chart";
    const COLUMNS: &'static [&'static str] =
        &["id", "manager_id", "first_name", "last_name", "designation", "department", "direct_reports", "all_reports"];
}

/// Somebody in the chart.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrgChartNode {
    id: Uuid,
    /// Whom the person reports to, in this chart or not.
    manager_id: Option<Uuid>,
    /// Empty for people who have one name only.
    first_name: String,
    last_name: String,
    /// The title of the job.
    designation: Option<String>,
    /// The name of the department.
    department: Option<String>,
    /// How many report to the person directly.
    direct_reports: u32,
    /// How many are below the person, also further down than the chart shows.
    all_reports: u32,
}

/// Who reports to whom: employed people whom the caller may see, from one person or from the top.
#[utoipa::path(
    get,
    path = "/api/v1/org-chart",
    tag = "organisation",
    operation_id = "show_org_chart",
    params(ChartParameters),
    responses((status = 200, description = "The chart", body = OrgChart)),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, form: Form, Parameters(pairs): Parameters) -> Result<Response, Problem> {
    let query = read(&pairs)?;
    let nodes = org_chart::get(call.context(), call.caller(), query).await?;
    form.answer(OrgChart { data: nodes.get()?.iter().map(OrgChartNode::from).collect() })
}

fn read(pairs: &[(String, String)]) -> Result<org_chart::Query, Error> {
    let mut wanted = org_chart::Query::WHOLE;
    query::read(pairs, |name, value| {
        match name {
            "root" => wanted.root = Some(Uuid::try_parse(value).map_err(|_| "is not a UUID")?.into()),
            "depth" => {
                let depth = value.parse().ok().filter(|depth| *depth <= LARGEST_DEPTH);
                wanted.depth = depth.ok_or_else(|| format!("is a whole number from 0 to {LARGEST_DEPTH}"))?;
            }
            "as_of" => wanted.as_of = Some(query::date(value)?),
            _ => return Err("is not a parameter here; there are root, depth and as_of".to_owned()),
        }
        Ok(())
    })?;
    Ok(wanted)
}

impl From<&org_chart::Node> for OrgChartNode {
    fn from(node: &org_chart::Node) -> Self {
        let org_chart::Node { place, reports } = node;
        Self {
            id: place.id.uuid(),
            manager_id: place.manager_id.map(Uuid::from),
            first_name: place.first_name.clone(),
            last_name: place.last_name.clone(),
            designation: place.designation.as_ref().map(|designation| designation.title.clone()),
            department: place.department.as_ref().map(|department| department.name.clone()),
            direct_reports: reports.direct,
            all_reports: reports.all,
        }
    }
}
