//! Execution of a command.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::{
    Append, Appended, Command, Entity, EntityId, Error, Event, EventStore, ExecuteError, Executed,
    Metadata, Seq,
};

/// Number of times that a command is asked, unless the caller says another.
const TRIES: u32 = 10;

/// Execution of one command.
pub(super) struct Execution<'a, E: Event, C> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    /// Whether the command creates the entity; if ids are counted, the id is a placeholder then.
    creates: bool,
    command: C,
    pub(super) metadata: Metadata,
    pub(super) expected: Option<Seq>,
    pub(super) most_tries: u32,
}

/// Outcome of a try that stored nothing.
enum Idle<R> {
    /// The command decided that nothing happens.
    Nothing,
    Refused(R),
    /// The store refused what the command decided, or could not load the entity.
    Store(Error),
}

impl<R> From<Error> for Idle<R> {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl<'a, E: Event, C: Command<E>> Execution<'a, E, C> {
    /// Begins an execution on an entity, or on one that the command creates.
    pub(super) fn new(events: &'a EventStore<E>, entity_id: Option<EntityId>, command: C) -> Self {
        Self {
            events,
            entity_id: entity_id.unwrap_or_else(EntityId::new),
            creates: entity_id.is_none(),
            command,
            metadata: Metadata::default(),
            expected: None,
            most_tries: TRIES,
        }
    }

    /// Executes the command.
    pub(super) async fn run(self) -> Result<Executed<E>, ExecuteError<C::Refusal>> {
        let mut delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(200))
            .without_max_times()
            .with_jitter()
            .build();
        for tries in 1.. {
            let idle = match self.attempt().await {
                Ok(appended) => return Ok(executed(appended, tries)),
                Err(idle) => idle,
            };
            if let Some(earlier) = self.earlier_answer().await? {
                return Ok(earlier);
            }
            match idle {
                Idle::Store(Error::Conflict { .. })
                    if self.expected.is_none() && tries < self.most_tries =>
                {
                    tokio::time::sleep(delays.next().unwrap_or_default()).await;
                }
                Idle::Store(error) => return Err(error.into()),
                Idle::Refused(refusal) => return Err(ExecuteError::Refused(refusal)),
                Idle::Nothing => return Ok(self.nothing(tries)),
            }
        }
        unreachable!("every number of tries is followed by another")
    }

    /// Decides once, and appends what was decided.
    async fn attempt(&self) -> Result<Appended<E>, Idle<C::Refusal>> {
        let entity = self.load().await?;
        let seq = entity.head.as_ref().map_or(Seq::NO_STREAM, |head| head.seq);
        if let Some(expected) = self.expected.filter(|expected| *expected != seq) {
            return Err(self.conflict(expected, seq).into());
        }
        let decision = self.command.decide(&entity).map_err(Idle::Refused)?;
        let decided = decision.into_events();
        if decided.is_empty() {
            return Err(Idle::Nothing);
        }
        let append = Append::decided(self.events, self.entity_id, self.creates, seq, decided);
        Ok(append.with_metadata(self.metadata.clone()).store().await?)
    }

    /// Loads the entity.
    async fn load(&self) -> Result<Entity<E, C::State>, Error> {
        if self.creates {
            return Ok(Entity::new(self.entity_id, None, C::State::default()));
        }
        let program = self.events.reading_as_program();
        let folded = program.fold::<C::State>(self.entity_id).await?;
        Ok(match folded {
            Some(folded) => Entity::new(self.entity_id, Some(folded.head), folded.value),
            None => Entity::new(self.entity_id, None, C::State::default()),
        })
    }

    /// Returns what an earlier request with the same command id has stored.
    async fn earlier_answer(&self) -> Result<Option<Executed<E>>, Error> {
        let Some(key) = &self.metadata.idempotency_key else {
            return Ok(None);
        };
        let actor = self.metadata.actor.as_deref();
        let Some(appended) = self.events.answered(key, actor).await? else {
            return Ok(None);
        };
        if !self.creates && appended.entity_id() != self.entity_id {
            return Err(Error::IdempotencyKeyReused { key: key.clone() });
        }
        Ok(Some(executed(appended, 0)))
    }

    fn nothing(&self, tries: u32) -> Executed<E> {
        Executed {
            entity_id: self.entity_id,
            events: Vec::new(),
            replayed: false,
            tries,
        }
    }

    fn conflict(&self, expected: Seq, actual: Seq) -> Error {
        Error::Conflict {
            entity_id: self.entity_id,
            id: E::ID.format(self.entity_id),
            expected,
            actual,
        }
    }
}

fn executed<E: Event>(appended: Appended<E>, tries: u32) -> Executed<E> {
    Executed {
        entity_id: appended.entity_id(),
        replayed: appended.replayed,
        events: appended.events,
        tries,
    }
}
