//! What each client holds: its requests in progress, its streams, and its rate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::request::Parts;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::bucket::Bucket;
use super::key::ClientKey;
use crate::options::limits::Limits;
use crate::wire::intake;
use crate::wire::problem::Problem;

/// Number of clients at which those that hold nothing are forgotten.
const MANY_CLIENTS: usize = 10_000;

/// Shortest time between two warnings about refused clients.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// Clients of a service, and what each may hold.
pub(crate) struct Clients {
    limits: Limits,
    table: Mutex<Table>,
}

/// Clients that hold something, or whose rate is remembered.
struct Table {
    held: HashMap<ClientKey, Held>,
    /// Number of clients at which the table is swept.
    sweep_at: usize,
    warned_at: Option<Instant>,
}

/// What one client holds.
#[derive(Default)]
struct Held {
    requests: usize,
    streams: usize,
    /// Tokens of its rate; `None` if it has sent nothing, or if there is no rate.
    bucket: Option<Bucket>,
    /// Room for its large bodies; `None` if it has sent none.
    large_bodies: Option<Arc<Semaphore>>,
}

impl Held {
    /// Returns whether nothing would change if the client were forgotten.
    fn is_nothing(&self, now: Instant) -> bool {
        self.holds_nothing() && self.bucket.is_none_or(|bucket| bucket.is_full(now))
    }

    /// Returns whether the client has neither requests nor streams.
    fn holds_nothing(&self) -> bool {
        self.requests == 0 && self.streams == 0
    }
}

impl Clients {
    /// Creates an empty table.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            table: Mutex::new(Table {
                held: HashMap::new(),
                sweep_at: MANY_CLIENTS,
                warned_at: None,
            }),
        }
    }

    /// Begins a request of a client, which ends when the permit is dropped.
    ///
    /// # Errors
    /// 429 if the client has too many in progress, or sends too many a second.
    pub(crate) fn begin_request(self: &Arc<Self>, key: ClientKey) -> Result<ClientPermit, Problem> {
        let now = Instant::now();
        let mut table = self.table(&key, now);
        let held = table.held.entry(key.clone()).or_default();
        let max = self.limits.max_in_flight_per_client;
        if held.requests >= max {
            let detail =
                format!("You have {max} requests in progress, the most that one client may have.");
            return Err(table.refuse(&key, now, &detail));
        }
        if let Some(rate) = self.limits.max_requests_per_second {
            let bucket = held.bucket.get_or_insert_with(|| Bucket::full(rate, now));
            if !bucket.take(rate, now) {
                let detail = format!(
                    "You have sent more than {rate} requests a second, the most that one client may."
                );
                return Err(table.refuse(&key, now, &detail));
            }
        }
        held.requests += 1;
        drop(table);
        Ok(ClientPermit {
            clients: Arc::clone(self),
            key,
            is_stream: false,
        })
    }

    /// Opens a stream of a client, which is closed when the permit is dropped.
    ///
    /// # Errors
    /// 429 if the client has too many open streams.
    pub(crate) fn open_stream(self: &Arc<Self>, key: ClientKey) -> Result<ClientPermit, Problem> {
        let now = Instant::now();
        let mut table = self.table(&key, now);
        let held = table.held.entry(key.clone()).or_default();
        let max = self.limits.max_streams_per_client;
        if held.streams >= max {
            let detail = format!("You have {max} open streams, the most that one client may have.");
            return Err(table.refuse(&key, now, &detail));
        }
        held.streams += 1;
        drop(table);
        Ok(ClientPermit {
            clients: Arc::clone(self),
            key,
            is_stream: true,
        })
    }

    /// Returns the room for the large bodies of a client that has a request in progress.
    fn large_bodies(&self, key: &ClientKey) -> Option<Arc<Semaphore>> {
        let mut table = self.lock();
        let held = table.held.get_mut(key)?;
        let limits = &self.limits;
        let room = held.large_bodies.get_or_insert_with(|| {
            let (body, all) = (limits.max_body_bytes, limits.max_received_bytes);
            Arc::new(intake::room_of_client(body, all))
        });
        Some(Arc::clone(room))
    }

    /// Locks the table, in which there is room for the client.
    fn table(&self, key: &ClientKey, now: Instant) -> MutexGuard<'_, Table> {
        let mut table = self.lock();
        if table.held.len() >= table.sweep_at && !table.held.contains_key(key) {
            table.sweep(now);
        }
        table
    }

    /// Locks the table.
    fn lock(&self) -> MutexGuard<'_, Table> {
        // No holder of the lock can panic halfway, so a poisoned table is still valid.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets clients that hold nothing.
    ///
    /// Rates are forgotten too if there are too many: a stranger with that many addresses has no
    /// rate to speak of. How many hold something is bounded by the limits of the service.
    fn sweep(&mut self, now: Instant) {
        self.held.retain(|_, held| !held.is_nothing(now));
        if self.held.len() > self.sweep_at / 2 {
            self.held.retain(|_, held| !held.holds_nothing());
        }
        self.sweep_at = MANY_CLIENTS.max(2 * self.held.len());
    }

    /// Creates the 429 of a client, and warns of it now and then.
    fn refuse(&mut self, key: &ClientKey, now: Instant, detail: &str) -> Problem {
        let warned = self.warned_at;
        if warned.is_none_or(|at| now.duration_since(at) >= WARN_EVERY) {
            self.warned_at = Some(now);
            tracing::warn!(
                client = %key,
                detail,
                "a client is refused; if it is a proxy, name it with `Service::trusted_proxies`; \
                 to allow a client more, set `Limits`"
            );
        }
        Problem::too_many_requests(detail)
    }
}

