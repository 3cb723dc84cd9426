//! Ids that the store gives to new entities (C7, P2, X18, X21, X36).

use eventsource_core::{EntityId, Error, Event, Seq};

use crate::support::database::Database;
use crate::support::machines::{assigned, created};
use crate::support::plain_sql::{Stream, assert_refused, execute};
use crate::support::shipments::{ShipmentEvent, create, sender, shipment, uncounted};
use tasks::TaskEvent;

on_every_database! {
    create_gives_id_in_format_of_machine,
    refused_create_uses_no_counter_number,
    create_repeated_with_key_returns_same_entity,
    append_with_id_not_from_counter_is_refused,
}

async fn create_gives_id_in_format_of_machine(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let task = tasks.create(created()).await.unwrap();
    assert_eq!(task.first().seq, Seq::new(1));
    assert_eq!(
        TaskEvent::ID.format(task.entity_id()),
        task.entity_id().to_string()
    );

    let pallets = database.events::<uncounted::PalletEvent>().await;
    let mut texts = Vec::new();
    for _ in 0..20 {
        let pallet = pallets.create(uncounted::PalletEvent::Built).await.unwrap();
        let text = uncounted::PalletEvent::ID.format(pallet.entity_id());
        // P2: `^pal_[0-9A-Z]{26}$`, one after the other.
        let ulid = text.strip_prefix("pal_").unwrap();
        assert!(
            ulid.len() == 26
                && ulid
                    .bytes()
                    .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        );
        let id = uncounted::PalletEvent::ID
            .parse(&text.to_lowercase())
            .unwrap();
        assert!(pallets.head(id).await.unwrap().is_some());
        texts.push(text);
    }
    assert!(texts.is_sorted());

    let shipments = database.events::<ShipmentEvent>().await;
    for name in ["SHP-0000000001", "SHP-0000000002", "SHP-0000000003"] {
        assert_eq!(create(&shipments).await, name);
        let id = ShipmentEvent::ID.parse(name).unwrap();
        assert_eq!(shipments.head(id).await.unwrap().unwrap().id, id);
    }
    // It stays the same afterwards.
    let hold = shipments
        .append(shipment(2), ShipmentEvent::Cancelled)
        .await
        .unwrap();
    assert_eq!(hold.entity_id(), shipment(2));
}

async fn refused_create_uses_no_counter_number(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let other = database.another_events::<ShipmentEvent>().await;
    assert_eq!(create(&shipments).await, "SHP-0000000001");

    let refused = other.create(ShipmentEvent::Cancelled).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Event type 'CANCELLED' may not be initial"
    );
    let refused = other.create(ShipmentEvent::Created).await.unwrap_err();
    assert!(
        matches!(refused, Error::ActorNotAllowed { .. }),
        "{refused:?}"
    );
    // The second part is refused when the first has its number.
    let also = other
        .create(ShipmentEvent::Created)
        .append(shipment(1), ShipmentEvent::Delivered);
    let everyone = sender().with_role("CUSTOMER");
    let refused = also.by(&everyone).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
    let then = other
        .create(ShipmentEvent::Created)
        .event(ShipmentEvent::Delivered);
    then.by(&everyone).await.unwrap_err();
    let stale = other
        .create(ShipmentEvent::Created)
        .append(shipment(1), ShipmentEvent::Cancelled);
    let refused = stale
        .expected_seq(Seq::new(9))
        .by(sender())
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "entity SHP-0000000001 has changed: expected sequence 9, actual 1"
    );

    assert_eq!(create(&shipments).await, "SHP-0000000002");
    assert_eq!(create(&other).await, "SHP-0000000003");
}

async fn create_repeated_with_key_returns_same_entity(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let shipments = database.events::<ShipmentEvent>().await;
    let pair = || {
        let first = shipments
            .create(ShipmentEvent::Created)
            .event(ShipmentEvent::Cancelled);
        first
            .create(ShipmentEvent::Created)
            .by(sender())
            .idempotency_key("pair")
    };
    let first = pair().await.unwrap();
    let again = pair().await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.events, first.events);
    let ids: Vec<_> = again.events.iter().map(|event| event.entity_id).collect();
    assert_eq!(ids, [shipment(1), shipment(1), shipment(2)]);

    // Another request of the same name.
    let others = [
        shipments.create(ShipmentEvent::Created),
        shipments
            .create(ShipmentEvent::Created)
            .event(ShipmentEvent::Cancelled),
        shipments
            .create(ShipmentEvent::Created)
            .create(ShipmentEvent::Created),
        shipments.append(shipment(2), ShipmentEvent::Cancelled),
    ];
    for other in others {
        let error = other
            .by(sender())
            .idempotency_key("pair")
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::IdempotencyKeyReused { .. }),
            "{error:?}"
        );
    }
    assert_eq!(create(&shipments).await, "SHP-0000000003");

    let named = || {
        tasks
            .create(created())
            .event(assigned("ann"))
            .idempotency_key("pair")
    };
    let (first, again) = (named().await.unwrap(), named().await.unwrap());
    assert!(again.replayed);
    assert_eq!(again.events, first.events);
    // What was appended later is not what was created.
    let later = tasks
        .append(first.entity_id(), crate::support::machines::scheduled())
        .idempotency_key("later");
    later.await.unwrap();
    let creation = tasks
        .create(crate::support::machines::scheduled())
        .idempotency_key("later");
    let error = creation.await.unwrap_err();
    assert!(
        matches!(error, Error::IdempotencyKeyReused { .. }),
        "{error:?}"
    );
}

async fn append_with_id_not_from_counter_is_refused(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    assert_eq!(create(&shipments).await, "SHP-0000000001");
    for id in [shipment(2), shipment(1_000), EntityId::new()] {
        let first = || shipments.append(id, ShipmentEvent::Created).by(sender());
        for append in [
            first(),
            first().idempotency_key("key"),
            first().expected_seq(Seq::NO_STREAM),
        ] {
            let error = append.await.unwrap_err();
            let text = ShipmentEvent::ID.format(id);
            assert_eq!(
                error.to_string(),
                format!(
                    "id {text} was not allocated by the counter of 'shipment': begin the entity with `create`"
                )
            );
        }
        let error = shipments
            .append(id, ShipmentEvent::Cancelled)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Event type 'CANCELLED' may not be initial"
        );
        assert_eq!(shipments.head(id).await.unwrap(), None);
    }
    // An initial event of what is there is an append like any other.
    let hold = shipments.append(shipment(1), ShipmentEvent::HoldForReview);
    hold.by(sender().with_role("SENDER_MANAGER")).await.unwrap();
    let again = shipments
        .append(shipment(1), ShipmentEvent::Created)
        .by(sender());
    assert_eq!(again.await.unwrap().last().seq, Seq::new(3));
    assert_eq!(create(&shipments).await, "SHP-0000000002");

    // The database knows it by itself.
    let pool = database.sql().await;
    let mut stream = Stream::new(database, ShipmentEvent::MACHINE);
    for id in [shipment(3), EntityId::new(), uuid::Uuid::nil().into()] {
        stream.id = id;
        let sql = stream.write(&stream.step(ShipmentEvent::MACHINE.index_of("CREATED").unwrap()));
        assert_refused(execute(&pool, &sql).await, &sql);
    }
}
