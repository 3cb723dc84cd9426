//! Builder of an append request.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use chrono::SubsecRound;

use crate::payload::limits::MAX_APPEND_BYTES;
use crate::store::api::append_event::{request_event, too_large};
use crate::store::api::execute::archive::Entry;
use crate::store::api::joint_request::{self, JointRequest, unanswered};
use crate::store::contract::driver::AppendDriver;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::request::{EventIds, Request, RequestPart};
use crate::store::contract::text_checks::check_metadata;
use crate::store::contract::together::{Given, TogetherAppend};
use crate::store::database::on_database;
use crate::{Actor, Appended, EntityId, Error, Event, EventStore, EventType, Metadata, Seq, Store};

/// Append request: await it to store the events, all of them or none.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Seq, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit, terminal)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// # let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let (hall, attic) = (EntityId::new(), EntityId::new());
/// let appended = lights
///     .append(hall, LightEvent::Lit { watts: 60 })
///     .expected_seq(Seq::NO_STREAM)
///     .event(LightEvent::PutOut)
///     .append(attic, LightEvent::Lit { watts: 40 })
///     .by("ann")
///     .idempotency_key("evening-walk")
///     .await?;
/// assert_eq!(appended.events.len(), 3);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "an append does nothing until it is awaited"]
pub struct Append<'a, E: Event> {
    pub(super) events: &'a EventStore<E>,
    parts: Vec<AppendPart<E>>,
    /// Index of the part that [`Append::event`] and [`Append::expected_seq`] add to: that of the
    /// entity named last.
    current: usize,
    /// Conditions on other entities, each with the store of its machine.
    pub(super) given: Vec<(Store, Given)>,
    pub(super) metadata: Metadata,
    /// Command that is archived with the events.
    archived: Option<Entry>,
}

/// Events of the request for one entity.
struct AppendPart<E> {
    /// Id of the entity; a placeholder if `creates` and ids come from a counter.
    entity_id: EntityId,
    /// Whether the store gives the entity its id.
    creates: bool,
    /// Sequence that the caller has given.
    expected: Option<Seq>,
    /// Another sequence that the caller has given.
    contradiction: Option<Seq>,
    events: Vec<E>,
}

impl<E: Event> AppendPart<E> {
    /// Returns the expected sequence, unless the caller has given two.
    fn expected_seq(&self) -> Result<Option<Seq>, InvalidInput> {
        let expected = self.expected.or(self.creates.then_some(Seq::NO_STREAM));
        match (expected, self.contradiction) {
            (Some(first), Some(second)) => Err(InvalidInput::new(
                match self.creates {
                    true => "the expected sequence of a new entity".to_owned(),
                    false => format!("the expected sequence of {}", E::ID.format(self.entity_id)),
                },
                InputProblem::Contradicts { first, second },
            )),
            _ => Ok(expected),
        }
    }
}

impl<E: Event> EventStore<E> {
    /// Appends `event` to the stream of `id`; an initial event begins the stream.
    ///
    /// Where ids come from a counter, only [`create`](Self::create) begins a stream: an initial
    /// event for an id that the counter has not given fails with [`Error::IdNotAllocated`].
    ///
    /// Await the [`Append`] that is returned, or add to it first.
    pub fn append(&self, id: EntityId, event: E) -> Append<'_, E> {
        Append::new(self, id, event)
    }

    /// Creates an entity: appends `event` as the first of a stream with a new id.
    ///
    /// The id is made as `#[machine(id = ..)]` says, and returned by
    /// [`Appended::entity_id`](crate::Appended::entity_id).
    ///
    /// A number of a counter is taken in the transaction that stores the event, so a creation that
    /// is refused, or does not finish, leaves no gap; in turn, creations of one machine wait for
    /// each other. With an idempotency key a repeat returns the entity that the first request
    /// created.
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
    /// let created = shipments.create(ShipmentEvent::Created).event(ShipmentEvent::Delivered).await?;
    /// assert_eq!(ShipmentEvent::ID.format(created.entity_id()), "SHP-0000000002");
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    pub fn create(&self, event: E) -> Append<'_, E> {
        Append::creating(self, event)
    }
}

