//! The rights of a tenant's role on its tables.

use tenure_core::tenant::SchemaName;

/// Tables that are only ever added to: their history is the record.
const APPEND_ONLY: &[&str] = &["audit_chain", "audit_log", "leave_ledger", "settings"];

/// Tables whose rows are there from the beginning and only change.
const FIXED_ROWS: &[&str] = &["audit_head"];

/// What a tenant's role may do with a table.
fn rights(table: &str) -> &'static str {
    if APPEND_ONLY.contains(&table) {
        "SELECT, INSERT"
    } else if FIXED_ROWS.contains(&table) {
        "SELECT, UPDATE"
    } else {
        "SELECT, INSERT, UPDATE, DELETE"
    }
}

/// The statements that give a tenant's role its rights on some tables of its schema.
pub(crate) fn grants(tables: &[&str], schema: &SchemaName) -> Vec<String> {
    ["SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT", "SELECT, UPDATE"]
        .into_iter()
        .map(|right| (right, tables.iter().copied().filter(|table| rights(table) == right).collect::<Vec<_>>()))
        .filter(|(_, tables)| !tables.is_empty())
        .map(|(right, tables)| format!("GRANT {right} ON {} TO \"{schema}\"", tables.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_and_the_audit_log_can_only_be_added_to_and_the_logs_head_only_be_moved() {
        let schema = "tenant_acme_0198f3c2".parse().unwrap();
        assert_eq!(
            grants(&["users", "audit_log", "audit_head", "leave_ledger", "roles"], &schema),
            [
                "GRANT SELECT, INSERT, UPDATE, DELETE ON users, roles TO \"tenant_acme_0198f3c2\"",
                "GRANT SELECT, INSERT ON audit_log, leave_ledger TO \"tenant_acme_0198f3c2\"",
                "GRANT SELECT, UPDATE ON audit_head TO \"tenant_acme_0198f3c2\"",
            ]
        );
        assert!(grants(&[], &schema).is_empty());
    }
}
