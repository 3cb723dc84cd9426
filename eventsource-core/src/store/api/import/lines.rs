//! Lines of JSON.

use std::future::Future;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use crate::Error;
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::import_violation::{IllegalEvent, ImportViolation};

/// The longest line, in bytes: more than an event should hold, less than would hurt.
const LIMIT: u64 = 16 << 20;

/// What a source of events gives.
#[derive(Debug)]
pub(crate) enum Read {
    Event(u64, ExportedEvent),
    Illegal(IllegalEvent),
    /// The source itself is at its end.
    Failed(Error),
}

/// The events of a reader, a line each; empty lines are none.
pub(crate) fn lines<R: AsyncBufRead + Unpin + Send>(reader: R) -> impl Stream<Item = Read> + Send {
    let lines = Lines {
        reader,
        number: 0,
        line: Vec::new(),
        ended: false,
    };
    unfold(lines, |mut lines| async move {
        let read = lines.next().await?;
        Some((read, lines))
    })
}

struct Lines<R> {
    reader: R,
    number: u64,
    line: Vec<u8>,
    ended: bool,
}

impl<R: AsyncBufRead + Unpin + Send> Lines<R> {
    async fn next(&mut self) -> Option<Read> {
        while !self.ended {
            match self.read().await {
                Ok(0) => return None,
                Ok(_) => {}
                Err(source) => {
                    self.ended = true;
                    return Some(Read::Failed(Error::Io { source }));
                }
            }
            self.number += 1;
            if self.line.len() as u64 > LIMIT {
                // Where the next line begins is not looked for.
                self.ended = true;
                return Some(self.illegal(ImportViolation::TooLong { limit: LIMIT }));
            }
            if !self.line.trim_ascii().is_empty() {
                return Some(match serde_json::from_slice(&self.line) {
                    Ok(event) => Read::Event(self.number, event),
                    Err(error) => self.illegal(ImportViolation::Unreadable(error)),
                });
            }
        }
        None
    }

    fn read(&mut self) -> impl Future<Output = std::io::Result<usize>> + Send {
        let Self { reader, line, .. } = self;
        line.clear();
        async { reader.take(LIMIT + 1).read_until(b'\n', line).await }
    }

    fn illegal(&self, reason: ImportViolation) -> Read {
        Read::Illegal(IllegalEvent {
            number: self.number,
            entity_id: None,
            reason,
        })
    }
}
