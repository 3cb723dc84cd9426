//! How much one client may ask for.

use std::time::Duration;

/// The limits of a service. Over one of them a request is refused and changes nothing.
///
/// ```
/// use eventsource_rest::Limits;
///
/// let limits = Limits { streams: 200, ..Limits::default() };
/// assert_eq!(limits.page, 1000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most events in one request: 1000 by default. More are answered 422.
    pub list: usize,
    /// The most items on a page of a search: 1000 by default. More are answered 422.
    pub page: u64,
    /// The largest body of a request, in bytes: 2 MiB by default. Larger ones are answered 413.
    pub body: usize,
    /// How many streams may be open at once, over all machines: 1000 by default. One more is
    /// answered 503.
    pub streams: usize,
    /// How many requests may be under way at once, over all machines: 1000 by default. One more
    /// is answered 503.
    pub requests: usize,
    /// How long a request may take until its answer begins: 30 s by default. One that takes
    /// longer is answered 503; what it appended may be stored all the same.
    pub timeout: Duration,
    /// How long requests that are under way may still take once the service is told to stop: 10 s
    /// by default. What is not done then is cut off.
    pub grace: Duration,
    /// How often an idle stream says that it is there: every 15 s by default.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            list: 1000,
            page: 1000,
            body: 2 * 1024 * 1024,
            streams: 1000,
            requests: 1000,
            timeout: Duration::from_secs(30),
            grace: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
        }
    }
}
