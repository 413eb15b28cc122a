//! Connections: taken, bounded, and ended in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use crate::origin::Peer;

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
    /// A connection whose other side takes nothing of an answer for so long is closed.
    pub write_timeout: Duration,
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
            Ok((stream, peer, permit)) => {
                let connection = answer((stream, peer), router.clone(), transport, graceful.watcher());
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

async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> io::Result<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let permit = Arc::clone(free).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    // Answers are written whole; waiting to fill a packet would only delay them.
    stream.set_nodelay(true)?;
    Ok((stream, Peer(address.ip()), permit))
}

async fn answer((stream, peer): (TcpStream, Peer), router: Router, transport: Transport, watcher: Watcher) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(transport.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(transport.header_timeout)
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(2 * LARGEST_HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended badly");
    }
}
