//! Views of the log and of entities, for people with SQL.

use eventsource_core::ddl::{self, SchemaVersion};
use eventsource_core::{EntityId, Error};
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::campaigns::CampaignEvent;
use crate::support::database::Database;
use crate::support::machines::light::{first, second};
use crate::support::machines::{OrderEvent, Placed, created, until_started};
use crate::support::plain_sql::execute;

on_postgres! {
    event_view_shows_names_and_typed_columns,
    views_show_json_that_can_be_compared,
    entity_view_shows_data_of_entities,
    migrate_with_foreign_view_on_views_is_refused,
    migrate_with_changed_data_fields_replaces_views,
}

on_every_database! {
    migrate_with_changed_data_fields_keeps_rules,
}

async fn event_view_shows_names_and_typed_columns(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let reader = database.sql_as("reader").await;
    let rows = sqlx::query(
        "SELECT event_type, array_to_string(prior_state, ' ') AS prior_state,
            array_to_string(state, ' ') AS state, description, assignee,
            parent_id = lag(event_id) OVER (ORDER BY seq) AS follows
        FROM task_event_view ORDER BY task_id, seq",
    );
    let rows = rows.fetch_all(&reader).await.unwrap();
    let shown = rows.iter().map(|row| -> [Option<String>; 5] {
        let columns = [
            "event_type",
            "prior_state",
            "state",
            "description",
            "assignee",
        ];
        columns.map(|column| row.get(column))
    });
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            [
                some("CREATED"),
                some(""),
                some("CREATED"),
                some("write it down"),
                None
            ],
            [
                some("ASSIGNED"),
                some("CREATED"),
                some("ASSIGNED CREATED"),
                None,
                some("ann")
            ],
            [
                some("SCHEDULED"),
                some("ASSIGNED CREATED"),
                some("ASSIGNED CREATED SCHEDULED"),
                None,
                None
            ],
            [
                some("STARTED"),
                some("ASSIGNED CREATED SCHEDULED"),
                some("STARTED"),
                None,
                None
            ],
        ]
    );
    let follows: Vec<Option<bool>> = rows.iter().map(|row| row.get("follows")).collect();
    assert_eq!(follows, [None, Some(true), Some(true), Some(true)]);

    let placed = Placed {
        total: Some(3),
        note: None,
    };
    orders
        .append(EntityId::new(), OrderEvent::Placed(placed))
        .await
        .unwrap();
    let doubled: i64 = sqlx::query_scalar("SELECT total * 2 FROM order_event_view")
        .fetch_one(&reader)
        .await
        .unwrap();
    assert_eq!(doubled, 6);
}

async fn views_show_json_that_can_be_compared(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let crates = database.events::<labelled::CrateEvent>().await;
    for _ in 0..2 {
        let append = tasks.append(EntityId::new(), created());
        append.by("ann").await.unwrap();
        let packed = labelled::CrateEvent::Packed {
            labels: vec!["a".to_owned(), "b".to_owned()],
        };
        crates.append(EntityId::new(), packed).await.unwrap();
    }
    let reader = database.sql_as("reader").await;
    let count = async |from: &str| -> i64 {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {from}"));
        sqlx::query_scalar(sql).fetch_one(&reader).await.unwrap()
    };
    let distinct = "(SELECT DISTINCT data, metadata FROM task_event_view) AS once";
    assert_eq!(count(distinct).await, 1);
    let by_ann = r#"task_event_view WHERE metadata @> '{"actor": "ann"}'"#;
    assert_eq!(count(by_ann).await, 2);
    let described = r#"task_event_view WHERE data @> '{"description": "write it down"}'"#;
    assert_eq!(count(described).await, 2);
    for view in ["crate_view", "crate_event_view"] {
        let distinct = format!("(SELECT DISTINCT labels FROM {view}) AS once");
        assert_eq!(count(&distinct).await, 1, "{view}");
        let with_b = format!("{view} WHERE labels @> '[\"b\"]' AND labels = '[\"a\", \"b\"]'");
        assert_eq!(count(&with_b).await, 2, "{view}");
    }
}

