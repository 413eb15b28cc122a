//! `tenure restore`, killed.

use std::collections::BTreeSet;
use std::fs;

use nix::sys::signal::Signal;
use sqlx::Row;
use tenure_testkit::MongoDatabase;

use super::state::{differing, objects};
use super::{Bench, LARGE};
use crate::backup::left_over;
use crate::installation::rows;
use crate::serve::Server;

/// Where documents are that are in use or kept to be taken back into use.
const HOMES: &str = "
    SELECT coalesce(t.document_home, t.id)::text AS home FROM public.tenants t
    UNION SELECT coalesce(r.kept_document_home, r.tenant_id)::text FROM public.restores r";

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_killed_at_any_moment_has_replaced_all_or_nothing_and_the_next_does_it() {
    let mongo = MongoDatabase::new();
    let mut bench = Bench::new(Some(&mongo)).await;
    let large = bench.file(&[1000, LARGE]).remove(1);
    let id = bench.create();
    let (in_archive, at_first) = (bench.living().await, objects(&bench.files));
    bench.tenure.json(&["flag", "set", "first", "--tenant", "acme", "--off"], 0);
    bench.tenure.json(&["flag", "set", "later", "--tenant", "acme", "--on"], 0);
    bench.change("UPDATE departments SET name = 'New ' || name; DELETE FROM departments WHERE name LIKE '%7'").await;
    bench.file(&[2000]);
    // One of the files is lost, so that it has to come back.
    let lost = at_first.keys().find(|name| name.contains(&large)).map(|name| bench.files.join(name)).unwrap();
    let all_filed = objects(&bench.files);
    fs::remove_file(&lost).unwrap();

    let restore = ["restore", "--tenant", "acme", "--from", &id, "--yes"];
    let (files, later) = (bench.files.clone(), bench.living().await);
    assert_ne!(later.differences(&in_archive), [""; 0]);
    let whole = bench.run(&restore, &files, None);
    assert_eq!(bench.living().await.differences(&in_archive), [""; 0], "it is not what the archive holds");
    assert_eq!(differing(&objects(&files), &all_filed), [""; 0], "not all files are back");
    bench.tenure.json(&["restore", "undo", "--tenant", "acme", "--yes"], 0);
    for moment in bench.moments.draw(6, whole) {
        fs::remove_file(&lost).unwrap();
        let there = objects(&files);
        bench.run(&restore, &files, Some(moment));
        bench.until_gone().await;
        let (now, remaining) = (bench.living().await, objects(&files));
        let [from_before, from_archive] = [&later, &in_archive].map(|whole| now.differences(whole));
        let has_swapped = from_archive.is_empty();
        assert!(has_swapped || from_before.is_empty(), "a mixture: {from_before:?} are new, {from_archive:?} are old");
        let wanted = if has_swapped { &all_filed } else { &there };
        for (name, sum) in wanted {
            assert_eq!(remaining.get(name), Some(sum), "{name} is not as it was");
        }
        if has_swapped {
            bench.tenure.json(&["restore", "undo", "--tenant", "acme", "--yes"], 0);
            assert_eq!(bench.living().await.differences(&later), [""; 0], "what it replaced is not whole");
        }

        bench.tenure.json(&restore, 0);
        let differences = bench.living().await.differences(&in_archive);
        assert_eq!(differences, [""; 0], "the next does not end as one that was let alone");
        assert_eq!(differing(&objects(&files), &all_filed), [""; 0], "not all files are back, or more than these");
        let mut connection = bench.tenure.superuser().await;
        assert_eq!(left_over(&mut connection).await, 1, "what it replaced is kept, and nothing else");
        bench.tenure.json(&["restore", "undo", "--tenant", "acme", "--yes"], 0);
    }
    bench.tenure.json(&["documents", "sweep"], 0);
    let homes = rows(&mut bench.tenure.superuser().await, HOMES).await;
    let homes: BTreeSet<String> = homes.iter().map(|row| row.get("home")).collect();
    assert_eq!(mongo.homes().await, homes, "documents are left over");
    assert_eq!(bench.living().await.differences(&later), [""; 0], "what was taken back is not as it was");
    assert_eq!(bench.good(), BTreeSet::from([id]));
    let server = Server::start(&mut bench.tenure.command(&["serve", "--port", "0", "--no-background"]));
    assert_eq!(server.get("/api/v1/documents", &bench.token).0, 200, "who was let in before is let in");
    server.stop(Signal::SIGTERM);
    assert!(bench.killed > 0);
}
