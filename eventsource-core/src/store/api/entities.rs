//! Search over the entities of a machine.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use chrono::{DateTime, Utc};
use eventsource_model::StateSet;
use serde_json::Value;

use crate::store::api::decode::head;
use crate::store::contract::driver::ReadDriver;
use crate::store::contract::entity_cursor::{EntityCursor, EntityOrder};
use crate::store::contract::filters::{EntityFilter, TimeCondition};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::text_checks::has_nul;
use crate::store::database::on_database;
use crate::{Error, Event, EventStore, EventType, Generation, Head, Page, State};

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
    filter: EntityFilter,
    unknown_field: Option<String>,
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
            filter: EntityFilter {
                state: None,
                state_contains: StateSet::EMPTY,
                state_excludes: StateSet::EMPTY,
                last_event_type: None,
                generation: None,
                times: Vec::new(),
                fields: Vec::new(),
                order: EntityOrder::Id,
                descending: false,
                after: None,
                offset: 0,
                limit: Self::DEFAULT_LIMIT,
                counted: true,
            },
            unknown_field: None,
        }
    }

    /// Keeps only entities in exactly this state.
    ///
    /// The database reads all heads once; on Postgres only those that match, if the tables were
    /// made with [`SchemaOptions::index_states`](crate::ddl::SchemaOptions::index_states).
    pub fn state(mut self, state: State<E::Type>) -> Self {
        self.filter.state = Some(state.set());
        self
    }

    /// Keeps only entities with this event type in their state; called several times, with all of
    /// the types.
    pub fn state_contains(mut self, event_type: E::Type) -> Self {
        self.filter.state_contains = self
            .filter
            .state_contains
            .union(StateSet::only(event_type.index()));
        self
    }

    /// Keeps only entities without this event type in their state; called several times, without
    /// any of the types.
    pub fn state_excludes(mut self, event_type: E::Type) -> Self {
        self.filter.state_excludes = self
            .filter
            .state_excludes
            .union(StateSet::only(event_type.index()));
        self
    }

    /// Keeps only entities whose last event is of this type.
    pub fn last_event_type(mut self, event_type: E::Type) -> Self {
        self.filter.last_event_type = Some(event_type.index());
        self
    }

    /// Keeps only entities of this generation.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.filter.generation = Some(generation);
        self
    }

    /// Keeps only entities whose first event was recorded at this time or later.
    pub fn created_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedFrom, time)
    }

    /// Keeps only entities whose first event was recorded at this time or earlier.
    pub fn created_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedUntil, time)
    }

    /// Keeps only entities whose last event was recorded at this time or later.
    pub fn updated_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedFrom, time)
    }

    /// Keeps only entities whose last event was recorded at this time or earlier.
    pub fn updated_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedUntil, time)
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
        match E::DATA_FIELDS.iter().find(|field| field.name() == name) {
            Some(field) => self.filter.fields.push((field, value.into())),
            None => self.unknown_field = Some(name.to_owned()),
        }
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

    fn time(mut self, condition: TimeCondition, time: DateTime<Utc>) -> Self {
        self.filter.times.push((condition, time));
        self
    }

    async fn page(self) -> Result<Page<Head<E>>, Error> {
        if let Some(name) = self.unknown_field {
            let field = format!("the field '{name}'");
            return Err(InvalidInput::new(field, InputProblem::UnknownDataField).into());
        }
        let filter = &self.filter;
        if let Some((field, _)) = filter.fields.iter().find(|(_, value)| has_nul(value)) {
            let value = format!("the value of the field '{}'", field.name());
            return Err(InvalidInput::new(value, InputProblem::ContainsNul).into());
        }
        if let Some(cursor) = &filter.after
            && cursor.order() != filter.order
        {
            let cursor = format!("the cursor '{cursor}'");
            return Err(InvalidInput::new(cursor, InputProblem::CursorOfOtherOrder).into());
        }
        let EventStore { store, context, .. } = self.events;
        let (rows, total) =
            on_database!(&store.database, backend => backend.entities(context, filter).await)?;
        Ok(Page {
            items: rows.into_iter().map(head).collect::<Result<_, _>>()?,
            total,
        })
    }
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`]; [`Error::InvalidInput`] if the data have no field
/// of a given name, a value has the character U+0000, or a cursor is of another order.
impl<'a, E: Event> IntoFuture for Entities<'a, E> {
    type Output = Result<Page<Head<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
