//! Limits of a service.

use std::time::Duration;

/// Limits of a service; a request over one of them is refused and changes nothing.
///
/// ```
/// use eventsource_rest::Limits;
///
/// let limits = Limits { max_streams: 200, ..Limits::default() };
/// assert_eq!(limits.max_page_size, 1000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most events in one request; more are answered 422. 1000 by default.
    pub max_batch: usize,
    /// Most items on a page of a search; more are answered 422. 1000 by default.
    pub max_page_size: u64,
    /// Largest body of a request, in bytes; larger ones are answered 413. 2 MiB by default.
    pub max_body_bytes: usize,
    /// Most bytes of large bodies whose requests have not been answered yet, over all machines; a
    /// further one is received when there is room, or is 503 after `request_timeout`. 32 MiB by
    /// default.
    ///
    /// One client may take an eighth of it, or one body.
    ///
    /// Bodies of up to 64 KiB do not count. Two large ones are parsed at a time, and one of
    /// a MiB or more alone.
    pub max_received_bytes: usize,
    /// Most bytes of large answers that clients have not read yet, over all machines; an answer beyond
    /// them is 503, or breaks off if it has begun. 192 MiB by default.
    ///
    /// Chunks of up to 64 KiB do not count: what a slow client holds of them is small.
    pub max_unread_bytes: usize,
    /// Most open streams, over all machines; one more is answered 503. 1000 by default.
    pub max_streams: usize,
    /// Most requests in progress, over all machines; one more is answered 503. 1000 by default.
    pub max_in_flight: usize,
    /// Most requests that one client may have in progress; one more is answered 429. 250 by default.
    ///
    /// A client is the actor of the request, or else the address that it comes from; the addresses
    /// of an IPv6 network of 64 bits are one client. See
    /// [`Service::trusted_proxies`](crate::Service::trusted_proxies) for clients behind a proxy.
    pub max_in_flight_per_client: usize,
    /// Most streams that one client may have open; one more is answered 429. 250 by default.
    pub max_streams_per_client: usize,
    /// Most requests of one client in a second; more are answered 429. Not limited by default.
    ///
    /// A client that was quiet may send as many at once.
    pub max_requests_per_second: Option<u32>,
    /// Most connections that [`serve`](crate::serve) keeps open, 1024 by default, but at most three
    /// quarters of the files that the process may have open.
    ///
    /// A new connection takes the place of the one that has been idle longest. If none is idle, the
    /// new one is answered 503, unless it asks for the health or the metrics of the service.
    pub max_connections: usize,
    /// Most connections that [`serve`](crate::serve) keeps open for one address, 256 by default;
    /// one more takes the place of an idle one, or is answered 429.
    ///
    /// Those of trusted proxies are not counted.
    pub max_connections_per_client: usize,
    /// Largest head of a request that [`serve`](crate::serve) accepts, in bytes; larger ones are
    /// answered 431, like heads of more than 100 headers. 16 KiB by default.
    pub max_head_bytes: usize,
    /// Longest time that the head of a request may take, 10 s by default; [`serve`](crate::serve)
    /// then closes the connection.
    ///
    /// A new connection has as long until its first request, which includes the handshake of TLS.
    pub head_timeout: Duration,
    /// Longest time that [`serve`](crate::serve) keeps a connection without a request, 75 s by
    /// default.
    pub idle_timeout: Duration,
    /// Time that any body of a request may take, 10 s by default.
    ///
    /// A body that takes longer has to arrive with `min_body_rate`, or is answered 408. Its time is
    /// part of `request_timeout`, too: allow more there if clients send large bodies slowly.
    pub body_timeout: Duration,
    /// Bytes a second with which a body has to arrive after `body_timeout`, 1 KiB by default.
    pub min_body_rate: u64,
    /// Longest time in which a client may read nothing of its response, 30 s by default;
    /// [`serve`](crate::serve) then closes the connection. Streams are responses.
    pub write_timeout: Duration,
    /// Longest time from a request to the beginning of its response, 30 s by default.
    ///
    /// A request that takes longer is answered 503; the events of such an append may have been
    /// stored all the same.
    pub request_timeout: Duration,
    /// Time that requests in progress have left once a shutdown begins, 10 s by default.
    ///
    /// Requests that take longer are cut off.
    pub shutdown_grace: Duration,
    /// Interval between heartbeats of an idle stream, 15 s by default.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_batch: 1000,
            max_page_size: 1000,
            max_body_bytes: 2 * 1024 * 1024,
            max_received_bytes: 32 * 1024 * 1024,
            max_unread_bytes: 192 * 1024 * 1024,
            max_streams: 1000,
            max_in_flight: 1000,
            max_in_flight_per_client: 250,
            max_streams_per_client: 250,
            max_requests_per_second: None,
            max_connections: 1024,
            max_connections_per_client: 256,
            max_head_bytes: 16 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            min_body_rate: 1024,
            write_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
        }
    }
}
