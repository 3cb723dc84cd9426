//! Points in the past of an entity.

use chrono::{DateTime, Utc};

use crate::{LogSeq, Seq};

/// Microseconds from the epoch to the beginning of the year 0 and of the year 1, and to the last of
/// the year 9999.
const YEAR_0: i64 = -62_167_219_200_000_000;

const YEAR_1: i64 = -62_135_596_800_000_000;

const END_OF_9999: i64 = 253_402_300_799_999_999;

/// A point in the past of an entity (P33, C21): what it was after its last event at or before it.
///
/// Within an entity sequences, clocks and times grow together, so each of them names a point. Times
/// are compared to the microsecond, as they are stored.
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
    /// After this many events.
    Seq(Seq),
    /// After the last event of this clock or a smaller one.
    LogSeq(LogSeq),
    /// After the last event that was recorded then or before.
    Time(DateTime<Utc>),
}

impl AsOf {
    /// The nearest time that the databases know. Events have later ones than the first, and none
    /// has a later one than the last.
    pub(crate) fn bounded_time(time: DateTime<Utc>) -> DateTime<Utc> {
        let micros = time.timestamp_micros().clamp(YEAR_0, END_OF_9999);
        DateTime::from_timestamp_micros(micros).unwrap_or(time)
    }

    /// The time as the databases keep it: in microseconds, and in a year of four digits; `None` if
    /// it is in none.
    pub(crate) fn kept_time(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
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
