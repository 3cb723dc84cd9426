//! Every read, for every reader.

use std::collections::BTreeMap;

use eventsource_core::{Error, EventStore, Fold, Position, Seq, Visibility};
use futures_util::TryStreamExt;
use serde_json::json;

use super::claims::{
    ByName, Claim, ClaimData, ClaimEvent, EVERYBODY, Texts, Who, assert_refused, assert_shown,
    stored,
};
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    every_read_shows_what_the_reader_may_see,
}

async fn every_read_shows_what_the_reader_may_see(database: &Database) {
    let claims = database
        .events::<ClaimEvent>()
        .await
        .with_read_policy(ByName);
    let stored = stored(&claims).await;
    for who in EVERYBODY {
        let reader = who.handle(&claims);
        if !who.may_read_the_machine() {
            let id = stored[0].id;
            assert_refused(who, reader.head(id).await);
            assert_refused(who, reader.head(id).as_of(Seq::new(1)).await);
            assert_refused(who, reader.history(id).await);
            assert_refused(who, reader.history(id).each().await);
            assert_refused(
                who,
                reader.history(id).stream().try_collect::<Vec<_>>().await,
            );
            assert_refused(who, reader.event(stored[0].events[0].id).await);
            assert_refused(who, reader.data(id).await);
            assert_refused(who, reader.event_raw_at(id, Seq::new(1)).await);
            assert_refused(who, reader.fold::<Texts>(id).with_snapshots().await);
            assert_refused(who, reader.search().await);
            assert_refused(who, reader.entities().await);
            assert_refused(who, reader.feed().await);
            assert_refused(who, reader.feed().subscribe().next().await);
            assert_refused(who, reader.export().lines(&mut Vec::new()).await);
            assert_refused(who, reader.visibility(&stored[0].events).await);
            assert!(!reader.reads_everything());
            continue;
        }
        assert_eq!(reader.reads_everything(), who == Who::Program);
        for claim in &stored {
            assert_reads_one(who, &reader, claim).await;
        }
        assert_searches(who, &reader, &stored).await;
        assert_feeds(who, &reader, &stored).await;
        // What is stored is for those who may see everything.
        let raw = reader.event_raw_at(stored[1].id, Seq::new(2)).await;
        match who {
            Who::Program | Who::Auditor => assert!(raw.unwrap().is_some()),
            _ => assert!(matches!(raw, Err(Error::PartlyHidden { .. })), "{who:?}"),
        }
        let mut lines = Vec::new();
        let exported = reader.export().lines(&mut lines).await;
        match exported {
            Ok(count) => {
                assert!(matches!(who, Who::Program | Who::Auditor), "{who:?}");
                assert_eq!(
                    count as usize,
                    stored.iter().map(|claim| claim.events.len()).sum::<usize>()
                );
            }
            Err(Error::PartlyHidden { .. }) => {
                assert!(!matches!(who, Who::Program | Who::Auditor), "{who:?}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Reads one claim in every way.
async fn assert_reads_one(who: Who, reader: &EventStore<ClaimEvent>, claim: &Claim) {
    let Claim { id, owner, events } = claim;
    let exists = who.may_read(owner);
    let last = events.last().unwrap();
    let sees_all = events.iter().all(|event| who.may_see(&event.event));
    let head = reader.head(*id).await.unwrap();
    assert_eq!(
        head.map(|head| head.seq),
        exists.then_some(last.seq),
        "{who:?}"
    );
    let first = reader.head(*id).as_of(Seq::new(1)).await.unwrap();
    assert_eq!(first.is_some(), exists);
    let each = reader.history(*id).each().await.unwrap();
    assert_eq!(each.len(), if exists { events.len() } else { 0 });
    for (actual, stored) in each.iter().zip(events) {
        assert_shown(who, actual, stored);
    }
    for whole in [
        reader.history(*id).await,
        reader.history(*id).stream().try_collect().await,
    ] {
        match whole {
            Ok(whole) if exists => assert_eq!(&whole, events),
            Ok(whole) => assert!(whole.is_empty()),
            Err(Error::Unreadable(hidden)) => {
                assert!(exists && !sees_all, "{who:?}: {hidden}");
            }
            Err(error) => panic!("{error}"),
        }
    }
    for stored in events {
        match reader.event(stored.id).await {
            Ok(None) => assert!(!exists),
            Ok(Some(event)) => {
                assert!(exists);
                assert_shown(who, &Ok(event), stored);
            }
            Err(Error::Unreadable(hidden)) => {
                assert!(exists);
                assert_shown(who, &Err(hidden), stored);
            }
            Err(error) => panic!("{error}"),
        }
    }
    let visible = reader.visibility(events).await.unwrap();
    for (visible, stored) in visible.into_iter().zip(events) {
        let expected = match exists {
            false => Visibility::Nothing,
            true if who.may_see(&stored.event) => Visibility::Fields,
            true => Visibility::Envelope,
        };
        assert_eq!(visible, expected, "{who:?}");
    }
    for as_of in [None, Some(Seq::new(2))] {
        assert_folds(who, reader, claim, as_of).await;
    }
}

/// Reads data and a fold of one claim, at a point.
async fn assert_folds(
    who: Who,
    reader: &EventStore<ClaimEvent>,
    Claim { id, owner, events }: &Claim,
    as_of: Option<Seq>,
) {
    let exists = who.may_read(owner);
    let until = as_of.unwrap_or(Seq::new(u32::MAX));
    let events = events.iter().filter(|event| event.seq <= until);
    let mut expected = ClaimData::default();
    let mut texts = Texts::default();
    let mut sees_all = true;
    for event in events {
        expected.apply(event);
        texts.apply(event);
        sees_all &= who.may_see(&event.event);
    }
    let mut expected = json!(expected);
    for field in who.hidden_fields() {
        expected[field] = json!(null);
    }
    for snapshots in [false, true] {
        let mut data = reader.data(*id);
        let mut fold = reader.fold::<Texts>(*id);
        if let Some(seq) = as_of {
            (data, fold) = (data.as_of(seq), fold.as_of(seq));
        }
        if snapshots {
            (data, fold) = (data.with_snapshots(), fold.with_snapshots());
        }
        let data = data.await.unwrap();
        assert_eq!(data.is_some(), exists);
        if let Some(data) = data {
            assert_eq!(json!(data.value), expected, "{who:?}");
            let mut hidden = data.hidden_fields;
            hidden.sort_unstable();
            assert_eq!(hidden, who.hidden_fields());
        }
        match fold.await {
            Ok(None) => assert!(!exists),
            Ok(Some(folded)) => {
                assert!(exists && sees_all, "{who:?} folds {:?}", folded.value);
                assert_eq!(folded.value, texts);
            }
            Err(Error::Unreadable(_)) => assert!(exists && !sees_all, "{who:?}"),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Searches events and entities: pages and counts agree.
async fn assert_searches(who: Who, reader: &EventStore<ClaimEvent>, stored: &[Claim]) {
    let readable = || stored.iter().filter(|claim| who.may_read(claim.owner));
    let by_id: BTreeMap<_, _> = readable()
        .flat_map(|claim| &claim.events)
        .map(|event| (event.id, event))
        .collect();
    let mut seen = Vec::new();
    for offset in (0..).step_by(2) {
        let search = reader.search().oldest_first().offset(offset).limit(2);
        let page = search.await.unwrap();
        assert_eq!(page.total, Some(by_id.len() as u64), "{who:?}");
        if page.items.is_empty() {
            break;
        }
        for item in &page.items {
            let id = item
                .as_ref()
                .map_or_else(|hidden| hidden.id, |event| event.id);
            assert_shown(who, item, by_id[&id]);
            seen.push(id);
        }
    }
    assert_eq!(seen.len(), by_id.len(), "{who:?}");
    for claim in stored {
        let page = reader.search().entity(claim.id).await.unwrap();
        let count = if who.may_read(claim.owner) {
            claim.events.len()
        } else {
            0
        };
        assert_eq!(page.total, Some(count as u64));
    }
    for by_time in [false, true] {
        let mut entities = reader.entities();
        if by_time {
            entities = entities.order_by(eventsource_core::EntityOrder::Updated);
        }
        let page = entities.limit(100).await.unwrap();
        assert_eq!(page.total, Some(readable().count() as u64), "{who:?}");
        let mut actual: Vec<_> = page.items.iter().map(|head| head.id.to_string()).collect();
        let mut expected: Vec<_> = readable().map(|claim| claim.id.to_string()).collect();
        actual.sort();
        expected.sort();
        assert_eq!(actual, expected, "{who:?}");
    }
    let own = reader.entities().field("owner", "ann").await.unwrap();
    let expected = readable().filter(|claim| claim.owner == "ann").count();
    assert_eq!(own.total, Some(expected as u64));
    for (field, value) in [
        ("score", json!(2)),
        ("note", json!("x")),
        ("why", json!(null)),
    ] {
        match reader.entities().field(field, value).await {
            Ok(_) => assert!(!who.hidden_fields().contains(&field), "{who:?} by {field}"),
            Err(Error::HiddenField { field: of, .. }) => {
                assert!(of == field && who.hidden_fields().contains(&field));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Reads the feed page by page, and as a subscription.
async fn assert_feeds(who: Who, reader: &EventStore<ClaimEvent>, stored: &[Claim]) {
    let expected: Vec<_> = stored
        .iter()
        .filter(|claim| who.may_read(claim.owner))
        .flat_map(|claim| &claim.events)
        .collect();
    for limit in [1, 2, 1000] {
        let mut checkpoint = Position::START;
        let mut events = Vec::new();
        loop {
            let page = reader.feed().after(checkpoint).limit(limit).await.unwrap();
            assert!(page.events.len() as u64 <= limit);
            events.extend(page.events);
            if page.checkpoint == checkpoint {
                break;
            }
            checkpoint = page.checkpoint;
        }
        assert_eq!(events.len(), expected.len(), "{who:?} by {limit}");
        for ((_, actual), stored) in events.iter().zip(&expected) {
            assert_shown(who, actual, stored);
        }
    }
    let mut subscription = reader.feed().limit(2).subscribe();
    for stored in expected {
        let (_, actual) = subscription.next().await.unwrap();
        assert_shown(who, &actual, stored);
    }
}
