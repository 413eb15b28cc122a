//! Asks before something is destroyed.

use std::io::{self, IsTerminal, Write};

use crate::error::Error;

/// Asks the person at the terminal to type a word; without a terminal, `--yes` is required.
pub(crate) fn confirm(question: &str, word: &str, yes: bool) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::NotConfirmed("it destroys data and there is no terminal to ask at"));
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question}\nType {word} to go on: ").and_then(|()| stderr.flush()).map_err(Error::Output)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Error::Output)?;
    if answer.trim() == word { Ok(()) } else { Err(Error::NotConfirmed("it was not confirmed, and nothing was done")) }
}
