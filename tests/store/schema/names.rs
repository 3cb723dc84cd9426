//! Names that the tables of several entities, or several fields, would share.

use eventsource_core::{EntityId, Error, Event};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;

on_every_database! {
    fields_with_long_names_have_columns_of_their_own,
}

on! {
    sqlite_file, postgres:
    entities_whose_tables_would_meet_are_refused_before_anything_changes,
}

mod page {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Serialize, Deserialize, Event)]
    #[machine(entity = "page", allow(never_ends))]
    pub enum PageEvent {
        Created {
            title: String,
        },
        #[event(follows = Created, terminal)]
        Removed,
    }
}

mod page_view {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Serialize, Deserialize, Event)]
    #[machine(entity = "page_view")]
    pub enum PageViewEvent {
        #[event(terminal)]
        Seen { by: String },
    }
}

mod page_event_row {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Serialize, Deserialize, Event)]
    #[machine(entity = "page_event_row")]
    pub enum RowEvent {
        #[event(terminal)]
        Seen,
    }
}

/// Migrates entities of which one is called as a view, a type or an index of another.
async fn entities_whose_tables_would_meet_are_refused_before_anything_changes(database: &Database) {
    let store = database.store();
    let pages = store.migrate::<page::PageEvent>().await.unwrap();
    let id = EntityId::new();
    let title = "home".to_owned();
    pages
        .append(id, page::PageEvent::Created { title })
        .await
        .unwrap();
    let views = store.migrate::<page_view::PageViewEvent>().await;
    let rows = store.migrate::<page_event_row::RowEvent>().await;
    if database.is_postgres() {
        for (refused, name) in [(views.err(), "page_view"), (rows.err(), "page_event_row")] {
            let refused = refused.unwrap();
            assert!(
                matches!(refused, Error::MigrationRefused { .. }),
                "{refused:?}"
            );
            assert!(refused.to_string().contains(name), "{refused}");
        }
        let registered = store.registered::<page_view::PageViewEvent>().await;
        assert_eq!(registered.unwrap(), None);
        // The other way round.
        let another = database.another().await;
        another.events::<page_view::PageViewEvent>().await;
        let refused = another
            .store()
            .migrate::<page::PageEvent>()
            .await
            .unwrap_err();
        assert!(
            matches!(refused, Error::MigrationRefused { .. }),
            "{refused:?}"
        );
        another.remove().await;
    } else {
        // There are no views and types of entities.
        views.unwrap();
        rows.unwrap();
    }
    assert_eq!(pages.history(id).await.unwrap().len(), 1);
    assert!(pages.verify().await.unwrap().is_valid());
}

/// Parcel with two fields that agree in the 63 bytes that Postgres keeps of a name.
#[derive(Clone, Serialize, Deserialize, Event)]
#[machine(entity = "parcel")]
pub enum ParcelEvent {
    #[event(
        terminal,
        requires(
            the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_stored,
            the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_packed
        )
    )]
    Stored {
        the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_stored: u32,
        the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_packed: u32,
    },
}

async fn fields_with_long_names_have_columns_of_their_own(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    let stored = ParcelEvent::Stored {
        the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_stored: 1,
        the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_packed: 2,
    };
    parcels.append(id, stored).await.unwrap();
    let packed = "the_number_of_the_shelf_in_the_hall_of_the_warehouse_in_which_it_is_packed";
    let of_packed = |number: u32| parcels.entities().field(packed, number);
    assert_eq!(of_packed(2).await.unwrap().total, Some(1));
    assert_eq!(of_packed(1).await.unwrap().total, Some(0));
    let verified = parcels.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
    if database.is_postgres() {
        let pool = database.sql().await;
        for view in ["parcel_view", "parcel_event_view"] {
            let columns = "SELECT count(DISTINCT column_name) FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = $1
                    AND column_name LIKE 'the_number%'";
            let columns = sqlx::query_scalar::<_, i64>(columns).bind(view);
            assert_eq!(columns.fetch_one(&pool).await.unwrap(), 2, "{view}");
        }
    }
}
