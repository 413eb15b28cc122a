//! Records of files that are large: they are read by pages that memory can hold.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tenure_testkit::{Between, TestInstallation, put_between};

use crate::Bed;

/// Counts how often the records are asked for.
#[derive(Debug, Clone, Default)]
struct Questions {
    asked: Arc<AtomicUsize>,
    /// The names of the statements of this connection that ask for them.
    statements: HashSet<Vec<u8>>,
}

impl Between for Questions {
    /// A statement comes once with its name and its text, and then each time by its name, after that of what it is bound to.
    async fn pass(&mut self, message: &mut Vec<u8>) {
        let mut texts = message.get(5..).unwrap_or_default().split(|byte| *byte == 0);
        let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        let asks = String::from_utf8_lossy(second).contains("FROM document_metadata");
        if message.first() == Some(&b'P') && asks {
            self.statements.insert(first.to_vec());
        }
        if message.first() == Some(&b'B') && self.statements.contains(second) {
            self.asked.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Five of 3 MiB each.
const RECORDS: &str = "
    INSERT INTO document_metadata (id, version, created_at, updated_at, body)
    SELECT gen_random_uuid(), 1, now(), now(),
           jsonb_build_object('kind', 'document', 'owner', 'company', 'state', 'current', 'title', repeat('x', 3 << 20),
               'versions', jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'number', 1, 'size', 1, 'sha256', '')))
    FROM generate_series(1, 5)";

#[tokio::test]
async fn large_records_of_files_are_read_a_few_at_a_time() {
    let questions = Questions::default();
    let installation = TestInstallation::with(|settings| put_between(&mut settings.owner, questions.clone())).await;
    let bed = Bed::in_installation(installation).await;
    bed.run(RECORDS).await;
    questions.asked.store(0, Ordering::Relaxed);
    let backup = bed.create().await;
    assert_eq!((backup.files, backup.files_lost), (Some(5), Some(5)), "all are named; none was ever stored");
    assert_eq!(questions.asked.load(Ordering::Relaxed), 4, "three records, two, none, and the key");
}
