//! No form ends without a result.

use serde_json::{Value, json};

use super::{Cycle, ROOT, id};
use crate::company::{ADA, GRACE, LINUS};

/// A template in which the manager says something and scores nothing, unless asked to.
fn sections(required: bool) -> Value {
    let mut questions = vec![json!({ "key": "word", "label": "In a word?", "kind": "text" })];
    if !required {
        questions.push(json!({ "key": "goal", "label": "How much was reached?", "kind": "goal" }));
    }
    json!([
        { "title": "Me", "answered_by": "self", "questions": [{ "key": "own", "label": "How was it?", "kind": "goal" }] },
        { "title": "Result", "answered_by": "manager", "questions": questions },
    ])
}

async fn published(cycle: &Cycle, sections: &Value) -> String {
    let body = json!({ "name": "Words", "sections": sections });
    let template = id(&cycle.api.send("POST", &format!("{ROOT}/templates"), &cycle.owner, None, &body).await);
    let publish = format!("{ROOT}/templates/{template}/publish");
    assert_eq!(cycle.api.send("POST", &publish, &cycle.owner, Some(1), &Value::Null).await.status, 200);
    template
}

#[tokio::test]
async fn a_part_that_counts_has_to_score() {
    let cycle = Cycle::new().await;
    let template = published(&cycle, &sections(true)).await;
    let cycles = format!("{ROOT}/cycles");
    let body = |weights: Value| json!({ "name": "Words", "template_id": template, "starts_on": "2025-01-01", "ends_on": "2025-12-31", "weights": weights });
    for (weights, field) in [
        (json!({ "manager": "100" }), "weights.manager"),
        (json!({ "self": "50", "feedback": "50" }), "weights.feedback"),
    ] {
        let refused = cycle.api.send("POST", &cycles, &cycle.owner, None, &body(weights)).await;
        assert_eq!(refused.refusal(), (400, field.to_owned()));
    }
    let made = cycle.api.send("POST", &cycles, &cycle.owner, None, &body(json!({ "self": "60", "goals": "40" }))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("{cycles}/{}", id(&made));
    let changed = json!({ "weights": { "manager": "100" } });
    let refused = cycle.api.send("PATCH", &path, &cycle.owner, Some(1), &changed).await;
    assert_eq!(refused.refusal(), (400, "weights.manager".to_owned()));

    // A draft of before that was kept so is not opened.
    let mut tx = cycle.api.installation.db.begin(cycle.company.tenant).await.unwrap();
    let kept = "UPDATE appraisal_forms SET body = jsonb_set(body, '{weights}', '{\"self\": \"0\", \"manager\": \"100\", \"feedback\": \"0\", \"goals\": \"0\"}')
        WHERE body ->> 'name' = 'Words' AND body ->> 'kind' = 'cycle'";
    sqlx::query(kept).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let refused = cycle.api.send("POST", &format!("{path}/advance"), &cycle.owner, Some(1), &Value::Null).await;
    assert_eq!(refused.refusal(), (400, "weights.manager".to_owned()));
}

#[tokio::test]
async fn a_form_without_a_score_waits_for_calibration() {
    let cycle = Cycle::weighing(&json!({ "manager": "100" })).await;
    // One of before, whose template does not ask for what counts.
    let template = published(&cycle, &sections(false)).await;
    let mut tx = cycle.api.installation.db.begin(cycle.company.tenant).await.unwrap();
    let kept = "UPDATE appraisal_forms SET body = jsonb_set(body, '{template_id}', to_jsonb($1::text)) WHERE body ->> 'kind' = 'cycle'";
    sqlx::query(kept).bind(&template).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..3 {
        cycle.advance(200).await;
    }
    let grace = cycle.company.token_with(&cycle.api, &["manager"], Some(GRACE)).await;
    let form = cycle.form(LINUS).await;
    assert_eq!(cycle.save(&form, &grace, "manager", json!({ "word": "Good." })).await.status, 200);
    let submitted = cycle.act(&form, &grace, "submit", json!({ "part": "manager" })).await.json();
    assert_eq!((&submitted["state"], &submitted["score"]), (&json!("unscored"), &Value::Null));
    assert_eq!(cycle.save(&form, &grace, "manager", json!({ "goal": "1" })).await.status, 422, "it is submitted");
    let auditor = cycle.company.token_with(&cycle.api, &["auditor"], None).await;
    assert_eq!(cycle.api.get(&form, &auditor).await.json()["manager_answers"], json!({ "word": "Good." }));
    assert_eq!(cycle.advance(200).await, "calibration");
    let calibrate = async |person| {
        let body = json!({ "score": "60", "reason": "by his words" });
        let set = cycle.act(&cycle.form(person).await, &cycle.owner, "calibrate", body).await;
        assert_eq!((set.status.as_u16(), &set.json()["state"]), (200, &json!("calibrated")), "{}", set.text);
    };
    calibrate(ADA).await;
    calibrate(GRACE).await;
    cycle.advance(422).await;
    let progress = cycle.api.get(&format!("{}/progress", cycle.path), &cycle.owner).await.json();
    assert_eq!(progress["by_state"]["unscored"], 1, "{progress}");
    calibrate(LINUS).await;
    assert_eq!(cycle.advance(200).await, "shared");
}
