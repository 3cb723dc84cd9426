//! Request body that has to arrive at a rate.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::wire::problem::Problem;

/// Rate at which bodies have to arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyRate {
    /// Time that a body of any size may take.
    pub(crate) timeout: Duration,
    /// Bytes that earn a second more.
    pub(crate) bytes_per_second: u64,
}

impl BodyRate {
    /// Returns the time that a body may take of which this many bytes have arrived.
    fn allowed(self, bytes: u64) -> Duration {
        let seconds = bytes as f64 / self.bytes_per_second.max(1) as f64;
        let earned = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.timeout.saturating_add(earned)
    }
}

/// Error of a body that arrived too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body arrived too slowly")]
pub(crate) struct BodyTooSlow;

impl BodyTooSlow {
    /// Returns whether this is the cause of `error`, or of one of its causes.
    pub(crate) fn caused(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut causes = std::iter::successors(Some(error), |error| error.source());
        causes.any(|cause| cause.is::<Self>())
    }
}

/// Creates the 408 of a body that arrived too slowly.
pub(crate) fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body-too-slow",
        "Body too slow",
    )
    .detail("The body arrived too slowly.")
    .with("retryable", true)
}

/// Body that fails with [`BodyTooSlow`] when it falls behind its rate.
pub(crate) struct TimedBody {
    body: Body,
    rate: BodyRate,
    /// Time of the first poll, from which the time counts.
    began: Option<Instant>,
    received: u64,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl TimedBody {
    /// Wraps a body, unless it is empty.
    pub(crate) fn wrap(body: Body, rate: BodyRate) -> Body {
        use hyper::body::Body as _;
        if body.is_end_stream() {
            return body;
        }
        Body::new(Self {
            body,
            rate,
            began: None,
            received: 0,
            deadline: None,
        })
    }
}

impl hyper::body::Body for TimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.received += bytes as u64;
            }
            return Poll::Ready(frame);
        }
        let began = *this.began.get_or_insert_with(Instant::now);
        // A time that nobody lives to see is none.
        let Some(due) = began.checked_add(this.rate.allowed(this.received)) else {
            return Poll::Pending;
        };
        let deadline = this
            .deadline
            .get_or_insert_with(|| Box::pin(sleep_until(due)));
        if deadline.deadline() != due {
            deadline.as_mut().reset(due);
        }
        match deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(axum::Error::new(BodyTooSlow)))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