impl<'a, E: Event> Append<'a, E> {
    pub(crate) fn new(events: &'a EventStore<E>, entity_id: EntityId, event: E) -> Self {
        let append = Self {
            events,
            parts: Vec::with_capacity(1),
            current: 0,
            given: Vec::new(),
            metadata: Metadata::default(),
            archived: None,
        };
        append.append(entity_id, event)
    }

    /// Begins a request that creates an entity with `event`.
    pub(crate) fn creating(events: &'a EventStore<E>, event: E) -> Self {
        let append = Self {
            events,
            parts: Vec::with_capacity(1),
            current: 0,
            given: Vec::new(),
            metadata: Metadata::default(),
            archived: None,
        };
        append.create(event)
    }

    /// Begins a request with the pending events of a typed handle.
    pub(crate) fn of(
        events: &'a EventStore<E>,
        entity_id: EntityId,
        expected: Seq,
        pending: Vec<E>,
    ) -> Self {
        let part = AppendPart {
            entity_id,
            creates: false,
            expected: Some(expected),
            contradiction: None,
            events: pending,
        };
        Self {
            events,
            parts: vec![part],
            current: 0,
            given: Vec::new(),
            metadata: Metadata::default(),
            archived: None,
        }
    }

    /// Begins a request with what a command has decided, at this sequence of the entity.
    pub(crate) fn decided(
        events: &'a EventStore<E>,
        entity_id: EntityId,
        creates: bool,
        seq: Seq,
        decided: Vec<E>,
    ) -> Self {
        let mut append = Self::of(events, entity_id, seq, decided);
        for part in &mut append.parts {
            part.creates = creates;
        }
        append
    }

    /// Sets the command that is archived with the events.
    pub(crate) fn archiving(mut self, command: Option<Entry>) -> Self {
        self.archived = command;
        self
    }

