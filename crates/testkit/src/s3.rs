//! An S3 server of a test's own: the real protocol with checked signatures, over a folder, and with faults on demand.

use std::fs;
use std::future::{Future, pending, ready};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What goes wrong with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Connections are closed without a word.
    Away,
    /// Requests are never answered.
    Silent,
    /// Each request is answered a while later.
    Slow(Duration),
    /// So many requests are answered, and the rest never is.
    SilentAfter(usize),
    /// What would be kept is refused, as when there is no space left.
    Full,
    /// So many requests are answered, and the rest is refused.
    After(usize),
    /// So many requests are answered, the next one is refused, and the rest is answered.
    Once(usize),
}

/// A running server with one bucket, dropped with the test.
#[derive(Debug)]
pub struct S3Server {
    /// Its address.
    pub endpoint: String,
    folder: TempDir,
    faults: Arc<Faults>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Faults {
    now: Mutex<Option<Fault>>,
    seen: AtomicUsize,
}

impl S3Server {
    /// The bucket that is there.
    pub const BUCKET: &str = "archives";
    /// The access key that is known.
    pub const ACCESS_KEY_ID: &str = "AKIATEST";
    /// What belongs to it.
    pub const SECRET_ACCESS_KEY: &str = "test-secret-of-the-bucket";

    /// Starts one on a free port.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(Self::BUCKET)).expect("a bucket");
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("a store over the folder"));
        builder.set_auth(SimpleAuth::from_single(Self::ACCESS_KEY_ID, Self::SECRET_ACCESS_KEY));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let faults = Arc::new(Faults::default());
        let accepting = tokio::spawn(accept(listener, builder.build(), Arc::clone(&faults)));
        Self { endpoint, folder, faults, accepting }
    }

    /// From now on this goes wrong, or nothing does.
    pub fn fail(&self, fault: Option<Fault>) {
        self.faults.seen.store(0, Ordering::Relaxed);
        *self.faults.now.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// Waits until so many requests have come since the last [`S3Server::fail`].
    pub async fn until_requests(&self, count: usize) {
        while self.requests() < count {
            tokio::task::yield_now().await;
        }
    }

    /// The requests that came since the last [`S3Server::fail`].
    #[must_use]
    pub fn requests(&self) -> usize {
        self.faults.seen.load(Ordering::Relaxed)
    }

    /// Where the bucket's objects lie as files.
    #[must_use]
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join(Self::BUCKET)
    }

    /// Parts of uploads that were neither completed nor aborted.
    ///
    /// # Panics
    /// When the folder cannot be read.
    #[must_use]
    pub fn unfinished_parts(&self) -> usize {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.filter(|name| name.to_string_lossy().contains(".part-")).count()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, service: S3Service, faults: Arc<Faults>) {
    while let Ok((stream, _)) = listener.accept().await {
        if faults.current() != Some(Fault::Away) {
            tokio::spawn(serve(stream, service.clone(), Arc::clone(&faults)));
        }
    }
}

async fn serve(stream: TcpStream, service: S3Service, faults: Arc<Faults>) {
    let answer = service_fn(move |request| answer(request, service.clone(), &faults));
    // A client that hangs up in the middle is no concern of the server's.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, HttpError>> + Send>>;

fn answer(request: Request<Incoming>, service: S3Service, faults: &Faults) -> Answer {
    let seen = faults.seen.fetch_add(1, Ordering::Relaxed);
    match faults.current() {
        Some(Fault::Away) => Box::pin(async { Err(HttpError::new(Box::new(std::io::Error::other("away")))) }),
        Some(Fault::Silent) => Box::pin(pending()),
        Some(Fault::Slow(delay)) => Box::pin(async move {
            tokio::time::sleep(delay).await;
            service.call(request.map(Body::from)).await
        }),
        Some(Fault::SilentAfter(limit)) if seen >= limit => Box::pin(pending()),
        Some(Fault::Full) if matches!(request.method().as_str(), "PUT" | "POST") => Box::pin(ready(refused())),
        Some(Fault::Once(at)) if seen == at => Box::pin(ready(refused())),
        Some(Fault::After(limit)) if seen >= limit => Box::pin(ready(refused())),
        _ => Box::pin(async move { service.call(request.map(Body::from)).await }),
    }
}

fn refused() -> Result<Response<Body>, HttpError> {
    let text = "<Error><Code>QuotaExceeded</Code><Message>there is no space left</Message></Error>";
    let response = Response::builder().status(403).body(Body::from(text.to_owned()));
    response.map_err(|error| HttpError::new(Box::new(error)))
}

impl Faults {
    fn current(&self) -> Option<Fault> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
