//! Where files are kept, and what is refused.

use std::fs;
use std::process::Stdio;

use crate::installation::Installation;
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
