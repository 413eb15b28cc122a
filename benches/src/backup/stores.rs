//! What an archive takes from elsewhere: the content of files, and documents that lie in MongoDB.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, raw_sql};
use tenure_app::Actor;
use tenure_app::Context;
use tenure_app::documents::{Documents, Patience, copy};
use tenure_backup::Files;
use tenure_core::ids::DocumentId;
use tenure_db::tenants::Tenant;
use tenure_store::objects::Objects;
use tenure_store::sealed::{self, MasterKey, MasterKeys, TenantKey};
use tenure_testkit::TestMongo;
use uuid::Uuid;

use super::{Archives, LARGE_ROUNDS};
use crate::Result;
use crate::bed::Bed;
use crate::report::{Report, median};

const FILES: usize = 50;
/// Bytes of each: 200 MB together.
const FILE: usize = 4_000_000;
/// Documents of some kilobyte each.
const DOCUMENTS: &str = "
    INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
    SELECT gen_random_uuid(), 1, '2025-01-01', '2025-01-01', jsonb_build_object('kind', 'form', 'name', n::text, 'text', repeat(md5(n::text), 32))
    FROM generate_series(1, 20000) n";

/// Archiving a tenant with files, each time into an empty place, by what has to be done with their bytes, one after the other.
pub(super) async fn files(bed: &Bed, report: &mut Report) -> Result<()> {
    let (tenant, _) = bed.tenants("files", 1).await?.pop().ok_or("a tenant")?;
    let folder = tempfile::tempdir()?;
    let objects = Objects::folder(folder.path())?;
    let master = MasterKeys::new(MasterKey::from_bytes([1; 32]), Vec::new());
    let key = TenantKey::from_bytes([2; 32]);
    let names = file_all(bed, &tenant, (&objects, &master, &key)).await?;
    let in_use = Files { objects: &objects, master: &master, random: &|| [3; 32] };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..LARGE_ROUNDS {
        bare.push(copied(&objects, &key, &names).await?);
        ours.push(Archives::new()?.make_with(&bed.context, &tenant, Some(in_use)).await?.1);
    }
    let (ours, bare) = (median(ours), median(bare));
    eprintln!("{FILES} files of {FILE} bytes: archived in {ours:.2} s, copied in {bare:.2} s");
    report.at_most("backup/files-against-copy", ours / bare, 1.5);
    Ok(())
}

/// Files documents of one version each, as the application does.
async fn file_all(
    bed: &Bed,
    tenant: &Tenant,
    (objects, master, key): (&Objects, &MasterKeys, &TenantKey),
) -> Result<Vec<String>> {
    let id = tenant.id;
    let wrapped = master.wrap(key, id.uuid().as_bytes(), [4; 12]).map_err(|_| "a key that is not wrapped")?;
    let mut sql = format!(
        "INSERT INTO document_metadata (id, version, created_at, updated_at, body)
         VALUES ('{id}', 1, now(), now(), '{{\"kind\": \"key\", \"wrapped\": \"{}\"}}');",
        hex::encode(wrapped)
    );
    let mut names = Vec::new();
    for _ in 0..FILES {
        let (document, version) = (Uuid::from_bytes(rand::random()), Uuid::from_bytes(rand::random()));
        let name = sealed::object_of(id, DocumentId::from(document), version);
        let seed: [u8; 32] = rand::random();
        let content: Vec<u8> = seed.iter().copied().cycle().take(FILE).collect();
        let sha256 = hex::encode(Sha256::digest(&content));
        let mut upload = sealed::upload(objects, key, &name);
        upload.write(content.into()).await?;
        upload.finish().await?;
        write!(
            sql,
            "INSERT INTO document_metadata (id, version, created_at, updated_at, body)
             VALUES ('{document}', 1, now(), now(), '{{\"kind\": \"document\", \"owner\": \"company\", \"state\": \"current\",
                     \"versions\": [{{\"id\": \"{version}\", \"number\": 1, \"size\": {FILE}, \"sha256\": \"{sha256}\"}}]}}');"
        )?;
        names.push(name);
    }
    let mut tx = bed.context.db.begin(id).await?;
    raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(names)
}

/// Decrypts, sums up, encrypts and writes each.
async fn copied(objects: &Objects, key: &TenantKey, names: &[String]) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let to = Objects::folder(folder.path())?;
    let size = u64::try_from(FILE)?;
    let begun = Instant::now();
    for name in names {
        let mut content = std::pin::pin!(sealed::download(objects, key, name, size, 0..size).await?);
        let (mut digest, mut upload) = (Sha256::new(), sealed::upload(&to, key, name));
        while let Some(piece) = content.next().await {
            let piece = piece?;
            digest.update(&piece);
            upload.write(piece).await?;
        }
        upload.finish().await?;
        std::hint::black_box(digest.finalize());
    }
    Ok(begun.elapsed())
}

/// Archiving a tenant whose documents lie in MongoDB, by archiving another with as many in its schema.
pub(super) async fn documents(bed: &Bed, report: &mut Report) -> Result<()> {
    let tenants: Vec<_> = bed.tenants("documents", 2).await?.into_iter().map(|(tenant, _)| tenant).collect();
    let [stays, moves] = tenants.as_slice() else { return Err("two tenants".into()) };
    for tenant in &tenants {
        let mut tx = bed.context.db.begin(tenant.id).await?;
        raw_sql(DOCUMENTS).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let mongo = TestMongo::start();
    let apart = Documents::open(&mongo.url(), Patience::default())?;
    apart.prepare().await?;
    copy::copy(&bed.context, &Actor::System, &apart, moves.id, &|_| ()).await?;
    let on_mongo = Context::new(bed.context.db.clone()).with_documents(apart);
    let archives = Archives::new()?;
    let (mut ours, mut in_schema) = (Vec::new(), Vec::new());
    for _ in 0..LARGE_ROUNDS {
        in_schema.push(archives.make(&bed.context, stays).await?.1);
        ours.push(archives.make(&on_mongo, moves).await?.1);
    }
    let (ours, in_schema) = (median(ours), median(in_schema));
    eprintln!("20,000 documents: archived from MongoDB in {ours:.2} s, from PostgreSQL in {in_schema:.2} s");
    report.at_most("backup/mongodb-against-postgres", ours / in_schema, 4.0);
    Ok(())
}
