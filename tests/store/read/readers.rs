//! Reads for a reader: roles of machines and events, and policies of the application.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventsource_core::{
    Actor, EntityCondition, EntityId, Error, Event, EventResult, EventStore, EventType, Fold,
    Position, ReadPolicy, ReadPolicyError, ReadScope, RecordedEvent, Role, Seq, Snapshot,
    UnreadableReason, Visibility,
};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    every_read_shows_what_the_reader_may_see,
    feed_for_a_reader_skips_no_event,
    reader_that_loses_an_entity_sees_no_more_of_it,
    snapshots_hold_what_a_reader_may_not_see_for_others,
    repeat_shows_nothing_that_the_reader_may_not_see,
    policy_that_fails_or_is_wrong_is_an_error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Staff {
    Clerk,
    Auditor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "claim", roles = Staff, read_by(Clerk, Auditor))]
#[machine(allow(order_matters, equivalent_events))]
pub enum ClaimEvent {
    Opened {
        owner: String,
        note: Option<String>,
    },
    #[event(follows = Opened, accumulate = keep(), read_by(Auditor))]
    Rated {
        score: i64,
        note: Option<String>,
    },
    #[event(follows = Opened, accumulate = keep(), internal)]
    Flagged {
        why: String,
    },
    #[event(follows = Opened, accumulate = keep())]
    Reassigned {
        owner: String,
    },
    #[event(follows = Opened)]
    Approved {
        cents: i64,
    },
    #[event(follows = Approved, auto_transition, terminal)]
    Closed,
}

/// Readers that the tests know, with what an independent look at the rules expects of them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Program,
    Nobody,
    Stranger,
    Clerk,
    Auditor,
    /// Clerk whom the policy shows its own claims.
    Owner(&'static str),
    /// Auditor to whom the policy does not show secret flags.
    Discreet,
    /// Auditor whom the policy shows nothing.
    Blind,
}

const EVERYBODY: [Who; 9] = [
    Who::Program,
    Who::Nobody,
    Who::Stranger,
    Who::Clerk,
    Who::Auditor,
    Who::Owner("ann"),
    Who::Owner("bob"),
    Who::Discreet,
    Who::Blind,
];

/// Policy for readers by the way of their names.
struct ByName;

impl ReadPolicy<ClaimEvent> for ByName {
    async fn scope(
        &self,
        reader: Option<&Actor>,
    ) -> Result<ReadScope<ClaimEvent>, ReadPolicyError> {
        // It may wait, as for a query of its own.
        tokio::task::yield_now().await;
        Ok(match reader.map_or("", Actor::id) {
            "discreet" => ReadScope::all().hiding_if(ClaimEventType::Flagged, |flagged| {
                matches!(&flagged.event, ClaimEvent::Flagged { why } if why.starts_with("secret"))
            }),
            "blind" => ReadScope::none(),
            "" | "stranger" | "clerk" | "auditor" => ReadScope::all(),
            owner => ReadScope::any([EntityCondition::new().field("owner", owner)]),
        })
    }
}

impl Who {
    fn handle(self, claims: &EventStore<ClaimEvent>) -> EventStore<ClaimEvent> {
        let as_clerk = |name: &str| Actor::new(name).with_role(Staff::Clerk);
        let as_auditor = |name: &str| Actor::new(name).with_role(Staff::Auditor);
        match self {
            Self::Program => claims.clone(),
            Self::Nobody => claims.reading_anonymously(),
            Self::Stranger => claims.reading_as(Actor::new("stranger").with_role("BOSS")),
            Self::Clerk => claims.reading_as(as_clerk("clerk")),
            Self::Auditor => claims.reading_as(as_auditor("auditor")),
            Self::Owner(name) => claims.reading_as(as_clerk(name)),
            Self::Discreet => claims.reading_as(as_auditor("discreet")),
            Self::Blind => claims.reading_as(as_auditor("blind")),
        }
    }

    fn may_read_the_machine(self) -> bool {
        !matches!(self, Self::Nobody | Self::Stranger)
    }

    fn may_read(self, owner: &str) -> bool {
        match self {
            Self::Owner(name) => name == owner,
            Self::Blind => false,
            _ => self.may_read_the_machine(),
        }
    }

    fn may_see(self, event: &ClaimEvent) -> bool {
        match (self, event) {
            (Self::Clerk | Self::Owner(_), ClaimEvent::Rated { .. }) => false,
            (Self::Discreet, ClaimEvent::Flagged { why }) => !why.starts_with("secret"),
            _ => true,
        }
    }

    /// Fields of the data that some event of a hidden type feeds.
    fn hidden_fields(self) -> &'static [&'static str] {
        match self {
            Self::Clerk | Self::Owner(_) => &["note", "score"],
            Self::Discreet => &["why"],
            _ => &[],
        }
    }
}

