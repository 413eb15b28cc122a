//! Making tenants, against the same statements sent raw, and as their number grows.

use std::time::{Duration, Instant};

use tenure_db::migrate::MigrationSet;
use tenure_embedded::Durability;

use crate::Result;
use crate::bed::{Bed, send};
use crate::report::{Report, median};

const PAIRS: usize = 15;
const FEW: usize = 10;
const MANY: usize = 1_000;
/// So many are measured at either end of the growth.
const SAMPLE: usize = 30;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let (ours, raw) = pairs(bed).await?;
    report.at_most("tenants/create-against-raw", median(ours) / median(raw), 1.3);
    bed.tenants("fill", MANY).await?;
    // A second server with few tenants stands beside the full one, and the two take turns: the machine's mood falls on both.
    let small = Bed::new(Durability::Disposable).await?;
    small.tenants("fill", FEW).await?;
    let (mut few, mut many) = (Vec::new(), Vec::new());
    for number in 0..SAMPLE {
        for (bed, times) in [(&small, &mut few), (bed, &mut many)] {
            times.extend(bed.tenants(&format!("turn{number}x"), 1).await?.into_iter().map(|(_, time)| time));
        }
    }
    small.close().await?;
    report.at_most("tenants/create-at-1000-against-10", median(many) / median(few), 1.3);
    Ok(())
}

/// One by Tenure, one raw, in turn.
async fn pairs(bed: &Bed) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let mut connection = bed.raw_owner().await?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for number in 0..PAIRS {
        for (_, time) in bed.tenants(&format!("pair{number}x"), 1).await? {
            ours.push(time);
        }
        let statements = raw_statements(&format!("raw_{number}"), bed.context.db.application_login());
        let start = Instant::now();
        send(&mut connection, &statements).await?;
        raw.push(start.elapsed());
    }
    Ok((ours, raw))
}

/// What makes a schema, its role and its tables, and nothing of what Tenure writes beside them.
fn raw_statements(schema: &str, login: &str) -> Vec<String> {
    let set = MigrationSet::tenant();
    let mut statements = vec![
        "BEGIN".to_owned(),
        format!("CREATE ROLE {schema} NOLOGIN"),
        format!("GRANT {schema} TO {login}"),
        format!("CREATE SCHEMA {schema}"),
        format!("GRANT USAGE ON SCHEMA {schema} TO {schema}"),
        format!("SET LOCAL search_path = {schema}"),
    ];
    statements.extend(set.baseline().into_iter().map(ToOwned::to_owned));
    statements.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {schema}", set.tables().join(", ")));
    statements.push("COMMIT".to_owned());
    statements
}
