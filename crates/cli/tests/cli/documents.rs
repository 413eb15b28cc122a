//! `tenure documents …`: documents are moved by a program that may be killed at any moment.

use std::env;
use std::process::Stdio;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use sqlx::{PgConnection, Row};
use tenure_core::document_address::DocumentAddress;
use tenure_store::documents::{Collection, Digest, Documents, Patience};
use tenure_testkit::{MongoDatabase, NOW};
use uuid::Uuid;

use crate::installation::{Installation, execute, rows};

const FLAGS: Collection = Collection::FeatureFlags;
const COMPANIES: [&str; 3] = ["acme", "globex", "initech"];
/// Of each company. They come to several pages.
const DOCUMENTS: u64 = 2500;
const KILLED: usize = 8;

/// However busy the machine is.
const PATIENT: Patience = Patience {
    connect: Duration::from_secs(30),
    answer: Duration::from_secs(30),
    avoided: Duration::from_secs(1),
    connections: 5,
};

struct Bed {
    installation: Installation,
    database: MongoDatabase,
    /// Knows both places.
    documents: Documents,
}

impl Bed {
    async fn new() -> Self {
        let (installation, database) = (Installation::new().await, MongoDatabase::new());
        for slug in COMPANIES {
            let made = installation.json(&["tenant", "create", slug], 0);
            fill(&mut installation.superuser().await, made["schema"].as_str().unwrap()).await;
        }
        let documents = Documents::open(database.url(), PATIENT).unwrap();
        let documents = documents.with_former(Documents::in_postgres()).unwrap();
        Self { installation, database, documents }
    }

    /// The companies' documents in the places where they are said to lie, and how many of the companies were moved.
    async fn look(&self) -> (Vec<Digest>, usize) {
        let mut connection = self.installation.superuser().await;
        let sql = "SELECT schema_name, document_place, coalesce(document_home, id) FROM public.tenants ORDER BY slug";
        let (mut found, mut moved) = (Vec::new(), 0);
        for row in rows(&mut connection, sql).await {
            let address = DocumentAddress::new(row.get(1), row.get::<Uuid, _>(2));
            moved += usize::from(!address.is_in_schema());
            let schema: String = row.get(0);
            execute(&mut connection, &format!("SET search_path = \"{schema}\"")).await;
            found.push(self.documents.of(&address, &mut connection).digest(FLAGS, NOW).await.unwrap());
        }
        (found, moved)
    }

    /// How many documents MongoDB has of all companies.
    async fn arrived(&self) -> u64 {
        let (mut connection, mut arrived) = (self.installation.superuser().await, 0);
        for row in rows(&mut connection, "SELECT id FROM public.tenants").await {
            let there = DocumentAddress::new(Some(self.documents.place().to_string()), row.get::<Uuid, _>(0));
            let mut there = self.documents.apart(&there).unwrap().unwrap();
            arrived += there.count(FLAGS, &[("kind", "flag")]).await.unwrap();
        }
        arrived
    }

    fn place_check(&self, documents_url: &str) -> Value {
        let mut command = self.installation.command(&["doctor", "--json"]);
        let output = command.env("TENURE_DOCUMENTS__URL", documents_url).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = found.as_array().or_else(|| found["checks"].as_array()).unwrap();
        checks.iter().find(|check| check["name"] == "documents: places").unwrap().clone()
    }
}

async fn fill(connection: &mut PgConnection, schema: &str) {
    let sql = format!(
        "INSERT INTO \"{schema}\".feature_flags (id, version, created_at, updated_at, body)
         SELECT gen_random_uuid(), 1, '2024-01-01', '2024-01-01', jsonb_build_object('kind', 'flag', 'key', n::text)
         FROM generate_series(1, {DOCUMENTS}) AS n"
    );
    execute(connection, &sql).await;
}

#[tokio::test]
async fn a_move_that_is_killed_at_any_moment_loses_nothing_and_goes_on() {
    let bed = Bed::new().await;
    let (before, moved) = bed.look().await;
    assert_eq!((before.len(), moved), (COMPANIES.len(), 0));
    let seed = env::var("SEED_OF_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random::<u64>);
    let mut random = StdRng::seed_from_u64(seed);
    let all = DOCUMENTS * u64::try_from(COMPANIES.len()).unwrap();
    let mut moments: Vec<u64> = (0..KILLED).map(|_| random.random_range(0..=all)).collect();
    moments.sort_unstable();
    let copy = ["documents", "copy", "--to", bed.database.url()];
    for moment in moments {
        let mut command = bed.installation.command(&copy);
        let mut copying = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while bed.arrived().await < moment && copying.try_wait().unwrap().is_none() {}
        // It may have ended just now.
        let _ = copying.kill();
        copying.wait().unwrap();
        bed.installation.until_quiet().await;
        let (now, moved) = bed.look().await;
        assert_eq!(now, before, "killed when {moment} of {all} had arrived, {moved} moved; SEED_OF_KILLS={seed}");
    }
    bed.installation.done(&copy);
    assert_eq!(bed.look().await, (before, COMPANIES.len()));
    assert!(bed.installation.done(&copy).contains("lies there already"));

    let known = bed.place_check(bed.database.url());
    assert_eq!(known["state"], "ok", "{known}");
    let unknown = bed.place_check("postgres:");
    assert_eq!(unknown["state"], "failed", "{unknown}");
    assert!(unknown.to_string().contains("acme in mongodb/"), "{unknown}");
}
