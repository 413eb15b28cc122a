//! Connections: taken, bounded, and ended in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// The largest request head: the longest URI, a token, and what browsers and proxies add. More is answered with 431.
const LARGEST_HEAD: usize = 32 * 1024;
/// How long to wait after a connection could not be taken, most likely because files ran out.
const PAUSE: Duration = Duration::from_millis(100);

/// How connections are treated.
#[derive(Debug, Clone, Copy)]
pub struct Transport {
    /// Most connections at once; more wait in the operating system's queue.
    pub max_connections: usize,
    /// A connection that does not send its whole request head within this time is closed, one without a request too.
    pub header_timeout: Duration,
    /// How long running requests may take to end after the server was told to stop.
    pub shutdown_grace: Duration,
}

/// Serves until `stop` is done; then takes no more connections, lets running requests end, and cuts off those that do not.
pub async fn serve(listener: TcpListener, router: Router, transport: Transport, stop: impl Future<Output = ()>) {
    let free = Arc::new(Semaphore::new(transport.max_connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = tokio::select! {
            next = accept(&listener, &free) => next,
            () = &mut stop => break,
        };
        match next {
            Ok((stream, permit)) => {
                let connection = answer(stream, router.clone(), transport, graceful.watcher());
                connections.spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::error!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Connections that have ended.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if tokio::time::timeout(transport.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that did not end in time were cut off");
    }
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(free).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Answers are written whole; waiting to fill a packet would only delay them.
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

async fn answer(stream: TcpStream, router: Router, transport: Transport, watcher: Watcher) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(transport.header_timeout)
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(2 * LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended badly");
    }
}
