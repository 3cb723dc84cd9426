//! Whose an idempotency key is: the matrix of actor, key and way to append.

use eventsource_core::{Actor, Append, EntityId, Error, Event, EventId, EventStore, Store};
use serde::{Deserialize, Serialize};
use std::future::IntoFuture;
use tasks::TaskEvent;

use super::expired_keys::{age, forgetting};
use crate::by_name::support::column;
use crate::support::database::Database;
use crate::support::plain_sql::execute;
use crate::support::shipments::{ShipmentEvent, sender};

on_every_database! {
    idempotency_key_belongs_to_machine_and_actor,
    idempotency_key_of_earlier_version_is_anybodys,
    repeat_by_actor_who_has_lost_role_is_answered,
    imported_idempotency_key_is_free,
}

on_postgres! {
    idempotency_key_by_name_belongs_to_actor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "ticket", id = counter("T-", width = 6))]
pub enum TicketEvent {
    Opened {
        title: String,
    },
    #[event(follows = Opened, accumulate = keep())]
    Noted {
        text: String,
    },
}

/// Ways to append with a key.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// One event of one entity.
    Single,
    /// Events of two entities.
    Several,
    /// A new entity.
    Create,
    /// A new entity with a counted id.
    CreateCounted,
}

pub const WAYS: [Way; 4] = [Way::Single, Way::Several, Way::Create, Way::CreateCounted];

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Stored(Vec<EventId>),
    Repeated(Vec<EventId>),
    Reused,
}

/// Machines, with two entities to which notes can be added again and again.
#[derive(Clone)]
pub struct Machines {
    pub tasks: EventStore<TaskEvent>,
    pub tickets: EventStore<TicketEvent>,
    pub ids: [EntityId; 2],
}

impl Machines {
    pub async fn of(store: &Store) -> Self {
        let tasks = store.migrate().await.unwrap();
        let tickets = store.migrate::<TicketEvent>().await.unwrap();
        let mut ids = [EntityId::new(); 2];
        for id in &mut ids {
            let title = "a".to_owned();
            let opened = tickets.create(TicketEvent::Opened { title }).await.unwrap();
            *id = opened.entity_id();
        }
        Self {
            tasks,
            tickets,
            ids,
        }
    }

    /// Sends a request with this text in its events.
    pub async fn ask(&self, way: Way, actor: Option<&Actor>, key: &str, text: &str) -> Answer {
        let text = || text.to_owned();
        let noted = || TicketEvent::Noted { text: text() };
        match way {
            Way::Single => answer(self.tickets.append(self.ids[0], noted()), actor, key).await,
            Way::Several => {
                let append = self.tickets.append(self.ids[1], noted());
                answer(append.append(self.ids[0], noted()), actor, key).await
            }
            Way::Create => {
                let description = Some(text());
                answer(
                    self.tasks.create(TaskEvent::Created { description }),
                    actor,
                    key,
                )
                .await
            }
            Way::CreateCounted => {
                let opened = TicketEvent::Opened { title: text() };
                answer(self.tickets.create(opened).event(noted()), actor, key).await
            }
        }
    }

    pub async fn knows(&self, way: Way, actor: Option<&Actor>, key: &str) -> bool {
        let actor = actor.map(Actor::id);
        match way {
            Way::Create => self.tasks.idempotency_key_exists(actor, key).await.unwrap(),
            _ => self
                .tickets
                .idempotency_key_exists(actor, key)
                .await
                .unwrap(),
        }
    }
}

async fn answer<E: Event>(append: Append<'_, E>, actor: Option<&Actor>, key: &str) -> Answer {
    let append = append.idempotency_key(key);
    let append = match actor {
        Some(actor) => append.by(actor),
        None => append,
    };
    match append.await {
        Ok(appended) => {
            let ids = appended.events.iter().map(|event| event.id).collect();
            match appended.replayed {
                true => Answer::Repeated(ids),
                false => Answer::Stored(ids),
            }
        }
        Err(Error::IdempotencyKeyReused { .. }) => Answer::Reused,
        Err(error) => panic!("{error:?}"),
    }
}

