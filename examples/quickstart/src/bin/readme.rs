//! Program shown in the README of the repository.
#![allow(missing_docs, reason = "it is shown without comments")]

use eventsource_core::{EntityId, Error, Event, Store};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "order")]
pub enum OrderEvent {
    Placed {
        sku: String,
    },
    #[event(follows = Placed)]
    Paid {
        cents: i64,
    },
    #[event(follows = Paid, terminal)]
    Shipped,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let store = Store::connect("sqlite://orders.db").await?; // or postgres://user@host/database
    let orders = store.migrate::<OrderEvent>().await?; // creates or updates the tables

    let id = EntityId::new();
    orders
        .append(id, OrderEvent::Placed { sku: "tea".into() })
        .by("ann")
        .await?;
    if let Err(error) = orders.append(id, OrderEvent::Shipped).await {
        println!("{error}"); // Event type 'SHIPPED' may not follow [PLACED]
    }
    orders
        .append(id, OrderEvent::Paid { cents: 450 })
        .event(OrderEvent::Shipped)
        .await?;

    if let Some(order) = orders.data(id).await? {
        // [SHIPPED] after 3 events: Some("tea") for Some(450)
        let (head, data) = (order.head, order.value);
        println!(
            "{} after {} events: {:?} for {:?}",
            head.state, head.seq, data.sku, data.cents
        );
    }
    Ok(())
}
