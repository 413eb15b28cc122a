//! `tenure backup create`, killed.

use std::collections::{BTreeMap, BTreeSet};

use tenure_testkit::MongoDatabase;

use super::state::{differing, objects};
use super::{Bench, LARGE, of_state, value};

const CREATE: [&str; 4] = ["backup", "create", "--tenant", "acme"];

/// What the newest archive holds, as sums over its tables.
const CONTENT: &str = "SELECT encode(content, 'hex') FROM public.backups WHERE state = 'good' ORDER BY id DESC LIMIT 1";
/// Archives that are not good, as far as they were not cleared up after.
const LEFT: &str =
    "SELECT count(*)::text FROM public.backups WHERE state = 'running' OR state = 'failed' AND deleted_at IS NULL";

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_killed_at_any_moment_leaves_nothing_half_and_the_next_is_as_good_as_any() {
    let mongo = MongoDatabase::new();
    let mut bench = Bench::new(Some(&mongo)).await;
    // Of before there were files, so that it is whole without copies of them.
    let early = bench.create();
    bench.file(&[1000, LARGE, 2000]);
    bench.keep().await;
    let (archives, in_use) = (bench.archives.clone(), objects(&bench.files));
    let living = bench.living().await;
    let whole = bench.run(&CREATE, &archives, None);
    let copies = copies(&objects(&archives));
    let content = value(&mut bench.tenure.superuser().await, CONTENT).await;
    for moment in bench.moments.draw(10, whole) {
        bench.begin_again().await;
        bench.run(&CREATE, &archives, Some(moment));
        bench.until_gone().await;
        assert_eq!(bench.living().await.differences(&living), [""; 0], "the tenant is not as it was");
        assert_eq!(differing(&objects(&bench.files), &in_use), [""; 0], "its files are not as they were");
        let mut good = bench.good();
        assert!(good.contains(&early));

        good.insert(bench.create());
        let (mut connection, listed) = (bench.tenure.superuser().await, bench.listed());
        assert_eq!(value(&mut connection, LEFT).await, "0", "{listed:?}");
        let held = value(&mut connection, CONTENT).await;
        assert_eq!(held, content, "it holds something else than one that was let alone");
        assert_eq!(of_state(&listed, "good"), good);
        let lying = objects(&archives);
        let names: BTreeSet<String> = lying.keys().cloned().collect();
        assert_eq!(names, bench.needed(&listed), "something is missing or left over");
        assert_eq!(differing(&self::copies(&lying), &copies), [""; 0], "copies of files are not the same");
    }
    bench.good();
    assert!(bench.killed > 0);
}

/// The copies of files among objects: of the same content they are the same each time.
fn copies(objects: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let copies = objects.iter().filter(|(name, _)| name.contains("/files/"));
    copies.map(|(name, sum)| (name.clone(), *sum)).collect()
}