pub fn stored(answer: Answer) -> Vec<EventId> {
    match answer {
        Answer::Stored(ids) => ids,
        other => panic!("{other:?}"),
    }
}

/// Lists who asks: nobody, ann, bob, and ann in other roles, who is ann.
pub fn actors() -> [Option<Actor>; 4] {
    [
        None,
        Some(Actor::new("ann")),
        Some(Actor::new("bob")),
        Some(Actor::new("ann").with_role("OTHER")),
    ]
}

fn name(actor: Option<&Actor>) -> Option<&str> {
    actor.map(Actor::id)
}

async fn idempotency_key_belongs_to_machine_and_actor(database: &Database) {
    let machines = Machines::of(database.store()).await;
    for way in WAYS {
        for (n, first) in actors().iter().enumerate() {
            for (m, second) in actors().iter().enumerate() {
                let (first, second) = (first.as_ref(), second.as_ref());
                let key = &format!("{way:?} {n} {m}");
                let cell = format!("{way:?}: {first:?}, then {second:?}");
                let known = async |actor| machines.knows(way, actor, key).await;
                assert!(!known(first).await && !known(second).await, "{cell}");
                let events = stored(machines.ask(way, first, key, "x").await);
                assert!(known(first).await, "{cell}");
                let is_own = name(first) == name(second);
                assert_eq!(known(second).await, is_own, "{cell}");
                let mut others = events.clone();
                if !is_own {
                    others = stored(machines.ask(way, second, key, "x").await);
                    assert!(events.iter().all(|id| !others.contains(id)), "{cell}");
                }
                for (actor, events) in [(second, others), (first, events)] {
                    let again = machines.ask(way, actor, key, "x").await;
                    assert_eq!(again, Answer::Repeated(events), "{cell}");
                    let other = machines.ask(way, actor, key, "y").await;
                    assert_eq!(other, Answer::Reused, "{cell}");
                }
            }
        }
    }
    // The same key for another machine is another key.
    let ann = Actor::new("ann");
    for way in [Way::Create, Way::CreateCounted] {
        stored(machines.ask(way, Some(&ann), "shared", "x").await);
    }
    assert!(machines.tasks.verify().await.unwrap().is_valid());
    assert!(machines.tickets.verify().await.unwrap().is_valid());
}

/// Makes a key one that an earlier version has stored.
pub async fn make_earlier(database: &Database, key: &str) {
    let sql = database.sql().await;
    let past = match database.is_postgres() {
        true => "SET session_replication_role = replica;",
        false => "",
    };
    execute(
        &sql,
        &format!(
            "{past} CREATE TEMPORARY TABLE moved AS SELECT * FROM eventsource_idempotency_key WHERE key = '{key}';
            DELETE FROM eventsource_idempotency_key WHERE key = '{key}';
            INSERT INTO eventsource_idempotency (entity, key, answered, created_at)
            SELECT entity, key, answered, created_at FROM moved"
        ),
    )
    .await
    .unwrap();
    sql.close().await;
}

async fn idempotency_key_of_earlier_version_is_anybodys(database: &Database) {
    let machines = Machines::of(database.store()).await;
    for way in WAYS {
        for first in actors() {
            let key = &format!("{way:?} {first:?}");
            let events = stored(machines.ask(way, first.as_ref(), key, "x").await);
            make_earlier(database, key).await;
            for second in actors() {
                let second = second.as_ref();
                assert!(machines.knows(way, second, key).await, "{key} {second:?}");
                let again = machines.ask(way, second, key, "x").await;
                assert_eq!(again, Answer::Repeated(events.clone()), "{key} {second:?}");
                let other = machines.ask(way, second, key, "y").await;
                assert_eq!(other, Answer::Reused, "{key} {second:?}");
            }
        }
    }
}

