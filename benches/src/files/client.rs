//! A client that files a large document in parts, some at a time, and reads it again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tenure_app::tokens::Secret;
use tokio::task::JoinSet;

use super::content::{PIECE, Pieces};
use crate::Result;
use crate::connection::{self, Connection};

/// How many parts are on their way at the same time.
const AT_ONCE: usize = 4;

#[derive(Clone)]
pub(super) struct Client {
    pub(super) address: SocketAddr,
    pub(super) token: Arc<Secret>,
}

impl Client {
    /// Files a document of so many bytes in one request, and gives its path.
    pub(super) async fn upload_whole(&self, size: u64) -> Result<String> {
        let mut connection = Connection::open(self.address).await?;
        let path = "/api/v1/documents?name=records.zip&category=policy";
        self.send(&mut connection, ("POST", path), (0, size)).await?;
        let made: Value = serde_json::from_slice(&connection.answer().await?)?;
        Ok(format!("/api/v1/documents/{}", text(&made, "id")?))
    }

    /// The same in parts, as is best for a large one.
    pub(super) async fn upload(&self, size: u64) -> Result<String> {
        let mut connection = Connection::open(self.address).await?;
        let new = json!({ "name": "records.zip", "size": size, "category": "policy" });
        let upload: Value = self.post(&mut connection, "/api/v1/uploads", &new.to_string()).await?;
        let number = |name| upload.get(name).and_then(Value::as_u64).ok_or("an upload without its parts");
        let (part_size, parts) = (number("part_size")?, number("part_count")?);
        let path = format!("/api/v1/uploads/{}", text(&upload, "id")?);
        let (next, mut tasks) = (Arc::new(AtomicU64::new(0)), JoinSet::new());
        for _ in 0..AT_ONCE {
            let (client, path, next) = (self.clone(), path.clone(), Arc::clone(&next));
            tasks.spawn(async move {
                let mut connection = Connection::open(client.address).await?;
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    if part >= parts {
                        return Result::Ok(());
                    }
                    let (begin, path) = (part * part_size, format!("{path}/parts/{}", part + 1));
                    client.send(&mut connection, ("PUT", &path), (begin, part_size.min(size - begin))).await?;
                    connection.answer().await?;
                }
            });
        }
        while let Some(sent) = tasks.join_next().await {
            sent??;
        }
        // The first one has had nothing to say for so long that the server may have closed it.
        let mut connection = Connection::open(self.address).await?;
        let made = self.post(&mut connection, &format!("{path}/complete"), "").await?;
        Ok(format!("/api/v1/documents/{}", text(&made, "id")?))
    }

    /// Reads a document of so many bytes, which has to be what was filed.
    pub(super) async fn download(&self, path: &str, size: u64) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        connection.send(connection::get(&format!("{path}/content"), &self.token).as_bytes()).await?;
        let length = connection.head().await?;
        if u64::try_from(length)? != size {
            return Err(format!("{length} bytes were given out, and {size} filed").into());
        }
        let (mut pieces, mut read) = (Pieces::from(0), vec![0; PIECE]);
        for _ in 0..length / PIECE {
            connection.read(&mut read).await?;
            if read != pieces.next() {
                return Err("what was given out is not what was filed".into());
            }
        }
        Ok(())
    }

    /// Sends so many bytes of the document, from one on.
    async fn send(
        &self,
        connection: &mut Connection,
        (method, path): (&str, &str),
        (begin, bytes): (u64, u64),
    ) -> Result<()> {
        connection.send(self.head(method, path, ("application/octet-stream", bytes)).as_bytes()).await?;
        let piece = u64::try_from(PIECE)?;
        let mut pieces = Pieces::from(begin / piece);
        for _ in 0..bytes / piece {
            connection.send(pieces.next()).await?;
        }
        Ok(())
    }

    async fn post(&self, connection: &mut Connection, path: &str, body: &str) -> Result<Value> {
        let head = self.head("POST", path, ("application/json", u64::try_from(body.len())?));
        Ok(serde_json::from_slice(&connection.exchange(&format!("{head}{body}")).await?)?)
    }

    fn head(&self, method: &str, path: &str, (kind, length): (&str, u64)) -> String {
        let token = self.token.reveal();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\n\r\n"
        )
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    Ok(value.get(name).and_then(Value::as_str).ok_or_else(|| format!("an answer without {name}"))?)
}
