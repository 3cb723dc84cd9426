//! Resolution of names that refuses addresses inside the own network.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::handler::webhook::address::AddressGuard;

/// Resolver of the client: a name whose addresses may not be connected to does not resolve.
///
/// The client connects to what this returns, so there is no second look-up that another answer
/// could slip by. Addresses written in a URL never come here: see
/// [`Endpoint`](crate::handler::webhook::endpoint::Endpoint).
#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver {
    guard: Arc<AddressGuard>,
}

impl GuardedResolver {
    pub(crate) fn new(guard: Arc<AddressGuard>) -> Self {
        Self { guard }
    }
}

/// Name of an endpoint with addresses that may not be connected to.
#[derive(Debug, thiserror::Error)]
#[error(
    "{host} resolves to addresses that are not on the public internet; \
     allow their network if the endpoint is meant to be there"
)]
pub(crate) struct AddressRefused {
    host: String,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let resolved = tokio::net::lookup_host((host.as_str(), 0)).await?;
            // The address of a name is public or it is not; one that is both is a trick.
            let resolved: Vec<SocketAddr> = resolved.collect();
            if resolved.iter().all(|address| guard.permits(address.ip())) {
                let addresses: Addrs = Box::new(resolved.into_iter());
                return Ok(addresses);
            }
            Err(AddressRefused { host }.into())
        })
    }
}
