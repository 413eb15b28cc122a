//! Who is next in the queue of mail.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_core::ids::TenantId;
use tenure_db::outbox::{self, Claim, New, To};
use tenure_testkit::{NOW, TestInstallation, new_id};
use uuid::Uuid;

struct Queue {
    installation: TestInstallation,
    acme: TenantId,
    globex: TenantId,
}

impl Queue {
    async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let (acme, globex) = (installation.tenant("acme").await.id, installation.tenant("globex").await.id);
        Self { installation, acme, globex }
    }

    /// Puts messages of a kind into the queue, due some minutes after the tests' present.
    async fn add(&self, tenant: TenantId, (count, kind): (usize, &'static str), minutes: i64) {
        let new = |_| New {
            id: new_id(),
            kind,
            subject: new_id(),
            occasion: "begun".to_owned(),
            to: To::Address,
            facts: json!({}),
            due_at: at(minutes),
        };
        let messages: Vec<New> = (0..count).map(new).collect();
        let mut tx = self.installation.db.begin(tenant).await.unwrap();
        outbox::insert(&mut tx, &messages, NOW).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Takes what is due an hour after the tests' present.
    async fn claim(&self, limit: u16) -> Vec<Claim> {
        outbox::claim(&self.installation.db, (at(60), at(65)), limit).await.unwrap()
    }

    /// How many of some messages are of acme and of globex.
    fn shares(&self, claims: &[Claim]) -> (usize, usize) {
        let of = |tenant| claims.iter().filter(|claim| claim.tenant == tenant).count();
        (of(self.acme), of(self.globex))
    }
}

fn at(minutes: i64) -> Timestamp {
    NOW.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

const NOTICE: &str = "files_end";
const RESET: &str = "password_reset";

#[tokio::test]
async fn a_company_with_many_messages_keeps_no_other_waiting() {
    let queue = Queue::new().await;
    queue.add(queue.acme, (2000, NOTICE), 0).await;
    queue.add(queue.globex, (7, NOTICE), 30).await;
    assert_eq!(queue.shares(&queue.claim(10).await), (5, 5), "they take turns");
    assert_eq!(queue.shares(&queue.claim(10).await), (8, 2), "and nobody's turn is lost");
}

#[tokio::test]
async fn who_waits_for_a_mail_is_before_all_others_and_behind_no_company() {
    let queue = Queue::new().await;
    queue.add(queue.acme, (2000, NOTICE), 0).await;
    queue.add(queue.acme, (300, RESET), 20).await;
    queue.add(queue.globex, (1, RESET), 30).await;
    assert_eq!(queue.shares(&queue.claim(2).await), (1, 1), "the first reset of either");
    assert_eq!(queue.shares(&queue.claim(299).await), (299, 0), "all resets");
    queue.add(queue.globex, (1, RESET), 40).await;
    let claims = queue.claim(10).await;
    let first = claims.first().map(|claim| claim.tenant);
    assert_eq!((queue.shares(&claims), first), ((9, 1), Some(queue.globex)), "it is sent first, too");
}

#[tokio::test]
async fn what_is_not_due_holds_up_nothing_behind_it() {
    let queue = Queue::new().await;
    queue.add(queue.acme, (50, RESET), 90).await;
    queue.add(queue.acme, (3, NOTICE), 50).await;
    queue.add(queue.globex, (1, NOTICE), 55).await;
    assert_eq!(queue.shares(&queue.claim(10).await), (3, 1));
    assert_eq!(queue.claim(10).await, [], "what was taken is somebody's for a while");
}

#[tokio::test]
async fn a_message_that_is_tried_again_at_once_is_as_urgent_as_before() {
    let queue = Queue::new().await;
    queue.add(queue.acme, (1, RESET), 0).await;
    let taken = queue.claim(1).await;
    let reset = taken.first().unwrap();
    let mut tx = queue.installation.db.begin(queue.acme).await.unwrap();
    let failed = (tenure_core::mail::State::Failed, Some("refused"));
    outbox::end(&mut tx, reset, failed, NOW).await.unwrap();
    tx.commit().await.unwrap();
    queue.add(queue.acme, (5, NOTICE), 0).await;
    let mut tx = queue.installation.db.begin(queue.acme).await.unwrap();
    assert_eq!(outbox::retry(&mut tx, None, at(30)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let ids: Vec<Uuid> = queue.claim(1).await.into_iter().map(|claim| claim.id).collect();
    assert_eq!(ids, [reset.id]);
}
