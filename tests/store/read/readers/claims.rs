//! Claims, their readers, and what each of them may see.

use eventsource_core::{
    Actor, EntityCondition, EntityId, Error, Event, EventResult, EventStore, EventType, Fold,
    ReadPolicy, ReadPolicyError, ReadScope, RecordedEvent, Role, Snapshot, UnreadableReason,
};
use serde::{Deserialize, Serialize};

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
pub enum Who {
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

pub const EVERYBODY: [Who; 9] = [
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
pub struct ByName;

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
    pub fn handle(self, claims: &EventStore<ClaimEvent>) -> EventStore<ClaimEvent> {
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

    pub fn may_read_the_machine(self) -> bool {
        !matches!(self, Self::Nobody | Self::Stranger)
    }

    pub fn may_read(self, owner: &str) -> bool {
        match self {
            Self::Owner(name) => name == owner,
            Self::Blind => false,
            _ => self.may_read_the_machine(),
        }
    }

    pub fn may_see(self, event: &ClaimEvent) -> bool {
        match (self, event) {
            (Self::Clerk | Self::Owner(_), ClaimEvent::Rated { .. }) => false,
            (Self::Discreet, ClaimEvent::Flagged { why }) => !why.starts_with("secret"),
            _ => true,
        }
    }

    /// Fields of the data that some event of a hidden type feeds.
    pub fn hidden_fields(self) -> &'static [&'static str] {
        match self {
            Self::Clerk | Self::Owner(_) => &["note", "score"],
            Self::Discreet => &["why"],
            _ => &[],
        }
    }
}

/// Fold that needs the fields of every event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Texts(pub Vec<String>);

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

pub struct Claim {
    pub id: EntityId,
    /// Owner at the end.
    pub owner: &'static str,
    pub events: Vec<RecordedEvent<ClaimEvent>>,
}

/// Stores claims of two owners, with every event type.
pub async fn stored(claims: &EventStore<ClaimEvent>) -> Vec<Claim> {
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
pub fn assert_shown(
    who: Who,
    actual: &EventResult<ClaimEvent>,
    stored: &RecordedEvent<ClaimEvent>,
) {
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

pub fn assert_refused<T: std::fmt::Debug>(who: Who, result: Result<T, Error>) {
    match result {
        Err(Error::ReaderNotAllowed {
            entity, allowed, ..
        }) => {
            assert_eq!((entity, allowed.len()), ("claim", 2));
        }
        other => panic!("{who:?}: {other:?}"),
    }
}