async fn repeat_by_actor_who_has_lost_role_is_answered(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let ann = sender();
    let create = |actor: Actor, key: &str| {
        let append = shipments.create(ShipmentEvent::Created).by(actor);
        append.idempotency_key(key).into_future()
    };
    let first = create(ann.clone(), "k").await.unwrap();
    let without = || Actor::new(ann.id());
    let again = create(without(), "k").await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.events, first.events);
    let is_refused = |result: Result<_, Error>| {
        let error = result
            .map(|_: eventsource_core::Appended<_>| ())
            .unwrap_err();
        assert!(matches!(error, Error::ActorNotAllowed { .. }), "{error:?}");
    };
    is_refused(create(without(), "new").await);
    is_refused(create(Actor::new("bob"), "k").await);
    let append = shipments.create(ShipmentEvent::Created).by("bob");
    let error = append.idempotency_key("k").repeated().await.unwrap_err();
    assert!(matches!(error, Error::ActorNotAllowed { .. }), "{error:?}");
    // Anybody's key answers nobody who may not append, except the actor of the events.
    make_earlier(database, "k").await;
    is_refused(create(Actor::new("bob"), "k").await);
    assert_eq!(create(without(), "k").await.unwrap().events, first.events);
    assert_eq!(shipments.search().await.unwrap().total, Some(1));
}

async fn imported_idempotency_key_is_free(database: &Database) {
    let machines = Machines::of(database.store()).await;
    let ann = Actor::new("ann");
    stored(machines.ask(Way::Create, Some(&ann), "k", "x").await);
    let lines = crate::support::events::lines_of(&machines.tasks).await;
    let empty = database.another().await;
    let copy = Machines::of(empty.store()).await;
    let imported = copy.tasks.import_lines(lines.as_bytes()).await.unwrap();
    assert_eq!(imported.events, 1);
    for actor in actors() {
        assert!(!copy.knows(Way::Create, actor.as_ref(), "k").await);
    }
    for actor in &actors()[..3] {
        stored(copy.ask(Way::Create, actor.as_ref(), "k", "x").await);
    }
    empty.remove().await;
}

async fn idempotency_key_by_name_belongs_to_actor(database: &Database) {
    let store = forgetting(database).await;
    let machines = Machines::of(&store).await;
    let writer = database.writer_sql().await;
    let sql = database.sql().await;
    let call = async |actor: Option<&Actor>, key: &str, text: &str| -> Result<String, String> {
        let metadata = match actor {
            None => "{}".to_owned(),
            Some(actor) => format!(
                r#"{{"actor": "{}", "roles": {:?}}}"#,
                actor.id(),
                actor.roles()
            ),
        };
        let call = format!(
            r#"SELECT event_id::text FROM task_append(NULL, 'CREATED', '{{"description": "{text}"}}',
            metadata => '{metadata}', idempotency_key => '{key}')"#
        );
        match crate::by_name::support::raised(&writer, &call).await {
            None => Ok(column(&writer, &call).await.remove(0)),
            Some(raised) => Err(raised.code),
        }
    };
    for (n, first) in actors().iter().enumerate() {
        for (m, second) in actors().iter().enumerate() {
            let (first, second) = (first.as_ref(), second.as_ref());
            let key = &format!("{n} {m}");
            let event = call(first, key, "x").await.unwrap();
            let other = call(second, key, "x").await.unwrap();
            assert_eq!(event == other, name(first) == name(second), "{key}");
            for (actor, event) in [(first, &event), (second, &other)] {
                assert_eq!(call(actor, key, "x").await.as_ref(), Ok(event), "{key}");
                assert_eq!(call(actor, key, "y").await, Err("EV004".to_owned()));
                // The program knows the keys of other languages, and the other way round.
                let Answer::Repeated(ids) = machines.ask(Way::Create, actor, key, "x").await else {
                    panic!("{key}");
                };
                assert_eq!(ids[0].to_string(), *event);
            }
            age(&sql, database, "eventsource_idempotency_key", key).await;
            let later = call(second, key, "y").await.unwrap();
            assert_ne!(later, other);
        }
    }
    // Of an earlier version: anybody's.
    let event = call(Some(&Actor::new("zoe")), "earlier", "x")
        .await
        .unwrap();
    make_earlier(database, "earlier").await;
    for actor in actors() {
        assert_eq!(
            call(actor.as_ref(), "earlier", "x").await.as_ref(),
            Ok(&event)
        );
        let other = call(actor.as_ref(), "earlier", "y").await;
        assert_eq!(other, Err("EV004".to_owned()));
    }
    sql.close().await;
    writer.close().await;
}
