//! The lists of a cycle of appraisals, over HTTP, with the documents in PostgreSQL and in MongoDB.

use sqlx::raw_sql;
use tenure_app::Actor;
use tenure_app::documents::{Documents, Patience, copy};
use tenure_app::tokens::Secret;
use tenure_db::tenants::Tenant;
use tenure_testkit::TestMongo;

use crate::Result;
use crate::bed::Bed;
use crate::connection::{self, Connection};
use crate::lists::{behind, time};
use crate::reader;
use crate::report::{Report, median};
use crate::server;

/// One of the four cycles that `appraisals.sql` makes, of 25,000 forms each.
const CYCLE: &str = "00000000-0000-7000-8000-000000000001";
/// How many pages of 50 lie before the one in the middle.
const MIDDLE: usize = 250;
const ROUNDS: usize = 301;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let made = bed.tenants("appraisals", 1).await?.into_iter().next();
    let (tenant, _) = made.ok_or("a tenant")?;
    let token = fill(bed, &tenant).await?;
    lists(bed, &token, &[], ("postgresql", report)).await?;
    let mongo = TestMongo::start();
    let patience = Patience::default();
    let documents = Documents::open(&mongo.url(), patience)?;
    documents.prepare().await?;
    copy::copy(&bed.context, &Actor::System, &documents, tenant.id, &|_| ()).await?;
    lists(bed, &token, &[("TENURE_DOCUMENTS__URL", &mongo.url())], ("mongodb", report)).await
}

/// Makes the forms, and a reader of them.
async fn fill(bed: &Bed, tenant: &Tenant) -> Result<Secret> {
    let token = reader::add(bed, tenant).await?;
    let mut tx = bed.context.db.begin(tenant.id).await?;
    raw_sql(include_str!("appraisals.sql")).execute(&mut *tx).await?;
    tx.commit().await?;
    raw_sql("VACUUM ANALYZE").execute(bed.context.db.owner_pool()).await?;
    Ok(token)
}

/// A page in the middle of a cycle, and the first one of a state, against the first one of the cycle.
async fn lists(bed: &Bed, token: &Secret, options: &[(&str, &str)], (name, report): (&str, &mut Report)) -> Result<()> {
    let server = server::start(bed, options)?;
    let mut connection = Connection::open(server.address()).await?;
    let first = format!("/api/v1/appraisals/cycles/{CYCLE}/forms?limit=50");
    let middle = behind(&first, MIDDLE, token, &mut connection).await?;
    let in_state = format!("{first}&state=self_submitted");
    let requests = [first, middle, in_state].map(|path| connection::get(&path, token));
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (request, times) in requests.iter().zip(&mut times) {
            times.push(time(&mut connection, request).await?);
        }
    }
    let [first, middle, in_state] = times.map(median);
    eprintln!(
        "{name}: a page of forms in {:.2} ms, one in the middle in {:.2} ms, one of a state in {:.2} ms",
        first * 1e3,
        middle * 1e3,
        in_state * 1e3
    );
    report.at_most(&format!("appraisals/{name}-middle-page-against-first"), middle / first, 1.3);
    report.at_most(&format!("appraisals/{name}-page-of-a-state-against-first"), in_state / first, 1.3);
    Ok(())
}
