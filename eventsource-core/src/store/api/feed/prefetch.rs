//! Pages of a feed, read one ahead.

use tokio::task::{JoinError, JoinHandle};

use crate::Error;
use crate::store::api::feed::page::{FeedPage, PageStart, page};
use crate::store::api::feed::source::FeedSource;

/// Pages of a feed one after the other: while one is handed out the next is being read.
#[derive(Debug)]
pub(crate) struct Prefetcher<S: FeedSource> {
    source: S,
    next: PageStart,
    reading: Option<Reading<S::Event>>,
}

/// Page with the start of the next one.
type PageResult<T> = Result<(FeedPage<T>, PageStart), Error>;

/// Task that reads a page; it ends when this is dropped.
#[derive(Debug)]
struct Reading<T>(JoinHandle<PageResult<T>>);

impl<T> Drop for Reading<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<S: FeedSource> Prefetcher<S> {
    pub(crate) fn new(source: S, first: PageStart) -> Self {
        Self {
            source,
            next: first,
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
            Reading(start(&self.source, self.next))
        });
        let read = (&mut reading.0).await;
        self.reading = None;
        let (page, next) = read.map_err(interrupted)??;
        self.next = next;
        if next.after < next.known {
            self.reading = Some(Reading(start(&self.source, next)));
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

fn start<S: FeedSource>(source: &S, at: PageStart) -> JoinHandle<PageResult<S::Event>> {
    let source = source.clone();
    tokio::spawn(async move { page(&source, at).await })
}
