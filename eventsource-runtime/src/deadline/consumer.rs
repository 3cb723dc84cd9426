//! Keeps the timers of a machine, and writes what is due.

use std::collections::HashSet;

use eventsource_core::{EntityId, Event, EventStore, Timers, UnreadableReason};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::contract::event::SourceEvent;
use crate::contract::kind::Kind;
use crate::contract::source::BoxFuture;
use crate::contract::stop::{Progress, Stop};
use crate::deadline::{rows, write};
use crate::subscription::consumer::{Batch, Consumer};
use crate::subscription::shard::Shard;

/// Entities that are worked on at once.
const AT_ONCE: usize = 8;

/// Timers of the machine of `E`.
pub(crate) struct DeadlineConsumer<E: Event> {
    events: EventStore<E>,
}

impl<E: Event> DeadlineConsumer<E> {
    pub(crate) fn new(events: &EventStore<E>) -> Self {
        let events = events.clone();
        Self { events }
    }

    /// Returns the entities whose timers the events may have changed, each once.
    fn changed(events: &[std::sync::Arc<SourceEvent>]) -> Result<Vec<EntityId>, Stop> {
        let (mut changed, mut seen) = (Vec::new(), HashSet::new());
        for event in events {
            if let Some(unreadable) = event.unreadable()
                && matches!(unreadable.reason, UnreadableReason::UnknownEventType { .. })
            {
                return Err(Stop::Newer { entity: E::ENTITY });
            }
            let changes = event.typed::<E>().is_none_or(Timers::<E>::changes_with);
            if changes && seen.insert(event.entity_id) {
                changed.push(event.entity_id);
            }
        }
        Ok(changed)
    }

    async fn write_due(&self, shard: &Shard) -> Result<(), Stop> {
        let mut looked_at = HashSet::new();
        while !shard.stop().is_cancelled() {
            let now = shard.store().now().await?;
            let due = rows::due(shard, E::ENTITY, now).await?;
            let full = due.len() as i64 == rows::LIMIT;
            let due: Vec<EntityId> = due.into_iter().filter(|id| looked_at.insert(*id)).collect();
            if due.is_empty() {
                break;
            }
            let events = &self.events;
            let written = stream::iter(due).map(|id| async move {
                let timers = write::write(events, id, now).await?;
                Ok::<_, Stop>((id, timers))
            });
            let timers: Vec<_> = written.buffer_unordered(AT_ONCE).try_collect().await?;
            let mut begun = shard.begin().await?;
            rows::replace(&mut begun.transaction, E::ENTITY, &timers).await?;
            shard.commit(begun).await?;
            if !full {
                break;
            }
        }
        Ok(())
    }
}

impl<E: Event> Consumer for DeadlineConsumer<E> {
    fn kind(&self) -> Kind {
        Kind::Deadline
    }

    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>> {
        Box::pin(async move {
            let changed = Self::changed(batch.events())?;
            if changed.is_empty() {
                return Ok(Progress::passed(batch.up_to()));
            }
            // Before the transaction begins: there may be no second connection.
            let events = &self.events;
            let read = stream::iter(changed).map(|id| async move {
                let timers = write::read(events, id).await?;
                Ok::<_, Stop>((id, timers))
            });
            let timers: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
            rows::replace(batch.transaction().await?, E::ENTITY, &timers).await?;
            Ok(Progress::done(batch.up_to()))
        })
    }

    fn tick<'a>(&'a self, shard: &'a Shard) -> BoxFuture<'a, Result<(), Stop>> {
        Box::pin(self.write_due(shard))
    }
}
