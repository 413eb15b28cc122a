//! Archives that are not what was written.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;

use jiff::{SignedDuration, Timestamp};
use tenure_backup::{AllMade, Error, drill, make_all, prune};
use tenure_core::backups::{Retention, RunKind};
use tenure_db::backups::{self, Backup};
use uuid::Uuid;

use crate::{Bed, designation};

async fn run(bed: &Bed) -> AllMade {
    make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap()
}

async fn listed(bed: &Bed, id: Uuid) -> Backup {
    backups::by_id(&bed.installation.db, id).await.unwrap()
}

fn flip(bed: &Bed, backup: &Backup, at: usize) -> Vec<u8> {
    let whole = fs::read(bed.file(backup)).unwrap();
    let mut flipped = whole.clone();
    *flipped.get_mut(at).unwrap() ^= 1;
    fs::write(bed.file(backup), flipped).unwrap();
    whole
}

#[tokio::test]
async fn a_damaged_archive_stands_for_nothing_until_it_is_whole_again() {
    let bed = Bed::new().await;
    let first = run(&bed).await.made[0];
    let backup = listed(&bed, first).await;
    let whole = flip(&bed, &backup, usize::try_from(backup.size_bytes.unwrap()).unwrap() / 2);
    bed.verify(first).await.unwrap_err();
    let damaged = listed(&bed, first).await;
    assert_eq!((damaged.state.as_str(), damaged.damaged_at.is_some()), ("damaged", true));
    assert!(damaged.damage.is_some());
    assert!(backups::tenants_to_check(&bed.installation.db).await.unwrap().is_empty(), "no drill tries it again");
    // Nothing has changed, and it is made again all the same.
    let second = run(&bed).await;
    assert_eq!((second.made.len(), second.unchanged.len()), (1, 0));
    assert_eq!(run(&bed).await.unchanged, second.made);
    fs::write(bed.file(&backup), whole).unwrap();
    bed.verify(first).await.unwrap();
    assert_eq!(listed(&bed, first).await.state, "good");
}

#[tokio::test]
async fn a_drill_marks_what_it_finds_and_one_that_is_gone_is_damaged_too() {
    let bed = Bed::new().await;
    let id = run(&bed).await.made[0];
    fs::remove_file(bed.file(&listed(&bed, id).await)).unwrap();
    let drilled = drill(bed.maker_at(&Timestamp::now), &bed.identities, 9).await.unwrap();
    assert_eq!((drilled.whole.len(), drilled.failed.len()), (0, 1));
    assert_eq!(listed(&bed, id).await.state, "damaged");
}

#[tokio::test]
async fn damage_where_the_keys_are_is_not_taken_for_a_wrong_key() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    let text = fs::read(bed.file(&backup)).unwrap();
    // In the line that holds the archive's key, encrypted for the recipient.
    let line = text.windows(10).position(|window| window == b"-> X25519 ").unwrap();
    let body = line + text[line..].iter().position(|byte| *byte == b'\n').unwrap();
    let whole = fs::read(bed.file(&backup)).unwrap();
    for other in *b"ABCD" {
        let mut changed = whole.clone();
        changed[body + 5] = other;
        if changed == whole {
            continue;
        }
        fs::write(bed.file(&backup), changed).unwrap();
        assert!(matches!(bed.verify(backup.id).await, Err(Error::Damaged(_))));
        assert!(matches!(bed.restore(backup.id).await, Err(Error::Damaged(_))));
    }
}

#[tokio::test]
async fn the_archive_of_another_backup_or_tenant_in_its_place_is_refused() {
    let bed = Bed::new().await;
    let globex = bed.installation.tenant("globex").await;
    let (one, two) = (bed.create().await, bed.create().await);
    let other = bed.maker().create(globex.id).await.unwrap();
    for swapped in [&two, &other] {
        fs::copy(bed.file(swapped), bed.file(&one)).unwrap();
        assert!(matches!(bed.verify(one.id).await, Err(Error::Damaged(_))));
        assert!(matches!(bed.restore(one.id).await, Err(Error::Damaged(_))));
        assert_eq!(listed(&bed, one.id).await.state, "damaged");
    }
    bed.verify(two.id).await.unwrap();
}

#[tokio::test]
async fn a_damaged_one_is_not_the_last_good_one_in_pruning() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let (old, good, damaged) = (bed.create().await, bed.create().await, bed.create().await);
    flip(&bed, &damaged, 500);
    bed.verify(damaged.id).await.unwrap_err();
    let nothing = Retention { days: 0, daily: 0, weekly: 0, monthly: 0 };
    let later = Timestamp::now() + SignedDuration::from_hours(24);
    let pruned = prune(&bed.installation.db, &bed.objects, nothing, false, later).await.unwrap();
    let mut ids = pruned.pruned;
    ids.sort();
    assert_eq!(ids, [old.id, damaged.id]);
    bed.restore(good.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
}
