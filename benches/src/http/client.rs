//! A light HTTP client: it shares the machine with what it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::seq::IndexedRandom;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::companies::Company;
use super::{CONNECTIONS, MEASURED, WARM_UP};
use crate::Result;

/// The request for each person of each company, ready to be sent.
pub(crate) fn requests(companies: &[Company]) -> Arc<[String]> {
    let of_company = |company: &Company| {
        let token = company.token.reveal();
        let request = |id| {
            format!("GET /api/v1/employees/{id} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
        };
        company.people.iter().map(request).collect::<Vec<_>>()
    };
    companies.iter().flat_map(of_company).collect()
}

/// The time in which the server answers one request on average while all connections ask for random people, one after the other.
pub(crate) async fn time_per_request(address: SocketAddr, requests: &Arc<[String]>) -> Result<Duration> {
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(ask(address, Arc::clone(requests)));
    }
    let mut answered = 0;
    while let Some(count) = connections.join_next().await {
        answered += count??;
    }
    if answered == 0 { Err("nothing was answered".into()) } else { Ok(MEASURED / answered) }
}

async fn ask(address: SocketAddr, requests: Arc<[String]>) -> Result<u32> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let begun = Instant::now();
    let mut answered = 0;
    loop {
        let request = requests.choose(&mut rand::rng()).ok_or("no requests")?;
        exchange(&mut stream, request).await?;
        let elapsed = begun.elapsed();
        if elapsed > WARM_UP + MEASURED {
            return Ok(answered);
        }
        answered += u32::from(elapsed > WARM_UP);
    }
}

async fn exchange(stream: &mut BufReader<TcpStream>, request: &str) -> Result<()> {
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
    Ok(())
}
