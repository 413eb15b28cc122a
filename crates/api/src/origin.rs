//! Where a request comes from: its connection, or what a trusted proxy says of it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use tenure_app::sessions::Visitor;
use tenure_core::sign_in::Origin;

use crate::problem::{Kind, Problem};
use crate::request_id::RequestId;
use crate::server::Server;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address at the other end of a request's connection, which whoever serves the router puts into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// An address, or a network by an address in it and the bits that all its addresses share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no address and no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no address like 10.0.0.7 and no network like 10.0.0.0/8", self.0)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= u32::from(self.bits)
    }
}

/// What is known of a request that may come without a credential.
pub(crate) struct Visit {
    origin: Option<Origin>,
    user_agent: Option<String>,
    request_id: RequestId,
}

impl Visit {
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        let user_agent = self.user_agent.as_deref();
        Visitor { origin: self.origin, user_agent, request_id: self.request_id.as_str() }
    }
}

impl FromRequestParts<Arc<Server>> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let request_id = request_id.ok_or_else(|| Problem::new(Kind::Internal, "the request has no id"))?;
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let origin = peer.map(|peer| client(peer, &parts.headers, &server.trusted_proxies)).map(Origin::from);
        Ok(Self { origin, user_agent, request_id })
    }
}

/// The client's address. Each proxy adds at the end of `X-Forwarded-For` whom it got the request from; what comes before the last that
/// a trusted proxy wrote can be made up, so it is read from the end for as long as those who wrote it are trusted.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    let forwarded = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for address in forwarded.map(|text| text.trim().parse()) {
        match address {
            Ok(address) if is_trusted(client) => client = address,
            _ => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let headers = forwarded.iter().map(|value| value.parse().unwrap());
        let mut map = HeaderMap::new();
        headers.for_each(|value| {
            map.append(FORWARDED_FOR, value);
        });
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_connection_alone_counts() {
        assert_eq!(found("192.0.2.1", &["198.51.100.1"], &[]), "192.0.2.1");
        assert_eq!(found("192.0.2.1", &["198.51.100.1"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn trusted_proxies_are_believed_and_nobody_before_them() {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        assert_eq!(found("10.1.2.3", &["203.0.113.9, 198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(found("10.1.2.3", &["203.0.113.9", "198.51.100.1, 10.0.0.1"], &trusted), "198.51.100.1");
        assert_eq!(found("::ffff:10.1.2.3", &["198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(found("2001:db8::1", &["198.51.100.1, nonsense"], &trusted), "2001:db8::1");
        assert_eq!(found("10.1.2.3", &[], &trusted), "10.1.2.3");
    }

    #[test]
    fn networks_are_addresses_with_or_without_their_bits() {
        for bad in ["", "10.0.0.0/33", "10.0.0", "::1/129", "10.0.0.0/", "example.com"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError(bad.to_owned())));
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("192.0.2.1".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
    }
}
