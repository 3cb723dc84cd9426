//! Conditions on the entities of a machine.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use eventsource_model::StateSet;
use serde_json::Value;

use crate::store::contract::filters::{EntityConditions, TimeCondition};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::text_checks::has_nul;
use crate::{EntityId, Error, Event, EventType, Generation, State};

/// Conditions on an entity, as it is now: those of a search, all of which hold.
///
/// A [`ReadScope`](crate::ReadScope) consists of them; [`Entities`](crate::Entities) has methods of
/// the same names.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityCondition, Event};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "note")]
/// pub enum NoteEvent {
///     Written { owner: String },
///     #[event(follows = Written, terminal)]
///     Published,
/// }
///
/// # pub fn main() {
/// let own = EntityCondition::<NoteEvent>::new().field("owner", "ann");
/// let published = EntityCondition::<NoteEvent>::new().state_contains(NoteEventType::Published);
/// # let _ = (own, published);
/// # }
/// # }
/// # example::main();
/// ```
#[must_use = "a condition does nothing by itself"]
pub struct EntityCondition<E: Event> {
    conditions: EntityConditions,
    unknown_field: Option<String>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event> EntityCondition<E> {
    /// Creates a condition that every entity meets.
    pub fn new() -> Self {
        Self {
            conditions: EntityConditions::default(),
            unknown_field: None,
            event: PhantomData,
        }
    }

    /// Requires that the entity is one of these.
    pub fn ids(mut self, ids: impl IntoIterator<Item = EntityId>) -> Self {
        let ids = ids.into_iter().map(EntityId::uuid);
        self.conditions.ids = Some(match self.conditions.ids.take() {
            None => ids.collect(),
            Some(earlier) => ids.filter(|id| earlier.contains(id)).collect(),
        });
        self
    }

    /// Requires exactly this state.
    pub fn state(mut self, state: State<E::Type>) -> Self {
        self.conditions.state = Some(state.set());
        self
    }

    /// Requires this event type in the state; called several times, all of the types.
    pub fn state_contains(mut self, event_type: E::Type) -> Self {
        let contains = &mut self.conditions.state_contains;
        *contains = contains.union(StateSet::only(event_type.index()));
        self
    }

    /// Requires that this event type is not in the state; called several times, none of the types.
    pub fn state_excludes(mut self, event_type: E::Type) -> Self {
        let excludes = &mut self.conditions.state_excludes;
        *excludes = excludes.union(StateSet::only(event_type.index()));
        self
    }

    /// Requires that the last event is of this type.
    pub fn last_event_type(mut self, event_type: E::Type) -> Self {
        self.conditions.last_event_type = Some(event_type.index());
        self
    }

    /// Requires this generation.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.conditions.generation = Some(generation);
        self
    }

    /// Requires that the first event was recorded at this time or later.
    pub fn created_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedFrom, time)
    }

    /// Requires that the first event was recorded at this time or earlier.
    pub fn created_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::CreatedUntil, time)
    }

    /// Requires that the last event was recorded at this time or later.
    pub fn updated_from(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedFrom, time)
    }

    /// Requires that the last event was recorded at this time or earlier.
    pub fn updated_until(self, time: DateTime<Utc>) -> Self {
        self.time(TimeCondition::UpdatedUntil, time)
    }

    /// Requires this value in this field of the data; see [`Entities::field`](crate::Entities::field).
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        match E::DATA_FIELDS.iter().find(|field| field.name() == name) {
            Some(field) => self.conditions.fields.push((field, value.into())),
            None => self.unknown_field = Some(name.to_owned()),
        }
        self
    }

    fn time(mut self, condition: TimeCondition, time: DateTime<Utc>) -> Self {
        self.conditions.times.push((condition, time));
        self
    }

    /// Returns the conditions.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the data have no such field, or a value no database can store.
    pub(crate) fn checked(self) -> Result<EntityConditions, Error> {
        if let Some(name) = self.unknown_field {
            let field = format!("the field '{name}'");
            return Err(InvalidInput::new(field, InputProblem::UnknownDataField).into());
        }
        let mut fields = self.conditions.fields.iter();
        if let Some((field, _)) = fields.find(|(_, value)| has_nul(value)) {
            let value = format!("the value of the field '{}'", field.name());
            return Err(InvalidInput::new(value, InputProblem::ContainsNul).into());
        }
        Ok(self.conditions)
    }
}

impl<E: Event> Default for EntityCondition<E> {
    fn default() -> Self {
        Self::new()
    }
}

// By hand: derives would require the traits of `E`, of which a condition holds no value.
impl<E: Event> Clone for EntityCondition<E> {
    fn clone(&self) -> Self {
        Self {
            conditions: self.conditions.clone(),
            unknown_field: self.unknown_field.clone(),
            event: PhantomData,
        }
    }
}

impl<E: Event> std::fmt::Debug for EntityCondition<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EntityCondition")
            .field(&self.conditions)
            .finish()
    }
}
