//! Repeats of requests whose payloads are written in another order each time.

use std::collections::{BTreeSet, HashMap, HashSet};

use eventsource_core::{EntityId, Error, Event};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;

on_every_database! {
    append_repeated_with_same_sets_and_maps_is_replayed,
    append_with_key_and_other_elements_is_refused,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Lists are in order, sets and maps are not, at any depth.
    pub names: Vec<HashSet<String>>,
    pub by_name: HashMap<String, HashSet<u32>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "article", allow(never_ends, no_operation))]
pub enum ArticleEvent {
    Written,
    #[event(follows = Written, accumulate = keep())]
    Tagged {
        tags: HashSet<String>,
        sorted: BTreeSet<u8>,
        ranking: Vec<String>,
        pair: [u8; 2],
        place: Option<Place>,
    },
}

fn numbered(count: u32) -> Vec<String> {
    (0..count)
        .map(|number| format!("tag {number} ~/"))
        .collect()
}

/// Makes the event anew, as a client does that tries once more.
fn tagged(ranking: &[&str]) -> ArticleEvent {
    ArticleEvent::Tagged {
        tags: numbered(12).into_iter().collect(),
        sorted: BTreeSet::from([3, 1, 2]),
        ranking: ranking.iter().map(|&name| name.to_owned()).collect(),
        pair: [1, 2],
        place: Some(Place {
            names: (1..4).map(|_| numbered(9).into_iter().collect()).collect(),
            by_name: (0..5)
                .map(|n| (format!("a/b~{n}"), (0..7).collect()))
                .collect(),
        }),
    }
}

async fn append_repeated_with_same_sets_and_maps_is_replayed(database: &Database) {
    let articles = database.events::<ArticleEvent>().await;
    let id = EntityId::new();
    articles.append(id, ArticleEvent::Written).await.unwrap();
    let append = || {
        articles
            .append(id, tagged(&["a", "b"]))
            .idempotency_key("k")
    };
    let first = append().await.unwrap();
    for _ in 0..20 {
        let again = append().await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.events, first.events);
    }
    assert_eq!(articles.history(id).await.unwrap().len(), 2);
}

async fn append_with_key_and_other_elements_is_refused(database: &Database) {
    let articles = database.events::<ArticleEvent>().await;
    let id = EntityId::new();
    articles.append(id, ArticleEvent::Written).await.unwrap();
    let append = |event| articles.append(id, event).idempotency_key("k");
    append(tagged(&["a", "b"])).await.unwrap();
    let changed = |change: &dyn Fn(&mut ArticleEvent)| {
        let mut event = tagged(&["a", "b"]);
        change(&mut event);
        event
    };
    for other in [
        tagged(&["b", "a"]),
        tagged(&["a", "b", "b"]),
        changed(&|event| {
            if let ArticleEvent::Tagged { pair, .. } = event {
                *pair = [2, 1];
            }
        }),
        changed(&|event| {
            if let ArticleEvent::Tagged { tags, .. } = event {
                tags.remove("tag 3 ~/");
                tags.insert("tag 12 ~/".to_owned());
            }
        }),
        changed(&|event| {
            if let ArticleEvent::Tagged {
                place: Some(place), ..
            } = event
            {
                place.by_name.get_mut("a/b~3").unwrap().remove(&6);
            }
        }),
        changed(&|event| {
            if let ArticleEvent::Tagged { place, .. } = event {
                *place = None;
            }
        }),
    ] {
        let error = append(other).await.unwrap_err();
        assert!(
            matches!(error, Error::IdempotencyKeyReused { .. }),
            "{error:?}"
        );
    }
    assert_eq!(articles.history(id).await.unwrap().len(), 2);
}
