//! Typed handles: their appends, and how they are narrowed.

use eventsource_core::{EntityId, Error, Event, Retry, Seq};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;

on_every_database! {
    handle_with_chained_events_appends_them_together,
    loaded_handle_narrows_to_its_state,
    handle_after_lost_race_gets_conflict_and_keeps_events,
    handle_replay_contradicting_its_type_is_conflict,
    handle_without_events_appends_nothing,
}

on_every_database! {
    and sqlite_memory:
    handle_append_repeated_with_key_is_replayed,
}

/// Parcel that is shipped as soon as it is packed and labeled, in either order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "parcel", typestate)]
pub enum ParcelEvent {
    Ordered {
        item: String,
    },
    #[event(follows = Ordered & !Packed, accumulate = union())]
    Packed {
        by: String,
    },
    #[event(follows = Ordered & !Labeled, accumulate = union())]
    Labeled {
        address: String,
    },
    #[event(follows = Packed & Labeled, auto_transition)]
    Shipped,
    #[event(follows = Shipped, accumulate = keep())]
    Tracked {
        place: String,
    },
    #[event(follows = Shipped & !Insured, accumulate = union())]
    Insured,
    #[event(follows = Shipped, terminal)]
    Delivered,
}

fn ordered(id: EntityId) -> ParcelHandle<parcel_states::AfterOrdered> {
    ParcelHandle::new(id).ordered("lamp".to_owned())
}

fn shipped(id: EntityId) -> ParcelHandle<parcel_states::AfterShipped> {
    ordered(id)
        .packed("ann".to_owned())
        .labeled("12 Elm St".to_owned())
}

async fn handle_with_chained_events_appends_them_together(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    let parcel = shipped(id);
    assert_eq!((parcel.seq(), parcel.pending().len()), (Seq::NO_STREAM, 3));
    let expected = parcel.state();
    let parcel = parcel
        .append(&parcels)
        .by("ann")
        .correlation_id("order 7")
        .causation_id("a click")
        .await
        .unwrap();
    // The auto transition is stored, and the type knows it: `tracked` follows it.
    assert_eq!((parcel.seq(), parcel.pending().len()), (Seq::new(4), 0));
    assert_eq!(parcel.state(), expected);
    let (parcel, appended) = parcel
        .tracked("depot".to_owned())
        .delivered()
        .append(&parcels)
        .with_events()
        .await
        .unwrap();
    assert_eq!((parcel.seq(), appended.events.len()), (Seq::new(6), 2));

    let history = parcels.history(id).await.unwrap();
    let types: Vec<&str> = history
        .iter()
        .map(|recorded| eventsource_core::EventType::name(recorded.event.event_type()))
        .collect();
    assert_eq!(
        types,
        [
            "ORDERED",
            "PACKED",
            "LABELED",
            "SHIPPED",
            "TRACKED",
            "DELIVERED"
        ]
    );
    let metadata = &history[1].metadata;
    assert_eq!(metadata.actor.as_deref(), Some("ann"));
    assert_eq!(metadata.correlation_id.as_deref(), Some("order 7"));
    assert_eq!(metadata.causation_id.as_deref(), Some("a click"));
}

async fn loaded_handle_narrows_to_its_state(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    assert!(ParcelHandle::load(&parcels, id).await.unwrap().is_none());
    ordered(id).append(&parcels).await.unwrap();

    let parcel = ParcelHandle::load(&parcels, id).await.unwrap().unwrap();
    assert_eq!(parcel.seq(), Seq::new(1));
    let refused = parcel
        .narrow::<parcel_states::BeforeDelivered>()
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the state of the parcel is [ORDERED], expected SHIPPED and not ORDERED"
    );
    let parcel = refused.into_handle();
    let parcel: ParcelHandle<parcel_states::BeforePacked> = parcel.narrow().unwrap();
    // Whether this shipped it is not known to the type, but to the handle.
    let parcel = parcel
        .packed("ann".to_owned())
        .append(&parcels)
        .await
        .unwrap();
    assert_eq!(parcel.state().to_string(), "[ORDERED, PACKED]");
    let parcel = parcel.narrow::<parcel_states::BeforeLabeled>().unwrap();
    let parcel = parcel
        .labeled("12 Elm St".to_owned())
        .append(&parcels)
        .await
        .unwrap();
    let parcel = parcel.narrow::<parcel_states::AfterShipped>().unwrap();
    let head = parcels.head(id).await.unwrap().unwrap();
    assert_eq!((parcel.seq(), parcel.state()), (head.seq, head.state));
    assert_eq!(ParcelHandle::from(head).state(), parcel.state());
}

