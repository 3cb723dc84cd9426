//! Timers of an entity, computed from its events.

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_model::Timer;

use crate::{Event, EventType, Fold, RecordedEvent, Seq};

/// Event of an entity that is written by itself at some time, unless something happens before.
///
/// Part of [`Timers::due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Due<T> {
    /// Event type.
    pub event: T,
    /// Time at which it is due.
    pub at: DateTime<Utc>,
    /// Sequence of the event by which the timer began to run.
    pub since: Seq,
}

/// Timers that run for an entity: a [`Fold`] of its events.
///
/// `after` runs while its event is legal, from the event by which it became legal; it begins anew with
/// each restarting event, and after the event itself if that stays legal. `at` runs while its
/// event is legal and its field has a value for which the event was not written yet.
///
/// ```
/// # mod example {
/// use std::time::Duration;
/// use eventsource_core::{Clock, EntityId, Event, ManualClock, StoreOptions, Timers};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "offer")]
/// pub enum OfferEvent {
///     Made { price: i64 },
///     #[event(follows = Made, after = "3 days", terminal)]
///     Expired,
///     #[event(follows = Made, terminal)]
///     Accepted,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let clock = ManualClock::new("2026-12-01T09:00:00Z".parse().unwrap());
/// let store = StoreOptions::new("sqlite::memory:").clock(clock.clone()).connect().await?;
/// let offers = store.migrate::<OfferEvent>().await?;
/// let id = EntityId::new();
/// offers.append(id, OfferEvent::Made { price: 70 }).await?;
///
/// let timers = offers.fold::<Timers<OfferEvent>>(id).await?.unwrap().value;
/// let due = timers.due()[0];
/// assert_eq!(due.event, OfferEventType::Expired);
/// assert_eq!(due.at - clock.now(), chrono::TimeDelta::days(3));
///
/// offers.append(id, OfferEvent::Accepted).await?;
/// assert!(offers.fold::<Timers<OfferEvent>>(id).await?.unwrap().value.due().is_empty());
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub struct Timers<E: Event> {
    data: E::Data,
    /// Timers by event type, in declaration order; those that do not run too.
    running: Vec<Running>,
}

/// Timer of one event type.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    /// Time at which it ends, and the event by which it began; `None` while it does not run.
    end: Option<(DateTime<Utc>, Seq)>,
    /// Time of a field for which the event was written already.
    written_for: Option<DateTime<Utc>>,
}

impl<E: Event> Default for Timers<E> {
    fn default() -> Self {
        Self {
            data: E::Data::default(),
            running: vec![Running::default(); E::Type::ALL.len()],
        }
    }
}

impl<E: Event> Fold<E> for Timers<E> {
    fn apply(&mut self, event: &RecordedEvent<E>) {
        self.data.apply(event);
        let written = event.event.event_type();
        let timed = E::Type::ALL.iter().zip(&mut self.running);
        for (timed, running) in timed {
            let Some(timer) = timed.timer() else {
                continue;
            };
            let is_legal = timed.may_follow(event.state);
            let is_own = written == *timed;
            match timer {
                Timer::After { seconds } => {
                    if !is_legal {
                        running.end = None;
                    } else if running.end.is_none() || is_own || written.is_restarting() {
                        running.end = Some((later(event.recorded_at, *seconds), event.seq));
                    }
                }
                Timer::At { .. } => {
                    let time = E::due_time(&self.data, *timed);
                    if is_own {
                        running.written_for = time;
                    }
                    let waits = |time: &DateTime<Utc>| running.written_for != Some(*time);
                    let due = time.filter(waits).filter(|_| is_legal);
                    if running.end.map(|(end, _)| end) != due {
                        running.end = due.map(|time| (time, event.seq));
                    }
                }
            }
        }
    }
}

/// Returns the time after so many seconds, or the end of time.
fn later(time: DateTime<Utc>, seconds: u64) -> DateTime<Utc> {
    let wait = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    let later = wait.and_then(|wait| time.checked_add_signed(wait));
    later.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl<E: Event> Timers<E> {
    /// Returns what is due and when, the earliest first; of two at the same time the one that is declared
    /// first.
    #[must_use]
    pub fn due(&self) -> Vec<Due<E::Type>> {
        let timed = E::Type::ALL.iter().zip(&self.running);
        let running = timed.filter_map(|(event, running)| {
            let (at, since) = running.end?;
            let event = *event;
            Some(Due { event, at, since })
        });
        let mut due: Vec<_> = running.collect();
        due.sort_by_key(|due| due.at);
        due
    }

    /// Tells whether an event can start, stop or move a timer: the timers of an entity are the same
    /// before and after all others.
    #[must_use]
    pub fn changes_with(event: &RecordedEvent<E>) -> bool {
        let written = event.event.event_type();
        E::Type::ALL.iter().any(|timed| {
            let Some(timer) = timed.timer() else {
                return false;
            };
            let is_legal = timed.may_follow(event.state);
            is_legal != timed.may_follow(event.prior_state)
                || written == *timed
                || is_legal && written.is_restarting()
                || is_legal && sets::<E>(timer, written)
        })
    }
}

/// Tells whether events of this type set the field of a timer.
fn sets<E: Event>(timer: &Timer, written: E::Type) -> bool {
    let Timer::At { field } = timer else {
        return false;
    };
    let mut fields = E::DATA_FIELDS.iter().filter(|known| known.name() == field);
    fields.any(|field| {
        let mut sources = field.sources().iter();
        sources.any(|source| source.event() == written.index())
    })
}

// By hand: derives would require the traits of `E` too, of which there is no value here.
impl<E: Event> Clone for Timers<E> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            running: self.running.clone(),
        }
    }
}

impl<E: Event> std::fmt::Debug for Timers<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.due()).finish()
    }
}
