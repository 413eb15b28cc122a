//! Messages on their way to a mail server that is there, or away, or unhelpful.
#![expect(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod faults;
mod sending;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tenure_app::Context;
use tenure_app::mail::{self, Kept, Mail, State};
use tenure_app::sessions::Visitor;
use tenure_core::ids::TenantId;
use tenure_jobs::{Done, Place, Post, Smtp};
use tenure_testkit::{NOW, SmtpServer, TestInstallation};

/// Contexts of one moment make ids that differ.
static SEED: AtomicU64 = AtomicU64::new(0);

/// An installation with a company, and a mail server.
struct Scene {
    installation: TestInstallation,
    server: SmtpServer,
    acme: TenantId,
}

impl Scene {
    async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let acme = installation.tenant("acme").await.id;
        Self { installation, server: SmtpServer::start().await, acme }
    }

    /// What works so many minutes after the tests' present.
    fn at(&self, minutes: i64) -> Context {
        let now = NOW.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        let context = Context::repeatable(self.installation.db.clone(), now, seed);
        context.with_mail(Some(Mail::default()))
    }

    fn smtp(&self) -> Smtp {
        smtp(&self.server.url())
    }

    /// Sends what is due then.
    async fn round(&self, minutes: i64) -> Done {
        let (context, smtp) = (self.at(minutes), self.smtp());
        Post { context: &context, smtp: &smtp, at_once: 4 }.round(100).await.unwrap()
    }

    /// Somebody at a company has forgotten the password.
    async fn forget(&self, company: &str, email: &str) {
        let visitor = Visitor { origin: None, user_agent: None, request_id: "test" };
        mail::request_reset(&self.at(0), visitor, &company.parse().unwrap(), &email.parse().unwrap()).await.unwrap();
    }

    async fn messages(&self, state: State) -> Vec<Kept> {
        mail::list(&self.at(0), self.acme, Some(state), 1000).await.unwrap()
    }

    /// Adds active users to a company.
    async fn add_users(&self, tenant: TenantId, emails: &[String]) {
        let mut tx = self.installation.db.begin(tenant).await.unwrap();
        let insert = "INSERT INTO users (id, email, display_name, created_at, updated_at)
                      SELECT gen_random_uuid(), email, 'Somebody', now(), now() FROM unnest($1::text[]) AS given (email)";
        sqlx::query(insert).bind(emails).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn smtp(url: &str) -> Smtp {
    Smtp::open(&Place { url, from: "hr@tenure.example", answer: Duration::from_secs(20) }).unwrap()
}
