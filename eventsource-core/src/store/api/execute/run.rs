//! Execution of a command.
//!
//! A try decides on the state that the last command has left in the cache, if there is one, else on the
//! state that the database has. Its events are appended at the sequence of that state, so the database
//! refuses them if the entity has moved on. Nothing else tells that a state of the cache is old: so
//! whatever is not stored is answered only after the head has been read.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::store::api::fold::next_head;
use crate::{
    Append, Appended, Command, Entity, EntityId, Error, Event, EventStore, ExecuteError, Executed,
    Fold, Metadata, Seq,
};

/// Number of times that a command is asked about a state of the database, unless the caller says
/// another.
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
    pub(super) uses_cache: bool,
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
            uses_cache: true,
        }
    }

    /// Executes the command, when those before it to the same entity have been.
    pub(super) async fn run(self) -> Result<Executed<E>, ExecuteError<C::Refusal>> {
        let turns = &self.events.store.commands.turns;
        let _turn = match self.creates {
            true => None,
            false => Some(turns.wait(E::ENTITY, self.entity_id.uuid()).await),
        };
        let mut delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(200))
            .without_max_times()
            .with_jitter()
            .build();
        let mut cached = self.take_cached();
        // How often the command was asked, and how often of these about a state of the database.
        let (mut asked, mut loaded) = (0, 0);
        loop {
            let is_cached = cached.is_some();
            asked += 1;
            loaded += u32::from(!is_cached);
            let (entity, idle) = match self.attempt(cached.take()).await {
                Ok(appended) => return Ok(executed(appended, asked)),
                Err(failed) => failed,
            };
            match &idle {
                Idle::Store(Error::Unavailable { .. }) => return self.answer(idle, asked),
                Idle::Store(Error::Conflict { .. }) if is_cached => continue,
                Idle::Store(Error::Conflict { .. })
                    if self.expected.is_none() && loaded < self.most_tries =>
                {
                    tokio::time::sleep(delays.next().unwrap_or_default()).await;
                    continue;
                }
                _ => {}
            }
            if let Some(earlier) = self.earlier_answer().await? {
                return Ok(earlier);
            }
            if is_cached && !self.is_current(entity.as_ref()).await? {
                continue;
            }
            if let Some(entity) = entity {
                self.keep(entity);
            }
            return self.answer(idle, asked);
        }
    }

    /// Decides once, on a cached or a loaded entity, and appends what was decided.
    ///
    /// The entity comes back with what stored nothing, unless that may be because it has changed.
    async fn attempt(
        &self,
        cached: Option<Entity<E, C::State>>,
    ) -> Result<Appended<E>, (Option<Entity<E, C::State>>, Idle<C::Refusal>)> {
        let entity = match cached {
            Some(entity) => entity,
            None => match self.load().await {
                Ok(entity) => entity,
                Err(error) => return Err((None, error.into())),
            },
        };
        let seq = seq(&entity);
        if let Some(expected) = self.expected.filter(|expected| *expected != seq) {
            return Err((Some(entity), self.conflict(expected, seq).into()));
        }
        let decided = match self.command.decide(&entity) {
            Ok(decision) => decision.into_events(),
            Err(refusal) => return Err((Some(entity), Idle::Refused(refusal))),
        };
        if decided.is_empty() {
            return Err((Some(entity), Idle::Nothing));
        }
        let append = Append::decided(self.events, self.entity_id, self.creates, seq, decided);
        let append = append.with_metadata(self.metadata.clone());
        match append.store().await {
            Ok(appended) => {
                self.keep_after(entity, &appended);
                Ok(appended)
            }
            Err(error @ (Error::Conflict { .. } | Error::Unavailable { .. })) => {
                Err((None, error.into()))
            }
            Err(error) => Err((Some(entity), error.into())),
        }
    }

    /// Loads the entity as it is now, with all of its events.
    async fn load(&self) -> Result<Entity<E, C::State>, Error> {
        let unknown = |id| Entity::new(id, None, C::State::default());
        if self.creates {
            return Ok(unknown(self.entity_id));
        }
        let program = self.program();
        let query = C::SOURCE.of(program.fold(self.entity_id));
        Ok(match query.await? {
            Some(folded) => Entity::new(self.entity_id, Some(folded.head), folded.value),
            None => unknown(self.entity_id),
        })
    }

    /// Checks whether the entity has the events that were decided on, and no more.
    async fn is_current(&self, entity: Option<&Entity<E, C::State>>) -> Result<bool, Error> {
        let Some(entity) = entity else {
            return Ok(false);
        };
        let head = self.program().head(self.entity_id).await?;
        Ok(head == entity.head)
    }

    /// Returns a handle that sees everything, on the primary.
    fn program(&self) -> EventStore<E> {
        let mut program = self.events.reading_as_program();
        program.store = program.store.reading_from_primary();
        program
    }

    fn take_cached(&self) -> Option<Entity<E, C::State>> {
        let states = &self.events.store.commands.states;
        let is_used = self.uses_cache && !self.creates;
        is_used.then(|| states.take(self.entity_id.uuid()))?
    }

    /// Keeps the entity for the next command.
    fn keep(&self, entity: Entity<E, C::State>) {
        if !self.uses_cache || entity.head.is_none() {
            return;
        }
        let states = &self.events.store.commands.states;
        let bytes = C::SOURCE.bytes(&entity.data, seq(&entity).get());
        states.put(entity.id.uuid(), entity, bytes);
    }

    /// Keeps the entity with the events that were stored by now.
    fn keep_after(&self, mut entity: Entity<E, C::State>, appended: &Appended<E>) {
        if !self.uses_cache {
            return;
        }
        if !appended.replayed {
            entity.id = appended.entity_id();
            for event in &appended.events {
                entity.data.apply(event);
                entity.head = Some(next_head(entity.head.as_ref(), event));
            }
        }
        self.keep(entity);
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

    /// Returns the answer of an execution that has stored nothing.
    fn answer(
        &self,
        idle: Idle<C::Refusal>,
        tries: u32,
    ) -> Result<Executed<E>, ExecuteError<C::Refusal>> {
        match idle {
            Idle::Nothing => Ok(Executed {
                entity_id: self.entity_id,
                events: Vec::new(),
                replayed: false,
                tries,
            }),
            Idle::Refused(refusal) => Err(ExecuteError::Refused(refusal)),
            Idle::Store(error) => Err(error.into()),
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

fn seq<E: Event, S>(entity: &Entity<E, S>) -> Seq {
    (entity.head.as_ref()).map_or(Seq::NO_STREAM, |head| head.seq)
}

fn executed<E: Event>(appended: Appended<E>, tries: u32) -> Executed<E> {
    Executed {
        entity_id: appended.entity_id(),
        replayed: appended.replayed,
        events: appended.events,
        tries,
    }
}
