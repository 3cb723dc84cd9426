//! Open connections, which of them are idle, and who has to give way to a new one.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::clients::key::ClientKey;

/// Connections beyond the limit, on which only health and metrics are answered.
const RESERVE: usize = 32;

/// Most connections that have given way and are not yet closed.
const MAX_CLOSING: usize = 32;

/// Open connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    max: usize,
    max_per_client: usize,
    registry: Mutex<Registry>,
    /// Told whenever a connection is closed.
    closed: Notify,
}

/// Connections by number.
#[derive(Debug, Default)]
struct Registry {
    /// Number of the next connection.
    next: u64,
    /// Clock that orders when connections became idle.
    tick: u64,
    open: HashMap<u64, Open>,
    /// Connections of each client, without those of the reserve.
    clients: HashMap<ClientKey, usize>,
    /// Number of connections in the reserve.
    reserved: usize,
    /// Number of connections that have given way and are not yet closed.
    closing: usize,
}

/// Open connection that has not given way.
#[derive(Debug)]
struct Open {
    /// `None` for a proxy, whose connections are those of many clients.
    client: Option<ClientKey>,
    /// Why the connection is in the reserve; `None` if it is not.
    shortage: Option<Shortage>,
    /// Tick at which it became idle; `None` while it has a request in progress.
    idle_since: Option<u64>,
    /// Told when the connection has to give way.
    give_way: Arc<Notify>,
}

/// Reason why a connection does not get a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortage {
    /// All clients together have too many connections, and none is idle.
    OfServer,
    /// The client has too many connections, and none is idle.
    OfClient,
}

impl Connections {
    /// Creates an empty registry.
    pub(super) fn new(max: usize, max_per_client: usize) -> Self {
        Self {
            max,
            max_per_client,
            registry: Mutex::default(),
            closed: Notify::new(),
        }
    }

    /// Registers a new connection; `None` if there is not even a place in the reserve.
    ///
    /// An idle connection gives way if there is no place: of the client itself if it has too many,
    /// or else of the client with the most connections, and of these the one idle longest.
    pub(super) fn open(self: &Arc<Self>, client: Option<IpAddr>) -> Option<Place> {
        let client = client.map(ClientKey::of_address);
        let mut registry = self.registry();
        let shortage = registry.make_room(self.max, self.max_per_client, client.as_ref());
        if shortage.is_some() && registry.reserved >= RESERVE && !registry.evict_reserved() {
            return None;
        }
        let give_way = Arc::new(Notify::new());
        let number = registry.insert(Open {
            client,
            shortage,
            idle_since: None,
            give_way: Arc::clone(&give_way),
        });
        registry.become_idle(number);
        Some(Place {
            connections: Arc::clone(self),
            number,
            shortage,
            give_way,
        })
    }

    /// Lets an idle connection give way; returns whether there is one.
    pub(super) fn evict_idle(&self) -> bool {
        let mut registry = self.registry();
        registry.evict_placed(|_| true) || registry.evict_reserved()
    }

    /// Waits until most connections that have given way are closed, and their sockets free.
    pub(super) async fn settled(&self) {
        self.wait_for(|registry| registry.closing <= MAX_CLOSING)
            .await;
    }

    /// Waits until all connections that have given way are closed.
    pub(super) async fn all_settled(&self) {
        self.wait_for(|registry| registry.closing == 0).await;
    }

    /// Waits for a condition that closing a connection may make true.
    async fn wait_for(&self, condition: impl Fn(&Registry) -> bool) {
        loop {
            let closed = self.closed.notified();
            if condition(&self.registry()) {
                return;
            }
            closed.await;
        }
    }

    /// Locks the registry.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        // No holder of the lock can panic halfway, so a poisoned registry is still valid.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Lets an idle connection give way if a new one of the client has no place.
    fn make_room(
        &mut self,
        max: usize,
        max_per_client: usize,
        client: Option<&ClientKey>,
    ) -> Option<Shortage> {
        let of_client = client.and_then(|client| self.clients.get(client));
        if of_client.is_some_and(|count| *count >= max_per_client)
            && !self.evict_placed(|open| open.client.as_ref() == client)
        {
            return Some(Shortage::OfClient);
        }
        let placed = self.open.len() - self.reserved;
        if placed >= max && !self.evict_placed(|_| true) {
            return Some(Shortage::OfServer);
        }
        None
    }

