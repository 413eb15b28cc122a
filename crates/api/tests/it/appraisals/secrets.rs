//! Who learns of results, and what is kept of who has read them.

use serde_json::{Value, json};

use super::Cycle;
use crate::company::{ADA, GRACE, LINUS, ZOE, id_of};

impl Cycle {
    /// Linus is reviewed by Grace, whose token comes with it, and then corrected by HR.
    async fn reviewed_and_calibrated() -> (Self, String) {
        let cycle = Self::weighing(&json!({ "manager": "100" })).await;
        let grace = cycle.company.token_with(&cycle.api, &["manager"], Some(GRACE)).await;
        for _ in 0..3 {
            cycle.advance(200).await;
        }
        let form = cycle.form(LINUS).await;
        assert_eq!(cycle.save(&form, &grace, "manager", json!({ "goal": "37" })).await.status, 200);
        assert_eq!(cycle.act(&form, &grace, "submit", json!({ "part": "manager" })).await.status, 200);
        assert_eq!(cycle.advance(200).await, "calibration");
        for person in [ADA, GRACE, LINUS] {
            let body = json!({ "score": "41.77", "reason": "too strict" });
            let set = cycle.act(&cycle.form(person).await, &cycle.owner, "calibrate", body).await;
            assert_eq!(set.status, 200, "{}", set.text);
        }
        (cycle, grace)
    }

    async fn log(&self, token: &str) -> Vec<Value> {
        let answer = self.api.get("/api/v1/audit?entity=appraisal&limit=200", token).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// The entries of a kind that the audit log has, with what was read.
    async fn readings(&self, action: &str) -> Vec<Value> {
        let mut tx = self.api.installation.db.begin_read(self.company.tenant).await.unwrap();
        let sql = "SELECT after FROM audit_log WHERE action = $1 ORDER BY id";
        let found = sqlx::query_scalar(sql).bind(action).fetch_all(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        found
    }
}

fn told_of(entries: &[Value], person: u128) -> String {
    let of = json!(id_of(person));
    let told = entries.iter().flat_map(|entry| [&entry["before"], &entry["after"]]);
    told.filter(|told| told["employee_id"] == of).map(Value::to_string).collect()
}

#[tokio::test]
async fn an_auditor_reads_the_own_result_when_everybody_does() {
    let (cycle, _) = Cycle::reviewed_and_calibrated().await;
    let roles = ["auditor", "employee"];
    let linus = cycle.company.token_with(&cycle.api, &roles, Some(LINUS)).await;
    let zoe = cycle.company.token_with(&cycle.api, &roles, Some(ZOE)).await;
    let secrets = ["37.00", "41.77", "too strict", "\"goal\""];
    let own = told_of(&cycle.log(&linus).await, LINUS);
    assert!(own.contains("[withheld]") && !secrets.iter().any(|secret| own.contains(secret)), "{own}");
    for (token, person) in [(&linus, ADA), (&zoe, LINUS)] {
        let others = told_of(&cycle.log(token).await, person);
        assert!(others.contains("41.77") && !others.contains("[withheld]"), "{others}");
    }
    assert_eq!(cycle.advance(200).await, "shared");
    let own = told_of(&cycle.log(&linus).await, LINUS);
    assert!(secrets.iter().all(|secret| own.contains(secret)) && !own.contains("[withheld]"), "{own}");
}

#[tokio::test]
async fn a_page_that_shows_scores_of_others_is_one_entry_of_the_audit_log() {
    let (cycle, grace) = Cycle::reviewed_and_calibrated().await;
    let linus = cycle.company.token_with(&cycle.api, &["hr_manager"], Some(LINUS)).await;
    let (action, forms) = ("appraisal_cycle.forms_read", format!("{}/forms", cycle.path));
    assert_eq!(cycle.api.get(&forms, &linus).await.status, 200);
    let read = cycle.readings(action).await;
    assert_eq!(read.len(), 1, "{read:?}");
    let mut people = read[0]["employee_ids"].as_array().unwrap().clone();
    people.sort_by_key(Value::to_string);
    assert_eq!((people, &read[0]["fields"]), (vec![json!(id_of(ADA)), json!(id_of(GRACE))], &json!(["score"])));
    // A page without scores is none.
    assert_eq!(cycle.api.get(&format!("{forms}?state=not_started"), &linus).await.status, 200);
    assert_eq!(cycle.readings(action).await.len(), 1);

    let action = "employee.appraisals_read";
    let before = cycle.readings(action).await.len();
    let own = format!("/api/v1/employees/{}/appraisals", id_of(LINUS));
    assert_eq!(cycle.api.get(&own, &linus).await.status, 200);
    assert_eq!(cycle.readings(action).await.len(), before, "one's own");
    let to_write = format!("/api/v1/employees/{}/appraisals-to-write", id_of(GRACE));
    for path in [&own, &to_write] {
        assert_eq!(cycle.api.get(path, &grace).await.status, 200);
    }
    let expected = json!({ "employee_ids": [id_of(LINUS)], "fields": ["manager_score", "score"] });
    assert_eq!(cycle.readings(action).await[before..], [expected.clone(), expected]);
    assert_eq!(cycle.api.get(&to_write, &linus).await.status, 200);
    assert_eq!(cycle.readings(action).await.len(), before + 2, "to others that list has no scores");
}
