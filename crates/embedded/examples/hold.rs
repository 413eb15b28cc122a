//! The other program of the tests: holds the installation in a folder, says `opened`, and goes on until its input ends or it is killed.

use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use tenure_embedded::{Durability, Installation};

fn main() -> ExitCode {
    match hold() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn hold() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: hold FOLDER")?;
    let running = Installation::at(Path::new(&folder)).open(Durability::Durable)?;
    println!("opened");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    running.close()?;
    Ok(())
}