    /// Adds a connection and returns its number.
    fn insert(&mut self, open: Open) -> u64 {
        match (open.shortage, &open.client) {
            (Some(_), _) => self.reserved += 1,
            (None, Some(client)) => *self.clients.entry(client.clone()).or_default() += 1,
            (None, None) => {}
        }
        let number = self.next;
        self.next += 1;
        self.open.insert(number, open);
        number
    }

    /// Removes a connection; `None` if it has given way before.
    fn remove(&mut self, number: u64) -> Option<Open> {
        let open = self.open.remove(&number)?;
        match (open.shortage, &open.client) {
            (Some(_), _) => self.reserved -= 1,
            (None, Some(client)) => {
                if let Some(count) = self.clients.get_mut(client) {
                    *count -= 1;
                    if *count == 0 {
                        self.clients.remove(client);
                    }
                }
            }
            (None, None) => {}
        }
        Some(open)
    }

    /// Makes a connection the one that became idle last.
    fn become_idle(&mut self, number: u64) {
        self.tick += 1;
        if let Some(open) = self.open.get_mut(&number) {
            open.idle_since = Some(self.tick);
        }
    }

    /// Lets an idle connection outside of the reserve give way: of the client with the most
    /// connections, the one idle longest.
    fn evict_placed(&mut self, may_give_way: impl Fn(&Open) -> bool) -> bool {
        let candidates = self.open.iter().filter_map(|(number, open)| {
            let idle_since = open.idle_since?;
            if open.shortage.is_some() || !may_give_way(open) {
                return None;
            }
            let client = open.client.as_ref();
            let count = client.and_then(|client| self.clients.get(client));
            Some((count.copied(), Reverse(idle_since), *number))
        });
        let chosen = candidates.max().map(|(_, _, number)| number);
        self.evict(chosen)
    }

    /// Lets an idle connection of the reserve give way: of the client with the most connections in
    /// it, the one idle longest.
    fn evict_reserved(&mut self) -> bool {
        let reserved = || self.open.iter().filter(|(_, open)| open.shortage.is_some());
        let mut counts: HashMap<&ClientKey, usize> = HashMap::new();
        for client in reserved().filter_map(|(_, open)| open.client.as_ref()) {
            *counts.entry(client).or_default() += 1;
        }
        let candidates = reserved().filter_map(|(number, open)| {
            let count = open.client.as_ref().and_then(|client| counts.get(client));
            Some((count.copied(), Reverse(open.idle_since?), *number))
        });
        let chosen = candidates.max().map(|(_, _, number)| number);
        self.evict(chosen)
    }

    /// Lets a connection give way, if one was chosen.
    fn evict(&mut self, chosen: Option<u64>) -> bool {
        let Some(open) = chosen.and_then(|number| self.remove(number)) else {
            return false;
        };
        self.closing += 1;
        open.give_way.notify_one();
        true
    }
}

/// Place of an open connection, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    give_way: Arc<Notify>,
    shortage: Option<Shortage>,
}

impl Place {
    /// Returns why the connection has a place in the reserve only; `None` if it has a full one.
    pub(super) fn shortage(&self) -> Option<Shortage> {
        self.shortage
    }

    /// Waits until the connection has to give way.
    pub(super) async fn give_way(&self) {
        self.give_way.notified().await;
    }

    /// Begins a request, so that the connection need not give way; returns whether it may.
    pub(super) fn begin_request(&self) -> bool {
        let mut registry = self.connections.registry();
        match registry.open.get_mut(&self.number) {
            Some(open) => {
                open.idle_since = None;
                true
            }
            None => false,
        }
    }

    /// Ends a request, after which the connection is idle.
    pub(super) fn end_request(&self) {
        self.connections.registry().become_idle(self.number);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut registry = self.connections.registry();
        if registry.remove(self.number).is_none() {
            registry.closing -= 1;
            drop(registry);
            self.connections.closed.notify_one();
        }
    }
}
