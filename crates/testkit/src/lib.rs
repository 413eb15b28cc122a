//! Real test databases, fixtures and a clock that stands still; only for tests.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot get its parts fails by panicking"
)]

mod database;
mod employees;
mod installation;
mod mongo;
mod programs;
mod redis;
mod redis_cluster;
mod relay;
mod round_trips;
mod s3;
mod smtp;
mod standby;

pub use database::TestDatabase;
pub use employees::ROWS_NOT_OF_TODAY;
pub use installation::{NOW, TestInstallation, act, new_id, new_tenant, unreachable_database};
pub use mongo::{MongoDatabase, TestMongo, initiate, mongod_command};
pub use programs::free_port;
pub use redis::{TestRedis, redis_url, server_command};
pub use redis_cluster::TestRedisCluster;
pub use relay::{Between, put_between};
pub use round_trips::RoundTrips;
pub use s3::{Fault, S3Server};
pub use smtp::{Mood, SmtpServer, Taken};
pub use tenure_db::TenantTx;
