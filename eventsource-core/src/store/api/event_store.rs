//! Handle to the events of one machine.

use std::sync::Arc;

use crate::store::api::reading::policy::DynReadPolicy;
use crate::store::api::reading::reader::Reader;
use crate::store::api::store::Store;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::companion::Companions;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::raw_event::{RawEvent, RawEventKey};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::rules::payload_rules::payload_rules;
use crate::{EntityId, Error, Event, EventId, RecordedEvent, Seq};

/// Events of one machine in a [`Store`].
///
/// [`Store::migrate`] and [`Store::open`] return it. Cheap to clone.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Seq, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit, terminal)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let id = EntityId::new();
/// lights.append(id, LightEvent::Lit { watts: 60 }).expected_seq(Seq::NO_STREAM).await?;
///
/// let head = lights.head(id).await?.unwrap();
/// assert_eq!(head.state.to_string(), "[LIT]");
/// assert_eq!(head.available(), [LightEventType::PutOut]);
///
/// let history = lights.history(id).await?;
/// assert_eq!(history[0].event, LightEvent::Lit { watts: 60 });
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub struct EventStore<E: Event> {
    pub(crate) store: Store,
    pub(crate) context: Arc<EntityContext>,
    pub(crate) policy: Option<Arc<dyn DynReadPolicy<E>>>,
    pub(crate) reader: Reader,
    /// What is written in the transactions of its appends.
    pub(crate) companions: Companions,
}

impl<E: Event> EventStore<E> {
    /// Opens the events of `E`, whose tables have registered this version.
    pub(crate) fn new(
        store: Store,
        names: Names,
        registered: &SchemaVersion,
    ) -> Result<Self, Error> {
        registered.check_layout(E::ENTITY)?;
        let program = E::MACHINE.fingerprint();
        let mismatch = || Error::RulesMismatch {
            entity: E::ENTITY,
            program,
            database: registered.fingerprint.clone(),
        };
        if registered.fingerprint != program.to_string() {
            return Err(mismatch());
        }
        if registered.counts != E::ID.is_counter() {
            let (has, has_not) = match registered.counts {
                true => ("the database", "the program"),
                false => ("the program", "the database"),
            };
            return Err(Error::InvalidMachine {
                entity: E::ENTITY,
                reason: format!("{has} counts the entities, {has_not} does not"),
            });
        }
        let Ok((codes, new)) = EventTypeCodes::assign(E::MACHINE, &registered.codes) else {
            return Err(mismatch());
        };
        if !new.is_empty() {
            return Err(mismatch());
        }
        let rules = payload_rules::<E>()?;
        Ok(Self {
            store,
            context: Arc::new(EntityContext {
                names,
                codes,
                rules,
                snapshots: crate::store::contract::snapshot_state::SnapshotState::default(),
            }),
            policy: None,
            reader: Reader::Program,
            companions: Companions::default(),
        })
    }

    /// Reads one event; `None` if no event has this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::Unreadable`] if the event cannot be
    /// read, [`Error::EventIdsNotIndexed`] if the tables on Postgres have no
    /// [index](crate::ddl::SchemaOptions::index_event_ids) of the event ids.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventId, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EventId) -> Result<(), Error> {
    /// if let Some(recorded) = tasks.event(id).await? {
    ///     println!("#{} of {}", recorded.seq, recorded.entity_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn event(&self, id: EventId) -> Result<Option<RecordedEvent<E>>, Error> {
        Ok(self.read_event(id).await?.transpose()?)
    }

    /// Reads one event as it is stored, also one that the program cannot read; `None` if no event has
    /// this id.
    ///
    /// Its texts are for people and tools that mend what has been stored past the program.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::EventIdsNotIndexed`] as of
    /// [`event`](Self::event); [`Error::PartlyHidden`] if the reader of the handle may not read and see
    /// everything.
    pub async fn event_raw(&self, id: EventId) -> Result<Option<RawEvent>, Error> {
        self.read_raw(RawEventKey::Id(id.uuid())).await
    }

    /// Reads the event with this sequence of an entity as it is stored, as [`event_raw`](Self::event_raw)
    /// does, without an index of the event ids.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::PartlyHidden`].
    pub async fn event_raw_at(&self, id: EntityId, seq: Seq) -> Result<Option<RawEvent>, Error> {
        self.read_raw(RawEventKey::Place(id.uuid(), seq)).await
    }
}

impl<E: Event> Clone for EventStore<E> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            context: Arc::clone(&self.context),
            policy: self.policy.clone(),
            reader: self.reader.clone(),
            companions: self.companions.clone(),
        }
    }
}

impl<E: Event> std::fmt::Debug for EventStore<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStore")
            .field("entity", &E::ENTITY)
            .field("store", &self.store)
            .field("reader", &self.reader)
            .finish_non_exhaustive()
    }
}
