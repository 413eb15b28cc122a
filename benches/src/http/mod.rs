//! Reading one employee over HTTP, against pgbench sending the same statements to the same PostgreSQL.

pub(crate) mod client;
pub(crate) mod companies;
mod pgbench;

use std::time::Duration;

use crate::Result;
use crate::bed::Bed;
use crate::report::{Report, median};
use crate::server;

const TENANTS: usize = 50;
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 3;
/// In every round both sides run so long before they are measured: statements are prepared and caches filled.
const WARM_UP: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(6);

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let companies = companies::make(bed, TENANTS).await?;
    let pgbench = pgbench::prepare(bed, &companies).await?;
    let server = server::start(bed, &[])?;
    let requests = client::requests(&companies);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(client::time_per_request(server.address(), &requests).await?);
        theirs.push(pgbench.time_per_transaction()?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    eprintln!("{:.0} requests a second, {:.0} transactions a second by pgbench", 1.0 / ours, 1.0 / theirs);
    report.at_least("http/get-employee-against-pgbench", theirs / ours, 0.5);
    Ok(())
}
