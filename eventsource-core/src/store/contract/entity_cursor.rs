//! The orders of entities, and places in them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Event, Head};

/// In which order a search gives entities; those with equal times by id.
///
/// ```no_run
/// # use eventsource_core::{EntityOrder, Error, Event, EventStore};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// let newest = tasks.entities().order_by(EntityOrder::Updated).descending().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntityOrder {
    /// By id.
    Id,
    /// By the time of the first event.
    Created,
    /// By the time of the last event.
    Updated,
}

/// A place in an order of entities: that of one of them. As a text it travels in URLs.
///
/// ```no_run
/// # use eventsource_core::{EntityCursor, EntityOrder, Error, Event, EventStore};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// let order = EntityOrder::Created;
/// let first = tasks.entities().order_by(order).limit(10).await?;
/// if let Some(last) = first.items.last() {
///     let cursor = EntityCursor::of(last, order);
///     let second = tasks.entities().order_by(order).limit(10).after(cursor).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityCursor {
    place: Place,
    id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Id,
    Created(DateTime<Utc>),
    Updated(DateTime<Utc>),
}

impl EntityCursor {
    /// The place of this entity in that order.
    #[must_use]
    pub fn of<E: Event>(head: &Head<E>, order: EntityOrder) -> Self {
        let place = match order {
            EntityOrder::Id => Place::Id,
            EntityOrder::Created => Place::Created(head.created_at),
            EntityOrder::Updated => Place::Updated(head.updated_at),
        };
        Self {
            place,
            id: head.id.uuid(),
        }
    }

    /// The order that it is a place in.
    #[must_use]
    pub fn order(&self) -> EntityOrder {
        match self.place {
            Place::Id => EntityOrder::Id,
            Place::Created(_) => EntityOrder::Created,
            Place::Updated(_) => EntityOrder::Updated,
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        match self.place {
            Place::Id => None,
            Place::Created(time) | Place::Updated(time) => Some(time),
        }
    }
}

/// Letters, digits, `-` and `.`: nothing that a URL would escape.
impl fmt::Display for EntityCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Id => write!(f, "id.{}", self.id),
            Place::Created(time) => write!(f, "created.{}.{}", time.timestamp_micros(), self.id),
            Place::Updated(time) => write!(f, "updated.{}.{}", time.timestamp_micros(), self.id),
        }
    }
}

impl FromStr for EntityCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parts: Vec<&str> = text.split('.').collect();
        let time = |micros: &str| {
            let micros = micros.parse().map_err(|_| InvalidCursor)?;
            DateTime::from_timestamp_micros(micros).ok_or(InvalidCursor)
        };
        let (place, id) = match parts[..] {
            ["id", id] => (Place::Id, id),
            ["created", micros, id] => (Place::Created(time(micros)?), id),
            ["updated", micros, id] => (Place::Updated(time(micros)?), id),
            _ => return Err(InvalidCursor),
        };
        let id = id.parse().map_err(|_| InvalidCursor)?;
        Ok(Self { place, id })
    }
}

/// A text that is no [`EntityCursor`].
///
/// ```
/// # use eventsource_core::EntityCursor;
/// let error = "xyz".parse::<EntityCursor>().unwrap_err();
/// assert_eq!(error.to_string(), "not a cursor of entities");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of entities")]
pub struct InvalidCursor;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_as_a_text() {
        let id = Uuid::now_v7();
        let time = DateTime::from_timestamp_micros(1_750_000_000_123_456).unwrap_or_default();
        for place in [Place::Id, Place::Created(time), Place::Updated(time)] {
            let cursor = EntityCursor { place, id };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in [
            "",
            "id",
            "id.x",
            "created.1",
            "updated.x.y",
            "created.9e9.0",
        ] {
            assert_eq!(text.parse::<EntityCursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