/// Fold that needs the fields of every event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Texts(Vec<String>);

impl Fold<ClaimEvent> for Texts {
    fn apply(&mut self, event: &RecordedEvent<ClaimEvent>) {
        self.0.push(format!("{:?}", event.event));
    }
}

impl Snapshot<ClaimEvent> for Texts {
    const NAME: &'static str = "texts";
    const VERSION: u32 = 1;
    const EVERY: u32 = 1;
}

struct Claim {
    id: EntityId,
    /// Owner at the end.
    owner: &'static str,
    events: Vec<RecordedEvent<ClaimEvent>>,
}

/// Stores claims of two owners, with every event type.
async fn stored(claims: &EventStore<ClaimEvent>) -> Vec<Claim> {
    let opened = |owner: &str| ClaimEvent::Opened {
        owner: owner.to_owned(),
        note: Some("first".to_owned()),
    };
    let rated = |score| ClaimEvent::Rated {
        score,
        note: Some("only auditors".to_owned()),
    };
    let flagged = |why: &str| ClaimEvent::Flagged {
        why: why.to_owned(),
    };
    let reassigned = |owner: &str| ClaimEvent::Reassigned {
        owner: owner.to_owned(),
    };
    let mut stored = Vec::new();
    for (owner, events) in [
        ("ann", vec![opened("ann")]),
        ("bob", vec![opened("bob"), rated(3), flagged("late")]),
        (
            "bob",
            vec![opened("ann"), flagged("secret"), reassigned("bob")],
        ),
        (
            "ann",
            vec![
                opened("ann"),
                rated(1),
                rated(2),
                ClaimEvent::Approved { cents: 7 },
            ],
        ),
    ] {
        let id = EntityId::new();
        let mut events = events.into_iter();
        let mut append = claims.append(id, events.next().unwrap());
        for event in events {
            append = append.event(event);
        }
        let events = append.await.unwrap().events;
        stored.push(Claim { id, owner, events });
    }
    stored
}

/// Compares an event with the one that is stored: all of it, or its envelope.
fn assert_shown(who: Who, actual: &EventResult<ClaimEvent>, stored: &RecordedEvent<ClaimEvent>) {
    match actual {
        Ok(actual) => {
            assert!(who.may_see(&stored.event), "{who:?} sees {actual:?}");
            assert_eq!(actual, stored);
        }
        Err(hidden) => {
            assert!(
                !who.may_see(&stored.event),
                "{who:?} does not see {stored:?}"
            );
            assert_eq!(hidden.reason, UnreadableReason::Hidden);
            let name = stored.event.event_type().name();
            assert_eq!(hidden.event_type.as_deref(), Some(name));
            assert_eq!(
                (
                    hidden.id,
                    hidden.entity_id,
                    hidden.seq,
                    hidden.log_seq,
                    hidden.parent_id
                ),
                (
                    stored.id,
                    stored.entity_id,
                    stored.seq,
                    stored.log_seq,
                    stored.parent_id
                )
            );
            assert_eq!(
                (&hidden.metadata, hidden.recorded_at, hidden.generation),
                (&stored.metadata, stored.recorded_at, stored.generation)
            );
            assert!(!format!("{hidden} {hidden:?}").contains("only auditors"));
        }
    }
}

