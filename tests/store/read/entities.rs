//! Searches of entities by state, times, and data (M28, C13).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use eventsource_core::{
    Entities, EntityCursor, EntityId, EntityOrder, Error, Event, EventStore, Folded, Generation,
    Head, State, empty_data, merge_data, payload_fields, to_payload,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tasks::TaskEvent;

use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    entity_search_pages_in_every_order,
}

on_every_database! {
    entity_search_agrees_with_folds,
    entity_search_with_invalid_input_is_refused,
    entity_search_counts_empty_pages,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub to: Option<String>,
    pub weight: f64,
}

/// Parcel whose events may follow in any order after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "parcel", data = Parcel, allow(equivalent_events, order_matters))]
pub enum ParcelEvent {
    Registered,
    #[event(follows = any_state, accumulate = union())]
    Sent {
        #[event(feeds(weight, declared))]
        weight: f64,
        #[event(feeds = place)]
        from: Option<String>,
    },
    #[event(follows = any_state, accumulate = compose(union, difference(Sent)), feeds(place = to, weight))]
    Moved(Move),
    #[event(follows = any_state, accumulate = union())]
    Noted {
        fragile: Option<bool>,
        count: Option<i64>,
        tags: Option<Vec<u8>>,
    },
    #[event(follows = any_state, accumulate = keep())]
    Insured(Move),
    #[event(follows = any_state, accumulate = alias(Registered), restarting)]
    Lost,
}

fn place() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("hall".to_owned())),
        Just(Some("O'Hara \"é\" \\ 1".to_owned())),
        Just(Some("true".to_owned())),
    ]
}

fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), Just(2.5)]
}

fn a_move() -> impl Strategy<Value = Move> {
    (place(), weight()).prop_map(|(to, weight)| Move { to, weight })
}

fn event() -> impl Strategy<Value = ParcelEvent> {
    prop_oneof![
        (weight(), place()).prop_map(|(weight, from)| ParcelEvent::Sent { weight, from }),
        a_move().prop_map(ParcelEvent::Moved),
        (
            any::<Option<bool>>(),
            prop_oneof![
                Just(None),
                Just(Some(0)),
                Just(Some(1)),
                Just(Some(i64::MAX))
            ],
            prop_oneof![Just(None), Just(Some(vec![])), Just(Some(vec![1, 2]))],
        )
            .prop_map(|(fragile, count, tags)| ParcelEvent::Noted {
                fragile,
                count,
                tags
            }),
        a_move().prop_map(ParcelEvent::Insured),
        Just(ParcelEvent::Lost),
    ]
}

type Known = BTreeMap<EntityId, Folded<ParcelEvent, Parcel>>;

/// Lists the ids that a search finds, all on one page.
async fn found(search: Entities<'_, ParcelEvent>) -> Vec<EntityId> {
    let page = search.limit(1000).await.unwrap();
    assert_eq!(page.total, Some(page.items.len() as u64));
    page.items.iter().map(|head| head.id).collect()
}

fn among(known: &Known, is: impl Fn(&Head<ParcelEvent>, &Value) -> bool) -> Vec<EntityId> {
    let matching = known
        .iter()
        .filter(|(_, parcel)| is(&parcel.head, &json!(parcel.value)));
    matching.map(|(id, _)| *id).collect()
}

/// Compares as JSON does: numbers by value.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

async fn entity_search_agrees_with_folds(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let ids: Vec<EntityId> = (0..12).map(|_| EntityId::new()).collect();
    let mut known = Known::new();
    for _ in 0..6 {
        let step = vec((0..ids.len(), vec(event(), 1..4)), 1..10);
        let step = step.new_tree(&mut runner).unwrap().current();
        for (place, events) in step {
            if parcels.head(ids[place]).await.unwrap().is_none() {
                parcels
                    .append(ids[place], ParcelEvent::Registered)
                    .await
                    .unwrap();
            }
            for event in events {
                parcels.append(ids[place], event).await.unwrap();
            }
            let parcel = parcels.data(ids[place]).await.unwrap().unwrap();
            let history = parcels.history(ids[place]).await.unwrap();
            let mut merged = empty_data::<ParcelEvent>();
            for event in history.iter().map(|recorded| &recorded.event) {
                let payload = to_payload(event).unwrap();
                merge_data::<ParcelEvent>(&mut merged, event.event_type(), &payload);
            }
            assert_eq!(json!(parcel.value), json!(merged));
            known.insert(ids[place], parcel);
        }
        compare(&parcels, &known).await;
    }
    assert!(known.len() > 8, "{}", known.len());
}

