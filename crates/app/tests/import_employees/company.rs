//! A company with its own database, into which the tests import.

use jiff::SignedDuration;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row, raw_sql};
use tenure_app::caller::Caller;
use tenure_app::import_employees::{ImportEmployees, Imported, Mode, import_employees, today};
use tenure_app::{Context, settings, tokens};
use tenure_core::ids::TenantId;
use tenure_core::import::{Options, Table, parse};
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use tenure_testkit::{NOW, TestInstallation};

pub(crate) struct Company {
    pub(crate) installation: TestInstallation,
    pub(crate) tenant: Tenant,
    pub(crate) context: Context,
}

impl Company {
    pub(crate) async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await;
        let context = Context::repeatable(installation.db.clone(), NOW, 1);
        Self { installation, tenant, context }
    }

    /// The same company so many days later.
    pub(crate) fn days_later(mut self, days: i64) -> Self {
        let now = NOW.checked_add(SignedDuration::from_hours(24 * days)).unwrap();
        self.context = Context::repeatable(self.installation.db.clone(), now, 2);
        self
    }

    pub(crate) async fn import(&self, text: &str) -> Imported {
        self.import_as(text, &[], &input(self.tenant.id, Mode::GoodRows)).await
    }

    pub(crate) async fn import_as(&self, text: &str, rules: &[&str], input: &ImportEmployees) -> Imported {
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let options = Options { rules, date_order: None, decimal_mark: None, today: today(&self.context) };
        let parsed = parse(&Table::open(text.as_bytes()).unwrap(), &options).unwrap();
        let actor = Actor::Operator("test".to_owned());
        import_employees(&self.context, &actor, input, parsed, &|| ()).await.unwrap()
    }

    /// What a query finds in the company's schema: the text of each row's columns, with bars between.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        let mut connection = self.connection().await;
        let rows = raw_sql(AssertSqlSafe(query)).fetch_all(&mut connection).await.unwrap();
        let text = |row: &sqlx::postgres::PgRow| {
            let cells = (0..row.len()).map(|column| row.get_unchecked::<Option<String>, _>(column).unwrap_or_default());
            cells.collect::<Vec<_>>().join("|")
        };
        rows.iter().map(text).collect()
    }

    pub(crate) async fn change(&self, statement: &str) {
        raw_sql(AssertSqlSafe(statement)).execute(&mut self.connection().await).await.unwrap();
    }

    /// Chooses the currency of amounts that name none.
    pub(crate) async fn choose_currency(&self, currency: &str) {
        let create = tokens::Create { tenant: self.tenant.id, user: None, name: "test".to_owned(), valid_for: None };
        let token = tokens::create(&self.context, &Actor::System, &create).await.unwrap().token;
        let caller = Caller { token: &token, request_id: "test", once: None };
        let settings = [("regional.currency".to_owned(), currency.into())].into_iter().collect();
        settings::change(&self.context, caller, 0, settings::Changes { settings, reason: None }).await.unwrap();
    }

    async fn connection(&self) -> PgConnection {
        let mut connection = self.installation.superuser().await;
        let enter = format!("SET search_path = \"{}\"", self.tenant.schema);
        raw_sql(AssertSqlSafe(enter)).execute(&mut connection).await.unwrap();
        connection
    }
}

pub(crate) fn input(tenant: TenantId, mode: Mode) -> ImportEmployees {
    ImportEmployees { tenant, currency: None, pay_period: None, mode }
}

/// Created, updated, unchanged, rejected.
pub(crate) fn counts(imported: &Imported) -> (usize, usize, usize, usize) {
    let merged = &imported.merged;
    (merged.created, merged.updated, merged.unchanged, imported.file.rejected())
}

/// Line and reason of each reject.
pub(crate) fn rejects(imported: &Imported) -> Vec<(usize, &str)> {
    imported.file.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect()
}
