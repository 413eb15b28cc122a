//! All connections of the benchmark, asking as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::seq::IndexedRandom;
use tokio::task::JoinSet;

use super::companies::Company;
use super::{CONNECTIONS, MEASURED, WARM_UP};
use crate::Result;
use crate::connection::{self, Connection};

/// The request for each person of each company, ready to be sent.
pub(crate) fn requests(companies: &[Company]) -> Arc<[String]> {
    let of_company = |company: &Company| {
        let request = |id| connection::get(&format!("/api/v1/employees/{id}"), &company.token);
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
    let mut connection = Connection::open(address).await?;
    let begun = Instant::now();
    let mut answered = 0;
    loop {
        let request = requests.choose(&mut rand::rng()).ok_or("no requests")?;
        connection.exchange(request).await?;
        let elapsed = begun.elapsed();
        if elapsed > WARM_UP + MEASURED {
            return Ok(answered);
        }
        answered += u32::from(elapsed > WARM_UP);
    }
}