/// Crate with a field that no column type but JSON can hold.
mod labelled {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "crate")]
    pub enum CrateEvent {
        #[event(terminal)]
        Packed { labels: Vec<String> },
    }
}

/// Compares the view with what folds give (M29).
async fn entity_view_shows_data_of_entities(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let campaigns = database.events::<CampaignEvent>().await;
    let (task, campaign) = (EntityId::new(), EntityId::new());
    for event in until_started() {
        tasks.append(task, event).await.unwrap();
    }
    let reassigned = TaskEvent::Reassigned {
        assignee: "bob".to_owned(),
    };
    tasks.append(task, reassigned).await.unwrap();
    let created = CampaignEvent::CampaignCreated { description: None };
    campaigns.append(campaign, created).await.unwrap();
    let recorded = CampaignEvent::InboundShipmentRecorded {
        gross_weight_kg: 2.0,
        net_weight_kg: 1.5,
    };
    campaigns.append(campaign, recorded).await.unwrap();
    for received_weight_kg in [Some(0.5), None] {
        let transfer = CampaignEvent::TransferRecorded { received_weight_kg };
        campaigns.append(campaign, transfer).await.unwrap();
    }
    let reader = database.sql_as("reader").await;
    let row = sqlx::query(
        "SELECT seq, version, array_to_string(state, ' ') AS state, last_event_type, assignee,
            description, deadline IS NOT NULL AS has_deadline
        FROM task_view WHERE created_at <= updated_at",
    );
    let row = row.fetch_one(&reader).await.unwrap();
    assert_eq!(
        (row.get::<i32, _>("seq"), row.get::<i32, _>("version")),
        (5, 1)
    );
    let text = |column: &str| row.get::<Option<String>, _>(column).unwrap_or_default();
    assert_eq!(
        ["state", "last_event_type", "assignee", "description"].map(text),
        ["STARTED", "REASSIGNED", "bob", "write it down"]
    );
    assert!(row.get::<bool, _>("has_deadline"));
    let row = sqlx::query(
        "SELECT current_weight_kg, net_weight_kg * 2 AS doubled, description, notes,
            metal_removal_completed IS NULL AS never
        FROM campaign_view",
    );
    let row = row.fetch_one(&reader).await.unwrap();
    assert_eq!(row.get::<Option<f64>, _>("current_weight_kg"), Some(0.5));
    assert_eq!(row.get::<Option<f64>, _>("doubled"), Some(3.0));
    assert_eq!(row.get::<Option<String>, _>("description"), None);
    assert_eq!(row.get::<Option<String>, _>("notes"), None);
    assert!(row.get::<bool, _>("never"));
}

async fn migrate_with_foreign_view_on_views_is_refused(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
    let owner = database.sql().await;
    let execute = async |sql: &'static str| sqlx::query(sql).execute(&owner).await.unwrap();
    execute("CREATE VIEW mine AS SELECT event_type FROM light_event_view").await;
    let refused = database
        .store()
        .migrate::<second::LightEvent>()
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::MigrationRefused { .. }),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains("drop them, migrate"),
        "{refused}"
    );
    lights.append(id, first::LightEvent::Lit).await.unwrap();
    execute("DROP VIEW mine").await;
    let lights = database.events::<second::LightEvent>().await;
    lights.append(id, second::LightEvent::Dimmed).await.unwrap();
    let reader = database.sql_as("reader").await;
    let state: String = sqlx::query_scalar(
        "SELECT array_to_string(state, ' ') FROM light_event_view WHERE event_type = 'DIMMED'",
    )
    .fetch_one(&reader)
    .await
    .unwrap();
    assert_eq!(state, "DIMMED LIT WIRED");
}

/// Crate whose data change while its rules, and so the fingerprint, stay.
mod crate_of {
    pub mod net {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "crate")]
        pub enum CrateEvent {
            #[event(terminal)]
            Packed { net_kg: i64, gross_kg: i64 },
        }
    }

    pub mod gross {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "crate")]
        pub enum CrateEvent {
            #[event(terminal)]
            Packed {
                #[event(feeds = packed_kg)]
                net_kg: i64,
                #[event(feeds = net_kg)]
                gross_kg: i64,
            },
        }
    }
}

