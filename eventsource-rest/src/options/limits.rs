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
    /// Most open streams, over all machines; one more is answered 503. 1000 by default.
    pub max_streams: usize,
    /// Most requests in progress, over all machines; one more is answered 503. 1000 by default.
    pub max_in_flight: usize,
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
            max_streams: 1000,
            max_in_flight: 1000,
            request_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
        }
    }
}
