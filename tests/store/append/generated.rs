//! Histories generated from the rules alone: the store takes exactly what the machine allows.

use std::fmt::Debug;

use eventsource_core::testing::{NearLegalWalk, legal_history, near_legal_walk};
use eventsource_core::{EntityId, Error, Event, EventStore, EventType, Seq, State};
use proptest::prelude::*;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::light::first::{LightEvent, LightEventType};
use crate::support::machines::{OrderEvent, OrderEventType, Placed};
use crate::support::property::check;
use crate::support::tasks::some_event;

on_every_database! {
    and sqlite_memory:
    generated_legal_histories_are_stored,
}

on_every_database! {
    generated_illegal_events_are_rejected,
}

fn order(event_type: OrderEventType) -> OrderEvent {
    let receipt = Some("r1".to_owned());
    match event_type {
        OrderEventType::Placed => OrderEvent::Placed(Placed {
            total: Some(3),
            note: None,
        }),
        OrderEventType::Paid => OrderEvent::Paid {
            receipt,
            method: None,
        },
        OrderEventType::Closed => OrderEvent::Closed { receipt },
    }
}

fn light(event_type: LightEventType) -> LightEvent {
    match event_type {
        LightEventType::Wired => LightEvent::Wired,
        LightEventType::Lit => LightEvent::Lit,
        LightEventType::PutOut => LightEvent::PutOut,
    }
}

/// Predicts the stored events and the state after them, by the rules of microcosm-eventsource: each
/// event, and after it the auto transition that is legal (M21).
fn predicted<T: EventType>(appended: impl IntoIterator<Item = T>) -> (Vec<T>, State<T>) {
    let (mut stored, mut state) = (Vec::new(), State::EMPTY);
    for event in appended {
        let mut next = Some(event);
        while let Some(event) = next {
            state = event.accumulate(state);
            stored.push(event);
            let mut legal = T::available(state).into_iter();
            next = legal.find(|event| event.is_auto_transition());
        }
    }
    (stored, state)
}

async fn stored<E: Event>(events: &EventStore<E>, id: EntityId) -> Vec<E::Type> {
    let history = events.history(id).await.unwrap();
    let types = history.iter().map(|recorded| recorded.event.event_type());
    types.collect()
}

async fn accepts<E: Event + Clone + Debug>(database: &Database, example: fn(E::Type) -> E) {
    let events = database.events::<E>().await;
    let payloads = move |event_type| Just(example(event_type)).boxed();
    let histories = legal_history::<E>(payloads, 1..12).appended_only();
    check(&histories, async |history| {
        let (types, state) = predicted(history.iter().map(Event::event_type));
        let (one_by_one, at_once) = (EntityId::new(), EntityId::new());
        for event in &history {
            events.append(one_by_one, event.clone()).await.unwrap();
        }
        let mut rest = history.into_iter();
        let append = events.append(at_once, rest.next().unwrap());
        rest.fold(append, eventsource_core::Append::event)
            .expected_seq(Seq::NO_STREAM)
            .await
            .unwrap();
        for id in [one_by_one, at_once] {
            assert_eq!(stored(&events, id).await, types);
            assert_eq!(events.head(id).await.unwrap().unwrap().state, state);
        }
    });
}

async fn refuses<E: Event + Debug>(database: &Database, example: fn(E::Type) -> E) {
    let events = database.events::<E>().await;
    let walks = near_legal_walk::<E::Type>(0..12).appended_only();
    check(&walks, async |walk| {
        let NearLegalWalk {
            legal,
            illegal,
            state,
        } = walk;
        let (types, _) = predicted(legal.iter().copied());
        let id = EntityId::new();
        for event in &legal {
            events.append(id, example(*event)).await.unwrap();
        }
        let before = events.head(id).await.unwrap();
        let refused = events.append(id, example(illegal)).await.unwrap_err();
        assert_rejected(&refused, illegal, state, &types);
        assert_eq!(stored(&events, id).await, types);
        assert_eq!(events.head(id).await.unwrap(), before);

        // All at once, nothing is stored at all.
        let id = EntityId::new();
        let mut all = legal.into_iter().chain([illegal]).map(example);
        let append = events.append(id, all.next().unwrap());
        let refused = all
            .fold(append, eventsource_core::Append::event)
            .await
            .unwrap_err();
        assert_rejected(&refused, illegal, state, &types);
        assert_eq!(events.head(id).await.unwrap(), None);
        assert_eq!(stored(&events, id).await, []);
    });
}

fn assert_rejected<T: EventType>(refused: &Error, illegal: T, state: State<T>, before: &[T]) {
    let Error::Rejected {
        actual, rejection, ..
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!(rejection.event(), illegal.name());
    assert_eq!(
        format!("[{}]", rejection.state().join(", ")),
        state.to_string()
    );
    assert_eq!(actual.get(), u32::try_from(before.len()).unwrap());
}

async fn generated_legal_histories_are_stored(database: &Database) {
    accepts::<TaskEvent>(database, some_event).await;
    accepts::<OrderEvent>(database, order).await;
    accepts::<LightEvent>(database, light).await;
}

async fn generated_illegal_events_are_rejected(database: &Database) {
    refuses::<TaskEvent>(database, some_event).await;
    refuses::<OrderEvent>(database, order).await;
    refuses::<LightEvent>(database, light).await;
}
