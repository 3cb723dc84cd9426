//! Ranges of a stream, and pages read from them.

use std::ops::ControlFlow;

use eventsource_model::StateSet;
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::read_row::{ReadRow, event_id};
use crate::store::contract::unreadable_event::UnreadableReason;
use crate::{Error, Seq};

/// Range of a stream, oldest event first: `limit` events at most, after `after` and up to `until`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamRange {
    pub(crate) after: Seq,
    pub(crate) until: Option<AsOf>,
    pub(crate) limit: u64,
    /// Length of payloads, in bytes, with which a page ends before `limit`.
    pub(crate) max_bytes: u64,
}

impl StreamRange {
    /// Returns the number of rows to read.
    ///
    /// One more before the first, for its parent and prior state, and one more after the last, to
    /// know whether there are more.
    pub(crate) fn rows(&self) -> u64 {
        let before = u64::from(self.after > Seq::NO_STREAM);
        self.limit.saturating_add(before + 1)
    }
}

/// Events of a range.
#[derive(Debug)]
pub(crate) struct StreamPage<T> {
    pub(crate) events: Vec<T>,
    /// Whether the range has more events than the page.
    pub(crate) has_more: bool,
    /// Length of the payloads, in bytes.
    pub(crate) bytes: u64,
}

/// Number of events to ask for on the next page: few to begin with, then as many as make round trips
/// insignificant and fit into memory.
///
/// A page ends by its bytes, whatever was asked for; but the rows beyond its end are sent in vain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSize {
    events: u64,
    max_bytes: u64,
}

impl PageSize {
    /// Number of events of the first page of a fold.
    pub(crate) const FIRST: u64 = 1024;
    /// Most events of a page.
    const MAX: u64 = 8192;
    /// Length of the payloads with which a page ends, in bytes, unless its reader chooses another.
    pub(crate) const MAX_BYTES: u64 = 4 << 20;
    /// Length that an event is assumed to have before one has been read, in bytes.
    const TYPICAL: u64 = 4 << 10;

    /// Returns the size of a first page.
    pub(crate) fn first(max_bytes: u64) -> Self {
        Self {
            events: (max_bytes / Self::TYPICAL).clamp(1, Self::FIRST),
            max_bytes,
        }
    }

    pub(crate) fn events(self) -> u64 {
        self.events
    }

    pub(crate) fn max_bytes(self) -> u64 {
        self.max_bytes
    }

    /// Returns the size of the page after one of this size, which had this many events and bytes.
    pub(crate) fn after(self, events: u64, bytes: u64) -> Self {
        let average = (bytes / events.max(1)).max(1);
        let by_bytes = (self.max_bytes / average).max(1);
        Self {
            events: (self.events * 8).min(Self::MAX).min(by_bytes),
            ..self
        }
    }
}

/// Values that an event determines for the next one: its parent and prior state.
pub(crate) struct PreviousEvent {
    pub(crate) event_id: Uuid,
    pub(crate) state: Result<StateSet, UnreadableReason>,
}

impl PreviousEvent {
    /// Returns what the event of a row determines.
    fn of<P>(row: &ReadRow<P>) -> Self {
        Self {
            event_id: event_id(row),
            state: match row {
                Ok(row) => Ok(row.state),
                Err(unreadable) => unreadable.state.clone(),
            },
        }
    }

    /// Completes the row of the event after it.
    fn complete<P>(self, context: &EntityContext, row: ReadRow<P>) -> ReadRow<P> {
        match row {
            Ok(mut row) => {
                row.parent_id = Some(self.event_id);
                match self.state {
                    Ok(state) => {
                        row.prior_state = state;
                        Ok(row)
                    }
                    Err(reason) => Err(row.unreadable(context, reason)),
                }
            }
            Err(mut unreadable) => {
                unreadable.parent_id = Some(self.event_id.into());
                Err(unreadable)
            }
        }
    }
}

/// Reader of consecutive rows, which takes parent and prior state of each from the row before.
pub(crate) struct PageReader<'c, T, F> {
    context: &'c EntityContext,
    range: StreamRange,
    decode: F,
    before: Option<PreviousEvent>,
    page: StreamPage<T>,
}

impl<'c, T, F> PageReader<'c, T, F> {
    /// Creates a reader that converts each row by `decode`.
    pub(crate) fn new(context: &'c EntityContext, range: StreamRange, decode: F) -> Self {
        Self {
            context,
            range,
            decode,
            before: None,
            page: StreamPage {
                events: Vec::new(),
                has_more: false,
                bytes: 0,
            },
        }
    }

    /// Returns whether the next row is the event before the range, of which only [`PreviousEvent`]
    /// is needed.
    pub(crate) fn wants_before(&self) -> bool {
        self.before.is_none() && self.range.after > Seq::NO_STREAM
    }

    /// Sets the event before the range.
    pub(crate) fn begin_after(&mut self, before: PreviousEvent) {
        self.before = Some(before);
    }

    /// Adds the next row; breaks if the page is complete and takes no further one.
    pub(crate) fn push<'r>(&mut self, row: ReadRow<&'r str>) -> Result<ControlFlow<()>, Error>
    where
        F: Fn(ReadRow<&'r str>) -> Result<T, Error>,
    {
        let before = self.before.replace(PreviousEvent::of(&row));
        let events = &mut self.page.events;
        let is_full = !events.is_empty() && self.page.bytes >= self.range.max_bytes;
        if is_full || events.len() as u64 >= self.range.limit {
            self.page.has_more = true;
            return Ok(ControlFlow::Break(()));
        }
        self.page.bytes += row.as_ref().map_or(0, |row| row.payload.len() as u64);
        let row = match before {
            Some(before) => before.complete(self.context, row),
            None => row,
        };
        events.push((self.decode)(row)?);
        Ok(ControlFlow::Continue(()))
    }

    /// Returns the page.
    pub(crate) fn finish(self) -> StreamPage<T> {
        self.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_small_events_grow_and_pages_of_large_ones_shrink() {
        let second = PageSize::first(PageSize::MAX_BYTES).after(1024, 1024 * 100);
        assert_eq!(second.events(), 8192);
        assert_eq!(second.after(8192, 8192 * 100).events(), 8192);
        assert_eq!(second.after(8192, 8192 * (1 << 20)).events(), 4);
        assert_eq!(second.after(1, 1 << 30).events(), 1);
        assert_eq!(second.after(0, 0).events(), 8192);
        assert_eq!(PageSize::first(1).events(), 1);
    }
}
