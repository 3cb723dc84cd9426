//! Where the state of a command comes from.

use std::marker::PhantomData;

use crate::Event;
#[cfg(feature = "_store")]
use crate::{Fold, FoldQuery, Snapshot};

/// How the [state](crate::Command::State) of a command is loaded, and what it weighs.
///
/// ```
/// # mod example {
/// # use std::convert::Infallible;
/// use eventsource_core::{Command, Decision, Entity, Event, StateSource};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)]
/// # #[machine(entity = "note")]
/// # pub enum NoteEvent {
/// #     Opened,
/// #     #[event(follows = any_state, accumulate = keep())]
/// #     Written { text: String },
/// # }
/// struct Write(String);
///
/// impl Command<NoteEvent> for Write {
///     const NAME: &'static str = "write";
///     type State = NoteData;
///     type Refusal = Infallible;
///     const SOURCE: StateSource<NoteEvent, NoteData> = StateSource::snapshots();
/// #   fn decide(&self, _: &Entity<NoteEvent, NoteData>) -> Result<Decision<NoteEvent>, Infallible> {
/// #       Ok(NoteEvent::Written { text: self.0.clone() }.into())
/// #   }
///     // ..
/// }
/// # pub fn main() {}
/// # }
/// # example::main();
/// ```
pub struct StateSource<E: Event, S> {
    #[cfg(feature = "_store")]
    query: for<'a> fn(FoldQuery<'a, E, S>) -> FoldQuery<'a, E, S>,
    bytes: Option<fn(&S) -> usize>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event, S> StateSource<E, S> {
    /// Folds all events of the entity.
    #[must_use]
    pub const fn events() -> Self {
        Self {
            #[cfg(feature = "_store")]
            query: |query| query,
            bytes: None,
            event: PhantomData,
        }
    }

    /// Begins with the last [snapshot](crate::FoldQuery::with_snapshots) and folds the events since.
    #[cfg(feature = "_store")]
    #[must_use]
    pub const fn snapshots() -> Self
    where
        S: Snapshot<E>,
    {
        Self {
            query: |query| query.with_snapshots(),
            bytes: None,
            event: PhantomData,
        }
    }

    /// Sets how many bytes a state takes in memory, about.
    ///
    /// The states of entities that commands have been executed on are kept, up to 65,536 of them, or
    /// 64 MiB. Without this function each event is taken to have left 64 bytes; set it for states of which
    /// that is far from true.
    #[must_use]
    pub const fn sized_by(mut self, bytes: fn(&S) -> usize) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

#[cfg(feature = "_store")]
impl<E: Event, S: Fold<E>> StateSource<E, S> {
    /// Returns the query of the state.
    pub(crate) fn of<'a>(&self, query: FoldQuery<'a, E, S>) -> FoldQuery<'a, E, S> {
        (self.query)(query)
    }

    /// Returns about how many bytes the state of this many events takes.
    pub(crate) fn bytes(&self, state: &S, events: u32) -> usize {
        const LEFT_BY_AN_EVENT: usize = 64;
        let held = match self.bytes {
            Some(bytes) => bytes(state),
            None => (events as usize).saturating_mul(LEFT_BY_AN_EVENT),
        };
        held.saturating_add(size_of::<S>())
    }
}

impl<E: Event, S> std::fmt::Debug for StateSource<E, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateSource").finish_non_exhaustive()
    }
}
