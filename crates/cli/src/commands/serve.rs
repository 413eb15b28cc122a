//! `tenure serve`

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::net::{IpAddr, SocketAddr};

use clap::Args;
use serde::Serialize;
use tenure_api::{BackupCounts, Limits, MailCounts, Router, Server, SlowQueries, Transport};
use tenure_app::Context;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::{self, Settings};
use crate::error::{Error, Outcome};
use crate::node::{Background, Node};
use crate::output::Output;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(super) address: Address,
    /// Leave archives, operations and housekeeping to `tenure worker`
    #[arg(long)]
    no_background: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Address {
    /// Listen on this address instead of server.address
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<IpAddr>,
    /// Listen on this port instead of server.port; 0 takes a free one
    #[arg(long, value_name = "N")]
    port: Option<u16>,
}

impl Address {
    /// Takes the address, and says which port it has got.
    pub(super) async fn listen(&self, settings: &config::Server) -> Result<(TcpListener, SocketAddr), Error> {
        listen((self.listen, self.port), settings).await
    }
}

/// Serves until a signal says to stop.
pub(crate) async fn run(
    options: &Serve,
    settings: &Settings,
    slow: &SlowQueries,
    output: &Output,
) -> Result<Outcome, Error> {
    let signals = Signals::new()?;
    // Before the embedded database is started, which would be in vain when the port is taken.
    let (listener, address) = options.address.listen(&settings.server).await?;
    let node = Node::open(settings).await?;
    output.document(&Listening { url: format!("http://{address}") })?;
    let (counts, mails) = (BackupCounts::default(), MailCounts::default());
    let background = if options.no_background { None } else { Some(node.background(settings, (&counts, &mails))?) };
    let router = server(node.context(), settings, slow).counting(&counts, &mails).router();
    tokio::select! {
        () = until_told(listener, router, &settings.server, signals) => {}
        never = node.keep_up() => match never {},
        never = work(background.as_ref()) => match never {},
    }
    drop(background);
    node.close().await?;
    Ok(Outcome::Done)
}

async fn work(background: Option<&Background<'_>>) -> Infallible {
    match background {
        Some(background) => background.work().await,
        None => pending().await,
    }
}

/// Takes the address, and says which port it has got.
pub(super) async fn listen(
    (address, port): (Option<IpAddr>, Option<u16>),
    settings: &config::Server,
) -> Result<(TcpListener, SocketAddr), Error> {
    let address = address.unwrap_or(settings.listen.ip());
    let address = SocketAddr::new(address, port.unwrap_or(settings.listen.port()));
    let refused = |cause| Error::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// The server as configured.
pub(super) fn server(context: Context, settings: &Settings, slow: &SlowQueries) -> Server {
    let Settings { server: settings, sign_in, cache, .. } = settings;
    let limits = Limits { request_timeout: settings.request_timeout, body: settings.body_limit };
    let context = context.with_sign_in(sign_in.sessions).with_cache(cache.open());
    let server = Server::new(context, limits, slow);
    server.open_to(settings.cors_origins.clone()).behind(sign_in.trusted_proxies.clone())
}

/// Serves until a signal; then lets running requests end, for as long as the configuration says or until a second signal.
pub(super) async fn until_told(listener: TcpListener, router: Router, settings: &config::Server, mut signals: Signals) {
    let transport = Transport {
        max_connections: settings.max_connections,
        header_timeout: settings.header_timeout,
        write_timeout: settings.write_timeout,
        shutdown_grace: settings.shutdown_grace,
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let told = async {
        // Dropping the sender is the message.
        let _ = stopped.await;
    };
    let mut serving = std::pin::pin!(tenure_api::serve(listener, router, transport, told));
    tokio::select! {
        () = &mut serving => return,
        () = signals.next() => tracing::info!("stopping; a second signal cuts off the requests that still run"),
    }
    drop(stop);
    tokio::select! {
        () = &mut serving => {}
        () = signals.next() => {}
    }
}

#[derive(Serialize)]
pub(super) struct Listening {
    pub(super) url: String,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenure listens on {}", self.url)
    }
}
