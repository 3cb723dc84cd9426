//! Machines of the matrix, the clients that ask, and what each may see.

#![allow(missing_docs, reason = "a test's own machines")]

use std::collections::BTreeSet;

use eventsource_core::{
    Actor, Command, Decision, Entity as DecidedEntity, EntityCondition, EntityId, Event,
    EventStore, ReadPolicy, ReadPolicyError, ReadScope, RecordedEvent, Role, Store,
};
use eventsource_rest::{Service, TrustedHeaders};
use serde::{Deserialize, Serialize};

use crate::client::Api;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Staff {
    Clerk,
    Auditor,
    /// May write, and not read.
    Sensor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "claim", roles = Staff, read_by(Clerk, Auditor))]
#[machine(allow(order_matters, equivalent_events))]
pub enum ClaimEvent {
    #[event(by(Clerk, Sensor))]
    Opened { owner: String, opening: String },
    #[event(follows = Opened, accumulate = keep(), by(Auditor, Sensor), read_by(Auditor))]
    Rated { rating: String },
    #[event(follows = Opened, accumulate = keep(), read_by(Clerk))]
    Noted { noting: String },
    #[event(follows = Opened, accumulate = keep(), internal)]
    Flagged { flagging: String },
    #[event(follows = Opened, accumulate = keep(), by(Clerk))]
    Reassigned { owner: String },
    #[event(follows = Opened, by(Clerk))]
    Approved { approving: String },
    #[event(follows = Approved, auto_transition, terminal)]
    Closed { approving: Option<String> },
}

/// Machine that everybody may read, but for one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "notice", roles = Staff, public)]
#[machine(allow(order_matters, equivalent_events, never_ends))]
pub enum NoticeEvent {
    Posted {
        posting: String,
    },
    #[event(follows = Posted, accumulate = keep(), read_by(Auditor))]
    Reviewed {
        reviewing: String,
    },
    #[event(follows = Posted, accumulate = keep(), internal)]
    Pinned {
        pinning: String,
    },
}

/// Gives a claim another owner, unless it is closed.
#[derive(Deserialize)]
pub struct Reassign {
    pub owner: String,
}

#[derive(Debug, Serialize, thiserror::Error)]
#[error("the claim of {owner:?} is closed")]
pub struct Closed {
    owner: Option<String>,
}

impl Command<ClaimEvent> for Reassign {
    const NAME: &'static str = "reassign";
    type State = ClaimData;
    type Refusal = Closed;

    fn decide(
        &self,
        claim: &DecidedEntity<ClaimEvent, ClaimData>,
    ) -> Result<Decision<ClaimEvent>, Closed> {
        let owner = self.owner.clone();
        match claim.may(ClaimEventType::Reassigned) {
            true => Ok(ClaimEvent::Reassigned { owner }.into()),
            false => Err(Closed {
                owner: claim.data.owner.clone(),
            }),
        }
    }
}

/// Actors whose name begins with `own-` read the claims of the rest of their name.
struct Owners;

impl ReadPolicy<ClaimEvent> for Owners {
    async fn scope(
        &self,
        reader: Option<&Actor>,
    ) -> Result<ReadScope<ClaimEvent>, ReadPolicyError> {
        let owner = reader.and_then(|reader| reader.id().strip_prefix("own-"));
        Ok(match owner {
            None => ReadScope::all(),
            Some(owner) => ReadScope::any([EntityCondition::new().field("owner", owner)]),
        })
    }
}

/// Client of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Without credentials.
    Nobody,
    /// With credentials that are refused.
    Forger,
    /// With a role that no rule names.
    Stranger,
    Clerk,
    Auditor,
    Sensor,
    /// Clerk whom the policy limits to the claims of this owner.
    Owner(&'static str),
}

pub const EVERYBODY: [Who; 8] = [
    Who::Nobody,
    Who::Forger,
    Who::Stranger,
    Who::Clerk,
    Who::Auditor,
    Who::Sensor,
    Who::Owner("ann"),
    Who::Owner("bob"),
];

impl Who {
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nobody => &[],
            Self::Forger => &[("X-Roles", "AUDITOR")],
            Self::Stranger => &[("X-Actor", "stranger"), ("X-Roles", "BOSS")],
            Self::Clerk => &[("X-Actor", "clerk"), ("X-Roles", "CLERK")],
            Self::Auditor => &[("X-Actor", "auditor"), ("X-Roles", "AUDITOR")],
            Self::Sensor => &[("X-Actor", "sensor"), ("X-Roles", "SENSOR")],
            Self::Owner("ann") => &[("X-Actor", "own-ann"), ("X-Roles", "CLERK")],
            Self::Owner(_) => &[("X-Actor", "own-bob"), ("X-Roles", "CLERK")],
        }
    }

    /// Status of a refused read of a machine; `None` if the client may read it.
    pub fn refusal(self, machine: &str) -> Option<u16> {
        match (machine, self) {
            (_, Self::Forger) => Some(401),
            ("notice", _) => None,
            (_, Self::Nobody) => Some(401),
            (_, Self::Stranger | Self::Sensor) => Some(403),
            _ => None,
        }
    }

    /// Returns whether the client may read the entity.
    pub fn may_read(self, entity: &Entity) -> bool {
        let is_own = match self {
            Self::Owner(name) => entity.owner.is_none_or(|owner| owner == name),
            _ => true,
        };
        self.refusal(entity.machine).is_none() && is_own
    }

    /// Returns whether the client may see the fields of events of this type.
    pub fn may_see(self, event_type: &str) -> bool {
        match event_type {
            "RATED" | "REVIEWED" => self == Self::Auditor,
            "NOTED" => matches!(self, Self::Clerk | Self::Owner(_)),
            _ => true,
        }
    }
}

