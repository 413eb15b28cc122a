//! Archives of one tenant among many and of a large one, against PostgreSQL's own ways.

mod stores;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::raw_sql;
use tempfile::TempDir;
use tenure_app::Context;
use tenure_backup::{Files, Identities, Maker, Recipients, Restorer, Target, new_identity};
use tenure_db::Database;
use tenure_db::archive::Table;
use tenure_db::migrate::MigrationSet;
use tenure_db::tenants::Tenant;
use tenure_embedded::Login;
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::Result;
use crate::bed::{Bed, send};
use crate::lists;
use crate::memory;
use crate::report::{Report, median};

const TENANTS: usize = 1000;
const SMALL: u32 = 100;
const LARGE: u32 = 300_000;
const ROUNDS: usize = 9;
const LARGE_ROUNDS: usize = 3;
/// Nobody restores what is being archived.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the program's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A place for archives, gone with this value, and a key.
struct Archives {
    folder: TempDir,
    objects: Objects,
    recipient: String,
    recipients: Recipients,
    identities: Identities,
}

impl Archives {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let objects = Objects::folder(folder.path())?;
        let (identity, recipient) = new_identity();
        let (recipients, identities) = (Recipients::parse(&recipient)?, Identities::parse(&identity)?);
        Ok(Self { folder, objects, recipient, recipients, identities })
    }

    async fn make(&self, context: &Context, tenant: &Tenant) -> Result<(Uuid, Duration)> {
        self.make_with(context, tenant, None).await
    }

    async fn make_with(
        &self,
        context: &Context,
        tenant: &Tenant,
        files: Option<Files<'_>>,
    ) -> Result<(Uuid, Duration)> {
        let (now, new_id) = (|| context.now(), || context.id());
        let (db, objects, recipients) = (&context.db, &self.objects, &self.recipients);
        let documents = context.documents();
        let begun = Instant::now();
        let patience = PATIENCE;
        let made = Maker { db, objects, recipients, documents, files, now: &now, new_id: &new_id, patience }
            .create(tenant.id)
            .await?;
        Ok((made.id, begun.elapsed()))
    }
}

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let mut tenants: Vec<Tenant> = bed.tenants("t", TENANTS).await?.into_iter().map(|(tenant, _)| tenant).collect();
    let large = tenants.pop().ok_or("no tenant")?;
    let small = tenants.split_off(tenants.len() - ROUNDS);
    for tenant in &small {
        lists::people(bed, tenant, SMALL).await?;
    }
    lists::people(bed, &large, LARGE).await?;
    raw_sql("VACUUM ANALYZE").execute(bed.context.db.owner_pool()).await?;
    let archives = Archives::new()?;
    one_among_many(bed, &archives, &tenants, &small, report).await?;
    a_large_one(bed, &archives, &large, report).await?;
    restored(bed, &archives, &large, report).await?;
    stores::files(bed, report).await?;
    stores::documents(bed, report).await?;
    memory(bed, &archives, &large, report)
}

/// Each round takes another tenant, as a night does: both sides work on connections that are warm and have never touched it.
async fn one_among_many(
    bed: &Bed,
    archives: &Archives,
    others: &[Tenant],
    tenants: &[Tenant],
    report: &mut Report,
) -> Result<()> {
    let fresh = Context::new(Database::new(&bed.settings));
    let mut raw = bed.raw_owner().await?;
    for tenant in others.iter().take(ROUNDS) {
        archives.make(&fresh, tenant).await?;
        bare_copy(&mut raw, tenant, &tables(bed, tenant).await?, |_| Ok(())).await?;
    }
    let (mut ours, mut copied, mut dumped) = (Vec::new(), Vec::new(), Vec::new());
    for tenant in tenants {
        ours.push(archives.make(&fresh, tenant).await?.1);
        copied.push(bare_copy(&mut raw, tenant, &tables(bed, tenant).await?, |_| Ok(())).await?);
        dumped.push(pg_dump(bed, tenant)?);
    }
    let (ours, copied, dumped) = (median(ours), median(copied), median(dumped));
    eprintln!("100 people: archive {:.1} ms, COPY {:.1} ms, pg_dump {dumped:.2} s", ours * 1e3, copied * 1e3);
    report.at_most("backup/one-of-1000-against-copy", ours / copied, 3.0);
    report.at_least("backup/pg-dump-against-one-of-1000", dumped / ours, 15.0);
    Ok(())
}

async fn a_large_one(bed: &Bed, archives: &Archives, tenant: &Tenant, report: &mut Report) -> Result<()> {
    let mut raw = bed.raw_owner().await?;
    let tables = tables(bed, tenant).await?;
    let (mut ours, mut piped) = (Vec::new(), Vec::new());
    for _ in 0..LARGE_ROUNDS {
        ours.push(archives.make(&bed.context, tenant).await?.1);
        let mut zstd = zstd::stream::write::Encoder::new(std::io::sink(), 3)?;
        let took = bare_copy(&mut raw, tenant, &tables, |rows| Ok(std::io::Write::write_all(&mut zstd, rows)?)).await?;
        zstd.finish()?;
        piped.push(took);
    }
    let (ours, piped) = (median(ours), median(piped));
    eprintln!("300,000 people: archive {ours:.2} s, COPY through zstd {piped:.2} s");
    report.at_least("backup/speed-of-300000-against-copy-zstd", piped / ours, 0.5);
    Ok(())
}

