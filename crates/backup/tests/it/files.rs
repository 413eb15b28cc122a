//! The content of files: copied once, brought back, missed when it is lost.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tenure_backup::{Error, Files, FilesBack, Restored, Target, make_all, prune, verify, verify_deep};
use tenure_core::backups::{Retention, RunKind};
use tenure_core::ids::{DocumentId, TenantId};
use tenure_db::backups::{self, Backup};
use tenure_store::objects::Objects;
use tenure_store::sealed::{self, MasterKey, MasterKeys, TenantKey};
use tenure_testkit::{NOW, act, new_id};
use uuid::Uuid;

use crate::Bed;

const KEY: [u8; 32] = [9; 32];
/// Small, empty, and of several pieces.
const CONTENTS: [&[u8]; 3] = [b"contract", b"", &[7; 200_000]];

/// Files that are in use.
pub(crate) struct InUse {
    pub(crate) folder: TempDir,
    pub(crate) objects: Objects,
    pub(crate) master: MasterKeys,
}

impl InUse {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        Self { folder, objects, master: MasterKeys::new(MasterKey::from_bytes([1; 32]), Vec::new()) }
    }

    pub(crate) fn files(&self) -> Files<'_> {
        Files { objects: &self.objects, master: &self.master, random: &|| [5; 32] }
    }

    async fn read(
        &self,
        tenant: TenantId,
        key: &TenantKey,
        (document, version, content): &Filed,
    ) -> sealed::Result<()> {
        let (name, size) = (sealed::object_of(tenant, *document, *version), u64::try_from(content.len()).unwrap());
        let read = sealed::download(&self.objects, key, &name, size, 0..size).await?;
        let pieces: Vec<_> = read.try_collect().await?;
        assert_eq!(pieces.concat(), *content, "{name}");
        Ok(())
    }
}

/// A document, its version and its content.
type Filed = (DocumentId, Uuid, &'static [u8]);

impl Bed {
    /// Files documents of one version each, as the application does, which `tenure-cli`'s tests hold this to.
    async fn file_all(&self) -> Vec<Filed> {
        let tenant = self.tenant.id;
        let key = TenantKey::from_bytes(KEY);
        let wrapped = self.in_use.master.wrap(&key, tenant.uuid().as_bytes(), [1; 12]).unwrap();
        self.run(&format!(
            "INSERT INTO document_metadata (id, version, created_at, updated_at, body)
             VALUES ('{tenant}', 1, now(), now(), '{{\"kind\": \"key\", \"wrapped\": \"{}\"}}')",
            hex::encode(wrapped)
        ))
        .await;
        let mut filed = Vec::new();
        for content in CONTENTS {
            filed.push(self.file_one(&key, content).await);
        }
        filed
    }

    async fn file_one(&self, key: &TenantKey, content: &'static [u8]) -> Filed {
        let (document, version) = (new_id::<DocumentId>(), new_id::<Uuid>());
        let name = sealed::object_of(self.tenant.id, document, version);
        let mut upload = sealed::upload(&self.in_use.objects, key, &name);
        upload.write(content.into()).await.unwrap();
        upload.finish().await.unwrap();
        let (size, sha256) = (content.len(), hex::encode(Sha256::digest(content)));
        self.run(&format!(
            "INSERT INTO document_metadata (id, version, created_at, updated_at, body)
             VALUES ('{document}', 1, now(), now(), '{{\"kind\": \"document\", \"owner\": \"company\", \"state\": \"current\",
                     \"versions\": [{{\"id\": \"{version}\", \"number\": 1, \"size\": {size}, \"sha256\": \"{sha256}\"}}]}}')"
        ))
        .await;
        (document, version, content)
    }

    fn place_in_use(&self, filed: &Filed) -> PathBuf {
        self.in_use.folder.path().join(sealed::object_of(self.tenant.id, filed.0, filed.1))
    }

    fn copy_of(&self, filed: &Filed) -> PathBuf {
        self.folder.path().join(format!("backups/{}/files/{}/{}", self.tenant.id, filed.0, filed.1))
    }

    async fn restore_files(&self, backup: &Backup, target: &Target) -> Restored {
        self.restorer().restore(backup.id, target, &act()).await.unwrap()
    }

    /// The key of a tenant's files as its records have it.
    async fn key(&self, tenant: TenantId) -> TenantKey {
        let mut tx = self.installation.db.begin(tenant).await.unwrap();
        let wrapped = format!("SELECT body ->> 'wrapped' FROM document_metadata WHERE id = '{tenant}'");
        let wrapped: String = sqlx::query_scalar(AssertSqlSafe(wrapped)).fetch_one(&mut *tx).await.unwrap();
        self.in_use.master.unwrap_key(&hex::decode(wrapped).unwrap(), tenant.uuid().as_bytes()).unwrap().key
    }
}

fn objects_below(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.map(|entry| if entry.is_dir() { objects_below(&entry) } else { 1 }).sum()
}

const THREE_BACK: FilesBack = FilesBack { copied: 3, present: 0, missing: 0 };

#[tokio::test]
async fn what_was_lost_since_comes_back_and_what_is_there_stays() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let backup = bed.create().await;
    assert_eq!((backup.files, backup.files_lost), (Some(3), Some(0)));
    let db = &bed.installation.db;
    let verified = verify(db, &bed.objects, &bed.identities, backup.id, NOW).await.unwrap();
    assert_eq!(verified.manifest.files.map(|sum| (sum.files, sum.bytes, sum.lost)), Some((3, 200_008, 0)));
    verify_deep(db, &bed.objects, &bed.identities, backup.id, (new_id(), NOW)).await.unwrap();
    fs::remove_file(bed.place_in_use(&filed[2])).unwrap();
    bed.run("DELETE FROM document_metadata").await;
    let target = Target::Same(bed.tenant.id);
    let dry = bed.restore_files(&backup, &Target::DryRun).await;
    assert_eq!((dry.files, bed.place_in_use(&filed[2]).exists()), (None, false));
    let restored = bed.restore_files(&backup, &target).await;
    assert_eq!(restored.files, Some(FilesBack { copied: 1, present: 2, missing: 0 }));
    let key = bed.key(bed.tenant.id).await;
    for filed in &filed {
        bed.in_use.read(bed.tenant.id, &key, filed).await.unwrap();
    }
}

#[tokio::test]
async fn another_tenant_gets_files_of_its_own_under_a_key_of_its_own() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let backup = bed.create().await;
    let id = TenantId::from(Uuid::from_u128(new_id::<Uuid>().as_u128().rotate_left(64)));
    let target = Target::New { id, slug: "copy".parse().unwrap(), name: "Copy".parse().unwrap() };
    assert_eq!(bed.restore_files(&backup, &target).await.files, Some(THREE_BACK));
    let key = bed.key(id).await;
    for filed in &filed {
        bed.in_use.read(id, &key, filed).await.unwrap();
        assert!(bed.in_use.read(bed.tenant.id, &key, filed).await.is_err() || filed.2.is_empty(), "the key is another");
    }
    let mut tx = bed.installation.db.begin(id).await.unwrap();
    let keys = "SELECT count(*) FROM document_metadata WHERE body ->> 'kind' = 'key'";
    assert_eq!(sqlx::query_scalar::<_, i64>(keys).fetch_one(&mut *tx).await.unwrap(), 1);
}

