//! Users with addresses, each of one user only.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use eventsource_core::{
    EntityId, Event, EventStore, Failure, Projection, Projects, RecordedEvent, Store, Tables,
    Transaction,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "user")]
pub enum UserEvent {
    Registered {
        email: String,
    },
    #[event(follows = Registered | Moved, accumulate = current())]
    Moved {
        email: String,
    },
    #[event(follows = Registered | Moved, accumulate = current())]
    Confirmed,
    #[event(follows = Confirmed, auto_transition, accumulate = current(), terminal)]
    Welcomed,
}

pub fn registered(email: impl Into<String>) -> UserEvent {
    UserEvent::Registered {
        email: email.into(),
    }
}

pub fn moved(email: impl Into<String>) -> UserEvent {
    UserEvent::Moved {
        email: email.into(),
    }
}

/// Addresses of users, in SQL. Some of them make it fail in other ways.
#[derive(Clone, Debug, Default)]
pub struct Emails {
    /// How many events it was given.
    pub applied: Arc<AtomicU32>,
}

impl Projection for Emails {
    const NAME: &'static str = "emails";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        format!(
            "CREATE TABLE {} (email text PRIMARY KEY, user_id text NOT NULL);
             CREATE TABLE {} (user_id text PRIMARY KEY)",
            tables.name("user_email"),
            tables.name("user_welcome")
        )
    }
}

impl Projects<UserEvent> for Emails {
    async fn apply(
        &self,
        event: &RecordedEvent<UserEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        self.applied.fetch_add(1, Ordering::Relaxed);
        let user = event.entity_id.to_string();
        match &event.event {
            UserEvent::Registered { email } | UserEvent::Moved { email } => {
                match email.as_str() {
                    "panics" => panic!("an address that panics"),
                    "hangs" => tokio::time::sleep(Duration::from_hours(1)).await,
                    "fails" => return Err(Failure::halt("an address that fails")),
                    _ => {}
                }
                let delete = "DELETE FROM {user_email} WHERE user_id = $1";
                transaction.execute(delete, (user.clone(),)).await?;
                let insert = "INSERT INTO {user_email} (email, user_id) VALUES ($1, $2)";
                transaction.execute(insert, (email.clone(), user)).await?;
            }
            UserEvent::Confirmed => {}
            UserEvent::Welcomed => {
                let insert = "INSERT INTO {user_welcome} VALUES ($1)";
                transaction.execute(insert, (user,)).await?;
            }
        }
        Ok(())
    }
}

/// Addresses by user, and who was welcomed.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    pub emails: BTreeMap<String, String>,
    pub welcomed: Vec<String>,
}

/// Reads the tables of a generation of the model.
pub async fn rows_of(store: &Store, generation: u32) -> Rows {
    let mut transaction = store.begin().await.unwrap();
    transaction.scope(store.tables().of_generation(generation), None);
    let mut rows = Rows::default();
    let select = "SELECT user_id, email FROM {user_email}";
    for row in transaction.fetch(select, ()).await.unwrap() {
        rows.emails.insert(row.get(0).unwrap(), row.get(1).unwrap());
    }
    let select = "SELECT user_id FROM {user_welcome} ORDER BY user_id";
    for row in transaction.fetch(select, ()).await.unwrap() {
        rows.welcomed.push(row.get(0).unwrap());
    }
    rows
}

/// Folds the log to what the model should hold.
pub async fn folded(users: &EventStore<UserEvent>) -> Rows {
    let mut rows = Rows::default();
    let mut after = eventsource_core::Position::START;
    loop {
        let page = users.feed().after(after).await.unwrap();
        after = page.checkpoint;
        for (_, event) in page.events {
            let event = event.unwrap();
            let user = event.entity_id.to_string();
            match event.event {
                UserEvent::Registered { email } | UserEvent::Moved { email } => {
                    rows.emails.insert(user, email);
                }
                UserEvent::Confirmed => {}
                UserEvent::Welcomed => rows.welcomed.push(user),
            }
        }
        if !page.has_more {
            break;
        }
    }
    rows.welcomed.sort();
    rows
}

/// Asserts that the model holds what the log says.
pub async fn check(users: &EventStore<UserEvent>, store: &Store, generation: u32) {
    let (rows, expected) = (rows_of(store, generation).await, folded(users).await);
    let (kept, stored) = (rows.emails.len(), expected.emails.len());
    assert!(rows == expected, "{kept} rows of {stored}, or others");
}

/// Registers a user with an address of its own.
pub async fn somebody(users: &EventStore<UserEvent>) -> EntityId {
    let id = EntityId::new();
    users
        .append(id, registered(format!("{id}@example.org")))
        .await
        .unwrap();
    id
}

/// Model that only looks at the events.
#[derive(Clone, Debug, Default)]
pub struct Seen(pub Arc<std::sync::Mutex<Vec<RecordedEvent<UserEvent>>>>);

impl Projection for Seen {
    const NAME: &'static str = "seen";
    const VERSION: u32 = 1;

    fn schema(&self, _tables: &Tables) -> String {
        String::new()
    }
}

impl Projects<UserEvent> for Seen {
    async fn apply(
        &self,
        event: &RecordedEvent<UserEvent>,
        _transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}
