//! A light HTTP client: it shares the machine with what it measures.

use std::net::SocketAddr;

use tenure_app::tokens::Secret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::Result;

/// A connection that is kept open.
pub(crate) struct Connection(BufReader<TcpStream>);

/// The text of a request.
pub(crate) fn get(path: &str, token: &Secret) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", token.reveal())
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and gives the body of the answer, which is 200.
    pub(crate) async fn exchange(&mut self, request: &str) -> Result<Vec<u8>> {
        let Self(stream) = self;
        stream.write_all(request.as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if !line.starts_with("HTTP/1.1 200 ") {
            return Err(format!("answered {line:?}").into());
        }
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await?;
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim_end().parse()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        Ok(body)
    }
}