    /// Sets actor, ids and key at once.
    pub(crate) fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.events.is_empty())
    }

    /// Returns the events that were not stored.
    pub(crate) fn into_events(self) -> Vec<E> {
        self.parts
            .into_iter()
            .flat_map(|part| part.events)
            .collect()
    }

    /// Adds an event of the entity that was named last.
    pub fn event(mut self, event: E) -> Self {
        if let Some(part) = self.parts.get_mut(self.current) {
            part.events.push(event);
        }
        self
    }

    /// Adds an event of another entity, in the same transaction.
    ///
    /// If the request has events of this entity already, `event` comes after them.
    pub fn append(mut self, entity_id: EntityId, event: E) -> Self {
        let known = self
            .parts
            .iter()
            .position(|part| part.entity_id == entity_id);
        self.current = known.unwrap_or(self.parts.len());
        if known.is_some() {
            return self.event(event);
        }
        self.parts.push(AppendPart {
            entity_id,
            creates: false,
            expected: None,
            contradiction: None,
            events: vec![event],
        });
        self
    }

    /// Creates another entity with `event`, in the same transaction; see [`EventStore::create`].
    ///
    /// [`event`](Self::event) and [`expected_seq`](Self::expected_seq) then add to that entity.
    pub fn create(mut self, event: E) -> Self {
        self.current = self.parts.len();
        self.parts.push(AppendPart {
            entity_id: EntityId::new(),
            creates: true,
            expected: None,
            contradiction: None,
            events: vec![event],
        });
        self
    }

    /// Requires the entity that was named last to have exactly this many events.
    ///
    /// Otherwise the append fails with [`Error::Conflict`]. [`Seq::NO_STREAM`] requires that the
    /// entity is new. Two different numbers for one entity are [`Error::InvalidInput`].
    pub fn expected_seq(mut self, seq: Seq) -> Self {
        if let Some(part) = self.parts.get_mut(self.current) {
            match part.expected {
                Some(first) if first != seq => part.contradiction = Some(seq),
                _ => part.expected = Some(seq),
            }
        }
        self
    }

    /// Requires that another entity of this machine has exactly this many events, and keeps others from
    /// appending to it until these events are stored.
    ///
    /// Otherwise nothing is stored, and the error is an [`Error::Conflict`] that names that entity. So
    /// what was decided from it still holds. An entity without events cannot be given:
    /// [`Error::InvalidInput`]. A condition costs a transaction of three round trips on Postgres.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{EntityId, Error, Event, Store};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Debug, Serialize, Deserialize, Event)]
    /// #[machine(entity = "room")]
    /// pub enum RoomEvent {
    ///     Opened,
    ///     #[event(follows = Opened)]
    ///     Closed,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # pub async fn main() -> Result<(), eventsource_core::Error> {
    /// # let rooms = Store::connect("sqlite::memory:").await?.migrate::<RoomEvent>().await?;
    /// let (hall, attic) = (EntityId::new(), EntityId::new());
    /// let opened = rooms.append(hall, RoomEvent::Opened).await?;
    /// let seen = opened.events[0].seq;
    /// rooms.append(attic, RoomEvent::Opened).given(hall, seen).await?;
    ///
    /// rooms.append(hall, RoomEvent::Closed).await?;
    /// let late = rooms.append(attic, RoomEvent::Closed).given(hall, seen).await;
    /// assert!(matches!(late, Err(Error::Conflict { entity_id, .. }) if entity_id == hall));
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    pub fn given(self, id: EntityId, seq: Seq) -> Self {
        let events = self.events;
        self.given_in(events, id, seq)
    }

    /// Requires the same of an entity of another machine; see [`given`](Self::given).
    pub fn given_in<O: Event>(mut self, events: &EventStore<O>, id: EntityId, seq: Seq) -> Self {
        self.given.push(joint_request::given(events, id, seq));
        self
    }

    /// Sets the actor: an [`Actor`], or the name of one without roles.
    ///
    /// For every event of the request whose rule says `by(..)`, the actor must have one of those
    /// roles; auto transitions need none. The name and the roles are stored in the [`Metadata`] of
    /// every event.
    pub fn by(mut self, actor: impl Into<Actor>) -> Self {
        let (id, roles) = actor.into().into_parts();
        self.metadata.actor = Some(id);
        self.metadata.roles = roles;
        self
    }

    /// Sets the id of the larger unit that the events belong to, such as a business case.
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.metadata.correlation_id = Some(id.into());
        self
    }

    /// Sets the id of the direct cause of the events, such as a command or another event.
    pub fn causation_id(mut self, id: impl Into<String>) -> Self {
        self.metadata.causation_id = Some(id.into());
        self
    }

    /// Sets the key by which a repeat of this request is recognised, among all requests of this actor
    /// to this machine.
    ///
    /// A repeat appends nothing and returns the events that the first request stored, also if the actor
    /// has lost the role by now; another request with the same key fails with
    /// [`Error::IdempotencyKeyReused`]. A key belongs to the [actor](Self::by) by name, or to all
    /// requests without one: the same key of another actor is another key. Keys that versions before
    /// 0.1 have stored are anybody's.
    ///
    /// Keys are kept forever, unless
    /// [`SchemaOptions::idempotency_keys_expire_after`](crate::ddl::SchemaOptions::idempotency_keys_expire_after)
    /// says how long.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.metadata.idempotency_key = Some(key.into());
        self
    }

    /// Checks the roles of the actor, before anything is sent and whatever the state is.
    pub(super) fn check_roles(&self) -> Result<(), Error> {
        let mut events = self.parts.iter().flat_map(|part| &part.events);
        let roles = &self.metadata.roles;
        let rule = |event: &E| E::MACHINE.rule(event.event_type().index());
        match events.find(|event| !rule(event).allows(roles)) {
            None => Ok(()),
            Some(event) => Err(Error::ActorNotAllowed {
                event_type: event.event_type().name().to_owned(),
                allowed: event.event_type().roles().map(str::to_owned).collect(),
                actual: roles.clone(),
            }),
        }
    }

    pub(crate) async fn store(&self) -> Result<Appended<E>, Error> {
        check_metadata(&self.metadata)?;
        if let Err(refused) = self.check_roles() {
            // The actor had the role when a request with the key was stored: its repeat is answered alike.
            return match self.own_earlier_answer().await? {
                Some(appended) => Ok(appended),
                None => Err(refused),
            };
        }
        if !self.given.is_empty() {
            return self.store_given().await;
        }
        let (mut request, decoded) = self.request()?;
        let tables = || self.events.store.tables();
        request.own = (self.archived.as_ref()).map(|command| command.companion(tables()));
        // Postgres stores microseconds: the events returned here equal those read later.
        let now = self.events.store.clock().now().trunc_subsecs(6);
        let EventStore {
            store,
            context,
            companions,
            ..
        } = self.events;
        let outcome = on_database!(&store.database, backend => {
            backend.append(context, companions, request, now).await
        })?;
        self.answer(outcome, decoded).await
    }

    /// Stores the events if the entities that are given have not changed.
    async fn store_given(&self) -> Result<Appended<E>, Error> {
        let (store, given) = (&self.events.store, self.given.clone());
        let mut joint = JointRequest::new(store, self.metadata.clone(), given)?;
        let (part, decoded) = self.part()?;
        joint.push(part);
        let outcome = joint.store().await?.next();
        self.answer(outcome.ok_or_else(unanswered)?, decoded).await
    }

    /// Returns the append as a part of a transaction, and its events as they will be read.
    pub(super) fn part(&self) -> Result<(TogetherAppend, Vec<E>), Error> {
        check_metadata(&self.metadata)?;
        self.check_roles()?;
        let (request, decoded) = self.request()?;
        let part = TogetherAppend {
            context: Arc::clone(&self.events.context),
            companions: self.events.companions.clone(),
            request,
        };
        Ok((part, decoded))
    }

    /// Returns the request, and its events as they will be read: each is written as text, which is
    /// what is stored, and read from it again. An event that cannot be read is left out.
    pub(super) fn request(&self) -> Result<(Request, Vec<E>), Error> {
        let rules = &self.events.context.rules;
        let mut bytes = 0;
        let mut parts = Vec::with_capacity(self.parts.len());
        let mut decoded = Vec::with_capacity(self.parts.iter().map(|part| part.events.len()).sum());
        for part in &self.parts {
            let mut events = Vec::with_capacity(part.events.len());
            for event in &part.events {
                let (event, read) = request_event(rules, event)?;
                bytes += event.payload.len();
                if bytes > MAX_APPEND_BYTES {
                    return Err(too_large().into());
                }
                events.push(event);
                decoded.extend(read);
            }
            parts.push(RequestPart {
                entity_id: part.entity_id.uuid(),
                creates: part.creates,
                expected: part.expected_seq()?,
                first_event_id: EventIds::first(),
                events,
            });
        }
        let request = Request::new(parts, self.metadata.clone())?;
        Ok((request, decoded))
    }
}

/// # Errors
/// [`Error::Rejected`], [`Error::ActorNotAllowed`] and [`Error::MissingField`] by the rules,
/// [`Error::IdNotAllocated`], [`Error::Conflict`],
/// [`Error::IdempotencyKeyReused`], [`Error::AutoTransitionLoop`], [`Error::Payload`] and
/// [`Error::InvalidInput`] for values that could not be read back, and the errors of the database.
/// Nothing was stored, except perhaps after [`Error::Unavailable`].
impl<'a, E: Event> IntoFuture for Append<'a, E> {
    type Output = Result<Appended<E>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.store().await })
    }
}
