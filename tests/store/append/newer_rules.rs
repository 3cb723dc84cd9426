//! Appends by a program whose machine is older than the tables.

use eventsource_core::EntityId;

use crate::support::database::Database;

on_postgres! {
    event_after_which_state_has_unknown_type_is_not_stored,
}

mod before {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "dimmer", allow(dead_end))]
    pub enum DimmerEvent {
        Wired,
        #[event(follows = Wired)]
        Lit,
    }
}

mod after {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "dimmer", allow(dead_end))]
    pub enum DimmerEvent {
        Wired,
        #[event(follows = Wired, accumulate = addition(Lit, Dimmed))]
        Lit,
        #[event(follows = Lit)]
        Dimmed,
    }
}

async fn event_after_which_state_has_unknown_type_is_not_stored(database: &Database) {
    let old = database.events::<before::DimmerEvent>().await;
    let ids = [EntityId::new(), EntityId::new(), EntityId::new()];
    for id in ids {
        old.append(id, before::DimmerEvent::Wired).await.unwrap();
    }
    let new = database.another_events::<after::DimmerEvent>().await;
    let lit = || before::DimmerEvent::Lit;
    old.append(ids[0], lit()).await.unwrap_err();
    old.append(ids[1], lit())
        .append(ids[2], lit())
        .await
        .unwrap_err();
    for id in ids {
        assert_eq!(new.history(id).await.unwrap().len(), 1);
    }
}
