//! `/api/v1/dashboard`

use axum::Json;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use tenure_app::{Error, dashboard};
use tenure_core::employment::EmploymentType;
use tenure_core::organisation::figures::Month;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::caller::Call;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::words::employment_type;

/// What the dashboard takes, for the API's description. [`read`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter; it is read so that the error names it")]
pub(crate) struct DashboardParameters {
    /// The day of the figures, of the past or ahead; without it, today.
    as_of: Option<Date>,
}

/// The company in figures: of the people whom the caller may see.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dashboard {
    /// The day of the figures.
    as_of: Date,
    /// The first day of the year that ends on that day.
    year_from: Date,
    /// How many are employed on the day.
    headcount: u32,
    /// The same for each department that has people, or that somebody came into or left in the year, by its name.
    by_department: Vec<DepartmentCount>,
    /// The same for each kind of contract.
    by_employment_type: Vec<EmploymentTypeCount>,
    /// How many employments began in the year.
    joiners: u32,
    /// How many employments ended in the year: it has the first day without.
    leavers: u32,
    /// The same by calendar months, as far as they lie in the year: 12 or 13 of them, from the first.
    by_month: Vec<MonthCount>,
    /// The leavers in per cent of the mean of the headcounts before and at the end of the year: a decimal number as text. `null` where
    /// nobody was employed.
    #[schema(examples("12.5"))]
    attrition_percent: Option<String>,
    /// Who leads whom.
    span_of_control: SpanOfControl,
}

/// How many people work in a department itself, without those below it, and how many came into it and left it with their employment.
#[derive(Serialize, ToSchema)]
pub(crate) struct DepartmentCount {
    /// `null` for those who are in none.
    department_id: Option<Uuid>,
    /// The department's name today.
    department: Option<String>,
    headcount: u32,
    joiners: u32,
    leavers: u32,
}

/// How many people have a kind of contract, and how many came and went with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmploymentTypeCount {
    #[schema(schema_with = employment_type)]
    employment_type: Option<EmploymentType>,
    headcount: u32,
    joiners: u32,
    leavers: u32,
}

/// Who came and went on those days of a calendar month that lie in the year.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthCount {
    /// The first of the days.
    from: Date,
    /// The last of them.
    to: Date,
    joiners: u32,
    leavers: u32,
    /// How many are employed on the last of them.
    headcount: u32,
}

/// How many people managers lead directly.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpanOfControl {
    /// How many lead somebody.
    managers: u32,
    /// How many they lead on average: a decimal number as text. `null` without managers.
    #[schema(examples("6.2"))]
    average: Option<String>,
    /// The most that one of them leads.
    largest: u32,
}

/// Headcount, joiners and leavers, departments and contracts, attrition and spans of control, over the people whom the caller may see.
#[utoipa::path(
    get,
    path = "/api/v1/dashboard",
    tag = "organisation",
    operation_id = "show_dashboard",
    params(DashboardParameters),
    responses((status = 200, description = "The figures", body = Dashboard)),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, Parameters(pairs): Parameters) -> Result<Json<Dashboard>, Problem> {
    let as_of = read(&pairs)?;
    let found = dashboard::get(call.context(), call.caller(), as_of).await?;
    Ok(Json(found.get()?.into()))
}

fn read(pairs: &[(String, String)]) -> Result<Option<Date>, Error> {
    let mut as_of = None;
    query::read(pairs, |name, value| {
        match name {
            "as_of" => as_of = Some(query::date(value)?),
            _ => return Err("is not a parameter here; there is as_of".to_owned()),
        }
        Ok(())
    })?;
    Ok(as_of)
}

impl From<&dashboard::Dashboard> for Dashboard {
    fn from(found: &dashboard::Dashboard) -> Self {
        let figures = &found.figures;
        let decimal = |number: &Option<Decimal>| number.map(|number| number.to_string());
        let by_type = figures.by_employment_type.iter();
        Self {
            as_of: found.as_of,
            year_from: found.year_from,
            headcount: figures.headcount,
            by_department: by_department(found),
            by_employment_type: by_type
                .map(|(employment_type, count)| EmploymentTypeCount {
                    employment_type: *employment_type,
                    headcount: count.headcount,
                    joiners: count.joiners,
                    leavers: count.leavers,
                })
                .collect(),
            joiners: figures.joiners,
            leavers: figures.leavers,
            by_month: figures.by_month.iter().map(MonthCount::from).collect(),
            attrition_percent: decimal(&figures.attrition_percent),
            span_of_control: SpanOfControl {
                managers: figures.managers,
                average: decimal(&figures.average_span),
                largest: figures.largest_span,
            },
        }
    }
}

impl From<&Month> for MonthCount {
    fn from(month: &Month) -> Self {
        let Month { from, to, joiners, leavers, headcount } = *month;
        Self { from, to, joiners, leavers, headcount }
    }
}

fn by_department(found: &dashboard::Dashboard) -> Vec<DepartmentCount> {
    let counts = found.figures.by_department.iter().map(|(id, count)| DepartmentCount {
        department_id: id.map(Uuid::from),
        department: id.and_then(|id| found.departments.get(&id).cloned()),
        headcount: count.headcount,
        joiners: count.joiners,
        leavers: count.leavers,
    });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by(|a, b| a.department.cmp(&b.department).then(a.department_id.cmp(&b.department_id)));
    counts
}
