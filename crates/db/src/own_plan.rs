//! Statements whose plans PostgreSQL keeps for each tenant.
//!
//! A prepared statement that all tenants share is analysed and planned again whenever the path is not that of its last use. For the
//! joins behind a request that takes several times as long as running them. The few statements that nearly every request sends are
//! therefore prepared for each tenant; a comment with the tenant's id tells them apart. The connection's statement cache bounds how
//! many there are.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{AssertSqlSafe, Describe, Either, Execute, Executor, Postgres, SqlSafeStr, SqlStr};
use tenure_core::ids::TenantId;

/// A tenant's connection on which statements are prepared for that tenant alone.
#[derive(Debug)]
pub(crate) struct OwnPlan<'c> {
    pub(crate) connection: &'c mut PgConnection,
    pub(crate) tenant: TenantId,
}

impl<'c> Executor<'c> for OwnPlan<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.connection.fetch_many(Marked { query, tenant: self.tenant })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.connection.fetch_optional(Marked { query, tenant: self.tenant })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(marked(&sql, self.tenant), parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Postgres>>>
    where
        'c: 'e,
    {
        self.connection.describe(marked(&sql, self.tenant))
    }
}

struct Marked<E> {
    query: E,
    tenant: TenantId,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Marked<E> {
    fn sql(self) -> SqlStr {
        marked(&self.query.sql(), self.tenant)
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.query.persistent()
    }
}

fn marked(sql: &SqlStr, tenant: TenantId) -> SqlStr {
    AssertSqlSafe(format!("{} /* {} */", sql.as_str(), tenant.uuid().simple())).into_sql_str()
}
