//! `tenure tenant feature …`

use std::fmt;

use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;
use tenure_db::tenants::{self, Feature, FeatureKey};

use crate::error::Error;
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give a feature a value
    Set {
        /// Slug or id
        tenant: TenantRef,
        /// The feature's name, for example payroll
        key: FeatureKey,
        /// JSON, or a text that is taken as it is
        #[arg(default_value = "true")]
        value: String,
    },
    /// Take a feature away
    Unset {
        /// Slug or id
        tenant: TenantRef,
        /// The feature's name
        key: FeatureKey,
    },
    /// List a tenant's features
    List {
        /// Slug or id
        tenant: TenantRef,
    },
}

/// Runs one of the commands and shows the features that the tenant then has.
pub(super) async fn run(command: &Command, session: &Session, output: &Output) -> Result<(), Error> {
    let (Command::Set { tenant, .. } | Command::Unset { tenant, .. } | Command::List { tenant }) = command;
    let db = session.db();
    let tenant = tenant.find(db).await?;
    match command {
        Command::Set { key, value, .. } => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.clone()));
            tenants::set_feature(db, tenant.id, key, &value, &session.act()).await?;
        }
        Command::Unset { key, .. } => tenants::unset_feature(db, tenant.id, key, &session.act()).await?,
        Command::List { .. } => {}
    }
    output.document(&Features { features: tenants::features(db, tenant.id).await? })
}

#[derive(Serialize)]
struct Features {
    features: Vec<Feature>,
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["FEATURE", "VALUE", "SINCE"]);
        for feature in &self.features {
            table.row([feature.key.clone(), feature.value.to_string(), format!("{:.0}", feature.updated_at)]);
        }
        table.fmt(f)
    }
}
