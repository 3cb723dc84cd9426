//! Subscription of a machine's timers.

use std::sync::Arc;

use eventsource_core::{Event, EventStore};

use crate::contract::source::Machine;
use crate::deadline::consumer::DeadlineConsumer;
use crate::subscription::builder::Subscription;

/// Shards of the timers of a machine.
const SHARDS: u16 = 4;

/// Writes the timed events of a machine, those with `after` or `at`, when their time has come.
///
/// An event is written if it is legal then, after the last event of its entity, by the actor
/// `process:timer`: never before its time by the clock of the database, never twice for the same
/// wait, and late after an outage. The name of the subscription is `timers_` and the entity's.
///
/// ```
/// # mod example {
/// use std::time::Duration;
/// use eventsource_core::{Clock, EntityId, Event, ManualClock, StoreOptions};
/// use eventsource_runtime::{Runtime, timers};
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
/// # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::new("2026-12-01T09:00:00Z".parse()?);
/// let store = StoreOptions::new("sqlite::memory:").clock(clock.clone()).connect().await?;
/// let offers = store.migrate::<OfferEvent>().await?;
/// let runtime = Runtime::new(&store).add(timers(&offers)).build().await?;
///
/// let id = EntityId::new();
/// offers.append(id, OfferEvent::Made { price: 70 }).await?;
/// clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
/// runtime.settle().await?;
///
/// let head = offers.head(id).await?.unwrap();
/// assert_eq!(head.last_event_type, OfferEventType::Expired);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub fn timers<E: Event>(events: &EventStore<E>) -> Subscription {
    let consumer = Arc::new(DeadlineConsumer::new(events));
    let mut subscription = Subscription::new(format!("timers_{}", E::ENTITY), consumer);
    subscription.sources.push(Arc::new(Machine::new(events, 0)));
    subscription.shards = SHARDS;
    subscription
}
