//! What came, or would come, of an import.

use std::ops::AddAssign;

use crate::store::contract::import_violation::IllegalEvent;

/// What an import stored.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, lines: &[u8]) -> Result<(), Error> {
/// let imported = tasks.import_lines(lines).await?;
/// println!("{} events of {} new entities", imported.events, imported.entities);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// How many events.
    pub events: u64,
    /// How many entities there are now that were not there before.
    pub entities: u64,
    /// How many events were passed over, for they were stored already; see
    /// [`Import::resume`](crate::Import::resume).
    pub skipped: u64,
}

impl AddAssign for Imported {
    fn add_assign(&mut self, more: Self) {
        self.events += more.events;
        self.entities += more.entities;
        self.skipped += more.skipped;
    }
}

/// What an import would store, and what it would refuse.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>, lines: &[u8]) -> Result<(), Error> {
/// let report = tasks.import_lines(lines).dry_run().await?;
/// for refused in &report.first {
///     println!("{refused}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// How many events are legal.
    pub legal: u64,
    /// How many are not. After one of these, its entity goes on as if it were not there.
    pub illegal: u64,
    /// How many are stored already, if such are passed over.
    pub skipped: u64,
    /// The first of them, 100 at most, in their order.
    pub first: Vec<IllegalEvent>,
}

/// How many illegal events a report names.
const NAMED: usize = 100;

impl ImportReport {
    pub(crate) fn add(&mut self, illegal: IllegalEvent) {
        self.illegal += 1;
        if self.first.len() < NAMED {
            self.first.push(illegal);
        }
    }

    /// The events after which something is due are known last, may be among the first, and were taken
    /// for legal.
    pub(crate) fn add_due(&mut self, due: Vec<IllegalEvent>) {
        self.legal -= due.len() as u64;
        self.illegal += due.len() as u64;
        self.first.extend(due);
        self.first.sort_by_key(|illegal| illegal.number);
        self.first.truncate(NAMED);
    }
}
