//! The server behind a real socket: its limits on connections, and its end.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tenure_api::{Limits, Server, SlowQueries, Transport, serve};
use tenure_app::Context;
use tenure_testkit::{NOW, unreachable_database};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::LIMITS;

const TRANSPORT: Transport = Transport {
    max_connections: 100,
    header_timeout: Duration::from_millis(200),
    write_timeout: Duration::from_millis(200),
    shutdown_grace: Duration::from_secs(10),
};

/// More than the system takes off the server's hands for a reader that takes nothing.
const LONG: usize = 64 << 20;

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
    /// Told when a request to `/slow` is under way.
    begun: mpsc::Receiver<()>,
    /// Lets a request to `/slow` end.
    go_on: mpsc::Sender<()>,
}

async fn start(transport: Transport) -> Running {
    let (tell, begun) = mpsc::channel(1);
    let (go_on, wait) = mpsc::channel::<()>(1);
    let wait = std::sync::Arc::new(tokio::sync::Mutex::new(wait));
    let slow = move || async move {
        tell.send(()).await.unwrap();
        wait.lock().await.recv().await;
        "slow"
    };
    let router = Router::new()
        .route("/", get(|| async { "quick" }))
        .route("/slow", get(slow))
        .route("/long", get(|| async { vec![b'x'; LONG] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(serve(listener, router, transport, async {
        let _ = stopped.await;
    }));
    Running { address, stop, ended, begun, go_on }
}

async fn ask(address: std::net::SocketAddr, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_stopped_server_ends_running_requests_and_takes_no_new_ones() {
    let mut server = start(TRANSPORT).await;
    let running = ask(server.address, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.begun.recv().await.unwrap();
    server.stop.send(()).unwrap();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.go_on.send(()).await.unwrap();
    let answer = rest(running).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("slow"), "{answer}");
    server.ended.await.unwrap();
}

#[tokio::test]
async fn requests_that_outlast_the_grace_are_cut_off() {
    let grace = Duration::from_millis(50);
    let mut server = start(Transport { shutdown_grace: grace, ..TRANSPORT }).await;
    let running = ask(server.address, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.begun.recv().await.unwrap();
    let told = Instant::now();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap();
    assert!(told.elapsed() >= grace);
    assert_eq!(rest(running).await, "");
}

#[tokio::test]
async fn a_connection_without_a_whole_request_is_closed_in_time() {
    let server = start(TRANSPORT).await;
    for head in ["", "GET / HTTP/1.1\r\nhost: x\r\n", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let connection = ask(server.address, head).await;
        let answer = tokio::time::timeout(Duration::from_secs(5), rest(connection)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the connection stays open after {head:?}"));
        assert_eq!(answer.contains("200 OK"), head.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_whose_reader_takes_nothing_is_closed_in_time() {
    let server = start(Transport { max_connections: 1, ..TRANSPORT }).await;
    let deaf = ask(server.address, "GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // The one connection that is allowed is free again once the first is given up.
    let next = ask(server.address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = tokio::time::timeout(Duration::from_secs(20), rest(next)).await;
    let answer = answer.unwrap_or_else(|_| panic!("a reader that takes nothing holds up the next"));
    assert!(answer.ends_with("quick"), "{answer}");
    drop(deaf);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let context = Context::repeatable(unreachable_database(), NOW, 1);
    let limits = Limits { request_timeout: Duration::from_millis(200), ..LIMITS };
    let router = Server::new(context, limits, &SlowQueries::default()).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, TRANSPORT, std::future::pending()));
    let token = format!("tnr_{}_{}", "0".repeat(32), "A".repeat(43));
    for key in ["", "idempotency-key: k\r\n"] {
        let head = format!(
            "POST /api/v1/departments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{key}\
             content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
        );
        let connection = ask(address, &head).await;
        let answer = tokio::time::timeout(Duration::from_secs(5), rest(connection)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the connection stays open"));
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("urn:tenure:problem:timed-out"), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = start(TRANSPORT).await;
    let fields = "x: y\r\n".repeat(101);
    let large = format!("x: {}\r\n", "y".repeat(40_000));
    for fields in [fields, large] {
        let connection = ask(server.address, &format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n")).await;
        let answer = rest(connection).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}
