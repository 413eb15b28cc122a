//! The way to Redis: to one server, or to a cluster, of which each server has some of the names.

use std::collections::HashMap;

use redis::aio::MultiplexedConnection;
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{AsyncConnectionConfig, Client, Cmd, ConnectionInfo, FromRedisValue, IntoConnectionInfo, RedisResult, cmd};

use super::Error;
use super::shared::Patience;

const NO_URL: Error = Error::Place(
    "it is no redis://, rediss://, redis-cluster:// or rediss-cluster:// URL with the hosts that it needs",
);

/// Where Redis is.
pub(super) enum Place {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// A connection. Cheap to clone; the copies share it.
#[derive(Clone)]
pub(super) enum Link {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Place {
    /// Reads a URL. The messages do not repeat it, for it may have a password.
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let (scheme, rest) = url.split_once("://").ok_or(NO_URL)?;
        let Some(scheme) = scheme.strip_suffix("-cluster") else {
            return Ok(Self::One(Box::new(Client::open(info(url)?).map_err(|_| NO_URL)?)));
        };
        let (user, hosts) = rest.rsplit_once('@').map_or(("", rest), |(user, hosts)| (user, hosts));
        let at = if user.is_empty() { "" } else { "@" };
        let servers = hosts.trim_end_matches('/').split(',').map(|host| info(&format!("{scheme}://{user}{at}{host}")));
        let client = ClusterClient::builder(servers.collect::<Result<Vec<_>, _>>()?).retries(1);
        Ok(Self::Cluster(Box::new(client.build().map_err(|_| NO_URL)?)))
    }

    pub(super) async fn connect(&self, patience: Patience) -> RedisResult<Link> {
        let (connect, answer) = (patience.connect, patience.answer);
        Ok(match self {
            Self::One(client) => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(connect))
                    .set_response_timeout(Some(answer));
                Link::One(client.get_multiplexed_async_connection_with_config(&config).await?)
            }
            Self::Cluster(client) => {
                let config = ClusterConfig::new().set_connection_timeout(connect).set_response_timeout(answer);
                Link::Cluster(client.get_async_connection_with_config(config).await?)
            }
        })
    }
}

impl Link {
    /// Asks who has the name that the command is about; of a cluster all, when it is about none.
    pub(super) async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::One(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => command.query_async(connection).await,
        }
    }

    /// Asks who has the names that begin like this, which have their slot in it.
    pub(super) async fn ask_owner_of<T: FromRedisValue>(&mut self, prefix: &str, command: &Cmd) -> RedisResult<T> {
        let Self::Cluster(connection) = self else {
            return self.ask(command).await;
        };
        let owner = SingleNodeRoutingInfo::SpecificNode(Route::with_key(prefix, SlotAddr::Master));
        let answer = connection.route_command(command.clone(), RoutingInfo::SingleNode(owner)).await?;
        Ok(T::from_redis_value(answer)?)
    }

    /// What each server says of itself.
    pub(super) async fn infos(&mut self) -> RedisResult<Vec<String>> {
        Ok(match self {
            Self::One(_) => vec![self.ask(&cmd("INFO")).await?],
            Self::Cluster(_) => self.ask::<HashMap<String, String>>(&cmd("INFO")).await?.into_values().collect(),
        })
    }
}

fn info(url: &str) -> Result<ConnectionInfo, Error> {
    url.into_connection_info().map_err(|_| NO_URL)
}
