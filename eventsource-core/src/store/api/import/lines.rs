//! Source of an import: lines of JSON.

use std::future::Future;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use crate::Error;
use crate::payload::limits::MAX_PAYLOAD_BYTES;
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::import_violation::{IllegalEvent, ImportViolation};

/// Longest line in bytes: more than any line with the largest payload; payloads of earlier versions had
/// no limit.
const MAX_LINE: u64 = 4 * MAX_PAYLOAD_BYTES as u64;

/// Item of a source of events.
#[derive(Debug)]
pub(crate) enum SourceItem {
    /// Event with its number in the source, from 1.
    Event(u64, ExportedEvent),
    /// Line that is no event.
    Illegal(IllegalEvent),
    /// Error of the source, which ends it.
    Failed(Error),
}

/// Reads events from lines of JSON; skips empty lines.
pub(crate) fn lines<R: AsyncBufRead + Unpin + Send>(
    reader: R,
) -> impl Stream<Item = SourceItem> + Send {
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
    async fn next(&mut self) -> Option<SourceItem> {
        while !self.ended {
            match self.read().await {
                Ok(0) => return None,
                Ok(_) => {}
                Err(source) => {
                    self.ended = true;
                    return Some(SourceItem::Failed(Error::Io { source }));
                }
            }
            self.number += 1;
            if self.line.len() as u64 > MAX_LINE {
                // The rest of the line is not read to find the next one.
                self.ended = true;
                return Some(self.illegal(ImportViolation::TooLong { limit: MAX_LINE }));
            }
            if !self.line.trim_ascii().is_empty() {
                return Some(match serde_json::from_slice(&self.line) {
                    Ok(event) => SourceItem::Event(self.number, event),
                    Err(error) => self.illegal(ImportViolation::Unreadable(error)),
                });
            }
        }
        None
    }

    fn read(&mut self) -> impl Future<Output = std::io::Result<usize>> + Send {
        let Self { reader, line, .. } = self;
        line.clear();
        async { reader.take(MAX_LINE + 1).read_until(b'\n', line).await }
    }

    fn illegal(&self, reason: ImportViolation) -> SourceItem {
        SourceItem::Illegal(IllegalEvent {
            number: self.number,
            entity_id: None,
            reason,
        })
    }
}
