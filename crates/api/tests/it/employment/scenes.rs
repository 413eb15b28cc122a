//! The small company on one day or another.

use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tenure_api::{Server, SlowQueries};
use tenure_app::Context;
use tenure_testkit::ROWS_NOT_OF_TODAY;

use crate::company::{Company, path_of};
use crate::{Answer, Api, LIMITS};

/// The company, its owner's token, and the API as it answers on some day.
pub(super) struct Scene {
    pub(super) api: Api,
    pub(super) company: Company,
    pub(super) token: String,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let api = Api::new().await;
        let company = Company::new(&api.installation, "acme").await;
        let token = company.owner_token(&api).await;
        Self { api, company, token }
    }

    /// The same company at noon of a day.
    pub(super) fn on(self, day: &str) -> Self {
        let Self { api, company, token } = self;
        let now = format!("{day}T12:00:00Z").parse().unwrap();
        let context = Context::repeatable(api.installation.db.clone(), now, 7);
        let router = Server::new(context, LIMITS, &SlowQueries::default()).router();
        Self { api: Api { router, ..api }, company, token }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.api.get(path, &self.token).await
    }

    pub(super) async fn post(&self, path: &str, version: Option<i64>, body: &Value) -> Answer {
        self.send("POST", path, version, body).await
    }

    pub(super) async fn send(&self, method: &str, path: &str, version: Option<i64>, body: &Value) -> Answer {
        self.api.send(method, path, &self.token, version, body).await
    }

    pub(super) async fn version(&self, person: u128) -> i64 {
        self.get(&path_of(person)).await.json().get("version").and_then(Value::as_i64).unwrap()
    }

    /// Changes the company behind the program's back.
    pub(super) async fn sql(&self, statements: &'static str) {
        let mut tx = self.api.installation.db.begin(self.company.tenant).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn rows(&self, query: &'static str) -> Vec<PgRow> {
        let mut tx = self.api.installation.db.begin(self.company.tenant).await.unwrap();
        sqlx::query(query).fetch_all(&mut *tx).await.unwrap()
    }

    /// The actions that the audit log has of a person, with their requests.
    pub(super) async fn log(&self, person: &str) -> Vec<String> {
        let query = "SELECT entity_id::text, action || ' ' || coalesce(request_id, '-') FROM audit_log ORDER BY id";
        let rows = self.rows(query).await;
        rows.iter().filter(|row| row.get::<Option<&str>, _>(0) == Some(person)).map(|row| row.get(1)).collect()
    }

    /// Everybody's row shows what holds today: the columns of the assignment that took effect last, and of the last period.
    pub(super) async fn check_rows(&self) {
        let wrong = self.rows(ROWS_NOT_OF_TODAY).await;
        let wrong: Vec<String> = wrong.iter().map(|row| row.get(0)).collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// The problem's status and the field that it names.
pub(super) fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let field = body.pointer("/errors/0/field").and_then(Value::as_str);
    (answer.status.as_u16(), field.unwrap_or_default().to_owned())
}

pub(super) fn refused(status: u16, field: &str) -> (u16, String) {
    (status, field.to_owned())
}
