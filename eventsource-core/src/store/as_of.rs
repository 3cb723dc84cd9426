//! Points in the past of an entity.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::{Clock, Seq};

/// A point in the past of an entity (P33, C21): what it was after its last event at or before it.
///
/// Within an entity sequences, clocks and times grow together, so each of them names a point. Times
/// are compared to the microsecond, as they are stored.
///
/// ```no_run
/// # use chrono::{DateTime, Utc};
/// # use eventsource_core::{AsOf, EntityId, Error, Event, EventStore, Seq};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId, when: DateTime<Utc>) -> Result<(), Error> {
/// let third = tasks.load(id).as_of(AsOf::Seq(Seq::new(3))).await?;
/// let then = tasks.data(id).as_of(when).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After this many events.
    Seq(Seq),
    /// After the last event of this clock or a smaller one.
    Clock(Clock),
    /// After the last event that was recorded then or before.
    Time(DateTime<Utc>),
}

impl AsOf {
    /// Where all events are, for what comes later than any can: databases know fewer times.
    pub(crate) fn bounded_time(time: DateTime<Utc>) -> DateTime<Utc> {
        const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;
        let last = NaiveDate::from_ymd_opt(9999, 12, 31)
            .map_or(FIRST, |day| day.and_time(NaiveTime::MIN).and_utc());
        // Nothing was recorded before the epoch.
        time.clamp(FIRST, last)
    }
}

impl From<Seq> for AsOf {
    fn from(seq: Seq) -> Self {
        Self::Seq(seq)
    }
}

impl From<Clock> for AsOf {
    fn from(clock: Clock) -> Self {
        Self::Clock(clock)
    }
}

impl From<DateTime<Utc>> for AsOf {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}