async fn migrate_with_changed_data_fields_keeps_rules(database: &Database) {
    use crate_of::{gross, net};
    let crates = database.events::<net::CrateEvent>().await;
    let packed = net::CrateEvent::Packed {
        net_kg: 2,
        gross_kg: 3,
    };
    let id = EntityId::new();
    crates.append(id, packed).await.unwrap();
    let registered = database.store().registered::<net::CrateEvent>().await;
    let expected = SchemaVersion::initial::<gross::CrateEvent>();
    assert_eq!(registered.unwrap(), Some(expected));
    let crates = database.events::<gross::CrateEvent>().await;
    let data = crates.data(id).await.unwrap().unwrap().value;
    assert_eq!((data.packed_kg, data.net_kg), (Some(2), Some(3)));
}

async fn migrate_with_changed_data_fields_replaces_views(database: &Database) {
    use crate_of::{gross, net};
    let crates = database.events::<net::CrateEvent>().await;
    let packed = net::CrateEvent::Packed {
        net_kg: 2,
        gross_kg: 3,
    };
    crates.append(EntityId::new(), packed).await.unwrap();
    let registered = database.store().registered::<net::CrateEvent>().await;
    let registered = registered.unwrap().unwrap();
    assert_eq!(registered, SchemaVersion::initial::<gross::CrateEvent>());
    let owner = database.sql().await;
    let reader = database.sql_as("reader").await;
    let net_kg = async || -> i64 {
        let select = sqlx::query_scalar("SELECT net_kg FROM crate_view");
        select.fetch_one(&reader).await.unwrap()
    };
    let oids = async |from: &'static str| -> String {
        let sql = format!("SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM {from}");
        let select = sqlx::query_scalar(AssertSqlSafe(sql));
        select.fetch_one(&owner).await.unwrap()
    };
    let rules = "pg_constraint WHERE connamespace = current_schema()::regnamespace";
    let views = "pg_class WHERE relkind = 'v' AND relnamespace = current_schema()::regnamespace";
    let (rules_before, views_before) = (oids(rules).await, oids(views).await);
    database.events::<net::CrateEvent>().await;
    assert_eq!((net_kg().await, oids(views).await), (2, views_before));

    // A view of someone else is in the way of these as of any; nothing has changed then.
    execute(&owner, "CREATE VIEW mine AS SELECT net_kg FROM crate_view")
        .await
        .unwrap();
    let refused = database.store().migrate::<gross::CrateEvent>().await;
    assert!(
        matches!(refused, Err(Error::MigrationRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(net_kg().await, 2);
    execute(&owner, "DROP VIEW mine").await.unwrap();

    database.events::<gross::CrateEvent>().await;
    assert_eq!((net_kg().await, oids(rules).await), (3, rules_before));
    let options = database.schema_options();
    let text = |registered: &SchemaVersion| {
        ddl::postgres_migrate::<net::CrateEvent>(registered, &options).unwrap()
    };
    assert_eq!(text(&registered), None);
    let known = database.store().registered::<gross::CrateEvent>().await;
    let text = text(&known.unwrap().unwrap()).unwrap();
    assert!(!text.contains("CONSTRAINT"), "{text}");
    execute(&owner, &text).await.unwrap();
    assert_eq!(net_kg().await, 2);

    // As an earlier version of this crate left it.
    execute(&owner, "DROP VIEW crate_view").await.unwrap();
    database.events::<net::CrateEvent>().await;
    assert_eq!(net_kg().await, 2);
    execute(&owner, "DROP VIEW crate_event_view CASCADE")
        .await
        .unwrap();
    database.events::<net::CrateEvent>().await;
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM crate_event_view")
        .fetch_one(&reader)
        .await
        .unwrap();
    assert_eq!(events, 1);
}
