//! Orders of entities, and cursors in them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Event, Head};

/// Order of a search for entities; entities with equal times are ordered by id.
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
    /// Order by id.
    Id,
    /// Order by the time of the first event.
    Created,
    /// Order by the time of the last event.
    Updated,
}

/// Cursor in an order of entities: the position of one entity, written as text for URLs.
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
    sort_key: SortKey,
    id: Uuid,
}

/// Value of the entity by which the search is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortKey {
    Id,
    Created(DateTime<Utc>),
    Updated(DateTime<Utc>),
}

impl EntityCursor {
    /// Creates the cursor at this entity in an order.
    #[must_use]
    pub fn of<E: Event>(head: &Head<E>, order: EntityOrder) -> Self {
        let sort_key = match order {
            EntityOrder::Id => SortKey::Id,
            EntityOrder::Created => SortKey::Created(head.created_at),
            EntityOrder::Updated => SortKey::Updated(head.updated_at),
        };
        Self {
            sort_key,
            id: head.id.uuid(),
        }
    }

    /// Returns the order of the cursor.
    #[must_use]
    pub fn order(&self) -> EntityOrder {
        match self.sort_key {
            SortKey::Id => EntityOrder::Id,
            SortKey::Created(_) => EntityOrder::Created,
            SortKey::Updated(_) => EntityOrder::Updated,
        }
    }

    /// Returns the id of the entity.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the time of the entity, in an order by time.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        match self.sort_key {
            SortKey::Id => None,
            SortKey::Created(time) | SortKey::Updated(time) => Some(time),
        }
    }
}

/// Writes letters, digits, `-` and `.` only, which need no escapes in a URL.
impl fmt::Display for EntityCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sort_key {
            SortKey::Id => write!(f, "id.{}", self.id),
            SortKey::Created(time) => write!(f, "created.{}.{}", time.timestamp_micros(), self.id),
            SortKey::Updated(time) => write!(f, "updated.{}.{}", time.timestamp_micros(), self.id),
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
        let (sort_key, id) = match parts[..] {
            ["id", id] => (SortKey::Id, id),
            ["created", micros, id] => (SortKey::Created(time(micros)?), id),
            ["updated", micros, id] => (SortKey::Updated(time(micros)?), id),
            _ => return Err(InvalidCursor),
        };
        let id = id.parse().map_err(|_| InvalidCursor)?;
        Ok(Self { sort_key, id })
    }
}

/// Error of parsing a text that is not an [`EntityCursor`].
///
/// ```
/// # use eventsource_core::EntityCursor;
/// let error = "xyz".parse::<EntityCursor>().unwrap_err();
/// assert_eq!(error.to_string(), "not an entity cursor");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an entity cursor")]
pub struct InvalidCursor;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_round_trips_through_text() {
        let id = Uuid::now_v7();
        let time = DateTime::from_timestamp_micros(1_750_000_000_123_456).unwrap_or_default();
        for sort_key in [SortKey::Id, SortKey::Created(time), SortKey::Updated(time)] {
            let cursor = EntityCursor { sort_key, id };
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
