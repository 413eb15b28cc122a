//! Certificates of authorities and servers of a test's own, made by `openssl`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NEW_KEY: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// An authority's certificate, with its key beside it.
pub(crate) fn authority(folder: &Path, name: &str) -> PathBuf {
    let (key, certificate) = (file(folder, name, "key"), file(folder, name, "crt"));
    let subject = format!("/CN={name}");
    openssl(
        &[&["req", "-x509", "-days", "2", "-subj", &subject][..], NEW_KEY].concat(),
        &[("-keyout", &key), ("-out", &certificate)],
    );
    certificate
}

/// A key and its certificate for 127.0.0.1, signed by an authority of the folder.
pub(crate) fn of_a_server(folder: &Path, authority: &str) -> (PathBuf, PathBuf) {
    let of_server = |kind| file(folder, "server", kind);
    let (extensions, key, request, certificate) =
        (of_server("ext"), of_server("key"), of_server("csr"), of_server("crt"));
    fs::write(&extensions, "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(&[&["req", "-new", "-subj", "/CN=server"][..], NEW_KEY].concat(), &[("-keyout", &key), ("-out", &request)]);
    openssl(
        &["x509", "-req", "-days", "2", "-CAcreateserial"],
        &[
            ("-in", &request),
            ("-CA", &file(folder, authority, "crt")),
            ("-CAkey", &file(folder, authority, "key")),
            ("-extfile", &extensions),
            ("-out", &certificate),
        ],
    );
    (key, certificate)
}

fn file(folder: &Path, name: &str, kind: &str) -> PathBuf {
    folder.join(format!("{name}.{kind}"))
}

/// Runs openssl, which must succeed.
fn openssl(arguments: &[&str], files: &[(&str, &Path)]) {
    let mut command = Command::new("openssl");
    command.args(arguments);
    for (option, file) in files {
        command.arg(option).arg(file);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
