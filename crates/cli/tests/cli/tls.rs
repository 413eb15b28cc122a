//! TLS to PostgreSQL, with a server that has a certificate.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use tempfile::TempDir;
use tenure_embedded::{Durability, Installation, Login, Running};

use crate::certificates::{authority, of_a_server};
use crate::{run, tenure};

/// A server on a port of 127.0.0.1: the path of its folder is too long for a socket.
struct Server {
    running: Running,
    root: TempDir,
}

impl Server {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        // Run by root, the server's user has to pass through.
        fs::set_permissions(root.path(), Permissions::from_mode(0o711)).unwrap();
        let folder = root.path().join("x".repeat(110));
        let running = Installation::at(&folder).open(Durability::Disposable).unwrap();
        Self { running, root }
    }

    /// Gives the server a certificate for 127.0.0.1, signed by an authority, and waits until it uses it.
    async fn certify(&self, authority: &str) {
        let (key, certificate) = of_a_server(self.root.path(), authority);
        let data = fs::metadata(self.root.path().join("x".repeat(110)).join("postgres/data")).unwrap();
        chown(&key, Some(data.uid()), Some(data.gid())).unwrap();
        let mut superuser = PgConnection::connect(self.running.url(Login::Superuser).as_str()).await.unwrap();
        for statement in [
            format!("ALTER SYSTEM SET ssl_cert_file = '{}'", certificate.display()),
            format!("ALTER SYSTEM SET ssl_key_file = '{}'", key.display()),
            "ALTER SYSTEM SET ssl = on".to_owned(),
            "SELECT pg_reload_conf()".to_owned(),
        ] {
            raw_sql(AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
        }
        let mut on = String::new();
        while on != "on" {
            on = sqlx::query_scalar("SHOW ssl").fetch_one(&mut superuser).await.unwrap();
        }
    }

    /// Runs a command against the server with parameters of the URL.
    fn tenure(&self, parameters: &str, arguments: &[&str]) -> Output {
        let url = |login| self.running.url(login).as_str().replace("sslmode=disable", parameters);
        let mut command = tenure(self.root.path(), arguments);
        command
            .env("TENURE_DATABASE__URL", url(Login::Application))
            .env("TENURE_DATABASE__OWNER_URL", url(Login::Owner));
        run(&mut command)
    }
}

fn verify_full(certificate: &Path) -> String {
    format!("sslmode=verify-full&sslrootcert={}", certificate.display())
}

#[tokio::test]
async fn a_connection_is_as_safe_as_its_sslmode_says_or_is_not_made() {
    let server = Server::new();
    let (ours, other) = (authority(server.root.path(), "ours"), authority(server.root.path(), "other"));
    let refused = server.tenure("sslmode=require", &["migrate", "up"]);
    assert_eq!(refused.status.code(), Some(1), "a server without TLS: {refused:?}");

    server.certify("ours").await;
    let done = server.tenure(&verify_full(&ours), &["migrate", "up"]);
    assert!(done.status.success(), "{done:?}");
    let doctor: Value =
        serde_json::from_slice(&server.tenure(&verify_full(&ours), &["doctor", "--json"]).stdout).unwrap();
    let tls: Vec<&str> = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["name"].as_str().unwrap().ends_with("tls"))
        .map(|check| check["detail"].as_str().unwrap())
        .collect();
    assert_eq!(tls, ["encrypted (TLSv1.3)"; 2]);

    let stranger = server.tenure(&verify_full(&other), &["migrate", "status"]);
    let words = String::from_utf8(stranger.stderr).unwrap();
    assert_eq!(stranger.status.code(), Some(1), "{words}");
    assert!(words.to_lowercase().contains("certificate"), "{words}");
}
