//! PostgreSQL: pools, tenant transactions, provisioning, migrations, and the SQL of each area.

pub mod alone;
pub mod appraisals;
pub mod archive;
pub mod audit;
pub mod backups;
pub mod connect;
pub mod credentials;
pub mod custom_fields;
pub mod dashboard;
pub mod departments;
pub mod designations;
pub mod doctor;

pub mod employee_import;
pub mod employees;
pub mod employment;
pub mod error;
pub mod first_answers;
pub mod health;
pub mod locations;
pub mod migrate;
pub mod operations;
pub mod operators;
pub mod org_chart;
mod own_plan;
pub mod page;
pub mod passwords;
pub mod person_records;
mod platform_audit;
pub mod platform_flags;
mod replica;
pub mod roles;
pub mod salaries;
pub mod sample;
mod served;
pub mod sessions;
pub mod sign_in;
pub mod stamps;
pub mod tenant_tx;
pub mod tenants;
pub mod tokens;
pub mod users;

pub use connect::{Database, Settings};
pub use error::{Error, Result};
pub use sqlx::PgConnection;
pub use tenant_tx::TenantTx;