async fn compare(parcels: &EventStore<ParcelEvent>, known: &Known) {
    assert_eq!(found(parcels.entities()).await, among(known, |_, _| true));
    let wanted = [
        ("weight", vec![json!(1.0), json!(1), json!(0), json!(2.5)]),
        ("declared", vec![json!(1.0), json!(9)]),
        (
            "place",
            vec![
                json!("hall"),
                json!("O'Hara \"é\" \\ 1"),
                json!("true"),
                json!(true),
            ],
        ),
        ("fragile", vec![json!(true), json!(false), json!("true")]),
        (
            "count",
            vec![json!(1), json!(1.0), json!(i64::MAX), json!(u64::MAX)],
        ),
        ("tags", vec![json!([]), json!([1, 2]), json!([2, 1])]),
        ("insured", vec![json!({"to": "hall", "weight": 1.0})]),
    ];
    for (field, values) in wanted {
        for value in values.into_iter().chain([Value::Null]) {
            let search = parcels.entities().field(field, value.clone());
            let expected = among(known, |_, data| same(&data[field], &value));
            assert_eq!(found(search).await, expected, "{field} = {value}");
        }
    }
    let both = parcels.entities().field("weight", 1).field("place", "hall");
    let expected = among(known, |_, data| {
        data["weight"] == json!(1.0) && data["place"] == json!("hall")
    });
    assert_eq!(found(both).await, expected);
    for parcel in known.values() {
        let head = &parcel.head;
        let search = parcels.entities().state(head.state);
        let expected = among(known, |other, _| other.state == head.state);
        assert_eq!(found(search).await, expected, "{}", head.state);
        let search = parcels
            .entities()
            .updated_from(head.updated_at)
            .created_until(head.created_at);
        let expected = among(known, |other, _| {
            other.updated_at >= head.updated_at && other.created_at <= head.created_at
        });
        assert_eq!(found(search).await, expected);
        let micro = TimeDelta::microseconds(1);
        let search = parcels
            .entities()
            .updated_until(head.updated_at - micro)
            .created_from(head.created_at + micro);
        let expected = among(known, |other, _| {
            other.updated_at < head.updated_at && other.created_at > head.created_at
        });
        assert_eq!(found(search).await, expected);
        let search = parcels.entities().generation(head.generation);
        let expected = among(known, |other, _| other.generation == head.generation);
        assert_eq!(found(search).await, expected);
    }
    for state_contains in <ParcelEventType as eventsource_core::EventType>::ALL {
        for state_excludes in <ParcelEventType as eventsource_core::EventType>::ALL {
            let search = parcels
                .entities()
                .state_contains(*state_contains)
                .state_excludes(*state_excludes);
            let expected = among(known, |head, _| {
                head.state.contains(*state_contains) && !head.state.contains(*state_excludes)
            });
            assert_eq!(
                found(search).await,
                expected,
                "{state_contains} {state_excludes}"
            );
        }
        let search = parcels.entities().last_event_type(*state_contains);
        let expected = among(known, |head, _| head.last_event_type == *state_contains);
        assert_eq!(found(search).await, expected, "{state_contains}");
    }
}

