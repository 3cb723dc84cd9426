//! Searching the entities of a machine.

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

/// A search over the entities of a machine, as they are now: await it for one page.
///
/// Every condition that is given must hold. Without an order the entities come by id, which for
/// ids that the store makes is the order in which they were named.
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
    /// Searches the entities. Await the builder that is returned.
    pub fn entities(&self) -> Entities<'_, E> {
        Entities::new(self)
    }
}

impl<'a, E: Event> Entities<'a, E> {
    /// How many entities a page has unless [`Entities::limit`] says otherwise.
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

    /// Only entities in exactly this state.
    ///
    /// It reads all heads once; on Postgres only those that match, if the tables were made with
    /// [`SchemaOptions::index_states`](crate::ddl::SchemaOptions::index_states).
    pub fn state(mut self, state: State<E::Type>) -> Self {
        self.filter.state = Some(state.set());
        self
    }

    /// Only entities with this event type in their state; given several times, with all of them.
    pub fn state_contains(mut self, event_type: E::Type) -> Self {
        self.filter.state_contains = self
            .filter
            .state_contains
            .union(StateSet::only(event_type.index()));
        self
    }

    /// Only entities without this event type in their state; given several times, without any.
    pub fn state_excludes(mut self, event_type: E::Type) -> Self {
        self.filter.state_excludes = self
            .filter
            .state_excludes
            .union(StateSet::only(event_type.index()));
        self
    }

    /// Only entities whose last event is of this type.
    pub fn last_event_type(mut self, event_type: E::Type) -> Self {
        self.filter.last_event_type = Some(event_type.index());
        self
    }

    /// Only entities of this version.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.filter.generation = Some(generation);
        self
    }

    /// Only entities whose first event was recorded then or later.
    pub fn created_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedFrom, time)
    }

    /// Only entities whose first event was recorded then or earlier.
    pub fn created_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedUntil, time)
    }

    /// Only entities whose last event was recorded then or later.
    pub fn updated_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedFrom, time)
    }

    /// Only entities whose last event was recorded then or earlier.
    pub fn updated_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedUntil, time)
    }

    /// Only entities whose data have this value in this field, as it is in the JSON of
    /// [`Event::Data`]: the latest event that gave the field a value gave this one. With null only
    /// those whose field has no value.
    ///
    /// EventTypeCodes are compared as numbers: 1 is 1.0. Within lists and objects Postgres does so too;
    /// SQLite compares those as they were written.
    ///
    /// There is no copy of the data to look in: the condition is one on the log. Unless another
    /// condition leaves few entities, it reads the whole log once.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        match E::DATA_FIELDS.iter().find(|field| field.name() == name) {
            Some(field) => self.filter.fields.push((field, value.into())),
            None => self.unknown_field = Some(name.to_owned()),
        }
        self
    }

    /// In which order they come; by id if not given.
    pub fn order_by(mut self, order: EntityOrder) -> Self {
        self.filter.order = order;
        self
    }

    /// The other way round: the greatest id, or the latest time, first.
    pub fn descending(mut self) -> Self {
        self.filter.descending = true;
        self
    }

    /// Only entities that come after this one in the order of the search. The total counts the
    /// others too.
    ///
    /// Make the cursor from the last entity of a page, with the order of the search. Where offsets
    /// skip or repeat when entities come and go before the page, this does not.
    pub fn after(mut self, cursor: EntityCursor) -> Self {
        self.filter.after = Some(cursor);
        self
    }

    /// Leaves out the first entities that match.
    pub fn offset(mut self, entities: u64) -> Self {
        self.filter.offset = entities;
        self
    }

    /// No more than this many entities; 0 only counts.
    pub fn limit(mut self, entities: u64) -> Self {
        self.filter.limit = entities;
        self
    }

    /// Without counting what is on other pages, which takes longer than the page itself; see
    /// [`Page::total`].
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
/// [`Error::Unavailable`], [`Error::Database`]; [`Error::InvalidInput`] if the data have no field of a
/// name that was given, a value has the character U+0000, or a cursor is of another order.
impl<'a, E: Event> IntoFuture for Entities<'a, E> {
    type Output = Result<Page<Head<E>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