#[tokio::test]
async fn an_archive_opens_its_files_where_the_installation_has_another_key() {
    let mut bed = Bed::new().await;
    let filed = bed.file_all().await;
    let backup = bed.create().await;
    let there = InUse { master: MasterKeys::new(MasterKey::from_bytes([2; 32]), Vec::new()), ..InUse::new() };
    bed.in_use = there;
    assert_eq!(bed.restore_files(&backup, &Target::Same(bed.tenant.id)).await.files, Some(THREE_BACK));
    let key = bed.key(bed.tenant.id).await;
    for filed in &filed {
        bed.in_use.read(bed.tenant.id, &key, filed).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_is_copied_once_and_goes_with_the_last_archive_that_names_it() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let old = bed.create().await;
    let moment = fs::metadata(bed.copy_of(&filed[0])).unwrap().modified().unwrap();
    bed.run(&format!("DELETE FROM document_metadata WHERE id = '{}'", filed[2].0)).await;
    let new = bed.create().await;
    assert_eq!((new.files, objects_below(bed.folder.path())), (Some(2), 2 + 2 + 3));
    assert_eq!(fs::metadata(bed.copy_of(&filed[0])).unwrap().modified().unwrap(), moment);
    let pruned = async || {
        let (nothing, day) = (Retention { days: 0, daily: 0, weekly: 0, monthly: 0 }, SignedDuration::from_hours(24));
        prune(&bed.installation.db, &bed.objects, nothing, false, Timestamp::now() + day).await.unwrap().pruned
    };
    // Whoever makes an archive at the moment may be about to name it.
    let (_, making) = bed.running("backups/x").await;
    assert_eq!(pruned().await, [old.id]);
    assert!(bed.copy_of(&filed[2]).exists());
    making.failed("ended", true, NOW).await.unwrap();
    let newest = bed.create().await;
    assert_eq!(pruned().await, [new.id]);
    assert_eq!([0, 1, 2].map(|at| bed.copy_of(&filed[at]).exists()), [true, true, false]);
    assert_eq!(objects_below(bed.folder.path()), 1 + 1 + 2);
    bed.verify(newest.id).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_tried_again() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let away = bed.folder.path().join("away");
    fs::rename(bed.place_in_use(&filed[0]), &away).unwrap();
    let whole = fs::read(bed.place_in_use(&filed[2])).unwrap();
    let mut flipped = whole.clone();
    flipped[100_000] ^= 1;
    fs::write(bed.place_in_use(&filed[2]), flipped).unwrap();
    let run = async || make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    let lacking = run().await;
    assert_eq!((lacking.made.len(), lacking.failed.len()), (1, 1), "{lacking:?}");
    assert!(lacking.failed[0].error.contains("2 files"), "{lacking:?}");
    let backup = backups::by_id(&bed.installation.db, lacking.made[0]).await.unwrap();
    assert_eq!((backup.state.as_str(), backup.files, backup.files_lost), ("good", Some(3), Some(2)));
    bed.verify(backup.id).await.unwrap();
    let restored = bed.restore_files(&backup, &Target::Same(bed.tenant.id)).await;
    assert_eq!(restored.files, Some(FilesBack { copied: 0, present: 2, missing: 1 }));
    fs::rename(&away, bed.place_in_use(&filed[0])).unwrap();
    fs::write(bed.place_in_use(&filed[2]), whole).unwrap();
    let whole = run().await;
    assert_eq!((whole.made.len(), whole.failed.len()), (1, 0), "{whole:?}");
    assert_eq!(run().await.unchanged, whole.made);
    fs::remove_file(bed.copy_of(&filed[1])).unwrap();
    let again = run().await;
    assert_eq!((again.made.len(), again.failed.len()), (1, 0), "a copy was gone: {again:?}");
    assert!(bed.copy_of(&filed[1]).exists());
}

#[tokio::test]
async fn a_damaged_copy_is_found_and_keeps_nothing_else_from_coming_back() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let backup = bed.create().await;
    let mut copy = fs::read(bed.copy_of(&filed[0])).unwrap();
    copy[0] ^= 1;
    fs::write(bed.copy_of(&filed[0]), copy).unwrap();
    assert!(matches!(bed.verify(backup.id).await, Err(Error::Damaged(_))));
    let dry = bed.restorer().restore(backup.id, &Target::DryRun, &act()).await;
    assert!(matches!(dry, Err(Error::Damaged(_))), "{dry:?}");
    fs::remove_dir_all(bed.in_use.folder.path().join("files")).unwrap();
    let restored = bed.restore_files(&backup, &Target::Same(bed.tenant.id)).await;
    assert_eq!(restored.files, Some(FilesBack { copied: 2, present: 0, missing: 1 }));
}