async fn handle_after_lost_race_gets_conflict_and_keeps_events(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    let parcel = shipped(id).append(&parcels).await.unwrap();
    let other = ParcelHandle::load(&parcels, id).await.unwrap().unwrap();
    let other = other.narrow::<parcel_states::BeforeTracked>().unwrap();
    parcel
        .tracked("depot".to_owned())
        .append(&parcels)
        .await
        .unwrap();

    let lost = other
        .tracked("truck".to_owned())
        .append(&parcels)
        .await
        .unwrap_err();
    assert_eq!(lost.retry(), Retry::AfterReload);
    let Error::Conflict {
        entity_id,
        expected,
        actual,
        ..
    } = *lost.error()
    else {
        panic!("{lost}");
    };
    assert_eq!(
        (entity_id, expected, actual),
        (id, Seq::new(4), Seq::new(5))
    );
    let handle = lost.into_handle();
    assert_eq!((handle.id(), handle.seq()), (id, Seq::new(4)));
    let tracked = ParcelEvent::Tracked {
        place: "truck".to_owned(),
    };
    assert_eq!(handle.pending(), [tracked]);

    // The same, on top of what was appended meanwhile.
    let parcel = ParcelHandle::load(&parcels, id).await.unwrap().unwrap();
    let parcel = parcel.narrow::<parcel_states::BeforeTracked>().unwrap();
    let parcel = parcel
        .tracked("truck".to_owned())
        .append(&parcels)
        .await
        .unwrap();
    assert_eq!(parcel.seq(), Seq::new(6));

    // With `?` it is the error of any append.
    let again = async {
        ordered(id).append(&parcels).await?;
        Ok::<_, Error>(())
    };
    assert!(matches!(again.await, Err(Error::Conflict { .. })));
}

async fn handle_append_repeated_with_key_is_replayed(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    let stored = shipped(id)
        .append(&parcels)
        .idempotency_key("one")
        .await
        .unwrap();
    // As after a lost answer: what was sent, once more.
    let repeated = shipped(id)
        .append(&parcels)
        .idempotency_key("one")
        .await
        .unwrap();
    assert_eq!(
        (repeated.seq(), repeated.state()),
        (stored.seq(), stored.state())
    );
    assert_eq!(parcels.history(id).await.unwrap().len(), 4);

    // The handle that comes back still has what is to be stored.
    let refused = repeated
        .tracked("a\0b".to_owned())
        .append(&parcels)
        .await
        .unwrap_err();
    assert_eq!(refused.retry(), Retry::Never);
    let parcel = refused.into_handle();
    assert_eq!((parcel.seq(), parcel.pending().len()), (Seq::new(4), 1));
}

async fn handle_replay_contradicting_its_type_is_conflict(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    // What was stored under the key agrees with the type, so it is answered, as of then.
    let id = EntityId::new();
    let parcel = shipped(id).append(&parcels).await.unwrap();
    let place = || "depot".to_owned();
    parcel
        .tracked(place())
        .append(&parcels)
        .idempotency_key("track")
        .await
        .unwrap();
    let later = ParcelHandle::load(&parcels, id).await.unwrap().unwrap();
    let later = later.narrow::<parcel_states::BeforeTracked>().unwrap();
    let answered = later
        .tracked(place())
        .append(&parcels)
        .idempotency_key("track")
        .await
        .unwrap();
    assert_eq!(answered.seq(), Seq::new(5));
    assert_eq!(parcels.history(id).await.unwrap().len(), 5);

    // Now it is insured, which it was not then.
    let uninsured = answered.narrow::<parcel_states::BeforeInsured>().unwrap();
    let insured = uninsured.insured().append(&parcels).await.unwrap();
    let insured = insured.narrow::<parcel_states::AfterInsured>().unwrap();
    let again = insured
        .tracked(place())
        .append(&parcels)
        .idempotency_key("track");
    let refused = again.await.unwrap_err();
    assert!(
        matches!(refused.error(), Error::Conflict { .. }),
        "{refused}"
    );
    assert_eq!(parcels.history(id).await.unwrap().len(), 6);
}

async fn handle_without_events_appends_nothing(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let parcel = ParcelHandle::new(EntityId::new())
        .append(&parcels)
        .await
        .unwrap();
    assert_eq!(parcel.seq(), Seq::NO_STREAM);
    assert!(parcels.head(parcel.id()).await.unwrap().is_none());
}
