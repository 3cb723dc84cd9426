//! Subscription to a feed: its events as they come.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::time::Instant;

use crate::store::api::feed::page::PageStart;
use crate::store::api::feed::prefetch::Prefetcher;
use crate::store::api::feed::source::{Feed, FeedSource};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::store::contract::stream_range::PageSize;
use crate::{Error, Position};

/// Shortest wait between two reads without a notice: events of other processes are announced only
/// once they have a position.
const MIN_POLL: Duration = Duration::from_millis(8);

/// Longest wait between two reads, when no event has come for a while.
const MAX_POLL: Duration = Duration::from_millis(250);

/// Time without an event after which the wait grows.
const IDLE_AFTER: Duration = Duration::from_secs(2);

/// Subscription to a feed: its events one after the other, each once; after the last it waits for
/// the next.
///
/// ```no_run
/// # use eventsource_core::{Error, Event, EventStore, Position};
/// # fn apply<E>(_: E) {}
/// # async fn example<E: Event>(tasks: EventStore<E>, checkpoint: Position) -> Result<(), Error> {
/// let mut feed = tasks.feed().after(checkpoint).subscribe();
/// loop {
///     let (position, recorded) = feed.next().await?;
///     apply(recorded?.event);
///     println!("done up to {position}");
/// }
/// # }
/// ```
///
/// This loop ends with an event that cannot be read, and meets it again when it is begun after its last
/// checkpoint. A consumer that can do without the event hands it to people and goes on:
///
/// ```no_run
/// # use eventsource_core::{Error, Event, EventStore, Position};
/// # fn apply<E>(_: E) {}
/// # async fn example<E: Event>(tasks: EventStore<E>, checkpoint: Position) -> Result<(), Error> {
/// let mut feed = tasks.feed().after(checkpoint).subscribe();
/// loop {
///     match feed.next().await? {
///         (_, Ok(recorded)) => apply(recorded.event),
///         (position, Err(unreadable)) => eprintln!("position {position}: {unreadable}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct FeedSubscription<S: FeedSource> {
    /// Pages, read one ahead.
    prefetcher: Prefetcher<S>,
    /// Checkpoint of the page that is handed out.
    page_end: Position,
    page: VecDeque<S::Event>,
    /// Checkpoint of the events that were handed out.
    position: Position,
    notifier: Option<FeedReceiver>,
    poll_interval: Duration,
    /// Time of the last event.
    idle_since: Instant,
}

impl<S: FeedSource> FeedSubscription<S> {
    pub(crate) fn new(feed: Feed<S>) -> Self {
        let after = feed.after;
        let first = PageStart {
            after,
            up_to: None,
            limit: feed.limit,
            size: PageSize::first(feed.max_bytes.unwrap_or(PageSize::MAX_BYTES)),
            known: Position::START,
        };
        Self {
            prefetcher: Prefetcher::new(feed.source, first),
            page_end: after,
            page: VecDeque::new(),
            position: after,
            notifier: None,
            poll_interval: MIN_POLL,
            idle_since: Instant::now(),
        }
    }

    /// Waits for the next event and returns it.
    ///
    /// Cancel safe: a call that is dropped, as `select!` does, loses nothing. Nor does an error: the
    /// next call goes on from there.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`]. An event that cannot be read is returned in its
    /// place, and the next call goes on after it.
    pub async fn next(&mut self) -> Result<S::Event, Error> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.position = S::position(&event);
                self.poll_interval = MIN_POLL;
                self.idle_since = Instant::now();
                return Ok(event);
            }
            // All events of the last page are out.
            self.position = self.page_end;
            let notifier = self
                .notifier
                .get_or_insert_with(|| self.prefetcher.source().store().subscribe());
            notifier.mark_seen();
            let page = self.prefetcher.next().await?;
            // A page that was read ahead may be older than the last notice.
            let is_newest = page.checkpoint == self.page_end;
            self.page_end = page.checkpoint;
            self.page = page.events.into();
            if is_newest {
                let notified = notifier.wait(self.poll_interval).await;
                self.poll_interval = if notified || self.idle_since.elapsed() < IDLE_AFTER {
                    MIN_POLL
                } else {
                    MAX_POLL.min(self.poll_interval * 2)
                };
            }
        }
    }

    /// Returns the checkpoint to resume from: all events up to it have been returned.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Returns the events as a stream without an end, which goes on after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<S::Event, Error>> + Send {
        stream::unfold(self, |mut subscription| async move {
            let next = subscription.next().await;
            Some((next, subscription))
        })
    }
}

impl<S: FeedSource> Feed<S> {
    /// Subscribes to the events: first those that exist, then each new one.
    ///
    /// Two pages are in memory at a time: while one is handed out the next is read. A page has
    /// payloads of 4 MiB, unless [`max_bytes`](Self::max_bytes) says otherwise.
    #[must_use]
    pub fn subscribe(self) -> FeedSubscription<S> {
        FeedSubscription::new(self)
    }
}
