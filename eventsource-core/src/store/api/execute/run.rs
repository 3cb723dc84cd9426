//! Execution of a command.
//!
//! A try decides on the state that the last command has left in the cache, if there is one, else on the
//! state that the database has. Its events are appended at the sequence of that state, so the database
//! refuses them if the entity has moved on. Nothing else tells that a state of the cache is old: so
//! whatever is not stored is answered only after the head has been read.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::SubsecRound;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::payload::limits::MAX_PAYLOAD_BYTES;
use crate::store::api::execute::archive::{Codec, Entry, Stamp, archive_error, is_rejection};
use crate::store::api::fold::next_head;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::text_checks::{check_metadata, has_nul};
use crate::{
    Append, Appended, ArchivedCommand, Command, CommandOutcome, Entity, EntityId, Error, Event,
    EventStore, ExecuteError, Executed, Fold, Metadata, Seq,
};

/// Number of times that a command is asked about a state of the database, unless the caller says
/// another.
const TRIES: u32 = 10;

/// Execution of one command.
pub(super) struct Execution<'a, E: Event, C: Command<E>> {
    events: &'a EventStore<E>,
    entity_id: EntityId,
    /// Whether the command creates the entity; if ids are counted, the id is a placeholder then.
    creates: bool,
    command: C,
    pub(super) metadata: Metadata,
    pub(super) expected: Option<Seq>,
    pub(super) most_tries: u32,
    pub(super) uses_cache: bool,
    archive: Option<Codec<C, C::Refusal>>,
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
            archive: None,
        }
    }

    /// Executes the command, when those before it to the same entity have been.
    pub(super) async fn run(self) -> Result<Executed<E>, ExecuteError<C::Refusal>> {
        let entry = self.entry()?;
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
            let (entity, idle) = match self.attempt(cached.take(), entry.as_ref()).await {
                Ok(appended) => {
                    let executed = executed(appended, asked);
                    self.archive_repeat(entry.as_ref(), &executed).await?;
                    return Ok(executed);
                }
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
            if let Some(earlier) = self.earlier_answer(entry.as_ref()).await {
                return earlier;
            }
            if is_cached && !self.is_current(entity.as_ref()).await? {
                continue;
            }
            if let Some(entity) = entity {
                self.keep(entity);
            }
            if let Some(entry) = &entry
                && self.archive(entry, &idle).await?
            {
                // Another execution of the command has an outcome since.
                continue;
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
        entry: Option<&Entry>,
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
        match append.archiving(entry.cloned()).store().await {
            Ok(appended) => {
                self.keep_after(entity, &appended);
                Ok(appended)
            }
            Err(error @ (Error::Conflict { .. } | Error::Unavailable { .. })) => {
                Err((None, error.into()))
            }
            Err(error) => {
                let key = || self.metadata.idempotency_key.clone().unwrap_or_default();
                let has_outcome = || Error::IdempotencyKeyReused { key: key() };
                let error = archive_error(error).unwrap_or_else(has_outcome);
                Err((Some(entity), error.into()))
            }
        }
    }

    /// Returns what the archive is to have of the command, unless it is to have nothing.
    ///
    /// A refused command that would have created an entity is kept by an id that comes of its own, so
    /// that a repeat finds it.
    fn entry(&self) -> Result<Option<Entry>, Error> {
        let Some(codec) = &self.archive else {
            return Ok(None);
        };
        check_metadata(&self.metadata)?;
        let payload = (codec.command)(&self.command);
        let payload = checked_json(payload, || format!("the command '{}'", C::NAME))?;
        let key = self.metadata.idempotency_key.clone();
        let command_id = key.unwrap_or_else(|| EntityId::new().to_string());
        Ok(Some(Entry {
            entity_id: match self.creates {
                true => creation::<E>(&self.metadata, &command_id),
                false => self.entity_id,
            },
            entity: E::ENTITY,
            command_id,
            name: C::NAME,
            payload,
            metadata: self.metadata.clone(),
            received_at: self.events.store.clock().now().trunc_subsecs(6),
            is_rejection: is_rejection::<E>,
        }))
    }

    /// Writes the command into the archive, if it came to its end; returns whether it was there with an
    /// outcome already.
    async fn archive(&self, entry: &Entry, idle: &Idle<C::Refusal>) -> Result<bool, Error> {
        let (outcome, answer) = match idle {
            Idle::Nothing => ("accepted", None),
            Idle::Refused(refusal) => {
                let written = self.archive.as_ref().map(|codec| {
                    let what = || format!("the refusal of the command '{}'", C::NAME);
                    checked_json((codec.refusal)(refusal), what)
                });
                let written = written.transpose()?;
                let message = refusal.to_string();
                (
                    "refused",
                    Some(json!({ "message": message, "refusal": written })),
                )
            }
            // The rules may let it happen another time.
            Idle::Store(_) => return Ok(false),
        };
        let stamp = Stamp {
            outcome,
            answer,
            seqs: None,
        };
        let mut transaction = self.events.store.begin().await?;
        let has_outcome = entry.store(&mut transaction, stamp).await?;
        transaction.commit().await?;
        Ok(has_outcome)
    }

    /// Writes a command into the archive whose events were stored without, such as by a program that had
    /// begun to execute it and was killed.
    async fn archive_repeat(
        &self,
        entry: Option<&Entry>,
        executed: &Executed<E>,
    ) -> Result<(), Error> {
        let (Some(entry), true) = (entry, executed.replayed) else {
            return Ok(());
        };
        let mut entry = entry.clone();
        entry.entity_id = executed.entity_id;
        let (first, last) = (executed.events.first(), executed.events.last());
        let rejected = executed.rejection().is_some();
        let stamp = Stamp {
            outcome: if rejected { "rejected" } else { "accepted" },
            answer: None,
            seqs: first.zip(last).map(|(first, last)| (first.seq, last.seq)),
        };
        let mut transaction = self.events.store.begin().await?;
        entry.store(&mut transaction, stamp).await?;
        transaction.commit().await
    }

    /// Archives the command.
    pub(super) fn archiving(mut self) -> Self
    where
        C: Serialize,
        C::Refusal: Serialize,
    {
        self.archive = Some(Codec::new());
        self
    }

    /// Writes the command into the archive, to be executed later.
    pub(super) async fn submit(self) -> Result<String, Error> {
        if self.creates {
            let command = format!("the command '{}'", C::NAME);
            return Err(InvalidInput::new(command, InputProblem::CreatesLater).into());
        }
        let Some(entry) = self.entry()? else {
            return Err(Error::database("a command without an archive is submitted"));
        };
        let mut transaction = self.events.store.begin().await?;
        entry.submit(&mut transaction).await?;
        transaction.commit().await?;
        if self.metadata.idempotency_key.is_some() {
            let archived = self.archived_as(&entry).await?;
            if archived.is_some_and(|archived| archived.payload != entry.payload) {
                let key = entry.command_id;
                return Err(Error::IdempotencyKeyReused { key });
            }
        }
        Ok(entry.command_id)
    }

    /// Returns the command of this id that is in the archive.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] if it is another one.
    async fn archived_as(&self, entry: &Entry) -> Result<Option<ArchivedCommand>, Error> {
        let actor = self.metadata.actor.as_deref();
        let archived = self
            .events
            .command(entry.entity_id, &entry.command_id, actor)
            .await?;
        if archived
            .as_ref()
            .is_some_and(|archived| archived.name != C::NAME)
        {
            let key = entry.command_id.clone();
            return Err(Error::IdempotencyKeyReused { key });
        }
        Ok(archived)
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

    /// Returns the answer that an earlier request with the same command id has had, if it has one.
    async fn earlier_answer(
        &self,
        entry: Option<&Entry>,
    ) -> Option<Result<Executed<E>, ExecuteError<C::Refusal>>> {
        match self.stored_before().await {
            Ok(None) => {}
            Ok(Some(executed)) => {
                let archived = self.archive_repeat(entry, &executed).await;
                return Some(archived.map(|()| executed).map_err(ExecuteError::from));
            }
            Err(error) => return Some(Err(error.into())),
        }
        self.metadata.idempotency_key.as_ref()?;
        match self.archived_as(entry?).await {
            Ok(None) => None,
            Ok(Some(archived)) => match archived.outcome {
                CommandOutcome::Refused { message, refusal } => {
                    Some(Err(ExecuteError::RefusedBefore {
                        message,
                        refusal,
                        at: archived.received_at,
                    }))
                }
                CommandOutcome::Accepted { seqs } | CommandOutcome::Rejected { seqs } => {
                    Some(self.archived_events(seqs).await.map_err(ExecuteError::from))
                }
                CommandOutcome::Pending { .. } | CommandOutcome::Failed { .. } => None,
            },
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Returns what the archive knows to be stored, though its key has expired.
    async fn archived_events(&self, seqs: Option<(Seq, Seq)>) -> Result<Executed<E>, Error> {
        let events = match seqs {
            None => Vec::new(),
            Some((first, last)) => {
                let before = Seq::new(first.get().saturating_sub(1));
                let events = self.events.history(self.entity_id).after(before);
                events.as_of(last).await?
            }
        };
        Ok(Executed {
            entity_id: self.entity_id,
            events,
            replayed: true,
            tries: 0,
        })
    }

    /// Returns what an earlier request with the same command id has stored.
    async fn stored_before(&self) -> Result<Option<Executed<E>>, Error> {
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

/// Returns the id under which a creation is archived that has created nothing.
fn creation<E: Event>(metadata: &Metadata, command_id: &str) -> EntityId {
    let actor = metadata.actor.as_deref().unwrap_or_default();
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for byte in [E::ENTITY, actor, command_id]
        .into_iter()
        .flat_map(|text| text.bytes().chain([0]))
    {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_013b);
    }
    Uuid::from_u128(hash).into()
}

/// Returns a value that every database can keep as JSON.
fn checked_json(
    value: serde_json::Result<Value>,
    what: impl Fn() -> String,
) -> Result<Value, InvalidInput> {
    let value = value.map_err(|_| InvalidInput::new(what(), InputProblem::NotJson))?;
    if has_nul(&value) {
        return Err(InvalidInput::new(what(), InputProblem::ContainsNul));
    }
    let max_bytes = MAX_PAYLOAD_BYTES;
    match value.to_string().len() > max_bytes {
        true => Err(InvalidInput::new(
            what(),
            InputProblem::TooLong { max_bytes },
        )),
        false => Ok(value),
    }
}
