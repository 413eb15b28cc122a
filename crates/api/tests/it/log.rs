//! What a request leaves in the log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tenure_api::SlowQueries;
use tenure_testkit::TestInstallation;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::Api;
use crate::company::Company;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_slow_statement_is_logged_with_tenant_and_duration_and_counted() {
    let installation = TestInstallation::with(|settings| settings.slow_query = Duration::from_nanos(1)).await;
    let slow = SlowQueries::default();
    let api = Api::over(installation, &slow);
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;

    let lines = Lines::default();
    let writer = lines.clone();
    // As sparing as a log can be and still tell of slow statements.
    let json =
        tracing_subscriber::fmt::layer().json().with_writer(move || writer.clone()).with_filter(LevelFilter::WARN);
    let logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(json).with(slow));
    assert_eq!(api.get("/api/v1/employees?name=hopper", &token).await.status, 200);
    drop(logging);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let list: serde_json::Value = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &serde_json::Value| {
            line["fields"]["db.statement"].as_str().unwrap_or_default().contains("FROM employees e")
        })
        .unwrap_or_else(|| panic!("no line of the list in\n{text}"));
    assert_eq!(list["span"]["tenant"], company.tenant.to_string(), "{list}");
    assert_eq!(list["span"]["request_id"], "test-request", "{list}");
    assert!(list["fields"]["elapsed_secs"].as_f64().unwrap() > 0.0, "{list}");
    assert!(
        !text.contains("hopper") && !text.contains(&token),
        "the log holds what was asked for or the token\n{text}"
    );

    let metrics = api.get("/metrics", "").await.text;
    let counted = metrics.lines().find_map(|line| line.strip_prefix("tenure_slow_queries_total ")).unwrap();
    assert_eq!(counted.parse::<usize>().unwrap(), text.lines().count(), "{metrics}");
}
