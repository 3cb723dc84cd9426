//! Bytes of answers that clients have not read yet, bounded over all connections.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::Error;
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::wire::problem::Problem;

/// Length up to which a chunk is not counted: each connection may hold a few of that.
const SMALL: usize = 64 * 1024;

/// Length of payloads with which a chunk of a long answer ends, in bytes.
pub(crate) const CHUNK_BYTES: u64 = 128 * 1024;

/// Number of bytes that a permit stands for.
const UNIT: usize = 1024;

/// Bytes that the large chunks of all answers may have together until clients have read them.
#[derive(Clone)]
pub(crate) struct UnreadBytes {
    free: Arc<Semaphore>,
    max_bytes: usize,
}

/// Error of a chunk for which too much of other answers is unread.
#[derive(Debug, thiserror::Error)]
#[error("too much of other answers has not been read by their clients")]
pub(crate) struct TooMuchUnread;

/// Chunk that counts as unread until it is dropped, which is when it has been sent.
struct Counted {
    bytes: Vec<u8>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl UnreadBytes {
    /// Allows this many bytes.
    pub(crate) fn new(max_bytes: usize) -> Self {
        let permits = (max_bytes / UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(permits)),
            max_bytes,
        }
    }

    /// Counts a chunk until it is dropped; a small one is not counted.
    ///
    /// # Errors
    /// [`TooMuchUnread`] if there is no room for it now.
    pub(crate) fn count(&self, text: String) -> Result<Bytes, TooMuchUnread> {
        let mut permit = None;
        if text.len() > SMALL {
            let free = Arc::clone(&self.free);
            let taken = free.try_acquire_many_owned(self.units(text.len()));
            permit = Some(taken.map_err(|_| TooMuchUnread)?);
        }
        Ok(counted(text, permit))
    }

    /// Counts a chunk as soon as there is room for it.
    pub(crate) async fn count_when_free(&self, text: String) -> Bytes {
        let mut permit = None;
        if text.len() > SMALL {
            let free = Arc::clone(&self.free);
            // The semaphore is never closed.
            permit = free.acquire_many_owned(self.units(text.len())).await.ok();
        }
        counted(text, permit)
    }

    /// Creates the answer with this JSON.
    ///
    /// # Errors
    /// 503 if there is no room for it now.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<Response, Problem> {
        let text = serde_json::to_string(value);
        let text = text.map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(json_response(Body::from(self.count(text)?)))
    }

    /// Creates a body of texts: the first is there already, each of the rest is made when the client
    /// has read most of what came before.
    ///
    /// The body breaks off at an error, so that a client does not take it for complete.
    ///
    /// # Errors
    /// [`TooMuchUnread`] if there is no room for the first text now.
    pub(crate) fn body<S>(&self, first: String, rest: S) -> Result<Body, TooMuchUnread>
    where
        S: Stream<Item = Result<String, Error>> + Send + 'static,
    {
        let first = self.count(first)?;
        let unread = self.clone();
        let rest = rest.map(move |text| {
            let chunk = text
                .map_err(axum::BoxError::from)
                .and_then(|text| unread.count(text).map_err(axum::BoxError::from));
            chunk.inspect_err(|error| tracing::error!(%error, "an answer breaks off"))
        });
        // The compression layer polls once more after the end.
        let chunks = StreamExt::fuse(stream::iter([Ok(first)]).chain(rest));
        Ok(Body::from_stream(chunks))
    }

    /// Converts a length to permits; a chunk larger than all of them takes all.
    fn units(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.min(self.max_bytes) / UNIT).unwrap_or(u32::MAX)
    }
}

/// Returns the bytes of a text, without the capacity that it has grown to.
fn counted(text: String, permit: Option<OwnedSemaphorePermit>) -> Bytes {
    let mut bytes = text.into_bytes();
    bytes.shrink_to_fit();
    Bytes::from_owner(Counted {
        bytes,
        _permit: permit,
    })
}

/// Creates an answer with a body of JSON.
pub(crate) fn json_response(body: Body) -> Response {
    let mut response = body.into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl From<TooMuchUnread> for Problem {
    fn from(_: TooMuchUnread) -> Self {
        Self::busy(
            "too-much-unread",
            "Too much is unread",
            "Clients have not read enough of other answers; try again later.",
        )
    }
}