fn assert_refused<T: std::fmt::Debug>(who: Who, result: Result<T, Error>) {
    match result {
        Err(Error::ReaderNotAllowed {
            entity, allowed, ..
        }) => {
            assert_eq!((entity, allowed.len()), ("claim", 2));
        }
        other => panic!("{who:?}: {other:?}"),
    }
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

/// Claims of others, longer than a page, lie between those of the reader.
async fn feed_for_a_reader_skips_no_event(database: &Database) {
    let claims = database
        .events::<ClaimEvent>()
        .await
        .with_read_policy(ByName);
    let opened = |owner: &str| ClaimEvent::Opened {
        owner: owner.to_owned(),
        note: None,
    };
    for round in 0..5 {
        for other in 0..=round * 3 {
            let owner = if other == 0 { "ann" } else { "bob" };
            claims.append(EntityId::new(), opened(owner)).await.unwrap();
        }
    }
    let ann = Who::Owner("ann").handle(&claims);
    for limit in [1, 3, 7] {
        let mut checkpoint = Position::START;
        let mut seen = 0;
        loop {
            let page = ann.feed().after(checkpoint).limit(limit).await.unwrap();
            seen += page.events.len();
            if page.checkpoint == checkpoint {
                break;
            }
            checkpoint = page.checkpoint;
        }
        assert_eq!(seen, 5, "pages of {limit}");
    }
}

async fn reader_that_loses_an_entity_sees_no_more_of_it(database: &Database) {
    let claims = database
        .events::<ClaimEvent>()
        .await
        .with_read_policy(ByName);
    let id = EntityId::new();
    let opened = ClaimEvent::Opened {
        owner: "ann".to_owned(),
        note: None,
    };
    claims.append(id, opened.clone()).await.unwrap();
    let ann = Who::Owner("ann").handle(&claims);
    let mut feed = ann.feed().subscribe();
    let (_, first) = feed.next().await.unwrap();
    assert_eq!(first.unwrap().entity_id, id);
    let reassigned = ClaimEvent::Reassigned {
        owner: "bob".to_owned(),
    };
    claims.append(id, reassigned).await.unwrap();
    let flagged = ClaimEvent::Flagged {
        why: "late".to_owned(),
    };
    claims.append(id, flagged).await.unwrap();
    let other = claims.append(EntityId::new(), opened).await.unwrap();
    let (_, next) = feed.next().await.unwrap();
    assert_eq!(next.unwrap().id, other.first().id);
    assert_eq!(ann.head(id).await.unwrap(), None);
    // Also what was to be seen then: the reader is judged by what is now.
    assert_eq!(ann.head(id).as_of(Seq::new(1)).await.unwrap(), None);
    assert!(ann.history(id).each().await.unwrap().is_empty());
}

async fn snapshots_hold_what_a_reader_may_not_see_for_others(database: &Database) {
    let claims = database
        .events::<ClaimEvent>()
        .await
        .with_read_policy(ByName);
    let id = EntityId::new();
    let mut append = claims.append(
        id,
        ClaimEvent::Opened {
            owner: "ann".to_owned(),
            note: None,
        },
    );
    for score in 0..150 {
        append = append.event(ClaimEvent::Rated { score, note: None });
    }
    append.await.unwrap();
    let (clerk, auditor) = (Who::Clerk.handle(&claims), Who::Auditor.handle(&claims));
    for _ in 0..2 {
        // Its query saves the snapshot.
        let seen = clerk.data(id).with_snapshots().await.unwrap().unwrap();
        assert_eq!(
            (seen.value.score, seen.value.owner.as_deref()),
            (None, Some("ann"))
        );
        let whole = auditor.data(id).with_snapshots().await.unwrap().unwrap();
        assert_eq!(whole.value.score, Some(149));
        auditor.fold::<Texts>(id).with_snapshots().await.unwrap();
        let refused = clerk.fold::<Texts>(id).with_snapshots().await.unwrap_err();
        assert!(matches!(refused, Error::Unreadable(_)), "{refused}");
    }
}

async fn repeat_shows_nothing_that_the_reader_may_not_see(database: &Database) {
    let claims = database
        .events::<ClaimEvent>()
        .await
        .with_read_policy(ByName);
    let ann = Actor::new("ann").with_role(Staff::Clerk);
    let (id, reader) = (EntityId::new(), claims.reading_as(&ann));
    let open = || {
        let opened = ClaimEvent::Opened {
            owner: "ann".to_owned(),
            note: None,
        };
        reader.append(id, opened).by(&ann).idempotency_key("open")
    };
    let first = open().await.unwrap();
    assert_eq!(open().await.unwrap().events, first.events);
    let reassigned = ClaimEvent::Reassigned {
        owner: "bob".to_owned(),
    };
    claims.append(id, reassigned).await.unwrap();
    match open().await {
        Err(Error::Unreadable(hidden)) => assert_eq!(hidden.reason, UnreadableReason::Hidden),
        other => panic!("{other:?}"),
    }
}

/// Policy that can be told to fail, and asks for a field that does not exist.
#[derive(Clone, Default)]
struct Unsure(Arc<AtomicBool>);

impl ReadPolicy<ClaimEvent> for Unsure {
    async fn scope(&self, _: Option<&Actor>) -> Result<ReadScope<ClaimEvent>, ReadPolicyError> {
        match self.0.load(Ordering::Relaxed) {
            true => Err("the directory is down".into()),
            false => Ok(ReadScope::any([
                EntityCondition::new().field("ovner", "ann")
            ])),
        }
    }
}

async fn policy_that_fails_or_is_wrong_is_an_error(database: &Database) {
    let policy = Unsure::default();
    let claims = database.events::<ClaimEvent>().await;
    let claims = claims.with_read_policy(policy.clone());
    stored(&claims).await;
    let reader = Who::Auditor.handle(&claims);
    let wrong = reader.entities().await.unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "the field 'ovner' is not in the data of the entity"
    );
    policy.0.store(true, Ordering::Relaxed);
    let failed = reader.entities().await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the read policy failed: the directory is down"
    );
    // A handle without a reader asks no policy.
    assert_eq!(claims.entities().await.unwrap().total, Some(4));
}
