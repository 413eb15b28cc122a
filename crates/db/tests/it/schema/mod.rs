//! The rules that a tenant's schema holds by itself.

mod platform;
mod refused;

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_testkit::TestInstallation;

use refused::REFUSED;

/// A tenant's schema, as its owner would see it, with one row in each table.
async fn schema_with_rows(installation: &TestInstallation) -> PgConnection {
    let tenant = installation.tenant("acme").await;
    let mut connection = installation.superuser().await;
    let enter = format!("SET search_path = \"{}\"", tenant.schema);
    connection.execute(raw_sql(AssertSqlSafe(enter))).await.unwrap();
    connection.execute(raw_sql(include_str!("valid_rows.sql"))).await.expect("rows that no constraint refuses");
    connection
}

/// The first column of what a query of the catalogue gives.
async fn names(connection: &mut PgConnection, sql: &'static str) -> BTreeSet<String> {
    sqlx::query_scalar(sql).fetch_all(connection).await.unwrap().into_iter().collect()
}

/// The name of the constraint or unique index that refuses a statement; none when nothing does.
async fn refusal(connection: &mut PgConnection, statement: String) -> Option<String> {
    let error = connection.execute(raw_sql(AssertSqlSafe(statement.clone()))).await.err()?;
    let constraint = error.as_database_error().and_then(|error| error.constraint().map(str::to_owned));
    Some(constraint.unwrap_or_else(|| panic!("{statement} fails otherwise: {error}")))
}

#[tokio::test]
async fn every_check_refuses_what_it_is_there_for() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    for (constraint, assignments) in REFUSED {
        let table: String = sqlx::query_scalar(
            "SELECT conrelid::regclass::text FROM pg_constraint
             WHERE conname = $1 AND connamespace = current_schema()::regnamespace",
        )
        .bind(constraint)
        .fetch_one(&mut connection)
        .await
        .unwrap_or_else(|error| panic!("no constraint {constraint}: {error}"));
        let refused_by = refusal(&mut connection, format!("UPDATE {table} SET {assignments}")).await;
        assert_eq!(refused_by.as_deref(), Some(*constraint), "UPDATE {table} SET {assignments}");
    }
}

#[tokio::test]
async fn every_check_is_tried() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    let checks = names(
        &mut connection,
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = current_schema()::regnamespace",
    )
    .await;
    let tried = REFUSED.iter().map(|(constraint, _)| (*constraint).to_owned()).collect();
    let untried: Vec<_> = checks.difference(&tried).collect();
    assert!(untried.is_empty(), "add cases to refused.rs for {untried:?}");
}

/// What must differ within a tenant, as a copy of a row with some columns set otherwise: the table, the new columns, and what
/// refuses the copy.
const COPIES: &[(&str, &str, Option<&str>)] = &[
    ("departments", "name = 'SALES'", Some("departments_parent_name_key")),
    ("departments", "parent_id = '00000000-0000-7000-8000-000000000001'", None),
    ("departments", "deleted_at = '2026-01-01'", None),
    ("designations", "title = 'CLERK'", Some("designations_title_key")),
    ("employees", "employee_number = 'e1'", Some("employees_number_key")),
    ("employees", "employee_number = 'e2'", Some("employees_work_email_key")),
    ("employees", "employee_number = 'e2', work_email = NULL", None),
    ("employees", "deleted_at = '2026-01-01'", None),
    ("users", "email = 'A@X.EXAMPLE'", Some("users_email_key")),
    ("users", "email = 'b@x.example'", Some("users_employee_id_key")),
    ("payslips", "kind = 'off_cycle'", Some("payslips_run_employee_key")),
    ("leave_ledger", "note = 'posted twice'", Some("leave_ledger_source_key")),
    ("leave_ledger", "source = NULL", None),
    ("approval_requests", "current_step = 1", Some("approval_requests_open_key")),
    ("approval_requests", "status = 'approved', decided_at = '2026-01-02'", None),
    ("salary_assignments", "base = 1", Some("salary_assignments_effective_key")),
    ("salary_assignments", "effective_from = '2027-01-01'", None),
    ("api_tokens", "name = 'other'", Some("api_tokens_token_hash_key")),
    ("locations", "name = 'BERLIN', code = 'x'", Some("locations_name_key")),
    ("locations", "name = 'x', code = 'ber'", Some("locations_code_key")),
    ("locations", "deleted_at = '2026-01-01'", None),
    ("custom_fields", "label = 'Other'", Some("custom_fields_key_key")),
    ("custom_fields", "entity = 'location'", None),
    ("bank_accounts", "holder = 'B'", Some("bank_accounts_primary_key")),
    ("bank_accounts", "is_primary = false", None),
    ("outbox", "facts = '[]'", Some("outbox_cause_key")),
    ("outbox", "occasion = '2'", None),
];

