//! Appends to several machines in one transaction.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::joint_request::{JointRequest, given, unanswered};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::together::Given;
use crate::{Actor, Append, Appended, EntityId, Error, Event, EventStore, Metadata, Seq, Store};

/// Appends to several machines in one transaction, all of them or none: await it for the answer of
/// each, in their order.
///
/// Up to six appends, each to another machine. What is set here holds for all of them. With an
/// idempotency key a repeat returns what was stored the first time, for the whole.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "order")]
/// pub enum OrderEvent {
///     Placed,
///     #[event(follows = Placed)]
///     Paid,
/// }
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "payment")]
/// pub enum PaymentEvent {
///     Captured { cents: u64 },
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let orders = store.migrate::<OrderEvent>().await?;
/// let payments = store.migrate::<PaymentEvent>().await?;
/// let (order, payment) = (EntityId::new(), EntityId::new());
/// orders.append(order, OrderEvent::Placed).await?;
///
/// let (paid, captured) = store
///     .together()
///     .append(orders.append(order, OrderEvent::Paid))
///     .append(payments.append(payment, PaymentEvent::Captured { cents: 990 }))
///     .by("ann")
///     .idempotency_key("checkout-7")
///     .await?;
/// assert_eq!(paid.events[0].event, OrderEvent::Paid);
/// assert_eq!(captured.entity_id(), payment);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "appends do nothing until they are awaited"]
pub struct Together<'a, A> {
    store: &'a Store,
    appends: A,
    given: Vec<(Store, Given)>,
    metadata: Metadata,
}

impl Store {
    /// Begins appends to several machines in one transaction.
    pub fn together(&self) -> Together<'_, ()> {
        Together {
            store: self,
            appends: (),
            given: Vec::new(),
            metadata: Metadata::default(),
        }
    }
}

impl<A> Together<'_, A> {
    /// Requires that an entity of any machine has exactly this many events, and keeps others from
    /// appending to it until the transaction ends.
    ///
    /// Otherwise nothing is stored, and the error is an [`Error::Conflict`] that names the entity. An
    /// entity without events cannot be given: [`Error::InvalidInput`].
    pub fn given<E: Event>(mut self, events: &EventStore<E>, id: EntityId, seq: Seq) -> Self {
        self.given.push(given(events, id, seq));
        self
    }

    /// Sets the actor of all appends, as [`Append::by`] does.
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

    /// Sets the key by which a repeat of the whole is recognised, as [`Append::idempotency_key`] does
    /// for one machine.
    ///
    /// If the key is stored for some of the machines only, it is that of another request:
    /// [`Error::IdempotencyKeyReused`].
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.metadata.idempotency_key = Some(key.into());
        self
    }
}

/// Adds an append to those of one transaction; returns it with its events as they will be read.
fn add<'a, E: Event>(
    all: &mut JointRequest<'a>,
    mut append: Append<'a, E>,
) -> Result<(Append<'a, E>, Vec<E>), Error> {
    let EventStore { store, context, .. } = append.events;
    let name = context.names.entity();
    all.check_store(store, name)?;
    let input = || format!("the append to '{name}'");
    if all.has(name) {
        return Err(InvalidInput::new(input(), InputProblem::SecondOfMachine).into());
    }
    if append.metadata.idempotency_key.is_some() {
        return Err(InvalidInput::new(input(), InputProblem::KeyOfPart).into());
    }
    let whole = all.metadata().clone();
    let own = &mut append.metadata;
    if whole.actor.is_some() {
        (own.actor, own.roles) = (whole.actor, whole.roles);
    }
    own.correlation_id = whole.correlation_id.or(own.correlation_id.take());
    own.causation_id = whole.causation_id.or(own.causation_id.take());
    own.idempotency_key = whole.idempotency_key;
    all.add_given(std::mem::take(&mut append.given))?;
    let (part, decoded) = append.part()?;
    all.push(part);
    Ok((append, decoded))
}

/// Implements appends of one number more, and their answers.
macro_rules! appends {
    ($($machine:ident $append:ident),*; $next:ident) => {
        impl<'a, $($machine: Event),*> Together<'a, ($(Append<'a, $machine>,)*)> {
            /// Adds the append to one more machine, which may be of several entities.
            ///
            /// What it has set by itself holds for its own events, unless it is set for all. It has no
            /// idempotency key.
            pub fn append<$next: Event>(
                self,
                append: Append<'a, $next>,
            ) -> Together<'a, ($(Append<'a, $machine>,)* Append<'a, $next>,)> {
                let ($($append,)*) = self.appends;
                Together {
                    store: self.store,
                    appends: ($($append,)* append,),
                    given: self.given,
                    metadata: self.metadata,
                }
            }
        }

        answers! { $($machine $append,)* $next append }
    };
}

/// Implements the answers to appends.
macro_rules! answers {
    ($($machine:ident $append:ident),+) => {
        /// # Errors
        /// As of an [`Append`] to each machine, and [`Error::Conflict`] of an entity that was given.
        /// Nothing was stored, except perhaps after [`Error::Unavailable`].
        impl<'a, $($machine: Event),+> IntoFuture for Together<'a, ($(Append<'a, $machine>,)+)> {
            type Output = Result<($(Appended<$machine>,)+), Error>;
            type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move {
                    let ($($append,)+) = self.appends;
                    let mut all = JointRequest::new(self.store, self.metadata, self.given)?;
                    $(let $append = add(&mut all, $append)?;)+
                    let mut outcomes = all.store().await?;
                    Ok(($({
                        let (append, decoded) = $append;
                        let outcome = outcomes.next().ok_or_else(unanswered)?;
                        append.answer(outcome, decoded).await?
                    },)+))
                })
            }
        }
    };
}

appends! { ; A }
appends! { A a; B }
appends! { A a, B b; C }
appends! { A a, B b, C c; D }
appends! { A a, B b, C c, D d; E }
appends! { A a, B b, C c, D d, E e; F }