async fn entity_search_pages_in_every_order(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let mut ids: Vec<EntityId> = (0..7).map(|_| EntityId::new()).collect();
    for id in ids.iter().rev() {
        parcels.append(*id, ParcelEvent::Registered).await.unwrap();
    }
    // The first three are written to again.
    for id in &ids[..3] {
        parcels.append(*id, ParcelEvent::Lost).await.unwrap();
    }
    let all_of_them = || {
        parcels
            .entities()
            .state_contains(ParcelEventType::Registered)
    };
    for order in [EntityOrder::Id, EntityOrder::Created, EntityOrder::Updated] {
        for descending in [false, true] {
            let search = || {
                let search = all_of_them().order_by(order);
                if descending {
                    search.descending()
                } else {
                    search
                }
            };
            let all = search().await.unwrap();
            assert_eq!((all.items.len(), all.total), (7, Some(7)));
            let key = |head: &Head<ParcelEvent>| match order {
                EntityOrder::Created => (Some(head.created_at), head.id),
                EntityOrder::Updated => (Some(head.updated_at), head.id),
                _ => (None, head.id),
            };
            let mut sorted = all.items.clone();
            sorted.sort_by_key(key);
            if descending {
                sorted.reverse();
            }
            assert_eq!(all.items, sorted, "{order:?}");

            let mut by_cursor = Vec::new();
            let mut next = search().limit(3).await.unwrap();
            while let Some(last) = next.items.last() {
                let cursor = EntityCursor::of(last, order).to_string();
                by_cursor.extend(next.items);
                assert!(by_cursor.len() <= 7, "an entity comes twice: {order:?}");
                let cursor: EntityCursor = cursor.parse().unwrap();
                next = search().limit(3).after(cursor).await.unwrap();
                assert_eq!(next.total, Some(7), "a cursor does not change the count");
            }
            assert_eq!(by_cursor, all.items, "{order:?}");
            let offset = search().offset(5).limit(3).await.unwrap();
            assert_eq!(offset.items, all.items[5..]);
        }
    }
    let none = all_of_them().limit(0).await.unwrap();
    assert_eq!((none.items.len(), none.total), (0, Some(7)));
    let beyond = all_of_them().offset(99).await.unwrap();
    assert_eq!((beyond.items.len(), beyond.total), (0, Some(7)));
    let uncounted = all_of_them()
        .offset(2)
        .limit(2)
        .without_total()
        .await
        .unwrap();
    assert_eq!((uncounted.items.len(), uncounted.total), (2, None));
    let nobody = parcels
        .entities()
        .generation(Generation::new(9))
        .await
        .unwrap();
    assert_eq!((nobody.items.len(), nobody.total), (0, Some(0)));
    let empty = parcels.entities().state(State::EMPTY).await.unwrap();
    assert_eq!(empty.total, Some(0));

    // What is appended is seen at once.
    let id = ids.remove(0);
    let noted = ParcelEvent::Noted {
        fragile: Some(true),
        count: None,
        tags: None,
    };
    parcels.append(id, noted).await.unwrap();
    let fragile = parcels.entities().field("fragile", true).await.unwrap();
    assert_eq!(fragile.items[0].id, id);
    assert_eq!(fragile.items[0], parcels.head(id).await.unwrap().unwrap());
}

async fn entity_search_with_invalid_input_is_refused(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    let id = EntityId::new();
    parcels.append(id, ParcelEvent::Registered).await.unwrap();
    // It is a field of a payload, but not one of the data.
    assert!(
        payload_fields::<ParcelEvent>(ParcelEventType::Moved)
            .unwrap()
            .contains(&"to")
    );
    let error = parcels.entities().field("to", "hall").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the field 'to' is not in the data of the entity"
    );
    // No database has it, and not all can be asked for it.
    let tasks = database.events::<TaskEvent>().await;
    let error = tasks.entities().field("assignee", "a\0").await.unwrap_err();
    assert!(matches!(error, Error::InvalidInput(_)), "{error}");
    let head = parcels.head(id).await.unwrap().unwrap();
    let cursor = EntityCursor::of(&head, EntityOrder::Id);
    let created = parcels.entities().order_by(EntityOrder::Created);
    let error = created.after(cursor).await.unwrap_err();
    assert!(matches!(error, Error::InvalidInput(_)), "{error}");
}

/// Counts pages that are empty, in each order.
async fn entity_search_counts_empty_pages(database: &Database) {
    let parcels = database.events::<ParcelEvent>().await;
    for weight in [1.0, 1.0, 2.0] {
        let registered = parcels.append(EntityId::new(), ParcelEvent::Registered);
        let moved = ParcelEvent::Moved(Move { to: None, weight });
        registered.event(moved).await.unwrap();
    }
    for order in [EntityOrder::Id, EntityOrder::Created, EntityOrder::Updated] {
        let all = || parcels.entities().order_by(order);
        let moved = || all().state_contains(ParcelEventType::Moved);
        let light = || all().field("weight", 1);
        for (search, total) in [(all(), 3), (moved(), 3), (light(), 2)] {
            let none = search.clone().limit(0).await.unwrap();
            assert_eq!((none.items, none.total), (vec![], Some(total)), "{order:?}");
            let beyond = search.clone().offset(99).await.unwrap();
            assert_eq!(
                (beyond.items, beyond.total),
                (vec![], Some(total)),
                "{order:?}"
            );
            let last = search.clone().offset(total - 1).await.unwrap();
            assert_eq!(
                (last.items.len(), last.total),
                (1, Some(total)),
                "{order:?}"
            );
            let counted = search.clone().await.unwrap();
            let uncounted = search.without_total().await.unwrap();
            assert_eq!(counted.items, uncounted.items, "{order:?}");
        }
        let nobody = all()
            .state_contains(ParcelEventType::Insured)
            .await
            .unwrap();
        assert_eq!((nobody.items, nobody.total), (vec![], Some(0)), "{order:?}");
    }
}
