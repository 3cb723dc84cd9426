//! Appends to several machines in one transaction.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use chrono::SubsecRound;

use crate::store::contract::companion::Companions;
use crate::store::contract::driver::TogetherDriver;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::request::AppendOutcome;
use crate::store::contract::text_checks::check_metadata;
use crate::store::contract::together::{Given, TogetherAppend};
use crate::store::database::on_database;
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

/// Creates a condition, with the store of its machine.
pub(crate) fn given<E: Event>(events: &EventStore<E>, id: EntityId, seq: Seq) -> (Store, Given) {
    let given = Given {
        context: Arc::clone(&events.context),
        entity_id: id.uuid(),
        seq,
    };
    (events.store.clone(), given)
}

/// Requests of one transaction, as they are collected.
pub(crate) struct Transaction<'a> {
    store: &'a Store,
    metadata: Metadata,
    appends: Vec<TogetherAppend>,
    given: Vec<Given>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        store: &'a Store,
        metadata: Metadata,
        given: Vec<(Store, Given)>,
    ) -> Result<Self, Error> {
        let mut transaction = Self {
            store,
            metadata,
            appends: Vec::new(),
            given: Vec::new(),
        };
        transaction.add_given(given)?;
        Ok(transaction)
    }

    fn add_given(&mut self, all: Vec<(Store, Given)>) -> Result<(), Error> {
        for (store, given) in all {
            let name = given.context.names.entity();
            self.check_store(&store, name)?;
            if given.seq == Seq::NO_STREAM {
                let input = format!("the given sequence of an entity of '{name}'");
                return Err(InvalidInput::new(input, InputProblem::WithoutEvents).into());
            }
            self.given.push(given);
        }
        Ok(())
    }

    /// Adds the append; returns it with its events as they will be read.
    pub(crate) fn add<E: Event>(
        &mut self,
        mut append: Append<'a, E>,
    ) -> Result<(Append<'a, E>, Vec<E>), Error> {
        let EventStore {
            store,
            context,
            companions,
            ..
        } = append.events;
        let name = context.names.entity();
        self.check_store(store, name)?;
        let input = || format!("the append to '{name}'");
        if self
            .appends
            .iter()
            .any(|other| other.context.names.entity() == name)
        {
            return Err(InvalidInput::new(input(), InputProblem::SecondOfMachine).into());
        }
        if append.metadata.idempotency_key.is_some() {
            return Err(InvalidInput::new(input(), InputProblem::KeyOfPart).into());
        }
        let whole = self.metadata.clone();
        let own = &mut append.metadata;
        if whole.actor.is_some() {
            (own.actor, own.roles) = (whole.actor, whole.roles);
        }
        own.correlation_id = whole.correlation_id.or(own.correlation_id.take());
        own.causation_id = whole.causation_id.or(own.causation_id.take());
        own.idempotency_key = whole.idempotency_key;
        self.add_given(std::mem::take(&mut append.given))?;
        let decoded = self.push(&append, companions.clone())?;
        Ok((append, decoded))
    }

    /// Adds the append as it is.
    pub(crate) fn push<E: Event>(
        &mut self,
        append: &Append<'_, E>,
        companions: Companions,
    ) -> Result<Vec<E>, Error> {
        check_metadata(&append.metadata)?;
        append.check_roles()?;
        let (request, decoded) = append.request()?;
        self.appends.push(TogetherAppend {
            context: Arc::clone(&append.events.context),
            companions,
            request,
        });
        Ok(decoded)
    }

    /// Stores all; returns the outcomes in the order in which they were added.
    pub(crate) async fn store(self) -> Result<std::vec::IntoIter<AppendOutcome>, Error> {
        let now = self.store.clock().now().trunc_subsecs(6);
        let (appends, given) = (self.appends, &self.given);
        let outcomes = on_database!(&self.store.database, backend => {
            backend.append_together(appends, given, now).await
        })?;
        Ok(outcomes.into_iter())
    }

    fn check_store(&self, store: &Store, name: &str) -> Result<(), Error> {
        match self.store.database.is(&store.database) {
            true => Ok(()),
            false => {
                let input = format!("the handle of '{name}'");
                Err(InvalidInput::new(input, InputProblem::OfAnotherStore).into())
            }
        }
    }
}

/// Error of a driver that answers fewer appends than it was given.
pub(crate) fn unanswered() -> Error {
    Error::database("an append of several was not answered")
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
                    let mut all = Transaction::new(self.store, self.metadata, self.given)?;
                    $(let $append = all.add($append)?;)+
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
