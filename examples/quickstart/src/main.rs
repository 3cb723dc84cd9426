//! An invoice whose rules are one enum, with its events in SQLite.

use eventsource_core::{EntityId, Event, Store};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "invoice")]
enum InvoiceEvent {
    Issued {
        cents: i64,
    },
    #[event(follows = Issued)]
    Sent,
    #[event(follows = Sent, terminal)]
    Paid,
    #[event(follows = any_of(Issued, Sent), terminal)]
    Canceled,
}

#[tokio::main]
async fn main() -> Result<(), eventsource_core::Error> {
    let store = Store::connect("sqlite::memory:").await?; // a file: sqlite://invoices.db
    let invoices = store.migrate::<InvoiceEvent>().await?; // makes the tables

    let id = EntityId::new();
    let issued = InvoiceEvent::Issued { cents: 4200 };
    invoices.append(id, issued).await?;
    if let Err(refused) = invoices.append(id, InvoiceEvent::Paid).await {
        println!("refused: {refused}");
    }
    invoices.append(id, InvoiceEvent::Sent).await?;
    invoices.append(id, InvoiceEvent::Paid).await?;

    for stored in invoices.history(id).await? {
        println!("{} {:?} -> {}", stored.seq, stored.event, stored.state);
    }
    Ok(())
}
