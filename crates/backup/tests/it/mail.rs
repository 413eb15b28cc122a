//! What an archive holds of mail, and that nobody gets it twice because of a restore.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_backup::Target;
use tenure_core::ids::TenantId;
use tenure_core::mail::State;
use tenure_db::outbox::{self, Claim, New, To};
use tenure_db::tenants::sends_mail;
use tenure_testkit::{NOW, act, new_id};
use uuid::Uuid;

use crate::Bed;

pub(crate) async fn tell(bed: &Bed, occasion: &str) -> Uuid {
    let new = New {
        id: new_id(),
        kind: "files_end",
        subject: Uuid::from_u128(1),
        occasion: occasion.to_owned(),
        to: To::Address,
        facts: json!({ "kind": "files_end", "count": 1 }),
        due_at: NOW,
    };
    let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    assert_eq!(outbox::insert(&mut tx, std::slice::from_ref(&new), NOW).await.unwrap(), 1);
    tx.commit().await.unwrap();
    new.id
}

/// Takes what is due, some minutes after the tests' present.
async fn due(bed: &Bed, minutes: i64) -> Vec<Claim> {
    let at = |minutes| NOW.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    let lease: Timestamp = at(minutes + 5);
    outbox::claim(&bed.installation.db, (at(minutes), lease), 10).await.unwrap()
}

async fn send(bed: &Bed, claim: &Claim) {
    let mut tx = bed.installation.db.begin(claim.tenant).await.unwrap();
    outbox::end(&mut tx, claim, (State::Sent, None), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

async fn kept(bed: &Bed, tenant: TenantId) -> usize {
    let mut tx = bed.installation.db.begin(tenant).await.unwrap();
    let kept = outbox::list(&mut tx, None, 10).await.unwrap().len();
    tx.commit().await.unwrap();
    kept
}

#[tokio::test]
async fn a_restore_sends_what_still_waits_once_and_what_was_sent_since_never() {
    let bed = Bed::new().await;
    let (sent, waits) = (tell(&bed, "1").await, tell(&bed, "2").await);
    let backup = bed.create().await;
    let claims = due(&bed, 0).await;
    send(&bed, claims.iter().find(|claim| claim.id == sent).unwrap()).await;
    let later = tell(&bed, "3").await;

    bed.restore(backup.id).await.unwrap();
    assert_eq!(kept(&bed, bed.tenant.id).await, 2);
    let claims = due(&bed, 10).await;
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.id).collect();
    assert!(ids.contains(&waits) && ids.contains(&later) && !ids.contains(&sent), "{ids:?}");
    let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    assert!(outbox::waiting(&mut tx, waits).await.unwrap().is_some());
    assert!(outbox::waiting(&mut tx, later).await.unwrap().is_none(), "it went with what was restored over");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_copy_has_the_messages_and_sends_none_of_them() {
    let bed = Bed::new().await;
    let waits = tell(&bed, "1").await;
    let backup = bed.create().await;
    let id: TenantId = new_id();
    // Roles belong to the cluster, and other tests have copies too.
    let slug = format!("copy-{}", id.to_string().rsplit('-').next().unwrap()).parse().unwrap();
    let copy = Target::New { id, slug, name: "Copy".parse().unwrap() };
    bed.restorer().restore(backup.id, &copy, &act()).await.unwrap();
    assert_eq!(kept(&bed, id).await, 1);
    let claims = due(&bed, 0).await;
    assert_eq!(claims.iter().map(|claim| (claim.id, claim.tenant)).collect::<Vec<_>>(), [(waits, bed.tenant.id)]);
    assert!(sends_mail(&bed.installation.db, bed.tenant.id).await.unwrap());
    assert!(!sends_mail(&bed.installation.db, id).await.unwrap());
}
