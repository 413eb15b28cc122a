//! `tenure cache` against a real Redis.

use std::path::Path;

use serde_json::json;
use tenure_testkit::{TestRedis, free_port};

use crate::certificates::{authority, of_a_server};
use crate::installation::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn what_redis_keeps_is_warmed_counted_and_flushed() {
    let tenure = Installation::new().await;
    let mut redis = TestRedis::start();
    tenure.done(&["tenant", "create", "acme"]);
    tenure.done(&["tenant", "create", "globex"]);
    let run = |arguments: &[&str], status: i32| {
        let mut command = tenure.command(arguments);
        let output = crate::run(command.arg("--json").env("TENURE_CACHE__URL", redis.url()));
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect::<Vec<serde_json::Value>>()
    };
    let keys = || {
        let mut command = tenure.command(&["cache", "stats"]);
        let output = crate::run(command.arg("--json").env("TENURE_CACHE__URL", redis.url()));
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        found["redis"]["keys"].as_u64().unwrap()
    };
    assert_eq!(keys(), 0);
    let warmed = run(&["cache", "warm"], 0);
    assert_eq!(warmed, [json!({ "tenant": "acme", "error": null }), json!({ "tenant": "globex", "error": null })]);
    assert_eq!(keys(), 4, "the figures and the chart of each");
    run(&["cache", "flush", "--tenant", "acme"], 0);
    assert_eq!(keys(), 2);
    run(&["cache", "flush", "--tenant", "nobody"], 1);
    run(&["cache", "flush"], 2);
    assert_eq!(run(&["cache", "flush", "--platform"], 0)[0]["tenant"], json!(null));
    assert_eq!(keys(), 2);
    redis.stop();
    let mut flush = tenure.command(&["cache", "flush", "--tenant", "acme"]);
    let flushed = crate::run(flush.env("TENURE_CACHE__URL", redis.url()));
    assert!(flushed.status.success(), "{flushed:?}");
    assert!(String::from_utf8(flushed.stdout).unwrap().contains("Redis does not answer"));
    let mut stats = tenure.command(&["cache", "stats"]);
    assert_eq!(crate::run(stats.env("TENURE_CACHE__URL", redis.url())).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_there_is_nothing_to_warm() {
    let tenure = Installation::new().await;
    tenure.done(&["cache", "stats"]);
    tenure.fails(&["cache", "warm"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_redis_is_asked_when_its_authority_is_known_and_not_otherwise() {
    let tenure = Installation::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(folder.path(), "ours"), authority(folder.path(), "other"));
    let (key, certificate) = of_a_server(folder.path(), "ours");
    let port = free_port().to_string();
    let _redis = TestRedis::with(
        &[
            ["--tls-port", &port],
            ["--tls-cert-file", certificate.to_str().unwrap()],
            ["--tls-key-file", key.to_str().unwrap()],
            ["--tls-ca-cert-file", ours.to_str().unwrap()],
            ["--tls-auth-clients", "no"],
        ]
        .concat(),
    );
    let url = format!("rediss://127.0.0.1:{port}");
    let stats = |authority: &Path| {
        let mut command = tenure.command(&["cache", "stats"]);
        crate::run(command.env("TENURE_CACHE__URL", &url).env("SSL_CERT_FILE", authority))
    };
    let known = stats(&ours);
    assert!(known.status.success(), "{known:?}");
    let unknown = stats(&other);
    let words = String::from_utf8(unknown.stderr).unwrap();
    assert_eq!(unknown.status.code(), Some(1), "{words}");
    assert!(words.to_lowercase().contains("certificate"), "{words}");
}
