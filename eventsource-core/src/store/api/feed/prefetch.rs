//! Pages of a feed, read one ahead.

use tokio::task::{JoinError, JoinHandle};

use crate::store::api::feed::page::{FeedPage, page};
use crate::store::api::feed::source::FeedSource;
use crate::{Error, Position};

/// Pages of a feed one after the other: while one is handed out the next is being read.
#[derive(Debug)]
pub(crate) struct Prefetcher<S: FeedSource> {
    source: S,
    limit: u64,
    /// Position after which the next page begins.
    after: Position,
    /// Last position of the store as of the last page.
    last: Position,
    reading: Option<Reading<S::Event>>,
}

/// Page with the last position of the store.
type PageResult<T> = Result<(FeedPage<T>, Position), Error>;

/// Task that reads a page; it ends when this is dropped.
#[derive(Debug)]
struct Reading<T>(JoinHandle<PageResult<T>>);

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

    /// Returns the next page; an empty one if there is none now. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<FeedPage<S::Event>, Error> {
        let reading = self.reading.get_or_insert_with(|| {
            // A task of its own also when nothing was read ahead: then the call is cancel safe.
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

/// Resumes the panic of the task, or reports that the runtime is shutting down.
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
) -> JoinHandle<PageResult<S::Event>> {
    let source = source.clone();
    tokio::spawn(async move { page(&source, after, limit, known).await })
}
