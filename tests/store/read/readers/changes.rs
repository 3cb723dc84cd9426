//! Readers beside writers, and rights that are lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventsource_core::{
    Actor, EntityCondition, EntityId, Error, Position, ReadPolicy, ReadPolicyError, ReadScope, Seq,
    UnreadableReason,
};

use super::claims::{ByName, ClaimEvent, Staff, Texts, Who, stored};
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    feed_for_a_reader_skips_no_event,
    reader_that_loses_an_entity_sees_no_more_of_it,
    snapshots_hold_what_a_reader_may_not_see_for_others,
    repeat_shows_nothing_that_the_reader_may_not_see,
    policy_that_fails_or_is_wrong_is_an_error,
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
