//! A small company, and tokens of its people.

use sqlx::Executor;
use tenure_app::tokens;
use tenure_core::ids::UserId;
use tenure_testkit::{TestInstallation, new_id};
use uuid::Uuid;

use crate::Api;

pub(crate) const ADA: u128 = 1;
pub(crate) const GRACE: u128 = 2;
pub(crate) const LINUS: u128 = 3;
pub(crate) const ZOE: u128 = 4;
pub(crate) const SUKARNO: u128 = 5;
pub(crate) const DELETED: u128 = 6;
pub(crate) const EVERYBODY: [u128; 5] = [ADA, GRACE, LINUS, ZOE, SUKARNO];

/// The id that `company.sql` gives to a person.
pub(crate) fn id_of(person: u128) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | person)
}

pub(crate) fn path_of(person: u128) -> String {
    format!("/api/v1/employees/{}", id_of(person))
}

/// A tenant with the people of `company.sql`.
pub(crate) struct Company {
    pub(crate) tenant: tenure_core::ids::TenantId,
}

impl Company {
    pub(crate) async fn new(installation: &TestInstallation, slug: &str) -> Self {
        let tenant = installation.tenant(slug).await.id;
        let mut tx = installation.db.begin(tenant).await.unwrap();
        tx.execute(sqlx::raw_sql(include_str!("company.sql"))).await.unwrap();
        tx.commit().await.unwrap();
        Self { tenant }
    }

    /// A token of the tenant's owner, who is no employee.
    pub(crate) async fn owner_token(&self, api: &Api) -> String {
        self.token(api, None).await
    }

    /// Makes the user of the newest token an employee, the first one.
    pub(crate) async fn employ_newest(&self, api: &Api) {
        let mut tx = api.installation.db.begin(self.tenant).await.unwrap();
        let employ = "UPDATE users SET employee_id = (SELECT id FROM employees ORDER BY id LIMIT 1)
                      WHERE id = (SELECT user_id FROM api_tokens ORDER BY created_at DESC, id DESC LIMIT 1)";
        sqlx::query(employ).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A token of a new user with some roles, who is an employee or not.
    pub(crate) async fn token_with(&self, api: &Api, roles: &[&str], employee: Option<u128>) -> String {
        let user: UserId = new_id();
        let email = format!("{user}@acme.example");
        let mut tx = api.installation.db.begin(self.tenant).await.unwrap();
        let insert = "INSERT INTO users (id, email, display_name, employee_id, created_at, updated_at) VALUES ($1, $2, 'Test', $3, now(), now())";
        let insert = sqlx::query(insert).bind(user.uuid()).bind(&email).bind(employee.map(id_of));
        insert.execute(&mut *tx).await.unwrap();
        let give =
            "INSERT INTO user_roles (user_id, role_id, created_at) SELECT $1, id, now() FROM roles WHERE key = ANY($2)";
        sqlx::query(give).bind(user.uuid()).bind(roles).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        self.token(api, Some(email)).await
    }

    /// Adds a role of the company's own.
    pub(crate) async fn add_role(&self, api: &Api, key: &str, permission: &str, scope: &str) {
        let mut tx = api.installation.db.begin(self.tenant).await.unwrap();
        let role: Uuid = new_id();
        let insert = "INSERT INTO roles (id, key, name, created_at, updated_at) VALUES ($1, $2, $2, now(), now())";
        sqlx::query(insert).bind(role).bind(key).execute(&mut *tx).await.unwrap();
        let grant = "INSERT INTO role_permissions (role_id, permission, scope, created_at) VALUES ($1, $2, $3, now())";
        sqlx::query(grant).bind(role).bind(permission).bind(scope).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn token(&self, api: &Api, user: Option<String>) -> String {
        let input = tokens::Create { tenant: self.tenant, user, name: "test".to_owned(), valid_for: None };
        let operator = tenure_app::Actor::System;
        tokens::create(&api.context, &operator, &input).await.unwrap().token.reveal()
    }
}
