//! What stands between a client and its PostgreSQL.

use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// Sees what a client sends, message by message; each connection has a copy of its own.
pub trait Between: Clone + Send + 'static {
    /// Sees a message, of which the first byte is the kind, and may change it. The server gets it when this ends.
    fn pass(&mut self, message: &mut Vec<u8>) -> impl Future<Output = ()> + Send;
}

/// Puts something between these options and the server that they name, until the test's runtime ends.
///
/// # Panics
/// When there is no port to be had.
pub fn put_between(options: &mut PgConnectOptions, between: impl Between) {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket of a runtime");
    let port = listener.local_addr().expect("the port").port();
    let listener = TcpListener::from_std(listener).expect("a listener of the test's runtime");
    tokio::spawn(serve(listener, Server::of(options), between));
    // What is encrypted cannot be read.
    let here = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
    let (user, database) = (options.get_username(), options.get_database().expect("the test's database"));
    *options = here.username(user).password("test").database(database);
}

async fn serve(listener: TcpListener, server: Server, between: impl Between) {
    while let Ok((client, _)) = listener.accept().await {
        let (between, server) = (between.clone(), server.clone());
        tokio::spawn(async move {
            // A connection that breaks is for its client to notice.
            match server {
                Server::Socket(path) => relay(client, UnixStream::connect(path).await?, between).await,
                Server::Port(host, port) => relay(client, TcpStream::connect((host, port)).await?, between).await,
            }
        });
    }
}

async fn relay<S: AsyncRead + AsyncWrite>(client: TcpStream, server: S, between: impl Between) -> io::Result<()> {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = io::split(server);
    tokio::select! {
        ended = forward(from_client, to_server, between) => ended,
        ended = io::copy(&mut from_server, &mut to_client) => ended.map(drop),
    }
}

/// The first message has no kind before its length, all others have.
async fn forward(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    mut between: impl Between,
) -> io::Result<()> {
    let mut message = Vec::new();
    read_rest(&mut client, &mut message).await?;
    loop {
        server.write_all(&message).await?;
        message = vec![client.read_u8().await?];
        read_rest(&mut client, &mut message).await?;
        between.pass(&mut message).await;
    }
}

#[derive(Debug, Clone)]
enum Server {
    Socket(PathBuf),
    Port(String, u16),
}

impl Server {
    fn of(options: &PgConnectOptions) -> Self {
        let (host, port) = (options.get_host(), options.get_port());
        let folder = options.get_socket().cloned().or_else(|| host.starts_with('/').then(|| PathBuf::from(host)));
        match folder {
            Some(folder) => Self::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None => Self::Port(host.to_owned(), port),
        }
    }
}

/// Reads a message from its length on, which counts itself.
async fn read_rest(client: &mut (impl AsyncRead + Unpin), message: &mut Vec<u8>) -> io::Result<()> {
    let length = client.read_u32().await?;
    message.extend(length.to_be_bytes());
    let rest = u64::from(length.saturating_sub(4));
    client.take(rest).read_to_end(message).await?;
    Ok(())
}
