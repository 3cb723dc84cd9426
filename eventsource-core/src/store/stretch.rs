//! A part of a stream, row by row.

use eventsource_model::StateSet;
use uuid::Uuid;

use super::as_of::AsOf;
use super::row::EventRow;
use crate::{Error, Seq};

/// Which events of a stream, oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) after: Seq,
    pub(crate) until: Option<AsOf>,
    pub(crate) limit: u64,
}

impl Stretch {
    /// How many rows to read: the event before the first for what that one follows, and one after
    /// the last to know that there are more.
    pub(super) fn rows(&self) -> u64 {
        let before = u64::from(self.after > Seq::NONE);
        self.limit.saturating_add(before + 1)
    }
}

/// Events of a stretch.
#[derive(Debug)]
pub(crate) struct Stretched<T> {
    pub(crate) events: Vec<T>,
    /// Whether the stretch would go on if its limit let it.
    pub(crate) has_more: bool,
}

/// Makes events of rows that come one after the other. A row need not say what came before it, for
/// that is the row before.
pub(super) struct Reader<T, F> {
    stretch: Stretch,
    each: F,
    /// The id of the last row, and the state after it.
    before: Option<(Uuid, StateSet)>,
    stretched: Stretched<T>,
}

impl<T, F> Reader<T, F> {
    pub(super) fn new(stretch: Stretch, each: F) -> Self {
        Self {
            stretch,
            each,
            before: None,
            stretched: Stretched {
                events: Vec::new(),
                has_more: false,
            },
        }
    }

    pub(super) fn push<'r>(&mut self, mut row: EventRow<&'r str>) -> Result<(), Error>
    where
        F: Fn(EventRow<&'r str>) -> Result<T, Error>,
    {
        let before = self.before.replace((row.event_id, row.state));
        if row.seq <= self.stretch.after {
            return Ok(());
        }
        let events = &mut self.stretched.events;
        if events.len() as u64 >= self.stretch.limit {
            self.stretched.has_more = true;
            return Ok(());
        }
        if let Some((parent_id, state)) = before {
            row.parent_id = Some(parent_id);
            row.prior_state = state;
        }
        events.push((self.each)(row)?);
        Ok(())
    }

    pub(super) fn finish(self) -> Stretched<T> {
        self.stretched
    }
}
