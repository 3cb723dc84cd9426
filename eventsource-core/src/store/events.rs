//! The events of one machine in a store.

use std::marker::PhantomData;
use std::sync::Arc;

use eventsource_model::names::{clash, is_reserved_field};

use super::append::Append;
use super::backend::{Backend, Table};
use super::database::on_database;
use super::entities::Entities;
use super::fold_of::FoldOf;
use super::history::History;
use super::load::Load;
use super::migration::Registered;
use super::names::Names;
use super::open::Store;
use super::plan::Rules;
use super::row::{EventRow, HeadRow, Payload, PayloadText};
use super::rules::Numbers;
use super::search::Search;
use crate::payload_shape::{self, Shape};
use crate::payload_text::from_payload_text;
use crate::{
    DataField, EntityId, Error, Event, EventId, EventType, Fold, Head, PayloadError, RecordedEvent,
    State, from_payload, to_payload,
};

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
    pub(super) store: Store,
    pub(super) table: Arc<Table>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event> EventStore<E> {
    pub(super) fn new(store: Store, names: Names, registered: &Registered) -> Result<Self, Error> {
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
                snapshots: super::snapshots::Snapshots::default(),
                #[cfg(feature = "postgres")]
                states: super::foresee::States::of(E::MACHINE),
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

/// What an append must know of the payloads.
///
/// # Errors
/// [`Error::InvalidMachine`] if a payload type does not fit the rules.
pub(super) fn rules<E: Event>() -> Result<Rules, Error> {
    let invalid = |reason: String| Error::InvalidMachine {
        entity: E::ENTITY,
        reason,
    };
    let mut all_fields = Vec::with_capacity(E::Type::ALL.len());
    for event_type in E::Type::ALL {
        // The derive does not see into a payload struct; serde does.
        let fields = match payload_shape::listen::<E>(*event_type) {
            Shape::Fields(fields) => Some(fields),
            Shape::AnyFields => None,
            Shape::NoObject => {
                let reason = format!("the payload of '{event_type}' is not an object of fields");
                return Err(invalid(reason));
            }
        };
        if let Some((one, other)) = clash(fields.unwrap_or_default()) {
            let reason = format!(
                "the fields '{one}' and '{other}' of '{event_type}' are spelled alike in JSON"
            );
            return Err(invalid(reason));
        }
        for field in fields.unwrap_or_default() {
            if is_reserved_field(E::ENTITY, field) {
                let reason = format!(
                    "the payload of '{event_type}' has the field '{field}', as every event has"
                );
                return Err(invalid(reason));
            }
        }
        for field in event_type.requires() {
            if fields.is_some_and(|fields| !fields.contains(&field)) {
                let reason =
                    format!("'{event_type}' requires '{field}', which serde does not call so");
                return Err(invalid(reason));
            }
        }
        for source in E::DATA_FIELDS.iter().flat_map(DataField::sources) {
            if source.event() == event_type.index()
                && let Some(field) = source.payload_field()
                && fields.is_some_and(|fields| !fields.contains(&field))
            {
                let reason = format!(
                    "'{event_type}' feeds the data by '{field}', which serde does not call so"
                );
                return Err(invalid(reason));
            }
        }
        all_fields.push(fields);
    }
    Ok(Rules {
        machine: E::MACHINE,
        entity: E::ENTITY,
        id: E::ID,
        fields: all_fields,
        normalize: |event, payload| match E::Type::from_index(event) {
            Some(event_type) => to_payload(&from_payload::<E>(event_type, payload)?),
            // An index of another machine; there is none.
            None => Ok(payload),
        },
    })
}

fn event_type<E: Event>(index: eventsource_model::EventIndex) -> Result<E::Type, Error> {
    E::Type::from_index(index).ok_or_else(|| Error::database("an event type out of range"))
}

pub(super) fn head<E: Event>(row: HeadRow) -> Result<Head<E>, Error> {
    Ok(Head {
        id: row.entity_id.into(),
        seq: row.seq,
        version: row.version,
        state: State::from_set(row.state),
        last_event_type: event_type::<E>(row.last_event_type)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A payload on its way to the event.
pub(super) trait StoredPayload {
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError>;
}

impl StoredPayload for Payload {
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError> {
        from_payload(event_type, self)
    }
}

impl StoredPayload for PayloadText {
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError> {
        from_payload_text(event_type, &self.0)
    }
}

pub(super) fn recorded<E: Event, P: StoredPayload>(
    row: EventRow<P>,
) -> Result<RecordedEvent<E>, Error> {
    Ok(RecordedEvent {
        id: row.event_id.into(),
        entity_id: row.entity_id.into(),
        seq: row.seq,
        clock: row.clock,
        parent_id: row.parent_id.map(Into::into),
        prior_state: State::from_set(row.prior_state),
        state: State::from_set(row.state),
        version: row.version,
        recorded_at: row.recorded_at,
        event: row.payload.into_event(event_type::<E>(row.event_type)?)?,
        metadata: row.metadata,
    })
}
