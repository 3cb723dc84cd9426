//! What a read model makes of events.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;

use chrono::{DateTime, Utc};

use crate::store::testing::difference::difference;
use crate::store::testing::log::TestLog;
use crate::{EntityId, Event, Reads, View};

/// Begins a test of a [`View`], without a database and without events.
///
/// ```
/// # mod example {
/// use eventsource_core::testing::view;
/// # use eventsource_core::{EntityId, Event, Keys, Reads, RecordedEvent, View};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "order")]
/// pub enum OrderEvent {
///     Placed { sku: String },
///     #[event(follows = Placed, terminal)]
///     Shipped,
/// }
/// /// How often something was ordered.
/// # #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// # struct Demand { orders: u32 }
/// # impl View for Demand { const NAME: &'static str = "demand"; const VERSION: u32 = 1; type Key = String; }
/// # impl Reads<OrderEvent> for Demand {
/// #     fn keys(event: &RecordedEvent<OrderEvent>) -> Keys<String> {
/// #         match &event.event { OrderEvent::Placed { sku } => sku.clone().into(), _ => Keys::none() }
/// #     }
/// #     fn apply(&mut self, _: &RecordedEvent<OrderEvent>) { self.orders += 1; }
/// # }
///
/// # pub fn main() {
/// let (one, other) = (EntityId::new(), EntityId::new());
/// let tea = || OrderEvent::Placed { sku: "tea".into() };
/// view::<Demand>()
///     .given([(one, tea()), (other, tea()), (one, OrderEvent::Shipped)])
///     .expect("tea".to_owned(), Demand { orders: 2 })
///     .expect_none("milk".to_owned());
/// # }
/// # }
/// # example::main();
/// ```
pub fn view<V: View + Debug>() -> ViewTest<V> {
    ViewTest {
        values: HashMap::new(),
        logs: HashMap::new(),
        now: None,
    }
}

/// Values of a view in a test: see [`view`].
#[must_use = "nothing is tested before `expect`"]
pub struct ViewTest<V: View> {
    values: HashMap<V::Key, V>,
    /// Log of each machine.
    logs: HashMap<TypeId, Box<dyn Any>>,
    /// Time at which the next event is recorded.
    now: Option<DateTime<Utc>>,
}

impl<V: View + Debug> ViewTest<V> {
    /// Sets the time at which the next event is recorded; without, they come a second after each other.
    pub fn at(mut self, time: DateTime<Utc>) -> Self {
        self.now = Some(time);
        self
    }

    /// Gives events to the view, in the order of a feed; their auto transitions too.
    ///
    /// # Panics
    /// If the rules do not allow them.
    #[track_caller]
    pub fn given<E: Event>(mut self, events: impl IntoIterator<Item = (EntityId, E)>) -> Self
    where
        V: Reads<E>,
    {
        let mut log = match self
            .logs
            .remove(&TypeId::of::<E>())
            .map(|log| log.downcast())
        {
            Some(Ok(log)) => log,
            _ => match TestLog::<E>::new() {
                Ok(log) => Box::new(log),
                Err(error) => panic!("{error}"),
            },
        };
        log.now = self.now.unwrap_or(log.now);
        for (id, event) in events {
            match log.append(id, &[event]) {
                Err(error) => panic!("the events are illegal: {error}"),
                Ok(recorded) => recorded.iter().for_each(|event| self.apply(event)),
            }
        }
        self.now = Some(log.now);
        self.logs.insert(TypeId::of::<E>(), log);
        self
    }

    /// Checks the value of a key.
    ///
    /// # Panics
    /// If it is another, or none.
    #[track_caller]
    pub fn expect(self, key: V::Key, value: V) -> Self {
        let actual: Vec<&V> = self.values.get(&key).into_iter().collect();
        assert!(
            actual == [&value],
            "the view '{}' differs at {key:?}:{}",
            V::NAME,
            difference(&[&value], &actual)
        );
        self
    }

    /// Checks that a key has no value.
    ///
    /// # Panics
    /// If it has one.
    #[track_caller]
    pub fn expect_none(self, key: V::Key) -> Self {
        let actual: Vec<&V> = self.values.get(&key).into_iter().collect();
        assert!(
            actual.is_empty(),
            "the view '{}' has a value at {key:?}:{}",
            V::NAME,
            difference(&[], &actual)
        );
        self
    }

    fn apply<E: Event>(&mut self, event: &crate::RecordedEvent<E>)
    where
        V: Reads<E>,
    {
        for key in V::keys(event).iter() {
            if V::ends(event) {
                self.values.remove(key);
            } else {
                self.values.entry(key.clone()).or_default().apply(event);
            }
        }
    }
}
