//! When a timed event is written, and when it is not.

use eventsource_core::{Actor, Clock, EntityId, EventType};
use eventsource_runtime::{Runtime, timers};

use super::machines::{
    DAY, HOUR, LoanEvent, OfferEvent, OfferEventType, clocked, expected, history, rows,
};
use crate::support::database::Database;

on! { sqlite_memory, sqlite_file, postgres, postgres_outbox:
    event_is_written_when_it_has_been_legal_for_so_long,
    event_that_is_no_longer_legal_is_not_written,
    wait_goes_on_while_legal_and_begins_anew_with_generation,
    at_follows_field_and_is_written_once_for_each_value,
    missed_time_is_caught_up_by_later_worker,
    rows_are_those_that_events_call_for,
}

async fn event_is_written_when_it_has_been_legal_for_so_long(database: &Database) {
    let (store, clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let runtime = Runtime::new(&store)
        .add(timers(&offers))
        .build()
        .await
        .unwrap();
    let id = EntityId::new();
    offers.append(id, OfferEvent::Made).await.unwrap();

    clock.advance(71 * HOUR);
    runtime.settle().await.unwrap();
    assert_eq!(history(&offers, id).await, ["MADE"]);

    clock.advance(2 * HOUR);
    runtime.settle().await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(history(&offers, id).await, ["MADE", "EXPIRED"]);
    let written = offers.history(id).await.unwrap().pop().unwrap();
    assert_eq!(written.metadata.actor.as_deref(), Some("process:timer"));
    assert_eq!(
        written.metadata.idempotency_key,
        Some(format!("deadline/{id}/EXPIRED/1"))
    );
    assert_eq!(rows(&store).await, []);
    let head = offers.head(id).await.unwrap().unwrap();
    assert_eq!(head.available_to(&Actor::new("ann")), []);
    assert!(OfferEventType::Expired.is_internal(), "no client writes it");
}

async fn event_that_is_no_longer_legal_is_not_written(database: &Database) {
    let (store, clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let runtime = Runtime::new(&store)
        .add(timers(&offers))
        .build()
        .await
        .unwrap();
    let (accepted, paused) = (EntityId::new(), EntityId::new());
    for id in [accepted, paused] {
        offers.append(id, OfferEvent::Made).await.unwrap();
    }
    runtime.settle().await.unwrap();
    assert_eq!(rows(&store).await.len(), 2);

    offers.append(accepted, OfferEvent::Accepted).await.unwrap();
    offers.append(paused, OfferEvent::Paused).await.unwrap();
    clock.advance(4 * DAY);
    runtime.settle().await.unwrap();

    assert_eq!(history(&offers, accepted).await, ["MADE", "ACCEPTED"]);
    assert_eq!(history(&offers, paused).await, ["MADE", "PAUSED"]);
    assert_eq!(rows(&store).await, []);
}

async fn wait_goes_on_while_legal_and_begins_anew_with_generation(database: &Database) {
    let (store, clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let runtime = Runtime::new(&store)
        .add(timers(&offers))
        .build()
        .await
        .unwrap();
    let id = EntityId::new();
    offers.append(id, OfferEvent::Made).await.unwrap();
    let begun = expected(&offers, &[id]).await;
    let seen = OfferEvent::Seen { by: "ann".into() };
    offers.append(id, seen).await.unwrap();
    assert_eq!(expected(&offers, &[id]).await, begun, "the wait goes on");

    offers.append(id, OfferEvent::Renewed).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(rows(&store).await[0].1, 3, "a new generation waits anew");
    offers.append(id, OfferEvent::Paused).await.unwrap();
    offers.append(id, OfferEvent::Resumed).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(rows(&store).await[0].1, 5, "it became legal once more");

    clock.advance(3 * DAY + HOUR);
    runtime.settle().await.unwrap();
    assert_eq!(history(&offers, id).await.last().unwrap(), "EXPIRED");
}

async fn at_follows_field_and_is_written_once_for_each_value(database: &Database) {
    let (store, clock) = clocked(database).await;
    let loans = store.migrate::<LoanEvent>().await.unwrap();
    let runtime = Runtime::new(&store)
        .add(timers(&loans))
        .build()
        .await
        .unwrap();
    let id = EntityId::new();
    let start = clock.now();
    loans
        .append(id, LoanEvent::Lent { until: start + DAY })
        .await
        .unwrap();
    runtime.settle().await.unwrap();
    let later = LoanEvent::Extended {
        until: start + 2 * DAY,
    };
    loans.append(id, later.clone()).await.unwrap();

    clock.advance(DAY + HOUR);
    runtime.settle().await.unwrap();
    assert_eq!(history(&loans, id).await, ["LENT", "EXTENDED"]);

    clock.advance(DAY);
    runtime.settle().await.unwrap();
    clock.advance(DAY);
    runtime.settle().await.unwrap();
    let reminded = ["LENT", "EXTENDED", "REMINDED"];
    assert_eq!(history(&loans, id).await, reminded, "once");

    // The same time again is not another.
    loans.append(id, later).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(history(&loans, id).await.len(), 4);
    // A time that is past is due at once.
    let past = LoanEvent::Extended { until: start };
    loans.append(id, past).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(history(&loans, id).await[4..], ["EXTENDED", "REMINDED"]);
}

async fn missed_time_is_caught_up_by_later_worker(database: &Database) {
    let (store, clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let ids: Vec<EntityId> = (0..20).map(|_| EntityId::new()).collect();
    for id in &ids {
        offers.append(*id, OfferEvent::Made).await.unwrap();
    }
    clock.advance(30 * DAY);
    let runtime = Runtime::new(&store)
        .add(timers(&offers))
        .build()
        .await
        .unwrap();
    runtime.settle().await.unwrap();
    for id in ids {
        assert_eq!(history(&offers, id).await, ["MADE", "EXPIRED"]);
    }
}

async fn rows_are_those_that_events_call_for(database: &Database) {
    let (store, _clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let runtime = Runtime::new(&store)
        .add(timers(&offers))
        .build()
        .await
        .unwrap();
    let ids: Vec<EntityId> = (0..6).map(|_| EntityId::new()).collect();
    let mut random: usize = 7;
    for round in 0..20 {
        for id in &ids {
            let head = offers.head(*id).await.unwrap();
            let state = head.map_or(eventsource_core::State::EMPTY, |head| head.state);
            let legal = OfferEventType::available(state);
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let Some(event) = legal.get((random >> 33) % legal.len().max(1)) else {
                continue;
            };
            let event = match event {
                OfferEventType::Made => OfferEvent::Made,
                OfferEventType::Seen => OfferEvent::Seen { by: "ann".into() },
                OfferEventType::Paused => OfferEvent::Paused,
                OfferEventType::Resumed => OfferEvent::Resumed,
                OfferEventType::Renewed => OfferEvent::Renewed,
                OfferEventType::Expired => OfferEvent::Expired,
                OfferEventType::Accepted => OfferEvent::Accepted,
            };
            // The ends are rare, so that histories are long.
            if round > 12 || !matches!(event, OfferEvent::Expired | OfferEvent::Accepted) {
                offers.append(*id, event).await.unwrap();
            }
        }
        if round % 3 == 0 {
            runtime.settle().await.unwrap();
            assert_eq!(rows(&store).await, expected(&offers, &ids).await);
        }
    }
    runtime.settle().await.unwrap();
    assert_eq!(rows(&store).await, expected(&offers, &ids).await);
}