/// Event that is stored, with the text in it that only some may see.
#[derive(Clone, Debug)]
pub struct Stored {
    pub event_type: &'static str,
    pub id: String,
    pub secret: String,
}

/// Entity that is stored.
#[derive(Clone, Debug)]
pub struct Entity {
    pub machine: &'static str,
    pub id: EntityId,
    pub owner: Option<&'static str>,
    pub events: Vec<Stored>,
}

impl Entity {
    /// Texts of its events that the client may see.
    pub fn visible(&self, who: Who) -> BTreeSet<String> {
        let events = self.events.iter().filter(|_| who.may_read(self));
        let seen = events.filter(|event| who.may_see(event.event_type));
        seen.map(|event| event.secret.clone()).collect()
    }
}

/// API with stored claims and notices.
pub struct World {
    pub api: Api,
    pub claims: EventStore<ClaimEvent>,
    pub entities: Vec<Entity>,
}

impl World {
    pub async fn new() -> Self {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        let claims = store.migrate::<ClaimEvent>().await.unwrap();
        let claims = claims.with_read_policy(Owners);
        let notices = store.migrate::<NoticeEvent>().await.unwrap();
        let service = Service::new()
            .mount(claims.clone())
            .mount(notices.clone())
            .command::<ClaimEvent, Reassign>();
        let mut entities = Vec::new();
        for (owner, closes) in [("ann", false), ("bob", false), ("bob", true)] {
            entities.push(claim(&claims, owner, closes).await);
        }
        entities.push(notice(&notices).await);
        Self {
            api: Api::of(service.authenticator(TrustedHeaders::insecure())),
            claims,
            entities,
        }
    }

    pub fn of(&self, machine: &str) -> impl Iterator<Item = &Entity> {
        let machine = machine.to_owned();
        let entities = self.entities.iter();
        entities.filter(move |entity| entity.machine == machine)
    }
}

/// Text that occurs once in the database.
pub fn secret(of: &str) -> String {
    format!("secret-{of}-{}", uuid::Uuid::now_v7().simple())
}

fn stored<E: Event>(event: &RecordedEvent<E>, event_type: &'static str, secret: String) -> Stored {
    Stored {
        event_type,
        id: event.id.to_string(),
        secret,
    }
}

async fn claim(claims: &EventStore<ClaimEvent>, owner: &'static str, closes: bool) -> Entity {
    let id = EntityId::new();
    let [opening, rating, noting, flagging, approving] =
        ["opening", "rating", "noting", "flagging", "approving"].map(secret);
    let opened = ClaimEvent::Opened {
        owner: owner.to_owned(),
        opening: opening.clone(),
    };
    // Everything by the program itself, whose actor has every role.
    let all = [Staff::Clerk, Staff::Auditor];
    let program = all
        .into_iter()
        .fold(Actor::new("program"), Actor::with_role);
    let mut append = claims
        .append(id, opened)
        .event(ClaimEvent::Rated {
            rating: rating.clone(),
        })
        .event(ClaimEvent::Noted {
            noting: noting.clone(),
        })
        .event(ClaimEvent::Flagged {
            flagging: flagging.clone(),
        });
    if closes {
        append = append.event(ClaimEvent::Approved {
            approving: approving.clone(),
        });
    }
    let events = append.by(program).await.unwrap().events;
    let mut told = vec![
        ("OPENED", opening),
        ("RATED", rating),
        ("NOTED", noting),
        ("FLAGGED", flagging),
    ];
    if closes {
        // The auto transition repeats the text.
        told.extend([("APPROVED", approving.clone()), ("CLOSED", approving)]);
    }
    let told = events.iter().zip(told);
    Entity {
        machine: "claim",
        id,
        owner: Some(owner),
        events: told
            .map(|(event, (name, text))| stored(event, name, text))
            .collect(),
    }
}

async fn notice(notices: &EventStore<NoticeEvent>) -> Entity {
    let id = EntityId::new();
    let [posting, reviewing, pinning] = ["posting", "reviewing", "pinning"].map(secret);
    let appended = notices
        .append(
            id,
            NoticeEvent::Posted {
                posting: posting.clone(),
            },
        )
        .event(NoticeEvent::Reviewed {
            reviewing: reviewing.clone(),
        })
        .event(NoticeEvent::Pinned {
            pinning: pinning.clone(),
        })
        .await
        .unwrap();
    let told = [
        ("POSTED", posting),
        ("REVIEWED", reviewing),
        ("PINNED", pinning),
    ];
    let told = appended.events.iter().zip(told);
    Entity {
        machine: "notice",
        id,
        owner: None,
        events: told
            .map(|(event, (name, text))| stored(event, name, text))
            .collect(),
    }
}
