//! Signing in at `tenure serve`, from wherever it is.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::installation::{Installation, execute};
use crate::serve::Server;

const PASSWORD: &str = "a quiet brown river";

/// A company with a user who has a password, and a server; `proxies` are those that it trusts.
async fn server(proxies: &str) -> (Installation, Server) {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let made = tenure.json(&["user", "create", "--tenant", "acme", "ada@acme.example", "--role", "owner"], 0);
    let mut command = tenure.command(&["serve", "--port", "0"]);
    let server = Server::start(command.env("TENURE_SIGN_IN__TRUSTED_PROXIES", proxies));
    let choice = json!({ "token": made["token"], "password": PASSWORD });
    assert_eq!(server.post("/api/v1/password-resets/redeem", "", &choice).0, 204);
    (tenure, server)
}

fn attempt(server: &Server, client: &str, password: &str) -> (u16, Value) {
    let body = json!({ "tenant": "acme", "email": "ada@acme.example", "password": password });
    server.post_for(client, "/api/v1/sessions", &body)
}

/// Where a session was begun, as its user is shown.
fn address(server: &Server, session: &Value) -> Value {
    let (status, sessions) = server.get("/api/v1/sessions", session["token"].as_str().unwrap());
    assert_eq!(status, 200, "{sessions}");
    let this = sessions["data"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    this["address"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_says_of_its_address_changes_nothing() {
    let (_tenure, server) = server("10.0.0.0/8").await;
    let (status, session) = attempt(&server, "203.0.113.77", PASSWORD);
    assert_eq!((status, address(&server, &session)), (201, json!("127.0.0.1")));
    let statuses = (1..=6).map(|other| attempt(&server, &format!("203.0.113.{other}"), "a wrong password").0);
    assert_eq!(statuses.collect::<Vec<_>>(), [401, 401, 401, 401, 401, 429], "all of them come from one address");
    assert_eq!(attempt(&server, "203.0.113.77", PASSWORD).0, 429);
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_proxy_says_of_the_address_counts() {
    let (_tenure, server) = server("127.0.0.1").await;
    // What the client itself says stands before it.
    let (status, session) = attempt(&server, "192.0.2.1, 203.0.113.77", PASSWORD);
    assert_eq!((status, address(&server, &session)), (201, json!("203.0.113.77")));
    for _ in 0..5 {
        assert_eq!(attempt(&server, "203.0.113.1", "a wrong password").0, 401);
    }
    assert_eq!(attempt(&server, "203.0.113.1", PASSWORD).0, 429);
    assert_eq!(attempt(&server, "203.0.113.2", PASSWORD).0, 201, "another address");
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_removes_what_is_over_by_itself() {
    let tenure = Installation::new().await;
    let schema = tenure.json(&["tenant", "create", "acme"], 0)["schema"].as_str().unwrap().to_owned();
    let insert = format!(
        "INSERT INTO \"{schema}\".first_answers (user_id, key, fingerprint, created_at)
         SELECT id, given.key, sha256(''), now() - age FROM \"{schema}\".users,
             (VALUES ('over', interval '25 hours'), ('kept', interval '1 hour')) AS given (key, age)"
    );
    let mut connection = tenure.superuser().await;
    execute(&mut connection, &insert).await;
    let left = format!("SELECT key FROM \"{schema}\".first_answers");
    let server = Server::start(&mut tenure.command(&["serve", "--port", "0"]));
    let server = server.until(async |_| {
        let keys = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(left.clone()));
        keys.fetch_all(&mut tenure.superuser().await).await.unwrap() == ["kept"]
    });
    assert_eq!(server.await.stop(Signal::SIGTERM).0, Some(0));
}
