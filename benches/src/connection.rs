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

    /// Sends a request and gives the body of the answer, which is of success.
    pub(crate) async fn exchange(&mut self, request: &str) -> Result<Vec<u8>> {
        self.send(request.as_bytes()).await?;
        self.answer().await
    }

    /// Sends some of a request.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes).await?)
    }

    /// The body of the answer to what was sent.
    pub(crate) async fn answer(&mut self) -> Result<Vec<u8>> {
        let mut body = vec![0; self.head().await?];
        self.read(&mut body).await?;
        Ok(body)
    }

    /// Reads an answer as far as its body, and gives how many bytes that has.
    pub(crate) async fn head(&mut self) -> Result<usize> {
        let Self(stream) = self;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if !line.starts_with("HTTP/1.1 20") {
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
        Ok(length)
    }

    /// Reads so much of a body.
    pub(crate) async fn read(&mut self, into: &mut [u8]) -> Result<()> {
        self.0.read_exact(into).await?;
        Ok(())
    }
}
