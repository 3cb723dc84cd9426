//! How much one client may ask for.

use std::time::Duration;

/// The limits of a service. Over one of them a request is refused and changes nothing.
///
/// ```
/// use eventsource_rest::Limits;
///
/// let limits = Limits { max_streams: 200, ..Limits::default() };
/// assert_eq!(limits.max_page_size, 1000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most events in one request: 1000 by default. More are answered 422.
    pub max_batch: usize,
    /// The most items on a page of a search: 1000 by default. More are answered 422.
    pub max_page_size: u64,
    /// The largest body of a request, in bytes: 2 MiB by default. Larger ones are answered 413.
    pub max_body_bytes: usize,
    /// How many streams may be open at once, over all machines: 1000 by default. One more is
    /// answered 503.
    pub max_streams: usize,
    /// How many requests may be under way at once, over all machines: 1000 by default. One more
    /// is answered 503.
    pub max_in_flight: usize,
    /// How long a request may take until its answer begins: 30 s by default. One that takes
    /// longer is answered 503; what it appended may be stored all the same.
    pub request_timeout: Duration,
    /// How long requests that are under way may still take once the service is told to stop: 10 s
    /// by default. What is not done then is cut off.
    pub shutdown_grace: Duration,
    /// How often an idle stream says that it is there: every 15 s by default.
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
