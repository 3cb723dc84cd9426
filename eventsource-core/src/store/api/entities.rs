//! Search over the entities of a machine.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::store::api::reading::condition::EntityCondition;
use crate::store::contract::entity_cursor::{EntityCursor, EntityOrder};
use crate::store::contract::filters::{EntityConditions, EntityFilter, EntityScope};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::{Error, Event, EventStore, Generation, Head, Page, State};

/// Search over the entities of a machine, as they are now: await it for one page.
///
/// An entity matches if all conditions hold. The default order is by id, which for ids that the
/// store makes is the order in which they were made.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, State, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(follows = nothing | PutOut)]
///     Lit { room: String },
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let (hall, attic) = (EntityId::new(), EntityId::new());
/// lights.append(hall, LightEvent::Lit { room: "hall".into() }).await?;
/// lights.append(attic, LightEvent::Lit { room: "attic".into() }).await?;
/// lights.append(attic, LightEvent::PutOut).await?;
///
/// let on = lights.entities().state(State::from_iter([LightEventType::Lit])).await?;
/// assert_eq!((on.total, on.items[0].id), (Some(1), hall));
/// let in_attic = lights.entities().field("room", "attic").await?;
/// assert_eq!(in_attic.items[0].state.to_string(), "[PUT_OUT]");
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "a search is made when it is awaited"]
#[derive(Clone)]
pub struct Entities<'a, E: Event> {
    events: &'a EventStore<E>,
    condition: EntityCondition<E>,
    filter: EntityFilter,
}

impl<E: Event> EventStore<E> {
    /// Begins a search over the entities; await the builder for a page.
    pub fn entities(&self) -> Entities<'_, E> {
        Entities::new(self)
    }
}

impl<'a, E: Event> Entities<'a, E> {
    /// Number of entities in a page unless [`Entities::limit`] sets another.
    pub const DEFAULT_LIMIT: u64 = 20;

    pub(crate) fn new(events: &'a EventStore<E>) -> Self {
        Self {
            events,
            condition: EntityCondition::new(),
            filter: EntityFilter {
                conditions: EntityConditions::default(),
                scope: EntityScope::All,
                order: EntityOrder::Id,
                descending: false,
                after: None,
                offset: 0,
                limit: Self::DEFAULT_LIMIT,
                counted: true,
                current: false,
            },
        }
    }

    /// Keeps only entities in exactly this state.
    ///
    /// The database reads all heads once; on Postgres only those that match, if the tables were
    /// made with [`SchemaOptions::index_states`](crate::ddl::SchemaOptions::index_states).
    pub fn state(mut self, state: State<E::Type>) -> Self {
        self.condition = self.condition.state(state);
        self
    }

    /// Keeps only entities with this event type in their state; called several times, with all of
    /// the types.
    pub fn state_contains(mut self, event_type: E::Type) -> Self {
        self.condition = self.condition.state_contains(event_type);
        self
    }

    /// Keeps only entities without this event type in their state; called several times, without
    /// any of the types.
    pub fn state_excludes(mut self, event_type: E::Type) -> Self {
        self.condition = self.condition.state_excludes(event_type);
        self
    }

    /// Keeps only entities whose last event is of this type.
    pub fn last_event_type(mut self, event_type: E::Type) -> Self {
        self.condition = self.condition.last_event_type(event_type);
        self
    }

    /// Keeps only entities of this generation.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.condition = self.condition.generation(generation);
        self
    }

    /// Keeps only entities whose first event was recorded at this time or later.
    pub fn created_from(mut self, time: DateTime<Utc>) -> Self {
        self.condition = self.condition.created_from(time);
        self
    }

    /// Keeps only entities whose first event was recorded at this time or earlier.
    pub fn created_until(mut self, time: DateTime<Utc>) -> Self {
        self.condition = self.condition.created_until(time);
        self
    }

    /// Keeps only entities whose last event was recorded at this time or later.
    pub fn updated_from(mut self, time: DateTime<Utc>) -> Self {
        self.condition = self.condition.updated_from(time);
        self
    }

    /// Keeps only entities whose last event was recorded at this time or earlier.
    pub fn updated_until(mut self, time: DateTime<Utc>) -> Self {
        self.condition = self.condition.updated_until(time);
        self
    }

    /// Keeps only entities whose data have this value in this field, as in the JSON of
    /// [`Event::Data`].
    ///
    /// The value of a field is the one that the latest event with a value for it gave. Null matches
    /// entities whose field has no value.
    ///
    /// Numbers are compared as numbers: 1 is 1.0. Postgres does so within lists and objects too;
    /// SQLite compares lists and objects as they were written.
    ///
    /// The data are not stored anywhere but in the log: unless another condition leaves few
    /// entities, the database reads the whole log once.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.condition = self.condition.field(name, value);
        self
    }

    /// Sets the order of the entities; the default is by id.
    pub fn order_by(mut self, order: EntityOrder) -> Self {
        self.filter.order = order;
        self
    }

    /// Reverses the order: the greatest id, or the latest time, first.
    pub fn descending(mut self) -> Self {
        self.filter.descending = true;
        self
    }

    /// Starts the page after this entity in the order of the search. The total counts all entities.
    ///
    /// Make the cursor from the last entity of a page, with the order of the search. Unlike an
    /// offset, a cursor neither skips nor repeats entities when others change meanwhile.
    pub fn after(mut self, cursor: EntityCursor) -> Self {
        self.filter.after = Some(cursor);
        self
    }

    /// Skips this many of the entities that match.
    pub fn offset(mut self, entities: u64) -> Self {
        self.filter.offset = entities;
        self
    }

    /// Limits the page to this many entities; 0 only counts.
    pub fn limit(mut self, entities: u64) -> Self {
        self.filter.limit = entities;
        self
    }

    /// Omits the total, which takes longer than the page itself; see [`Page::total`].
    pub fn without_total(mut self) -> Self {
        self.filter.counted = false;
        self
    }

    async fn page(mut self) -> Result<Page<Head<E>>, Error> {
        self.filter.conditions = self.condition.checked()?;
        let filter = &self.filter;
        if let Some(cursor) = &filter.after
            && cursor.order() != filter.order
        {
            let cursor = format!("the cursor '{cursor}'");
            return Err(InvalidInput::new(cursor, InputProblem::CursorOfOtherOrder).into());
        }
        self.events.read_entities(self.filter).await
    }
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`]; [`Error::InvalidInput`] if the data have no field
/// of a given name, a value has the character U+0000, or a cursor is of another order;
/// [`Error::HiddenField`] if the reader may not see a field.
impl<'a, E: Event> IntoFuture for Entities<'a, E> {
    type Output = Result<Page<Head<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
