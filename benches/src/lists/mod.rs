//! Lists of a large company, over HTTP.

mod plain;

use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{AssertSqlSafe, raw_sql};
use tenure_app::tokens::Secret;
use tenure_db::tenants::Tenant;

use crate::Result;
use crate::bed::Bed;
use crate::connection::{self, Connection};
use crate::reader;
use crate::report::{Report, median};
use crate::server;

/// Of one tenant, and of another for the chart.
const PEOPLE: [u32; 2] = [100_000, 10_000];
const ROUNDS: usize = 301;
const CHARTS: usize = 15;
/// How many pages lie before the deep one.
const DEPTH: usize = 1000;

/// A tenant, and a token that reads everybody's work fields.
struct Company {
    tenant: Tenant,
    token: Secret,
}

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let mut companies = Vec::new();
    for ((tenant, _), people) in bed.tenants("lists", PEOPLE.len()).await?.into_iter().zip(PEOPLE) {
        companies.push(fill(bed, tenant, people).await?);
    }
    raw_sql("VACUUM ANALYZE").execute(bed.context.db.owner_pool()).await?;
    // What a chart takes to be read, and not to be found again.
    let server = server::start(bed, &[("TENURE_CACHE__MEMORY", "1B")])?;
    let mut connection = Connection::open(server.address()).await?;
    let [large, small] = companies.as_slice() else { return Err("two companies".into()) };
    filtered_page(bed, large, &mut connection, report).await?;
    depth_and_search(large, &mut connection, report).await?;
    chart(small, &mut connection, report).await
}

async fn fill(bed: &Bed, tenant: Tenant, size: u32) -> Result<Company> {
    people(bed, &tenant, size).await?;
    let token = reader::add(bed, &tenant).await?;
    Ok(Company { tenant, token })
}

/// Makes a tenant a company of so many people.
pub(crate) async fn people(bed: &Bed, tenant: &Tenant, size: u32) -> Result<()> {
    let mut tx = bed.context.db.begin(tenant.id).await?;
    raw_sql(AssertSqlSafe(format!("SET LOCAL bench.people = {size}; SET LOCAL statement_timeout = 0")))
        .execute(&mut *tx)
        .await?;
    raw_sql(include_str!("company.sql")).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// A page by department and status, in the order of names, against the statement that PostgreSQL is asked for by hand.
async fn filtered_page(bed: &Bed, company: &Company, connection: &mut Connection, report: &mut Report) -> Result<()> {
    let mut plain = plain::Plain::prepare(bed, &company.tenant).await?;
    let path = format!("/api/v1/employees?limit=50&department={}&status=active&sort=name", plain.department());
    let request = connection::get(&path, &company.token);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(connection, &request).await?);
        let begun = Instant::now();
        plain.page().await?;
        theirs.push(begun.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    eprintln!("a filtered page in {:.2} ms, by plain SQL in {:.2} ms", ours * 1000.0, theirs * 1000.0);
    report.at_most("lists/filtered-page-against-sql", ours / theirs, 2.0);
    Ok(())
}

/// The first page of everybody against one that lies deep, and against a search by part of a mail address.
async fn depth_and_search(company: &Company, connection: &mut Connection, report: &mut Report) -> Result<()> {
    let first = "/api/v1/employees?limit=50".to_owned();
    let deep = behind(&first, DEPTH, &company.token, connection).await?;
    let search = format!("{first}&q=7654@ben");
    let requests = [first, deep, search].map(|path| connection::get(&path, &company.token));
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (request, times) in requests.iter().zip(&mut times) {
            times.push(time(connection, request).await?);
        }
    }
    let [first, deep, search] = times.map(median);
    eprintln!(
        "a page in {:.2} ms, a deep one in {:.2} ms, a search in {:.2} ms",
        first * 1e3,
        deep * 1e3,
        search * 1e3
    );
    report.at_most("lists/deep-page-against-first", deep / first, 1.3);
    report.at_most("lists/search-against-first", search / first, 1.5);
    Ok(())
}

/// The chart of a company, from the top down to where it usually is shown and to the last person.
async fn chart(company: &Company, connection: &mut Connection, report: &mut Report) -> Result<()> {
    for (name, depth, target) in [("lists/org-chart-10000-top", 2, 100.0), ("lists/org-chart-10000-whole", 50, 300.0)] {
        let request = connection::get(&format!("/api/v1/org-chart?depth={depth}"), &company.token);
        let mut times = Vec::new();
        for _ in 0..CHARTS {
            times.push(time(connection, &request).await?);
        }
        report.at_most_of(name, (median(times) * 1000.0, "ms"), target);
    }
    Ok(())
}

/// The path of the page that lies behind so many others.
pub(crate) async fn behind(first: &str, pages: usize, token: &Secret, connection: &mut Connection) -> Result<String> {
    let mut path = first.to_owned();
    for _ in 0..pages {
        let page: Value = serde_json::from_slice(&connection.exchange(&connection::get(&path, token)).await?)?;
        let cursor = page.get("next_cursor").and_then(Value::as_str).ok_or("the list is too short")?;
        path = format!("{first}&cursor={cursor}");
    }
    Ok(path)
}

pub(crate) async fn time(connection: &mut Connection, request: &str) -> Result<Duration> {
    let begun = Instant::now();
    connection.exchange(request).await?;
    Ok(begun.elapsed())
}
