//! A part of a stream, row by row.

use eventsource_model::StateSet;
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::rows::EventRow;
use crate::{Error, Seq};

/// Which events of a stream, oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamRange {
    pub(crate) after: Seq,
    pub(crate) until: Option<AsOf>,
    pub(crate) limit: u64,
}

impl StreamRange {
    /// How many rows to read: the event before the first for what that one follows, and one after
    /// the last to know that there are more.
    pub(crate) fn rows(&self) -> u64 {
        let before = u64::from(self.after > Seq::NO_STREAM);
        self.limit.saturating_add(before + 1)
    }
}

/// Events of a stretch.
#[derive(Debug)]
pub(crate) struct StreamPage<T> {
    pub(crate) events: Vec<T>,
    /// Whether the stretch would go on if its limit let it.
    pub(crate) has_more: bool,
}

/// What an event says of the next one.
pub(crate) struct PreviousEvent {
    pub(crate) event_id: Uuid,
    pub(crate) state: StateSet,
}

/// Makes events of rows that come one after the other. A row need not say what came before it, for
/// that is the row before.
pub(crate) struct PageReader<T, F> {
    range: StreamRange,
    decode: F,
    before: Option<PreviousEvent>,
    page: StreamPage<T>,
}

impl<T, F> PageReader<T, F> {
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

    /// Whether the next row is the event before the first: of that one only [`PreviousEvent`] is of use.
    pub(crate) fn wants_before(&self) -> bool {
        self.before.is_none() && self.range.after > Seq::NO_STREAM
    }

    pub(crate) fn begin_after(&mut self, before: PreviousEvent) {
        self.before = Some(before);
    }

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

    pub(crate) fn finish(self) -> StreamPage<T> {
        self.page
    }
}
