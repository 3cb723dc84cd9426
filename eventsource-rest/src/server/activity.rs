//! What a connection is doing, and by when it has to do something else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::options::limits::Limits;

/// Longest times of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// For the head of a request, or for the first request.
    pub(super) head: Duration,
    /// Without a request.
    pub(super) idle: Duration,
    /// Without progress in writing.
    pub(super) write: Duration,
}

impl Timeouts {
    /// Returns the times that the limits give.
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            head: limits.head_timeout,
            idle: limits.idle_timeout,
            write: limits.write_timeout,
        }
    }

    /// Returns times of at most this length.
    pub(super) fn at_most(self, longest: Duration) -> Self {
        Self {
            head: self.head.min(longest),
            idle: self.idle.min(longest),
            write: self.write.min(longest),
        }
    }
}

/// Activity of a connection: the socket and the requests report it, and the driver reads it.
#[derive(Debug)]
pub(super) struct Activity {
    timeouts: Timeouts,
    current: Mutex<Current>,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug)]
struct Current {
    phase: Phase,
    /// Time since when the client has read nothing, although there is something to write.
    blocked_since: Option<Instant>,
}

/// Phase of a connection.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Nothing has come since the connection began.
    New { since: Instant },
    /// Nothing has come since the last response.
    Idle { since: Instant },
    /// A part of the head of a request has come.
    Head { since: Instant },
    /// A request is in progress.
    Request,
    /// The whole response has been made, and some of it may still have to be written.
    Sending { since: Instant },
}

impl Activity {
    /// Creates the activity of a connection that begins now.
    pub(super) fn new(timeouts: Timeouts) -> Self {
        let since = Instant::now();
        Self {
            timeouts,
            current: Mutex::new(Current {
                phase: Phase::New { since },
                blocked_since: None,
            }),
        }
    }

    /// Reports that bytes came.
    pub(super) fn received(&self) {
        let mut current = self.current();
        current.phase = match current.phase {
            // The time of the first head counts from the beginning of the connection.
            Phase::New { since } => Phase::Head { since },
            Phase::Idle { .. } => Phase::Head {
                since: Instant::now(),
            },
            phase @ (Phase::Head { .. } | Phase::Request | Phase::Sending { .. }) => phase,
        };
    }

    /// Reports that the head of a request is complete.
    pub(super) fn begin_request(&self) {
        self.current().phase = Phase::Request;
    }

    /// Reports that the whole response has been made, or given up.
    pub(super) fn end_request(&self) {
        let since = Instant::now();
        self.current().phase = Phase::Sending { since };
    }

    /// Reports that all that was made is written; returns whether this ends a response.
    pub(super) fn flushed(&self) -> bool {
        let mut current = self.current();
        let ends = matches!(current.phase, Phase::Sending { .. });
        if ends {
            let since = Instant::now();
            current.phase = Phase::Idle { since };
        }
        ends
    }

    /// Returns whether a client would miss something if the connection ended now.
    pub(super) fn owes_response(&self) -> bool {
        let phase = self.current().phase;
        matches!(phase, Phase::Request | Phase::Sending { .. })
    }

    /// Reports whether the last attempt to write made progress.
    pub(super) fn wrote(&self, progress: bool) {
        let mut current = self.current();
        if progress {
            current.blocked_since = None;
        } else if current.blocked_since.is_none() {
            current.blocked_since = Some(Instant::now());
        }
    }

    /// Returns whether the connection waits for a request of which nothing has come, and has
    /// nothing to write.
    pub(super) fn is_quiet(&self) -> bool {
        let current = self.current();
        let waiting = matches!(current.phase, Phase::New { .. } | Phase::Idle { .. });
        waiting && current.blocked_since.is_none()
    }

    /// Returns the time at which the connection has to be closed if nothing happens; `None` if it
    /// is the service's turn.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let Current {
            phase,
            blocked_since,
        } = *self.current();
        let (since, longest) = match (blocked_since, phase) {
            (Some(since), _) => (since, self.timeouts.write),
            (None, Phase::New { since } | Phase::Head { since }) => (since, self.timeouts.head),
            (None, Phase::Idle { since } | Phase::Sending { since }) => (since, self.timeouts.idle),
            (None, Phase::Request) => return None,
        };
        // A time that nobody lives to see is none.
        since.checked_add(longest)
    }

    /// Locks what the connection is doing.
    fn current(&self) -> MutexGuard<'_, Current> {
        // No holder of the lock can panic halfway, so a poisoned value is still valid.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
