//! Changes of documents in MongoDB that break off between their two commits.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Connection;
use tenure_core::document_address::DocumentPlace;
use tenure_core::ids::TenantId;
use tenure_db::audit;
use tenure_db::tenants;
use tenure_store::documents::{Collection, Documents, Patience};
use tenure_testkit::{MongoDatabase, NOW, TestInstallation};
use uuid::Uuid;

use super::{Healed, heal, of};
use crate::change::{self, Change, Record};
use crate::{Actor, Context, Error, Result};

const FLAGS: Collection = Collection::FeatureFlags;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flag {
    kind: String,
    key: String,
}

struct Company {
    installation: TestInstallation,
    tenant: TenantId,
    context: Context,
    _database: MongoDatabase,
}

impl Company {
    async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await.id;
        let database = MongoDatabase::new();
        let patience = Duration::from_secs(30);
        let patience = Patience { connect: patience, answer: patience, avoided: Duration::ZERO, connections: 5 };
        let documents = Documents::open(database.url(), patience).unwrap();
        let context = Context::repeatable(installation.db.clone(), NOW, 1).with_documents(documents);
        Self { installation, tenant, context, _database: database }
    }

    async fn add(&self, body: impl AsyncFnOnce(&mut Change<'_>) -> Result<()>) -> (Uuid, Result<()>) {
        let id = self.context.id();
        let actor = Actor::Operator("ops".to_owned());
        let added = change::run_as_operator(&self.context, &actor, self.tenant, async |change| {
            let flag = Flag { kind: "flag".to_owned(), key: "beta".to_owned() };
            change.documents().insert(FLAGS, id, flag.clone(), NOW, None).await?;
            change.record(Record::of("flag.created", id, None, Some(&flag))).await?;
            body(change).await
        });
        (id, added.await)
    }

    async fn has_document(&self, id: Uuid) -> bool {
        let mut tx = self.context.db.begin(self.tenant).await.unwrap();
        let found = of(&self.context, &mut tx).get::<Flag>(FLAGS, id).await.unwrap();
        tx.rollback().await.unwrap();
        found.is_some()
    }

    /// Who did what according to the audit log.
    async fn log(&self) -> Vec<(String, String, Option<Uuid>)> {
        let mut tx = self.context.db.begin(self.tenant).await.unwrap();
        let sql = "SELECT actor, action, entity_id FROM audit_log WHERE action LIKE 'flag.%' ORDER BY id";
        let found = sqlx::query_as(sql).fetch_all(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        found
    }

    async fn place(&self) -> Option<DocumentPlace> {
        tenants::documents_at(&self.context.db, self.tenant).await.unwrap().place
    }

    async fn pending(&self) -> usize {
        self.context.documents.pending(NOW + Duration::from_secs(1), 10).await.unwrap().len()
    }
}

fn healed(records: usize, entries: usize) -> Healed {
    Healed { records, entries, left: 0 }
}

#[tokio::test]
async fn a_change_leaves_its_document_its_entry_and_no_record() {
    let company = Company::new().await;
    let (id, added) = company.add(async |_| Ok(())).await;
    added.unwrap();
    assert!(company.has_document(id).await);
    assert_eq!(company.log().await, [("ops".to_owned(), "flag.created".to_owned(), Some(id))]);
    assert_eq!(company.pending().await, 0);
}

#[tokio::test]
async fn a_change_that_fails_leaves_nothing() {
    let company = Company::new().await;
    let (id, added) = company.add(async |_| Err(Error::Rule("no".to_owned()))).await;
    assert!(matches!(added, Err(Error::Rule(_))));
    assert!(!company.has_document(id).await);
    assert!(company.log().await.is_empty());
    assert_eq!(company.pending().await, 0);
}

#[tokio::test]
async fn when_postgresql_goes_before_the_commits_nothing_is_left() {
    let company = Company::new().await;
    let mut superuser = company.installation.superuser().await;
    let (id, added) = company
        .add(async |change| {
            let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *change.tx).await.unwrap();
            let kill = sqlx::query("SELECT pg_terminate_backend($1, 5000)").bind(backend);
            kill.execute(&mut superuser).await.unwrap();
            Ok(())
        })
        .await;
    superuser.close().await.unwrap();
    assert!(added.is_err());
    assert!(!company.has_document(id).await);
    assert_eq!((company.log().await.len(), company.pending().await), (0, 0));
}

