//! Points in the past of an entity.

use chrono::{DateTime, Utc};

use crate::{LogSeq, Seq};

/// Microseconds from the epoch to the beginning of the year 0.
const YEAR_0: i64 = -62_167_219_200_000_000;

/// Microseconds from the epoch to the beginning of the year 1.
const YEAR_1: i64 = -62_135_596_800_000_000;

/// Microseconds from the epoch to the last one of the year 9999.
const END_OF_9999: i64 = 253_402_300_799_999_999;

/// Point in the past of an entity: after its last event at or before a sequence, a log sequence or
/// a time.
///
/// Within an entity all three grow together, so each of them identifies a point. Times are compared
/// to the microsecond, as they are stored.
///
/// ```no_run
/// # use chrono::{DateTime, Utc};
/// # use eventsource_core::{AsOf, EntityId, Error, Event, EventStore, Seq};
/// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId, when: DateTime<Utc>) -> Result<(), Error> {
/// let third = tasks.head(id).as_of(AsOf::Seq(Seq::new(3))).await?;
/// let then = tasks.data(id).as_of(when).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Point after this many events.
    Seq(Seq),
    /// Point after the last event with this log sequence or a smaller one.
    LogSeq(LogSeq),
    /// Point after the last event that was recorded at or before this time.
    Time(DateTime<Utc>),
}

impl AsOf {
    /// Returns the nearest time that every database can compare.
    ///
    /// The bounds are outside of the times that events can have, so the result selects the events
    /// that `time` would.
    pub(crate) fn bounded_time(time: DateTime<Utc>) -> DateTime<Utc> {
        let micros = time.timestamp_micros().clamp(YEAR_0, END_OF_9999);
        DateTime::from_timestamp_micros(micros).unwrap_or(time)
    }

    /// Returns the time as the databases store it, in microseconds; `None` outside of the years 1
    /// to 9999.
    pub(crate) fn stored_time(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let micros = time.timestamp_micros();
        let years = YEAR_1..=END_OF_9999;
        years
            .contains(&micros)
            .then(|| DateTime::from_timestamp_micros(micros))?
    }
}

impl From<Seq> for AsOf {
    fn from(seq: Seq) -> Self {
        Self::Seq(seq)
    }
}

impl From<LogSeq> for AsOf {
    fn from(log_seq: LogSeq) -> Self {
        Self::LogSeq(log_seq)
    }
}

impl From<DateTime<Utc>> for AsOf {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}
