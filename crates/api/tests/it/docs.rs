//! The page that shows the API's description.

use crate::Api;
use crate::document::operations;

#[tokio::test]
async fn the_page_shows_every_operation_and_needs_nothing_but_itself() {
    let api = Api::new().await;
    let page = api.get("/api/docs", "").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    for operation in operations() {
        let anchor = format!("<section id=\"{}\">", operation.name);
        assert_eq!(page.text.matches(&anchor).count(), 1, "{}", operation.name);
    }
    for foreign in ["<script", "<link", "<img", "src=", "@import", "url(", "http://", "https://"] {
        assert!(!page.text.contains(foreign), "{foreign}");
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

/// Links of the page lead to something on it.
#[tokio::test]
async fn every_link_of_the_page_leads_somewhere() {
    let api = Api::new().await;
    let page = api.get("/api/docs", "").await.text;
    let links = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next());
    let dead: Vec<&str> = links.filter(|link| !page.contains(&format!("id=\"{link}\""))).collect();
    assert!(dead.is_empty(), "{dead:?}");
}
