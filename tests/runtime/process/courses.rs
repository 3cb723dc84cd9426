//! Courses that a process takes, to each of its ends.

use eventsource_core::EntityId;
use eventsource_runtime::Process;
use fulfilment::order::OrderEvent;
use fulfilment::payment::{LIMIT_CENTS, PaymentEvent};
use fulfilment::shipment::{LIMIT_GRAMS, ShipmentEvent};
use fulfilment::{Fulfilment, Shop};

use super::books::{Books, PATIENCE};
use crate::support::database::Database;

async fn goods_leave_and_the_order_is_completed(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let order = books.place().await;
    runtime.settle().await.unwrap();
    assert_eq!(books.course(order).await, ["BEGUN", "PAID", "BOOKED"]);
    assert_eq!(
        books.payment(order).await,
        [PaymentEvent::Taken { cents: 890 }]
    );

    assert!(books.dispatch(order).await);
    runtime.settle().await.unwrap();
    assert_eq!(
        books.course(order).await,
        ["BEGUN", "PAID", "BOOKED", "DISPATCHED"]
    );
    books.assert_settled(order).await;
}

async fn refused_payment_cancels_the_order(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let order = books.place_for(250, LIMIT_CENTS + 1).await;
    runtime.settle().await.unwrap();
    assert_eq!(books.course(order).await, ["BEGUN", "PAYMENT_REFUSED"]);
    let reason = "100001 cents are more than the limit of 100000".to_owned();
    assert_eq!(books.order(order).await[1], OrderEvent::Canceled { reason });
    assert_eq!(books.payment(order).await, []);
    books.assert_settled(order).await;
}

async fn refused_shipment_gives_the_money_back(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let order = books.place_for(LIMIT_GRAMS + 1, 890).await;
    runtime.settle().await.unwrap();
    let course = ["BEGUN", "PAID", "SHIPMENT_REFUSED", "REFUNDED"];
    assert_eq!(books.course(order).await, course);
    let taken = PaymentEvent::Taken { cents: 890 };
    assert_eq!(books.payment(order).await, [taken, PaymentEvent::Refunded]);
    books.assert_settled(order).await;
}

async fn parcel_that_does_not_leave_in_time_is_withdrawn(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let order = books.place().await;
    runtime.settle().await.unwrap();
    books.clock.advance(PATIENCE / 2);
    runtime.settle().await.unwrap();
    assert_eq!(books.course(order).await, ["BEGUN", "PAID", "BOOKED"]);

    books.clock.advance(PATIENCE / 2);
    runtime.settle().await.unwrap();
    let course = [
        "BEGUN",
        "PAID",
        "BOOKED",
        "TIMED_OUT",
        "WITHDRAWN",
        "REFUNDED",
    ];
    assert_eq!(books.course(order).await, course);
    assert!(!books.dispatch(order).await, "it is withdrawn");
    books.assert_settled(order).await;
}

/// The warehouse sends the parcel while nobody runs the process, and then time is over: the process has
/// not heard of it when it times out.
async fn parcel_that_left_just_before_the_timeout_is_not_withdrawn(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let order = books.place().await;
    runtime.settle().await.unwrap();
    assert!(books.dispatch(order).await);
    let timed_out = fulfilment::FulfilmentEvent::TimedOut;
    let process = Fulfilment::id(order);
    books
        .shop
        .fulfilments
        .append(process, timed_out)
        .await
        .unwrap();
    runtime.settle().await.unwrap();
    let course = ["BEGUN", "PAID", "BOOKED", "TIMED_OUT", "DISPATCHED"];
    assert_eq!(books.course(order).await, course);
    books.assert_settled(order).await;
}

/// Every event says who did it, why, and for which business case.
async fn events_of_a_process_name_actor_cause_and_case(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let Shop {
        orders,
        payments,
        shipments,
        fulfilments,
    } = &books.shop;
    let order = EntityId::new();
    let (item, grams, cents) = ("tea".to_owned(), 250, 890);
    let place = fulfilment::order::Place { item, grams, cents };
    orders
        .execute(order, place)
        .by("ann")
        .correlated_with("case-7")
        .await
        .unwrap();
    runtime.settle().await.unwrap();

    let placed = &orders.history(order).await.unwrap()[0];
    let process = fulfilments.history(Fulfilment::id(order)).await.unwrap();
    let taken = &payments.history(order).await.unwrap()[0];
    assert_eq!(books.shipments(order).await.len(), 1);
    let booked = shipments.entities().await.unwrap().items[0].id;
    let booked = &shipments.history(booked).await.unwrap()[0];
    assert!(matches!(booked.event, ShipmentEvent::Booked { .. }));

    let expected = [
        (
            &process[0].metadata,
            placed.id,
            format!("fulfilment/{}", placed.id),
        ),
        (
            &taken.metadata,
            process[0].id,
            format!("fulfilment/{}/0", process[0].id),
        ),
        (
            &process[1].metadata,
            taken.id,
            format!("fulfilment/{}", taken.id),
        ),
        (
            &booked.metadata,
            process[1].id,
            format!("fulfilment/{}/0", process[1].id),
        ),
        (
            &process[2].metadata,
            booked.id,
            format!("fulfilment/{}", booked.id),
        ),
    ];
    for (metadata, cause, key) in expected {
        assert_eq!(metadata.actor.as_deref(), Some("process:fulfilment"));
        assert_eq!(metadata.causation_id.as_deref(), Some(&*cause.to_string()));
        assert_eq!(metadata.correlation_id.as_deref(), Some("case-7"));
        assert_eq!(metadata.idempotency_key, Some(key));
    }
}

on_every_database! {
    and sqlite_memory:
    goods_leave_and_the_order_is_completed,
    refused_payment_cancels_the_order,
    refused_shipment_gives_the_money_back,
    parcel_that_does_not_leave_in_time_is_withdrawn,
    parcel_that_left_just_before_the_timeout_is_not_withdrawn,
    events_of_a_process_name_actor_cause_and_case,
}
