//! Reading one page ahead.

use tokio::task::{JoinError, JoinHandle};

use crate::store::api::feed::page::{FeedPage, page};
use crate::store::api::feed::source::FeedSource;
use crate::{Error, Position};

/// The pages of a feed, one after the other. While there are more, the next is being read.
#[derive(Debug)]
pub(crate) struct Prefetcher<S: FeedSource> {
    source: S,
    limit: u64,
    /// Where the next page begins.
    after: Position,
    /// The last position that there was.
    last: Position,
    reading: Option<Reading<S::Event>>,
}

/// A page, and the last position that there was.
type Read<T> = Result<(FeedPage<T>, Position), Error>;

/// Ends when nobody waits for it any more.
#[derive(Debug)]
struct Reading<T>(JoinHandle<Read<T>>);

impl<T> Drop for Reading<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<S: FeedSource> Prefetcher<S> {
    pub(crate) fn new(source: S, after: Position, limit: u64) -> Self {
        Self {
            source,
            limit,
            after,
            last: Position::START,
            reading: None,
        }
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// The next page; an empty one if there is none now. A call that is given up loses nothing.
    pub(crate) async fn next(&mut self) -> Result<FeedPage<S::Event>, Error> {
        let reading = self.reading.get_or_insert_with(|| {
            // One task whether it is read ahead or not: then a call may be given up at any time.
            Reading(start(&self.source, self.after, self.limit, self.last))
        });
        let read = (&mut reading.0).await;
        self.reading = None;
        let (page, last) = read.map_err(interrupted)??;
        (self.after, self.last) = (page.checkpoint, last);
        if self.after < self.last {
            let next = start(&self.source, self.after, self.limit, self.last);
            self.reading = Some(Reading(next));
        }
        Ok(page)
    }
}

/// The program is about to end, or the task has panicked: then so does this one.
fn interrupted(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(ended) => Error::Unavailable {
            source: Box::new(ended),
        },
    }
}

fn start<S: FeedSource>(
    source: &S,
    after: Position,
    limit: u64,
    known: Position,
) -> JoinHandle<Read<S::Event>> {
    let source = source.clone();
    tokio::spawn(async move { page(&source, after, limit, known).await })
}
