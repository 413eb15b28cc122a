//! `tenure openapi`

use std::fmt;

use clap::Args;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Outcome};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Openapi {
    /// That of the operators' API instead
    #[arg(long)]
    platform: bool,
}

/// Prints the API's description, which is JSON with and without `--json`.
pub(crate) fn run(options: &Openapi, output: &Output) -> Result<Outcome, Error> {
    let document = if options.platform { tenure_api::platform_document() } else { tenure_api::document() };
    output.document(&Description(document))?;
    Ok(Outcome::Done)
}

struct Description(&'static str);

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<Value>(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
