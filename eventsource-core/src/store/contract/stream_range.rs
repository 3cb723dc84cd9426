//! Ranges of a stream, and pages read from them.

use eventsource_model::StateSet;
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::rows::EventRow;
use crate::{Error, Seq};

/// Range of a stream, oldest event first: `limit` events at most, after `after` and up to `until`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamRange {
    pub(crate) after: Seq,
    pub(crate) until: Option<AsOf>,
    pub(crate) limit: u64,
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
    /// Whether the range has more events than its limit.
    pub(crate) has_more: bool,
}

/// Values that an event determines for the next one: its parent and prior state.
pub(crate) struct PreviousEvent {
    pub(crate) event_id: Uuid,
    pub(crate) state: StateSet,
}

/// Reader of consecutive rows, which takes parent and prior state of each from the row before.
pub(crate) struct PageReader<T, F> {
    range: StreamRange,
    decode: F,
    before: Option<PreviousEvent>,
    page: StreamPage<T>,
}

impl<T, F> PageReader<T, F> {
    /// Creates a reader that converts each row by `decode`.
    pub(crate) fn new(range: StreamRange, decode: F) -> Self {
        Self {
            range,
            decode,
            before: None,
            page: StreamPage {
                events: Vec::new(),
                has_more: false,
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

    /// Adds the next row.
    pub(crate) fn push<'r>(&mut self, mut row: EventRow<&'r str>) -> Result<(), Error>
    where
        F: Fn(EventRow<&'r str>) -> Result<T, Error>,
    {
        let before = self.before.replace(PreviousEvent {
            event_id: row.event_id,
            state: row.state,
        });
        let events = &mut self.page.events;
        if events.len() as u64 >= self.range.limit {
            self.page.has_more = true;
            return Ok(());
        }
        if let Some(PreviousEvent { event_id, state }) = before {
            row.parent_id = Some(event_id);
            row.prior_state = state;
        }
        events.push((self.decode)(row)?);
        Ok(())
    }

    /// Returns the page.
    pub(crate) fn finish(self) -> StreamPage<T> {
        self.page
    }
}
