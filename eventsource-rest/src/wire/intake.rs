//! Bodies of requests: their bytes, bounded over all requests, and turns to parse large ones.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::block_in_place;

use crate::wire::problem::Problem;
use crate::wire::timed_body::{self, BodyTooSlow};

/// Length up to which a body is not counted: every connection may send that much.
const SMALL: usize = 64 * 1024;

/// Number of bytes that a permit stands for.
const UNIT: usize = 1024;

/// Most large bodies that are parsed at once: the values of a body may take thirty times its bytes.
const MAX_PARSERS: u32 = 2;

/// Length from which a body is parsed alone: two such would take more than all other requests together.
const ALONE: usize = 1024 * 1024;

/// Part of the room that one client may take: as much as it may have parsed at once by default.
const SHARE: usize = 8;

/// Bytes of the large bodies of all requests until these are answered.
#[derive(Clone)]
pub(crate) struct Intake {
    free: Arc<Semaphore>,
    parsers: Arc<Semaphore>,
    max_bytes: usize,
    max_body_bytes: usize,
}

/// Body that was received; a large one is counted until this is dropped.
pub(crate) struct ReceivedBody {
    bytes: Vec<u8>,
    parsers: Option<Arc<Semaphore>>,
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

/// Creates the room for the large bodies of one client, which is at least one body.
pub(crate) fn room_of_client(max_body_bytes: usize, max_bytes: usize) -> Semaphore {
    let bytes = (max_bytes / SHARE).max(max_body_bytes);
    Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))
}

impl Intake {
    /// Allows bodies of `max_body_bytes`, and `max_bytes` of the large ones together.
    pub(crate) fn new(max_body_bytes: usize, max_bytes: usize) -> Self {
        let max_bytes = max_bytes.max(max_body_bytes);
        let permits = (max_bytes / UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(permits)),
            parsers: Arc::new(Semaphore::new(MAX_PARSERS as usize)),
            max_bytes,
            max_body_bytes,
        }
    }

    /// Receives a body; the rest of a large one when there is room for it, in what its client may
    /// take and altogether. `room` is that of the client; `None` if the client is not known.
    ///
    /// A client that sends large bodies slowly does not keep those of others out.
    ///
    /// # Errors
    /// 413 if it is too large, 408 if it comes too slowly, 400 if the connection broke off.
    pub(crate) async fn receive(
        &self,
        mut body: Body,
        room: impl FnOnce() -> Option<Arc<Semaphore>>,
    ) -> Result<ReceivedBody, Problem> {
        let hint = body.size_hint();
        if hint.lower() > self.max_body_bytes as u64 {
            return Err(too_large(self.max_body_bytes));
        }
        let announced = hint.upper().and_then(|length| usize::try_from(length).ok());
        let announced = announced.map_or(self.max_body_bytes, |length| {
            length.min(self.max_body_bytes)
        });
        let mut bytes = Vec::new();
        let mut room = Some(room);
        let mut permits = [None, None];
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreadable(&error))?;
            let Ok(chunk) = frame.into_data() else {
                continue;
            };
            let length = bytes.len() + chunk.len();
            if length > self.max_body_bytes {
                return Err(too_large(self.max_body_bytes));
            }
            if length > SMALL
                && let Some(room) = room.take()
            {
                let rooms = [room(), Some(Arc::clone(&self.free))];
                for (permit, room) in permits.iter_mut().zip(rooms) {
                    if let Some(room) = room {
                        // The semaphore is never closed.
                        *permit = room.acquire_many_owned(self.units(announced)).await.ok();
                    }
                }
                bytes.reserve_exact(announced.saturating_sub(bytes.len()));
            }
            extend(&mut bytes, &chunk);
        }
        Ok(ReceivedBody {
            parsers: room.is_none().then(|| Arc::clone(&self.parsers)),
            bytes,
            _permits: permits,
        })
    }

    /// Converts a length to permits; a body larger than all of them takes all.
    fn units(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.min(self.max_bytes) / UNIT).unwrap_or(u32::MAX)
    }
}

impl ReceivedBody {
    /// Parses the bytes; a large body waits for its turn.
    pub(crate) async fn parse<T>(&self, parse: impl FnOnce(&[u8]) -> T) -> T {
        let Some(parsers) = &self.parsers else {
            return parse(&self.bytes);
        };
        let turns = if self.bytes.len() < ALONE {
            1
        } else {
            MAX_PARSERS
        };
        // The semaphore is never closed.
        let _turn = parsers.acquire_many(turns).await.ok();
        match Handle::current().runtime_flavor() {
            // Another thread goes on with the other requests: this takes a while.
            RuntimeFlavor::MultiThread => block_in_place(|| parse(&self.bytes)),
            _ => parse(&self.bytes),
        }
    }
}

/// Adds a chunk; a small body keeps no more capacity than it needs.
fn extend(bytes: &mut Vec<u8>, chunk: &Bytes) {
    if bytes.is_empty() {
        bytes.reserve_exact(chunk.len());
    }
    bytes.extend_from_slice(chunk);
}

/// Creates the 413 of a body over the limit.
fn too_large(max_bytes: usize) -> Problem {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(status, "body-too-large", "Body too large")
        .detail(&format!("The body is larger than {max_bytes} bytes."))
        .with("limit", max_bytes)
}

/// Creates the problem of a body that broke off.
fn unreadable(error: &axum::Error) -> Problem {
    if BodyTooSlow::caused(error) {
        return timed_body::too_slow();
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "unreadable-body",
        "Unreadable body",
    )
    .detail("The body could not be read.")
}
