//! Where files are kept, and what is refused.

use std::fs;
use std::process::Stdio;

use tenure_store::sealed::{MasterKey, TenantKey};

use crate::installation::{Installation, execute};
use crate::run;

#[tokio::test(flavor = "multi_thread")]
async fn files_are_not_kept_without_a_key_or_by_one_that_is_none() {
    let mut tenure = Installation::new().await;
    let url = format!("file://{}/files", tenure.folder().display());
    tenure.set("TENURE_FILES__URL", url);
    let refused = tenure.fails(&["serve", "--port", "0"], 1);
    assert!(refused.contains("files are not kept without encryption") && refused.contains("openssl rand"), "{refused}");
    let key = tenure.folder().join("files.key");
    fs::write(&key, "topsecret").unwrap();
    tenure.set("TENURE_FILES__KEY_FILE", key.display().to_string());
    let refused = tenure.fails(&["serve", "--port", "0"], 1);
    assert!(refused.contains("64 hexadecimal digits") && !refused.contains("topsecret"), "{refused}");
    fs::write(&key, "07".repeat(32)).unwrap();
    let checks = tenure.done(&["doctor", "--drift", "0"]);
    assert!(checks.contains("files: place and key"), "{checks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_takes_the_files_along() {
    let mut tenure = Installation::new().await;
    let folder = tenure.folder().join("kept");
    tenure.set("TENURE_FILES__URL", format!("file://{}", folder.display()));
    let key = tenure.folder().join("files.key");
    fs::write(&key, "07".repeat(32)).unwrap();
    tenure.set("TENURE_FILES__KEY_FILE", key.display().to_string());
    let [acme, globex] = ["acme", "globex"].map(|slug| {
        let made = tenure.json(&["tenant", "create", slug], 0);
        let files = folder.join("files").join(made["id"].as_str().unwrap());
        fs::create_dir_all(&files).unwrap();
        fs::write(files.join("object"), "sealed").unwrap();
        files
    });
    tenure.done(&["tenant", "archive", "acme"]);
    let purge = run(tenure.command(&["tenant", "purge", "acme", "--yes"]).stdin(Stdio::null()));
    assert!(purge.status.success(), "{purge:?}");
    assert_eq!((acme.exists(), globex.exists()), (false, true));
}

/// Puts a tenant's key into its records, wrapped in the installation's key of some byte.
async fn keep_key(tenure: &Installation, slug: &str, byte: u8) {
    let shown = tenure.json(&["tenant", "show", slug], 0);
    let (id, schema) = (shown["id"].as_str().unwrap(), shown["schema"].as_str().unwrap());
    let uuid: uuid::Uuid = id.parse().unwrap();
    let key = TenantKey::from_bytes([9; 32]);
    let wrapped = MasterKey::from_bytes([byte; 32]).wrap(&key, uuid.as_bytes(), [1; 12]).unwrap();
    let wrapped = wrapped.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    let insert = format!(
        "INSERT INTO {schema}.document_metadata (id, version, created_at, updated_at, body)
         VALUES ('{id}', 1, now(), now(), '{{\"kind\": \"key\", \"wrapped\": \"{wrapped}\"}}')"
    );
    execute(&mut tenure.superuser().await, &insert).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_takes_the_place_of_the_former_and_doctor_says_how_far_that_is() {
    let mut tenure = Installation::new().await;
    let refused = tenure.fails(&["files", "rewrap"], 1);
    assert!(refused.contains("files.url is not set"), "{refused}");
    let (kept, file) = (tenure.folder().join("kept"), tenure.folder().join("files.key"));
    tenure.set("TENURE_FILES__URL", format!("file://{}", kept.display()));
    tenure.set("TENURE_FILES__KEY_FILE", file.display().to_string());
    fs::write(&file, format!("# of this year\n{}\n{}\n", "08".repeat(32), "07".repeat(32))).unwrap();
    for (slug, byte) in [("acme", 7), ("globex", 8), ("initech", 6), ("umbrella", 0)] {
        tenure.json(&["tenant", "create", slug], 0);
        if byte > 0 {
            keep_key(&tenure, slug, byte).await;
        }
    }
    let said = tenure.run(&["doctor", "--drift", "0"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("initech: the tenant's key was wrapped in a key that this installation does not have"),
        "{said}"
    );
    let done = tenure.json(&["files", "rewrap"], 3);
    assert_eq!([&done["rewrapped"], &done["unchanged"], &done["without_files"]], [1, 1, 1], "{done}");
    assert_eq!(done["failed"][0]["tenant"], "initech");
    let error = done["failed"][0]["error"].as_str().unwrap();
    assert!(error.contains("add the former key to the file of files.key_file"), "{error}");
    fs::write(&file, format!("{}\n{}\n", "08".repeat(32), "06".repeat(32))).unwrap();
    let said = tenure.done(&["doctor", "--drift", "0"]);
    assert!(said.contains("1 wrapped in a former key of files.key_file; `tenure files rewrap` changes that"), "{said}");
    let done = tenure.json(&["files", "rewrap", "--tenant", "initech"], 0);
    assert_eq!((&done["rewrapped"], &done["failed"]), (&1.into(), &serde_json::json!([])));
    fs::write(&file, "08".repeat(32)).unwrap();
    let said = tenure.done(&["doctor", "--drift", "0"]);
    assert!(said.contains("3 wrapped in the first key of files.key_file"), "{said}");
}
