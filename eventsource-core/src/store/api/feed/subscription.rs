//! Reading the feed as it grows.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::time::Instant;

use crate::store::api::feed::prefetch::Prefetcher;
use crate::store::api::feed::source::{Feed, FeedSource};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::{Error, Position};

/// How soon to look again when nobody has said anything; what other processes append is said by
/// nobody until it has a position.
const MIN_POLL: Duration = Duration::from_millis(8);

/// The same when nothing has come for a while.
const MAX_POLL: Duration = Duration::from_millis(250);

const IDLE_AFTER: Duration = Duration::from_secs(2);

/// The events of a feed, one after the other, each once; after the last it waits for the next.
///
/// ```no_run
/// # use eventsource_core::{Error, Event, EventStore, Position};
/// # fn apply<E>(_: E) {}
/// # async fn example<E: Event>(tasks: EventStore<E>, checkpoint: Position) -> Result<(), Error> {
/// let mut feed = tasks.feed().after(checkpoint).subscribe();
/// loop {
///     let (position, recorded) = feed.next().await?;
///     apply(recorded.event);
///     println!("done up to {position}");
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct FeedSubscription<S: FeedSource> {
    /// The pages, read one ahead of what is handed out.
    prefetcher: Prefetcher<S>,
    /// How far the page that is handed out goes.
    read: Position,
    page: VecDeque<S::Event>,
    /// How far events were handed out.
    position: Position,
    notifier: Option<FeedReceiver>,
    poll_interval: Duration,
    /// Since when nothing has come.
    idle_since: Instant,
}

impl<S: FeedSource> FeedSubscription<S> {
    pub(crate) fn new(source: S, after: Position, limit: u64) -> Self {
        Self {
            prefetcher: Prefetcher::new(source, after, limit),
            read: after,
            page: VecDeque::new(),
            position: after,
            notifier: None,
            poll_interval: MIN_POLL,
            idle_since: Instant::now(),
        }
    }

    /// The next event, when there is one.
    ///
    /// A call that is given up, as `select!` does, loses nothing; nor does an error: the next call
    /// goes on from there.
    ///
    /// # Errors
    /// Those of awaiting a [`Feed`](crate::Feed).
    pub async fn next(&mut self) -> Result<S::Event, Error> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.position = S::position(&event);
                self.poll_interval = MIN_POLL;
                self.idle_since = Instant::now();
                return Ok(event);
            }
            // All events of the last page are out.
            self.position = self.read;
            let notifier = self
                .notifier
                .get_or_insert_with(|| self.prefetcher.source().store().subscribe());
            notifier.mark_seen();
            let page = self.prefetcher.next().await?;
            // What was read ahead may be older than the last look.
            let is_newest = page.checkpoint == self.read;
            self.read = page.checkpoint;
            self.page = page.events.into();
            if is_newest {
                let told = notifier.wait(self.poll_interval).await;
                self.poll_interval = if told || self.idle_since.elapsed() < IDLE_AFTER {
                    MIN_POLL
                } else {
                    MAX_POLL.min(self.poll_interval * 2)
                };
            }
        }
    }

    /// Where to go on: all events up to here have been returned.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The same as a stream. It has no end; after an error it goes on.
    pub fn into_stream(self) -> impl Stream<Item = Result<S::Event, Error>> + Send {
        stream::unfold(self, |mut follow| async move {
            let next = follow.next().await;
            Some((next, follow))
        })
    }
}

impl<S: FeedSource> Feed<S> {
    /// The events one by one, those that are there and then those that come. Two pages of them are
    /// in memory at a time: while one is handed out the next is read.
    #[must_use]
    pub fn subscribe(self) -> FeedSubscription<S> {
        FeedSubscription::new(self.source, self.after, self.limit)
    }
}
