//! Results of an import and of its dry run.

use std::ops::AddAssign;

use crate::store::contract::import_violation::IllegalEvent;

/// Counts of an import: stored events, new entities, skipped events.
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
    /// Number of events stored.
    pub events: u64,
    /// Number of entities that had no events before.
    pub entities: u64,
    /// Number of events skipped because they were stored already; see
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

/// Result of a dry run of an import: counts, and the first illegal events.
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
    /// Number of legal events.
    pub legal: u64,
    /// Number of illegal events; the later events of an entity are checked as if these did not
    /// exist.
    pub illegal: u64,
    /// Number of events stored already, if the import skips them.
    pub skipped: u64,
    /// First 100 illegal events, in their order.
    pub first: Vec<IllegalEvent>,
}

/// Maximum number of illegal events in a report.
const MAX_LISTED: usize = 100;

impl ImportReport {
    /// Adds an illegal event.
    pub(crate) fn add(&mut self, illegal: IllegalEvent) {
        self.illegal += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(illegal);
        }
    }

    /// Adds the events after which an auto transition is missing.
    ///
    /// They were counted as legal, since they are known only at the end of the import.
    pub(crate) fn add_due(&mut self, due: Vec<IllegalEvent>) {
        self.legal -= due.len() as u64;
        self.illegal += due.len() as u64;
        self.first.extend(due);
        self.first.sort_by_key(|illegal| illegal.number);
        self.first.truncate(MAX_LISTED);
    }
}
