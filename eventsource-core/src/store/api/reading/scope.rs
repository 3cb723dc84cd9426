//! What one reader may read and see, at one moment.

use std::fmt;
use std::sync::Arc;

use eventsource_model::{EventIndex, StateSet};

use crate::store::api::reading::condition::EntityCondition;
use crate::store::contract::filters::EntityScope;
use crate::store::contract::unreadable_event::UnreadableReason;
use crate::{Error, Event, EventResult, EventType, RecordedEvent};

/// What a reader may read and see: the answer of a [`ReadPolicy`](crate::ReadPolicy).
///
/// Roles are checked besides: a scope only takes away.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityCondition, Event, ReadScope};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "note")]
/// pub enum NoteEvent {
///     Written { owner: String },
///     #[event(follows = Written, terminal)]
///     Rated { stars: u8, public: bool },
/// }
///
/// # pub fn main() {
/// let own = EntityCondition::new().field("owner", "ann");
/// let scope = ReadScope::<NoteEvent>::any([own]).hiding_if(
///     NoteEventType::Rated,
///     |rated| matches!(rated.event, NoteEvent::Rated { public: false, .. }),
/// );
/// # let _ = scope;
/// # }
/// # }
/// # example::main();
/// ```
#[must_use = "a scope does nothing by itself"]
pub struct ReadScope<E: Event> {
    entities: EntityScope,
    /// Event types whose fields are never shown.
    hidden: StateSet,
    /// Event types whose fields are shown in some events.
    hidden_if: Vec<(EventIndex, HideIf<E>)>,
    /// First mistake in the conditions.
    invalid: Option<Error>,
}

type HideIf<E> = Arc<dyn Fn(&RecordedEvent<E>) -> bool + Send + Sync>;

impl<E: Event> ReadScope<E> {
    /// Creates the scope of all entities and all fields.
    pub fn all() -> Self {
        Self {
            entities: EntityScope::All,
            hidden: StateSet::EMPTY,
            hidden_if: Vec::new(),
            invalid: None,
        }
    }

    /// Creates the scope of no entity: for the reader there are none.
    pub fn none() -> Self {
        Self::any([])
    }

    /// Creates the scope of the entities that meet one of these conditions, as they are at the time
    /// of the read.
    ///
    /// Other entities are as if they did not exist: not found, and absent from pages and counts.
    pub fn any(conditions: impl IntoIterator<Item = EntityCondition<E>>) -> Self {
        let conditions = conditions.into_iter().map(EntityCondition::checked);
        match conditions.collect() {
            Ok(conditions) => Self {
                entities: EntityScope::Any(conditions),
                ..Self::all()
            },
            Err(invalid) => Self {
                invalid: Some(invalid),
                ..Self::none()
            },
        }
    }

    /// Hides the fields of events of this type.
    pub fn hiding(mut self, event_type: E::Type) -> Self {
        self.hidden = self.hidden.union(StateSet::only(event_type.index()));
        self
    }

    /// Hides the fields of those events of this type for which `condition` is true.
    ///
    /// A field of the data that this type feeds is absent for the reader and cannot be searched by,
    /// as if all were hidden.
    pub fn hiding_if(
        mut self,
        event_type: E::Type,
        condition: impl Fn(&RecordedEvent<E>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.hidden_if
            .push((event_type.index(), Arc::new(condition)));
        self
    }

    /// Returns the scope, unless its conditions have a mistake.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        match self.invalid.take() {
            Some(invalid) => Err(invalid),
            None => Ok(self),
        }
    }

    /// Hides also the fields of event types that these roles may not see.
    pub(crate) fn of_roles(mut self, roles: &[String]) -> Self {
        for (event, rule) in E::MACHINE.rules() {
            if !rule.may_read(roles) {
                self.hidden = self.hidden.union(StateSet::only(event));
            }
        }
        self
    }

    /// Returns which entities may be read.
    pub(crate) fn entities(&self) -> &EntityScope {
        &self.entities
    }

    /// Returns whether nothing is taken away.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self.entities, EntityScope::All) && self.hidden_types().is_empty()
    }

    /// Returns the event types of which some events, or all, have hidden fields.
    pub(crate) fn hidden_types(&self) -> StateSet {
        let some = self.hidden_if.iter().map(|(event, _)| *event);
        self.hidden.union(some.collect())
    }

    /// Returns whether the reader may not see this field of the data.
    pub(crate) fn hides_data(&self, field: &crate::DataField) -> bool {
        let hidden = self.hidden_types();
        let mut sources = field.sources().iter();
        sources.any(|source| hidden.contains(source.event()))
    }

    /// Returns the event as the reader may see it.
    pub(crate) fn show(&self, event: EventResult<E>) -> EventResult<E> {
        let hidden = self.hidden_types();
        match event {
            Ok(event) if self.hides(&event) => Err(event.hidden()),
            // The reason tells what is stored.
            Err(mut unreadable) if !hidden.is_empty() => {
                let event_type = unreadable.event_type.as_deref();
                let event_type = event_type.and_then(|name| E::MACHINE.index_of(name));
                if event_type.is_none_or(|event_type| hidden.contains(event_type)) {
                    unreadable.reason = UnreadableReason::Hidden;
                    unreadable.payload = None;
                }
                Err(unreadable)
            }
            event => event,
        }
    }

    /// Returns the error of a read as the reader may see it.
    pub(crate) fn show_error(&self, error: Error) -> Error {
        match error {
            Error::Unreadable(unreadable) => match self.show(Err(unreadable)) {
                Err(shown) => shown.into(),
                Ok(_) => Error::database("an unreadable event was read"),
            },
            error => error,
        }
    }

    /// Returns whether the fields of this event are hidden.
    pub(crate) fn hides(&self, event: &RecordedEvent<E>) -> bool {
        let event_type = event.event.event_type().index();
        let mut conditions = self.hidden_if.iter();
        self.hidden.contains(event_type)
            || conditions.any(|(of, hides)| *of == event_type && hides(event))
    }
}

impl<E: Event> fmt::Debug for ReadScope<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadScope")
            .field("entities", &self.entities)
            .field("hidden", &E::MACHINE.names(self.hidden_types()))
            .finish_non_exhaustive()
    }
}