/// Client of a request, for handlers that open streams.
#[derive(Clone)]
pub(crate) struct RequestClient {
    pub(crate) clients: Arc<Clients>,
    pub(crate) key: ClientKey,
}

impl RequestClient {
    /// Opens a stream, which is closed when the permit is dropped.
    ///
    /// # Errors
    /// 429 if the client has too many open streams.
    pub(crate) fn open_stream(self) -> Result<ClientPermit, Problem> {
        self.clients.open_stream(self.key)
    }

    /// Returns the room for the large bodies of the client of a request; `None` if it is not known.
    pub(crate) fn large_bodies(request: &Parts) -> Option<Arc<Semaphore>> {
        let Self { clients, key } = request.extensions.get()?;
        clients.large_bodies(key)
    }
}

/// Request in progress or open stream of a client.
pub(crate) struct ClientPermit {
    clients: Arc<Clients>,
    key: ClientKey,
    is_stream: bool,
}

impl Drop for ClientPermit {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut table = self.clients.lock();
        let Some(held) = table.held.get_mut(&self.key) else {
            return;
        };
        if self.is_stream {
            held.streams -= 1;
        } else {
            held.requests -= 1;
        }
        if held.is_nothing(now) {
            table.held.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> ClientKey {
        ClientKey::of_address(std::net::Ipv4Addr::from_bits(number).into())
    }

    fn clients(limits: Limits) -> Arc<Clients> {
        Arc::new(Clients::new(&limits))
    }

    #[test]
    fn client_that_holds_nothing_is_forgotten() {
        let clients = clients(Limits::default());
        let request = clients.begin_request(client(1)).unwrap();
        let stream = clients.open_stream(client(1)).unwrap();
        drop(request);
        assert_eq!(clients.lock().held.len(), 1);
        drop(stream);
        assert_eq!(clients.lock().held.len(), 0);
    }

    #[test]
    fn table_of_clients_with_rates_stays_bounded() {
        let clients = clients(Limits {
            max_requests_per_second: Some(1),
            ..Limits::default()
        });
        let kept = clients.open_stream(client(0)).unwrap();
        for number in 1..30_000 {
            let begun = clients.begin_request(client(number));
            drop(begun.unwrap());
            assert!(clients.lock().held.len() <= MANY_CLIENTS);
        }
        assert!(clients.lock().held.contains_key(&client(0)));
        drop(kept);
    }

    #[test]
    fn client_over_its_limits_is_429_and_others_are_not() {
        let clients = clients(Limits {
            max_in_flight_per_client: 1,
            max_streams_per_client: 1,
            ..Limits::default()
        });
        let _held = (
            clients.begin_request(client(1)).unwrap(),
            clients.open_stream(client(1)).unwrap(),
        );
        let refused = [
            clients.begin_request(client(1)).err(),
            clients.open_stream(client(1)).err(),
        ];
        assert!(
            refused
                .iter()
                .flatten()
                .all(|problem| problem.status() == 429)
        );
        assert_eq!(refused.iter().flatten().count(), 2);
        assert!(clients.begin_request(client(2)).is_ok());
        assert!(clients.open_stream(client(2)).is_ok());
    }
}
