//! Runs the process on four orders, and prints what happened.

use std::error::Error;
use std::time::Duration;

use eventsource_core::{EntityId, Event, EventType, ManualClock, StoreOptions};
use eventsource_runtime::{Process, Runtime, timers};
use fulfilment::order::{OrderEvent, Place};
use fulfilment::shipment::Dispatch;
use fulfilment::{Fulfilment, Shop};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A clock that is moved by hand: three days take no time here.
    let clock = ManualClock::new("2026-12-01T09:00:00Z".parse()?);
    let options = StoreOptions::new("sqlite::memory:").clock(clock.clone());
    let store = options.connect().await?;
    let shop = Shop::open(&store).await?;
    let runtime = Runtime::new(&store)
        .add(shop.fulfilment())
        .add(timers(&shop.fulfilments))
        .build()
        .await?;

    let tea = place(&shop, "tea", 250, 890).await?;
    let anvil = place(&shop, "anvil", 75_000, 19_900).await?;
    let yacht = place(&shop, "yacht", 9_000, 39_000_000).await?;
    let lamp = place(&shop, "lamp", 1_800, 4_500).await?;
    // A service would call `runtime.run_until(shutdown)`; `settle` runs until nothing is left to do.
    runtime.settle().await?;

    // The warehouse sends the tea, and forgets the lamp.
    let fulfilment = shop.fulfilments.data(Fulfilment::id(tea)).await?;
    if let Some(parcel) = fulfilment.and_then(|process| process.value.shipment) {
        shop.shipments.execute(parcel, Dispatch).by("bob").await?;
    }
    clock.advance(Duration::from_hours(3 * 24));
    runtime.settle().await?;

    for order in [tea, anvil, yacht, lamp] {
        print(&shop, order).await?;
    }
    Ok(())
}

/// Places an order, and returns its id.
async fn place(
    shop: &Shop,
    item: &str,
    grams: i64,
    cents: i64,
) -> Result<EntityId, Box<dyn Error>> {
    let item = item.to_owned();
    let placed = shop.orders.execute_new(Place { item, grams, cents });
    Ok(placed.by("ann").await?.entity_id)
}

/// Prints what happened to an order, and what its process did.
async fn print(shop: &Shop, order: EntityId) -> Result<(), Box<dyn Error>> {
    for event in shop.orders.history(order).await? {
        match event.event {
            OrderEvent::Placed { item, .. } => println!("{item}"),
            OrderEvent::Completed => println!("  the order is completed"),
            OrderEvent::Canceled { reason } => println!("  the order is canceled: {reason}"),
        }
    }
    let process = shop.fulfilments.history(Fulfilment::id(order)).await?;
    let names = process.iter().map(|event| event.event.event_type().name());
    println!("  the process: {}", names.collect::<Vec<_>>().join(", "));
    Ok(())
}
