//! SQL statements that both databases understand.
//!
//! Uses `contract` and `rules`; executes nothing.
//!
//! * `statements`: heads, events, histories, counters and the feed.
//! * `search`: pages of events.
//! * `raw_event`: an event as it is stored.
//! * `entities`: pages of entities.
//! * `conditions`: conditions on entities, also those of what a reader may read.
//! * `snapshots`: snapshots of folds.
//! * `runtime`: names of the tables of the runtime.
//! * `payloads`: payloads of a part of a log.
//! * `history`: checks of a stored history, and the decoding of their rows.

pub(crate) mod conditions;
pub(crate) mod entities;
pub(crate) mod history;
pub(crate) mod payloads;
pub(crate) mod raw_event;
pub(crate) mod runtime;
pub(crate) mod search;
pub(crate) mod snapshots;
pub(crate) mod statements;
