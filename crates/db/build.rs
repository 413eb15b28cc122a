//! Compiles the SQL of `migrations/` into the crate, so that the binary needs no files beside it.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut code = String::new();
    for kind in ["platform", "tenant"] {
        let folder = root.join(kind);
        println!("cargo::rerun-if-changed={}", folder.display());
        writeln!(code, "pub(super) const {}: &[SourceFile] = &[", kind.to_uppercase())?;
        for name in up_files(&folder)? {
            write_entry(&mut code, &folder, &name)?;
        }
        writeln!(code, "];")?;
    }
    writeln!(
        code,
        "pub(super) const BASELINE: &str = include_str!(\"{}\");",
        root.join("tenant/baseline.sql").display()
    )?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("migrations.rs"), code)?;
    Ok(())
}

fn up_files(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        if let Some(stem) = name.strip_suffix(".up.sql") {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn write_entry(code: &mut String, folder: &Path, stem: &str) -> Result<(), Box<dyn Error>> {
    let (number, name) = stem.split_once('_').ok_or_else(|| format!("{stem}.up.sql is not named NNNN_name.up.sql"))?;
    let version: i32 = number.parse().map_err(|_| format!("{stem}.up.sql does not begin with a number"))?;
    let file = |direction: &str| folder.join(format!("{stem}.{direction}.sql"));
    writeln!(
        code,
        "    SourceFile {{ version: {version}, name: {name:?}, up: include_str!(\"{}\"), down: include_str!(\"{}\") }},",
        file("up").display(),
        file("down").display(),
    )?;
    Ok(())
}
