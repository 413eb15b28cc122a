//! The API's description.

#[test]
fn the_description_is_as_reviewed() {
    insta::assert_snapshot!("openapi", tenure_api::document());
}

#[tokio::test]
async fn the_description_is_served() {
    let api = crate::Api::new().await;
    let answer = api.get("/api/openapi.json", "").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
