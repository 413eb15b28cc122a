//! Counts how often a client waits for PostgreSQL.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// Stands between a client and its server, and counts the messages after which a client waits for an answer: `Query`, and `Sync` after
/// others. A `Sync` alone is the pool's check of a connection that it got back, for which no request waits.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips(Arc<AtomicU64>);

impl RoundTrips {
    /// Puts a counter between these options and the server that they name, until the test's runtime ends.
    #[must_use]
    pub fn count(options: &mut PgConnectOptions) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket of a runtime");
        let port = listener.local_addr().expect("the port").port();
        let listener = TcpListener::from_std(listener).expect("a listener of the test's runtime");
        let (counter, server) = (Self::default(), Server::of(options));
        tokio::spawn(counter.clone().serve(listener, server));
        // What is encrypted cannot be counted.
        let to_counter =
            PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
        let (user, database) = (options.get_username(), options.get_database().expect("the test's database"));
        *options = to_counter.username(user).password("test").database(database);
        counter
    }

    /// How many round trips there were so far.
    #[must_use]
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    async fn serve(self, listener: TcpListener, server: Server) {
        while let Ok((client, _)) = listener.accept().await {
            let (counter, server) = (self.clone(), server.clone());
            tokio::spawn(async move {
                // A connection that breaks is for its client to notice.
                match server {
                    Server::Socket(path) => {
                        let server = UnixStream::connect(path).await?;
                        counter.relay(client, server).await
                    }
                    Server::Port(host, port) => {
                        let server = TcpStream::connect((host, port)).await?;
                        counter.relay(client, server).await
                    }
                }
            });
        }
    }

    async fn relay<S: AsyncRead + AsyncWrite>(self, client: TcpStream, server: S) -> io::Result<()> {
        let (from_client, mut to_client) = client.into_split();
        let (mut from_server, to_server) = io::split(server);
        tokio::select! {
            ended = self.forward(from_client, to_server) => ended,
            ended = io::copy(&mut from_server, &mut to_client) => ended.map(drop),
        }
    }

    /// The first message has no kind before its length, all others have.
    async fn forward(self, mut client: impl AsyncRead + Unpin, mut server: impl AsyncWrite + Unpin) -> io::Result<()> {
        let mut message = Vec::new();
        read_rest(&mut client, &mut message).await?;
        let mut asked = false;
        loop {
            server.write_all(&message).await?;
            let kind = client.read_u8().await?;
            if kind == b'Q' || (kind == b'S' && asked) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            asked = !matches!(kind, b'Q' | b'S');
            message = vec![kind];
            read_rest(&mut client, &mut message).await?;
        }
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
