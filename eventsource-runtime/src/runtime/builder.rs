//! Builder of a runtime: what a program registers, and what is wrong with it.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use eventsource_core::{Command, Error, Event, EventStore, Retry, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::faults::Faults;
use crate::contract::name;
use crate::error::{BuildError, BuildMistake};
use crate::generation::register::register;
use crate::generation::subscriptions;
use crate::inbox::Inbox;
use crate::runtime::handle::Runtime;
use crate::schedule::{self, Schedule, Tick, When};
use crate::subscription::builder::Subscription;
use crate::worker::shared::Shared;

/// Connections that subscriptions use together, unless the program says otherwise.
const CONNECTIONS: usize = 4;

/// Builder of a [`Runtime`].
#[derive(Debug)]
#[must_use = "a runtime runs once it is built"]
pub struct RuntimeBuilder {
    store: Store,
    subscriptions: Vec<Subscription>,
    inboxes: Vec<Inbox>,
    schedules: Vec<Schedule>,
    /// What is wrong with schedules.
    mistakes: Vec<BuildMistake>,
    connections: usize,
    program: String,
    faults: Faults,
}

impl Runtime {
    /// Begins a runtime on the events of a store.
    #[allow(
        clippy::new_ret_no_self,
        reason = "`Runtime::new(..).add(..).build()` reads as it is"
    )]
    pub fn new(store: &Store) -> RuntimeBuilder {
        RuntimeBuilder {
            store: store.clone(),
            subscriptions: Vec::new(),
            inboxes: Vec::new(),
            schedules: Vec::new(),
            mistakes: Vec::new(),
            connections: CONNECTIONS,
            program: program(),
            faults: Faults::default(),
        }
    }
}

impl RuntimeBuilder {
    /// Adds a subscription.
    #[allow(
        clippy::should_implement_trait,
        reason = "a builder is no number: `+` would surprise"
    )]
    pub fn add(mut self, subscription: impl Into<Subscription>) -> Self {
        self.subscriptions.push(subscription.into());
        self
    }

    /// Executes commands of this type that are [submitted](eventsource_core::Execute::submit), one after
    /// the other: see [`EventStore::execute_submitted`].
    pub fn commands<E, C>(mut self, events: &EventStore<E>) -> Self
    where
        E: Event,
        C: Command<E> + Serialize + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        self.inboxes.push(Inbox::new::<E, C>(events));
        self
    }

    /// Does something at a time.
    ///
    /// The time has its turn once, whatever number of processes run the runtime, and late if none runs at
    /// the time. A failure is tried again after ten seconds, then after twice as long, up to ten minutes. A
    /// run that takes longer than five minutes has failed. If a process dies in the middle another one
    /// begins again: use [`Tick::id`] as a key, so that nothing is done twice.
    pub fn at<F>(
        mut self,
        name: impl Into<String>,
        time: DateTime<Utc>,
        action: impl Fn(Tick) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        self.schedules
            .push(Schedule::new(name, When::Once(time), action));
        self
    }

    /// Does something again and again: at the times of a cron pattern in a time zone, such as `0 3 * * *`
    /// in `Europe/Berlin`.
    ///
    /// As [`at`](Self::at). Of several times that were missed only one has its turn.
    pub fn cron<F>(
        mut self,
        name: impl Into<String>,
        pattern: &str,
        zone: &str,
        action: impl Fn(Tick) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let name = name.into();
        match When::cron(pattern, zone) {
            Ok(when) => self.schedules.push(Schedule::new(name, when, action)),
            Err(source) => self.mistakes.push(BuildMistake::Settings { name, source }),
        }
        self
    }

    /// Sets how many transactions the subscriptions of this process have open at once, each on a
    /// connection of the store; 4 by default.
    ///
    /// What else the runtime does uses further connections, for a short time each: it reads events and its
    /// own tables, executes commands and runs schedules. So the store needs more than this for appends and
    /// queries too.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Lets things go wrong, for a test.
    #[cfg(feature = "testing")]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Builds the runtime, and makes the rows and tables of new subscriptions.
    ///
    /// # Errors
    /// All mistakes at once; nothing has changed then.
    pub async fn build(mut self) -> Result<Runtime, BuildError> {
        let mut mistakes = self.mistakes();
        mistakes.append(&mut self.mistakes);
        for subscription in &mut self.subscriptions {
            mistakes.append(&mut subscription.mistakes);
        }
        let subscriptions: Vec<_> = self.subscriptions.into_iter().map(Arc::new).collect();
        if mistakes.is_empty() {
            let found = subscriptions::mistakes(&self.store, &subscriptions).await;
            mistakes = match found {
                Err(Error::RuntimeNotMigrated { .. }) => {
                    self.store.migrate_runtime().await?;
                    Vec::new()
                }
                found => found?,
            };
        }
        if !mistakes.is_empty() {
            return Err(BuildError { mistakes });
        }
        for subscription in &subscriptions {
            register(&self.store, subscription)
                .await
                .map_err(|source| match source.retry() {
                    Retry::Never => {
                        let name = subscription.name.clone();
                        BuildMistake::NotMade { name, source }.into()
                    }
                    _ => BuildError::from(source),
                })?;
        }
        for schedule in &self.schedules {
            match schedule::register(&self.store, schedule).await {
                Err(Error::RuntimeNotMigrated { .. }) => {
                    self.store.migrate_runtime().await?;
                    schedule::register(&self.store, schedule).await?;
                }
                registered => registered?,
            }
        }
        #[cfg(feature = "testing")]
        for subscription in &subscriptions {
            subscription.consumer.arm(&self.faults);
        }
        let (connections, faults) = (self.connections, self.faults);
        let shared = Shared::new(self.store, self.program, subscriptions, connections, faults);
        Ok(Runtime {
            shared: Arc::new(shared),
            inboxes: self.inboxes.into(),
            schedules: self.schedules.into(),
        })
    }

    /// Finds what is wrong without the database.
    fn mistakes(&self) -> Vec<BuildMistake> {
        let mut mistakes = Vec::new();
        if self.connections == 0 {
            mistakes.push(BuildMistake::NoConnections);
        }
        let mut names = HashSet::new();
        for Schedule { name, .. } in &self.schedules {
            let known = || name.clone();
            if !name::is_valid(name) {
                mistakes.push(BuildMistake::Name { name: known() });
            }
            if !names.insert(name) {
                mistakes.push(BuildMistake::DuplicateName { name: known() });
            }
        }
        for subscription in &self.subscriptions {
            let name = || subscription.name.clone();
            if !name::is_valid(&subscription.name) {
                mistakes.push(BuildMistake::Name { name: name() });
            }
            if !names.insert(&subscription.name) {
                mistakes.push(BuildMistake::DuplicateName { name: name() });
            }
            if subscription.sources.is_empty() {
                mistakes.push(BuildMistake::ReadsNothing { name: name() });
            }
            let mut entities = HashSet::new();
            for source in &subscription.sources {
                let entity = source.entity();
                if !entities.insert(entity) {
                    mistakes.push(BuildMistake::ReadsTwice {
                        name: name(),
                        entity,
                    });
                }
            }
            let shards = subscription.shards;
            if !shards.is_power_of_two() || shards > 256 {
                mistakes.push(BuildMistake::Shards {
                    name: name(),
                    shards,
                });
            }
        }
        mistakes
    }
}

/// Returns the name of the program, for people who look at the workers.
fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(|path| path.file_stem());
    name.map_or_else(
        || "unknown".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
