//! The example of `docs/runtime.md`, which has the text between the two marks.

// Begin of the example.
use eventsource_core::{
    EntityId, Event, Failure, Projection, Projects, RecordedEvent, Store, Tables, Transaction,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "member")]
enum MemberEvent {
    #[event(terminal)]
    Registered { email: String },
}

/// Addresses of members, each of one member only.
struct Addresses;

impl Projection for Addresses {
    const NAME: &'static str = "addresses";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        let address = tables.name("address");
        format!("CREATE TABLE {address} (email text PRIMARY KEY, member text NOT NULL)")
    }
}

impl Projects<MemberEvent> for Addresses {
    async fn apply(
        &self,
        event: &RecordedEvent<MemberEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let MemberEvent::Registered { email } = &event.event;
        let insert = "INSERT INTO {address} VALUES ($1, $2)";
        transaction
            .execute(insert, (email, event.entity_id.to_string()))
            .await?;
        Ok(())
    }
}

async fn register_twice(store: &Store) -> Result<(), eventsource_core::Error> {
    let members = store
        .migrate::<MemberEvent>()
        .await?
        .inline(Addresses)
        .await?;
    let ann = || MemberEvent::Registered {
        email: "ann@example.org".into(),
    };
    members.append(EntityId::new(), ann()).await?;

    // The second who takes the address is refused, and nothing of it is stored.
    let taken = members.append(EntityId::new(), ann()).await.unwrap_err();
    assert!(taken.is_unique_violation());
    Ok(())
}
// End of the example.

use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    documented_inline_model_refuses_the_second_address,
}

async fn documented_inline_model_refuses_the_second_address(database: &Database) {
    register_twice(database.store()).await.unwrap();
}

#[test]
fn documented_inline_model_is_the_one_that_runs() {
    let words = |text: &str| {
        text.split_whitespace()
            .collect::<String>()
            .replace(",)", ")")
    };
    let own = include_str!("documented.rs");
    let own = own.split("// Begin of the example.").nth(1).unwrap();
    let own = own.split("// End of the example.").next().unwrap();
    let page = include_str!("../../../docs/runtime.md");
    assert!(
        words(page).contains(&words(own)),
        "docs/runtime.md has another example"
    );
}
