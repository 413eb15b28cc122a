//! PostgreSQL: pools, tenant transactions, provisioning, migrations, and the SQL of each area.

pub mod archive;
pub mod audit;
pub mod backups;
pub mod connect;
pub mod departments;
pub mod designations;
pub mod doctor;

pub mod employee_import;
pub mod employees;
pub mod error;
pub mod health;
pub mod migrate;
pub mod org_chart;
mod own_plan;
pub mod sample;
mod served;
pub mod tenant_tx;
pub mod tenants;
pub mod tokens;

pub use connect::{Database, Settings};
pub use error::{Error, Result};
pub use tenant_tx::TenantTx;
