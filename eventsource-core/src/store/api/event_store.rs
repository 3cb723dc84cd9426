//! The events of one machine in a store.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::store::api::append::Append;
use crate::store::api::decode::recorded;
use crate::store::api::entities::Entities;
use crate::store::api::fold::FoldOf;
use crate::store::api::head::Load;
use crate::store::api::history::History;
use crate::store::api::search::Search;
use crate::store::api::store::Store;
use crate::store::contract::codes::Numbers;
use crate::store::contract::driver::Backend;
use crate::store::contract::entity_context::Table;
use crate::store::contract::names::Names;
use crate::store::contract::schema_version::Registered;
use crate::store::database::on_database;
use crate::store::rules::payload_rules::rules;
use crate::{EntityId, Error, Event, EventId, Fold, RecordedEvent};

/// The events of one machine in a [`Store`]. Cheap to clone.
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
/// lights.append(id, LightEvent::Lit { watts: 60 }).expecting(Seq::NONE).await?;
///
/// let head = lights.load(id).await?.unwrap();
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
    pub(crate) table: Arc<Table>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event> EventStore<E> {
    pub(crate) fn new(store: Store, names: Names, registered: &Registered) -> Result<Self, Error> {
        let program = E::MACHINE.fingerprint();
        let drift = || Error::Drift {
            entity: E::ENTITY,
            program,
            database: registered.fingerprint.clone(),
        };
        if registered.fingerprint != program.to_string() {
            return Err(drift());
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
        let Ok((numbers, new)) = Numbers::assign(E::MACHINE, &registered.numbers) else {
            return Err(drift());
        };
        if !new.is_empty() {
            return Err(drift());
        }
        let rules = rules::<E>()?;
        Ok(Self {
            store,
            table: Arc::new(Table {
                names,
                numbers,
                rules,
                snapshots: crate::store::contract::snapshot_state::Snapshots::default(),
                #[cfg(feature = "postgres")]
                states: crate::store::contract::reachable_states::States::of(E::MACHINE),
            }),
            event: PhantomData,
        })
    }

    /// Appends `event` to the stream of `id`, which begins with it if the event is initial.
    ///
    /// Where ids are counted a stream begins with [`create`](Self::create) only: an initial event of
    /// an id that the counter has not given is [`Error::IdNotGiven`].
    ///
    /// Await the builder that is returned; what it can add is described there.
    pub fn append(&self, id: EntityId, event: E) -> Append<'_, E> {
        Append::new(self, id, event)
    }

    /// Appends `event` as the first of a new entity, which it names as `#[machine(id = ..)]` says:
    /// [`Appended::entity_id`](crate::Appended::entity_id) tells the id (C7).
    ///
    /// A counter is taken in the transaction that stores the event, so that a creation that is
    /// refused, or does not finish, leaves no gap; in turn, creations of one machine wait for each
    /// other. With an idempotency key a repeat returns the entity that the first try has created.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{Event, Store};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Debug, Serialize, Deserialize, Event)]
    /// #[machine(entity = "shipment", id = counter("SHP-", width = 10))]
    /// pub enum ShipmentEvent {
    ///     Created,
    ///     #[event(follows = Created, terminal)]
    ///     Delivered,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # pub async fn main() -> Result<(), eventsource_core::Error> {
    /// let shipments = Store::connect("sqlite::memory:").await?.migrate::<ShipmentEvent>().await?;
    /// let created = shipments.create(ShipmentEvent::Created).await?;
    /// assert_eq!(ShipmentEvent::ID.format(created.entity_id()), "SHP-0000000001");
    ///
    /// shipments.create(ShipmentEvent::Delivered).await.unwrap_err();
    /// let created = shipments.create(ShipmentEvent::Created).then(ShipmentEvent::Delivered).await?;
    /// assert_eq!(ShipmentEvent::ID.format(created.entity_id()), "SHP-0000000002");
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    pub fn create(&self, event: E) -> Append<'_, E> {
        Append::creating(self, event)
    }

    /// Where the stream of `id` stands, now or at an earlier point. Await the builder that is
    /// returned.
    pub fn load(&self, id: EntityId) -> Load<'_, E> {
        Load::new(self, id)
    }

    /// What `F` makes of the events of `id`, now or at an earlier point. Await the builder that is
    /// returned.
    pub fn fold<F: Fold<E>>(&self, id: EntityId) -> FoldOf<'_, E, F> {
        FoldOf::new(self, id)
    }

    /// What the events of `id` have said so far, now or at an earlier point: the latest value of
    /// each field of their payloads. Await the builder that is returned.
    pub fn data(&self, id: EntityId) -> FoldOf<'_, E, E::Data> {
        FoldOf::new(self, id)
    }

    /// One event; `None` if there is none of this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::Payload`] if the stored payload no
    /// longer fits the enum.
    pub async fn event(&self, id: EventId) -> Result<Option<RecordedEvent<E>>, Error> {
        let table = &*self.table;
        on_database!(&self.store.database, backend => backend.event(table, id.uuid()).await)?
            .map(recorded)
            .transpose()
    }

    /// Whether a request of this [idempotency key](Append::idempotency_key) has appended events. It
    /// will not append any more, whatever it asks for: keys are never forgotten.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    pub async fn has_appended(&self, idempotency_key: &str) -> Result<bool, Error> {
        // No database keeps such a text.
        if idempotency_key.contains('\0') {
            return Ok(false);
        }
        let names = &self.table.names;
        on_database!(&self.store.database, backend => {
            backend.has_answered(names, idempotency_key).await
        })
    }

    /// The events of `id`, oldest first. Await the builder that is returned.
    pub fn history(&self, id: EntityId) -> History<'_, E> {
        History::new(self, id)
    }

    /// Searches the entities. Await the builder that is returned.
    pub fn entities(&self) -> Entities<'_, E> {
        Entities::new(self)
    }

    /// Searches all events. Await the builder that is returned.
    pub fn search(&self) -> Search<'_, E> {
        Search::new(self)
    }
}

impl<E: Event> Clone for EventStore<E> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            table: Arc::clone(&self.table),
            event: PhantomData,
        }
    }
}

impl<E: Event> std::fmt::Debug for EventStore<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStore")
            .field("entity", &E::ENTITY)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
