//! `tenure serve`

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use clap::Args;
use serde::Serialize;
use tenure_api::{BackupCounts, Limits, Server, SlowQueries, Transport};
use tenure_app::Context;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::{self, Settings};
use crate::error::{Error, Outcome};
use crate::files;
use crate::housekeeping::Housekeeping;
use crate::installation::Installation;
use crate::output::Output;
use crate::schedule::Schedule;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Listen on this address instead of server.address
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<IpAddr>,
    /// Listen on this port instead of server.port; 0 takes a free one
    #[arg(long, value_name = "N")]
    port: Option<u16>,
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
    let (listener, address) = listen(options, &settings.server).await?;
    let installation = Installation::find(&settings.database)?;
    let kept = files::open(installation.is_embedded(), &settings.files)?;
    let db = installation.database(&settings.database)?;
    if let Err(error) = db.reach().await {
        tracing::warn!(%error, "the database does not answer yet; requests are served once it does");
    }
    output.document(&Listening { url: format!("http://{address}") })?;
    let counts = BackupCounts::default();
    let documents = settings.documents.open()?;
    let context = || Context::new(db.clone()).with_documents(documents.clone()).with_files(kept.clone());
    let schedule = Schedule::new(context(), installation.is_embedded(), settings, &counts)?;
    let server = server(context(), settings, slow).counting(&counts);
    let housekeeping = Housekeeping::new(context());
    tokio::select! {
        () = until_told(listener, server, &settings.server, signals) => {}
        never = installation.keep_up() => match never {},
        never = Schedule::keep(schedule.as_ref()) => match never {},
        never = housekeeping.keep() => match never {},
    }
    drop((schedule, housekeeping));
    db.close().await;
    installation.close()?;
    Ok(Outcome::Done)
}

/// Takes the address, and says which port it has got.
pub(super) async fn listen(options: &Serve, settings: &config::Server) -> Result<(TcpListener, SocketAddr), Error> {
    let address = options.listen.unwrap_or(settings.listen.ip());
    let address = SocketAddr::new(address, options.port.unwrap_or(settings.listen.port()));
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
pub(super) async fn until_told(listener: TcpListener, server: Server, settings: &config::Server, mut signals: Signals) {
    let router = server.router();
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
struct Listening {
    url: String,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenure listens on {}", self.url)
    }
}
