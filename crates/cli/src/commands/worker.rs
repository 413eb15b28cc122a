//! `tenure worker`

use std::net::IpAddr;

use clap::Args;
use tenure_api::{BackupCounts, MailCounts, SlowQueries};

use super::serve::{self, Listening};
use crate::config::Settings;
use crate::error::{Error, Outcome};
use crate::node::Node;
use crate::output::Output;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Listen on this address instead of server.address
    #[arg(long, value_name = "ADDRESS", requires = "port")]
    listen: Option<IpAddr>,
    /// Answer /healthz, /readyz and /metrics on this port; 0 takes a free one [default: do not listen]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
}

/// Works until a signal says to stop.
pub(crate) async fn run(
    options: &Worker,
    settings: &Settings,
    slow: &SlowQueries,
    output: &Output,
) -> Result<Outcome, Error> {
    let mut signals = Signals::new()?;
    let place = match options.port {
        Some(port) => Some(serve::listen((options.listen, Some(port)), &settings.server).await?),
        None => None,
    };
    let node = Node::open(settings).await?;
    let (counts, mails) = (BackupCounts::default(), MailCounts::default());
    let background = node.background(settings, (&counts, &mails))?;
    let told = async {
        let Some((listener, address)) = place else {
            signals.next().await;
            return Ok(());
        };
        output.document(&Listening { url: format!("http://{address}") })?;
        let router = serve::server(node.context(), settings, slow).counting(&counts, &mails).operational_router();
        serve::until_told(listener, router, &settings.server, signals).await;
        Ok(())
    };
    let ended = tokio::select! {
        ended = told => ended,
        never = node.keep_up() => match never {},
        never = background.work() => match never {},
    };
    drop(background);
    node.close().await?;
    ended.map(|()| Outcome::Done)
}
