//! `tenure backup prune`, killed.

use std::collections::BTreeSet;

use super::state::{differing, objects};
use super::{Bench, LARGE, of_state, value};
use crate::backup::PRUNE;

/// Archives that are no longer kept and not deleted.
const LEFT: &str = "SELECT count(*)::text FROM public.backups WHERE state = 'pruned' AND deleted_at IS NULL";

#[tokio::test(flavor = "multi_thread")]
async fn a_pruning_killed_at_any_moment_takes_nothing_that_counts_and_the_next_ends_it() {
    let mut bench = Bench::new(None).await;
    let extra = bench.file(&[1000, LARGE]).remove(1);
    bench.create();
    // Its copy goes with the first archive.
    bench.change(&format!("DELETE FROM document_metadata WHERE id = '{extra}'")).await;
    bench.create();
    let newest = bench.create();
    bench.keep().await;
    let (archives, living) = (bench.archives.clone(), bench.living().await);
    let whole = bench.run(&PRUNE, &archives, None);
    let (good, lying) = (BTreeSet::from([newest.clone()]), objects(&archives));
    assert_eq!(of_state(&bench.listed(), "good"), good);
    assert_eq!(lying.keys().cloned().collect::<BTreeSet<_>>(), bench.needed(&bench.listed()));
    for moment in bench.moments.draw(10, whole) {
        bench.begin_again().await;
        bench.run(&PRUNE, &archives, Some(moment));
        bench.until_gone().await;
        let still_good = bench.good();
        assert!(still_good.contains(&newest), "{still_good:?}");

        bench.tenure.json(&PRUNE, 0);
        assert_eq!(of_state(&bench.listed(), "good"), good);
        assert_eq!(
            differing(&objects(&archives), &lying),
            [""; 0],
            "not the same is left as by one that was let alone"
        );
        assert_eq!(value(&mut bench.tenure.superuser().await, LEFT).await, "0");
    }
    assert_eq!(bench.good(), good);
    assert_eq!(bench.living().await.differences(&living), [""; 0], "the tenant is not as it was");
    assert!(bench.killed > 0);
}