#[tokio::test]
async fn what_must_differ_within_a_tenant_does() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    for (table, assignments, refused_by) in COPIES {
        let columns: String = sqlx::query_scalar(
            "SELECT string_agg(attname, ', ') FROM pg_attribute
             WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        )
        .bind(table)
        .fetch_one(&mut connection)
        .await
        .unwrap();
        let copy = format!(
            "BEGIN; CREATE TEMPORARY TABLE copy ON COMMIT DROP AS SELECT * FROM {table} WHERE id::text LIKE '00000000-%';
             UPDATE copy SET id = gen_random_uuid(), {assignments};
             INSERT INTO {table} ({columns}) SELECT {columns} FROM copy"
        );
        assert_eq!(refusal(&mut connection, copy).await.as_deref(), *refused_by, "{table}: {assignments}");
        connection.execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index_that_begins_with_it() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    let without = names(
        &mut connection,
        "SELECT conname FROM pg_constraint AS key
         WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND NOT EXISTS
             (SELECT FROM pg_index WHERE indrelid = key.conrelid AND indkey[0] = key.conkey[1])",
    )
    .await;
    assert!(without.is_empty(), "{without:?}");
}

#[tokio::test]
async fn no_index_is_the_beginning_of_another() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    let redundant = names(
        &mut connection,
        "WITH indexes AS (
             SELECT indexrelid::regclass::text AS name, indrelid, pg_get_expr(indpred, indrelid) AS condition,
                 array(SELECT pg_get_indexdef(indexrelid, nth, true) FROM generate_series(1, indnkeyatts) AS nth) AS columns
             FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = current_schema()::regnamespace)
         SELECT short.name || ' begins ' || long.name
         FROM indexes AS short JOIN indexes AS long ON long.indrelid = short.indrelid AND long.name <> short.name
         WHERE long.columns[:cardinality(short.columns)] = short.columns AND long.condition IS NOT DISTINCT FROM short.condition",
    )
    .await;
    assert!(redundant.is_empty(), "{redundant:?}");
}

/// What would tie a schema to one node or to one connection's cache.
#[tokio::test]
async fn there_are_no_sequences_triggers_functions_or_types() {
    let installation = TestInstallation::new().await;
    let mut connection = schema_with_rows(&installation).await;
    let found = names(
        &mut connection,
        "SELECT 'sequence or view ' || relname FROM pg_class
             WHERE relkind NOT IN ('r', 'i') AND relnamespace = current_schema()::regnamespace
         UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
             WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
         UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
         UNION ALL SELECT 'type ' || typname FROM pg_type
             WHERE typtype IN ('e', 'd') AND typnamespace = current_schema()::regnamespace
         UNION ALL SELECT 'long name ' || conname FROM pg_constraint
             WHERE length(conname) > 50 AND connamespace = current_schema()::regnamespace
         UNION ALL SELECT 'key out of the schema ' || conname FROM pg_constraint
             JOIN pg_class AS target ON target.oid = confrelid
             WHERE connamespace = current_schema()::regnamespace AND relnamespace <> current_schema()::regnamespace",
    )
    .await;
    assert!(found.is_empty(), "{found:?}");
}
