//! The rights of a tenant's role on its tables.

use tenure_core::tenant::SchemaName;

/// Tables that are only ever added to: their history is the record.
const APPEND_ONLY: &[&str] = &["audit_chain", "audit_log", "leave_ledger", "settings"];

/// The statements that give a tenant's role its rights on some tables of its schema.
pub(crate) fn grants(tables: &[&str], schema: &SchemaName) -> Vec<String> {
    let (append_only, ordinary): (Vec<&str>, Vec<&str>) = tables.iter().partition(|table| APPEND_ONLY.contains(table));
    [("SELECT, INSERT, UPDATE, DELETE", ordinary), ("SELECT, INSERT", append_only)]
        .into_iter()
        .filter(|(_, tables)| !tables.is_empty())
        .map(|(rights, tables)| format!("GRANT {rights} ON {} TO \"{schema}\"", tables.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_and_the_audit_log_can_only_be_added_to() {
        let schema = "tenant_acme_0198f3c2".parse().unwrap();
        assert_eq!(
            grants(&["users", "audit_log", "leave_ledger", "roles"], &schema),
            [
                "GRANT SELECT, INSERT, UPDATE, DELETE ON users, roles TO \"tenant_acme_0198f3c2\"",
                "GRANT SELECT, INSERT ON audit_log, leave_ledger TO \"tenant_acme_0198f3c2\"",
            ]
        );
        assert!(grants(&[], &schema).is_empty());
    }
}