/// Ends the connection that commits an entry of the audit log, when the documents are kept already.
const DIES_AT_COMMIT: &str = "
    CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;
    DO $$ BEGIN EXECUTE format('CREATE CONSTRAINT TRIGGER die AFTER INSERT ON %I.audit_log DEFERRABLE INITIALLY DEFERRED
                                FOR EACH ROW EXECUTE FUNCTION public.die()', (SELECT schema_name FROM public.tenants)); END $$";

#[tokio::test]
async fn when_postgresql_goes_between_the_commits_the_entry_is_written_later() {
    let company = Company::new().await;
    let mut superuser = company.installation.superuser().await;
    sqlx::raw_sql(DIES_AT_COMMIT).execute(&mut superuser).await.unwrap();
    let (id, added) = company.add(async |_| Ok(())).await;
    sqlx::raw_sql("DROP FUNCTION public.die() CASCADE").execute(&mut superuser).await.unwrap();
    superuser.close().await.unwrap();
    assert!(matches!(added, Err(Error::Unavailable(_))), "{added:?}");
    assert!(company.has_document(id).await);
    assert!(company.log().await.is_empty());
    assert_eq!(heal(&company.context).await.unwrap(), healed(0, 0), "it may still be under way");

    let Company { tenant, context, .. } = &company;
    let documents = context.documents.clone();
    let later = Context::repeatable(context.db.clone(), NOW + Duration::from_mins(2), 2).with_documents(documents);
    assert_eq!(heal(&later).await.unwrap(), healed(1, 1));
    assert_eq!(company.log().await, [("ops".to_owned(), "flag.created".to_owned(), Some(id))]);
    assert_eq!(heal(&later).await.unwrap(), healed(0, 0));
    let verified = crate::audit::verify(&later, *tenant, None, |fault| panic!("{fault}")).await.unwrap();
    assert_eq!(verified.faults, 0);
}

#[tokio::test]
async fn entries_that_are_in_the_log_are_not_written_again() {
    let company = Company::new().await;
    let (id, added) = company.add(async |_| Ok(())).await;
    added.unwrap();
    // As if the program had ended before it removed the record.
    let mut tx = company.context.db.begin(company.tenant).await.unwrap();
    let entry: Uuid =
        sqlx::query_scalar("SELECT id FROM audit_log WHERE entity_id = $1").bind(id).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(audit::written(&mut tx, &[entry, id]).await.unwrap(), [entry]);
    let mut work = tenure_store::documents::Work::default();
    let flag = Flag { kind: "flag".to_owned(), key: "alpha".to_owned() };
    let mut documents = company.context.documents.within(&tx.documents_at().clone(), &mut tx, &mut work);
    documents.insert(FLAGS, company.context.id(), flag, NOW, None).await.unwrap();
    let entries = json!([{ "id": entry, "entity_id": id, "at": NOW, "actor_kind": "operator", "actor": "ops",
        "action": "flag.created", "entity": "flag" }]);
    let record = tenure_store::documents::Record {
        id: company.context.id(),
        tenant: company.tenant,
        created_at: NOW - Duration::from_mins(5),
        entries: entries.to_string(),
    };
    company.context.documents.commit(tx.documents_at(), work, &record).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(heal(&company.context).await.unwrap(), healed(1, 0));
    assert_eq!(company.log().await.len(), 1);
}

#[tokio::test]
async fn before_documents_are_copied_what_had_broken_off_is_completed() {
    let company = Company::new().await;
    let (id, added) = company.add(async |_| Ok(())).await;
    added.unwrap();
    // As if the program had ended between the two commits, a moment ago.
    let entry: Uuid = company.context.id();
    let mut tx = company.context.db.begin(company.tenant).await.unwrap();
    let mut work = tenure_store::documents::Work::default();
    let flag = Flag { kind: "flag".to_owned(), key: "alpha".to_owned() };
    let mut documents = company.context.documents.within(&tx.documents_at().clone(), &mut tx, &mut work);
    documents.insert(FLAGS, company.context.id(), flag, NOW, None).await.unwrap();
    let entries = json!([{ "id": entry, "entity_id": id, "at": NOW, "actor_kind": "operator", "actor": "ops",
        "action": "flag.created", "entity": "flag" }]);
    let record = tenure_store::documents::Record {
        id: company.context.id(),
        tenant: company.tenant,
        created_at: NOW,
        entries: entries.to_string(),
    };
    company.context.documents.commit(tx.documents_at(), work, &record).await.unwrap();
    tx.rollback().await.unwrap();
    let suspend = "UPDATE public.tenants SET status = 'suspended' WHERE id = $1";
    let mut superuser = company.installation.superuser().await;
    sqlx::query(suspend).bind(company.tenant.uuid()).execute(&mut superuser).await.unwrap();
    let copied =
        super::copy::copy(&company.context, &Actor::System, &Documents::in_postgres(), company.tenant, &|_| ())
            .await
            .unwrap();
    assert_eq!(copied.iter().map(|one| one.documents).sum::<u64>(), 2);
    assert_eq!(company.pending().await, 0);
    let sql = "UPDATE public.tenants SET status = 'active' WHERE id = $1";
    sqlx::query(sql).bind(company.tenant.uuid()).execute(&mut superuser).await.unwrap();
    assert_eq!(company.log().await.len(), 2);
}

#[tokio::test]
async fn a_company_that_changes_all_the_time_is_moved_there_and_back_and_no_change_is_lost() {
    let mut company = Company::new().await;
    let (mongo, postgres) = (company.context.documents.clone(), Documents::in_postgres());
    let both = mongo.clone().with_former(postgres.clone()).unwrap();
    company.context = Context::repeatable(company.context.db.clone(), NOW, 1).with_documents(both);
    let write = async {
        let mut written = Vec::new();
        for _ in 0..40 {
            match company.add(async |_| Ok(())).await {
                (id, Ok(())) => written.push(id),
                // It had begun before its company was moved, and is told so.
                (_, Err(Error::Unavailable(_))) => {}
                (_, refused) => panic!("{refused:?}"),
            }
        }
        written
    };
    let moved = async {
        for to in [&mongo, &postgres, &mongo, &postgres, &mongo] {
            super::copy::copy(&company.context, &Actor::System, to, company.tenant, &|_| ()).await.unwrap();
            assert_eq!(company.place().await.as_ref(), Some(to.place()));
        }
    };
    let (written, ()) = tokio::join!(write, moved);
    assert!(!written.is_empty());
    for id in &written {
        assert!(company.has_document(*id).await, "{id} of {}", written.len());
    }
    assert_eq!(company.log().await.len(), written.len());
    assert_eq!(company.pending().await, 0);
}

/// The change has read where the documents lie, and its rows are written, when they are moved away from there.
#[tokio::test]
async fn a_change_whose_documents_are_moved_meanwhile_leaves_nothing() {
    let mut company = Company::new().await;
    let (mongo, postgres) = (company.context.documents.clone(), Documents::in_postgres());
    let both = mongo.clone().with_former(postgres.clone()).unwrap();
    company.context = Context::repeatable(company.context.db.clone(), NOW, 1).with_documents(both);
    let (context, tenant, operator) = (&company.context, company.tenant, Actor::Operator("ops".to_owned()));
    for to in [&mongo, &postgres] {
        let id = context.id::<Uuid>();
        let changed = change::run_as_operator(context, &operator, tenant, async |change| {
            let flag = Flag { kind: "flag".to_owned(), key: "beta".to_owned() };
            change.documents().insert(FLAGS, id, flag.clone(), NOW, None).await?;
            super::copy::copy(context, &Actor::System, to, tenant, &|_| ()).await?;
            change.record(Record::of("flag.created", id, None, Some(&flag))).await
        });
        let refused = changed.await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        assert!(!company.has_document(id).await);
        assert!(company.log().await.is_empty());
        assert_eq!(company.pending().await, 0);
    }
}

/// What follows from a change is not forgotten either: whoever is asked for a document is told, when the change that asks had broken off.
#[tokio::test]
async fn a_message_of_a_change_that_had_broken_off_is_written_with_its_entry() {
    let company = Company::new().await;
    let (person, request, context) = (Uuid::from_u128(1), company.context.id::<Uuid>(), &company.context);
    let mut tx = context.db.begin(company.tenant).await.unwrap();
    let hire =
        "INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, created_at, updated_at)
                VALUES ($1, '1', 'Ada', 'Byron', 'active', '2020-01-01', now(), now())";
    sqlx::query(hire).bind(person).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let body =
        json!({ "owner": person, "state": "open", "category": "certificate", "title": "Diploma", "formats": [] });
    let entries = json!([{ "id": context.id::<Uuid>(), "entity_id": request, "at": NOW, "actor_kind": "operator", "actor": "ops",
        "action": "document_request.created", "entity": "document_request", "after": body }]);
    let record = tenure_store::documents::Record {
        id: context.id(),
        tenant: company.tenant,
        created_at: NOW - Duration::from_mins(5),
        entries: entries.to_string(),
    };
    let mut tx = context.db.begin(company.tenant).await.unwrap();
    let mut work = tenure_store::documents::Work::default();
    let mut documents = context.documents.within(&tx.documents_at().clone(), &mut tx, &mut work);
    let flag = Flag { kind: "flag".to_owned(), key: "alpha".to_owned() };
    documents.insert(FLAGS, context.id(), flag, NOW, None).await.unwrap();
    context.documents.commit(tx.documents_at(), work, &record).await.unwrap();
    tx.rollback().await.unwrap();

    let sending = Context::repeatable(context.db.clone(), NOW, 3).with_documents(context.documents.clone());
    let sending = sending.with_mail(Some(crate::mail::Mail::default()));
    assert_eq!(heal(&sending).await.unwrap(), healed(1, 1));
    let messages = crate::mail::list(&sending, company.tenant, None, 10).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.kind.as_str()).collect::<Vec<_>>(), ["document_request"]);
}