async fn restored(bed: &Bed, archives: &Archives, tenant: &Tenant, report: &mut Report) -> Result<()> {
    let (archive, _) = archives.make(&bed.context, tenant).await?;
    let tables = tables(bed, tenant).await?;
    let rows = all_rows(bed, tenant, &tables).await?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..LARGE_ROUNDS {
        raw.push(raw_restore(bed, round, &rows).await?);
        let (db, target) = (&bed.context.db, Target::Same(tenant.id));
        let (objects, identities, documents) = (&archives.objects, &archives.identities, bed.context.documents());
        let now = || bed.context.now();
        let restorer = Restorer { db, objects, identities, documents, files: None, now: &now, patience: PATIENCE };
        let act = bed.context.act(&tenure_db::audit::Actor::System);
        let begun = Instant::now();
        restorer.restore(archive, &target, &act).await?;
        ours.push(begun.elapsed());
    }
    let (ours, raw) = (median(ours), median(raw));
    eprintln!("300,000 people: restored in {ours:.2} s, by raw CREATE and COPY in {raw:.2} s");
    report.at_most("backup/restore-against-create-and-copy", ours / raw, 3.0);
    Ok(())
}

/// The tables of a tenant, as an archive has them.
async fn tables(bed: &Bed, tenant: &Tenant) -> Result<Vec<Table>> {
    let snapshot = bed.context.db.snapshot(MigrationSet::tenant(), tenant.id).await?;
    let tables = snapshot.tables.clone();
    snapshot.end().await?;
    Ok(tables)
}

fn columns(table: &Table) -> String {
    table.columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// COPY of all tables in one snapshot, as plain as can be.
async fn bare_copy(
    raw: &mut PgConnection,
    tenant: &Tenant,
    tables: &[Table],
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Duration> {
    let begun = Instant::now();
    send(raw, &["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()]).await?;
    for table in tables {
        let copy = format!("COPY {}.\"{}\" ({}) TO STDOUT", tenant.schema, table.name, columns(table));
        let mut rows = raw.copy_out_raw(&copy).await?;
        while let Some(row) = futures_util::StreamExt::next(&mut rows).await {
            take(&row?)?;
        }
    }
    send(raw, &["COMMIT".to_owned()]).await?;
    Ok(begun.elapsed())
}

fn pg_dump(bed: &Bed, tenant: &Tenant) -> Result<Duration> {
    let begun = Instant::now();
    let status = Command::new("pg_dump")
        .args(["-n", tenant.schema.as_str(), "-d", bed.url(Login::Owner).as_str()])
        .env("PGOPTIONS", "-c join_collapse_limit=1")
        .stdout(Stdio::null())
        .status()?;
    if status.success() { Ok(begun.elapsed()) } else { Err(format!("pg_dump: {status}").into()) }
}

/// Every table's name, columns and rows.
async fn all_rows(bed: &Bed, tenant: &Tenant, tables: &[Table]) -> Result<Vec<(String, String, Vec<u8>)>> {
    let mut raw = bed.raw_owner().await?;
    let mut all = Vec::new();
    for table in tables {
        let mut rows = Vec::new();
        bare_copy(&mut raw, tenant, std::slice::from_ref(table), |row| {
            rows.extend_from_slice(row);
            Ok(())
        })
        .await?;
        all.push((table.name.clone(), columns(table), rows));
    }
    Ok(all)
}

/// The schema by its statements without references, the rows by COPY, then the references: what a DBA would do by hand.
async fn raw_restore(bed: &Bed, round: usize, rows: &[(String, String, Vec<u8>)]) -> Result<Duration> {
    let mut raw = bed.raw_owner().await?;
    let schema = format!("raw_{round}");
    let begun = Instant::now();
    let enter = format!("BEGIN; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema}");
    send(&mut raw, &[enter]).await?;
    let baseline: Vec<String> = MigrationSet::tenant().baseline().into_iter().map(str::to_owned).collect();
    send(&mut raw, &baseline).await?;
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut raw)
    .await?;
    let drop: Vec<String> =
        keys.iter().map(|(table, name, _)| format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).collect();
    send(&mut raw, &drop).await?;
    for (table, columns, rows) in rows {
        send(&mut raw, &[format!("TRUNCATE {table}")]).await?;
        let mut copy = raw.copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN")).await?;
        copy.send(rows.as_slice()).await?;
        copy.finish().await?;
    }
    let add: Vec<String> =
        keys.iter().map(|(table, name, key)| format!("ALTER TABLE {table} ADD CONSTRAINT {name} {key}")).collect();
    send(&mut raw, &add).await?;
    send(&mut raw, &["COMMIT".to_owned()]).await?;
    let took = begun.elapsed();
    send(&mut raw, &[format!("DROP SCHEMA {schema} CASCADE")]).await?;
    Ok(took)
}

/// The most memory that the released program ever had while it made, checked and restored an archive.
fn memory(bed: &Bed, archives: &Archives, tenant: &Tenant, report: &mut Report) -> Result<()> {
    let slug = tenant.slug.as_str();
    let most = peak(bed, archives, &["backup", "create", "--tenant", slug])?;
    report.at_most_of("backup/memory-of-300000", (most, "MB"), 100.0);
    Ok(())
}

fn peak(bed: &Bed, archives: &Archives, arguments: &[&str]) -> Result<f64> {
    let program = std::env::current_exe()?.with_file_name("tenure");
    let mut child = Command::new(&program)
        .args(arguments)
        .env("TENURE_DATABASE__URL", bed.url(Login::Application).as_str())
        .env("TENURE_DATABASE__OWNER_URL", bed.url(Login::Owner).as_str())
        .env("TENURE_BACKUP__URL", format!("file://{}", archives.folder.path().display()))
        .env("TENURE_BACKUP__RECIPIENTS", &archives.recipient)
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut most: f64 = 0.0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        most = most.max(memory::most_of(child.id()).unwrap_or_default());
        std::thread::sleep(LOOK);
    };
    if ended.success() { Ok(most) } else { Err(format!("{arguments:?}: {ended}").into()) }
}
