//! PostgreSQL: pools, tenant transactions, provisioning, migrations, and the SQL of each area
