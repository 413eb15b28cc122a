//! `tenure cache` against a real Redis.

use serde_json::json;
use tenure_testkit::TestRedis;

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