#[tokio::test]
async fn a_restore_that_fails_leaves_no_files() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let backup = bed.create().await;
    let place = bed.in_use.folder.path().join("files");
    fs::remove_dir_all(&place).unwrap();
    // The place takes two of the three.
    fs::create_dir_all(place.join(bed.tenant.id.to_string())).unwrap();
    fs::write(place.join(bed.tenant.id.to_string()).join(filed[2].0.to_string()), "in the way").unwrap();
    bed.run("DELETE FROM document_metadata").await;
    let refused = bed.restorer().restore(backup.id, &Target::Same(bed.tenant.id), &act()).await;
    assert!(matches!(refused, Err(Error::Store(_))), "{refused:?}");
    assert_eq!(objects_below(&place), 1, "what was in the way");
    let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    let records = "SELECT count(*) FROM document_metadata";
    assert_eq!(sqlx::query_scalar::<_, i64>(records).fetch_one(&mut *tx).await.unwrap(), 0, "the tenant is as it was");
}

#[tokio::test]
async fn copies_that_nothing_opens_are_lost_even_where_they_are() {
    let bed = Bed::new().await;
    bed.file_all().await;
    let whole = bed.create().await;
    assert_eq!((whole.files, whole.files_lost), (Some(3), Some(0)));
    bed.run("DELETE FROM document_metadata WHERE body ->> 'kind' = 'key'").await;
    let lacking = bed.create().await;
    assert_eq!((lacking.files, lacking.files_lost), (Some(3), Some(3)));
    let run = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 1, &|_| ()).await.unwrap();
    assert_eq!((run.made.len(), run.unchanged.len(), run.failed.len()), (1, 0, 1), "it is not referred to: {run:?}");
}

#[tokio::test]
async fn a_damaged_copy_is_found_by_a_check_and_made_again_with_the_next_archive() {
    let bed = Bed::new().await;
    let filed = bed.file_all().await;
    let first = bed.create().await;
    let copy = bed.copy_of(&filed[2]);
    let whole = fs::read(&copy).unwrap();
    let mut flipped = whole.clone();
    flipped[100_000] ^= 1;
    fs::write(&copy, &flipped).unwrap();
    assert!(matches!(bed.verify(first.id).await, Err(Error::Damaged(_))));
    let second = bed.create().await;
    assert_eq!(second.files_lost, Some(0));
    bed.verify(second.id).await.unwrap();
    bed.verify(first.id).await.unwrap();
    assert_eq!(backups::by_id(&bed.installation.db, first.id).await.unwrap().state, "good");
}
