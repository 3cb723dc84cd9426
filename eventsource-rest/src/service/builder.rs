//! Several machines as one API.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use eventsource_core::{Event, EventStore, Snapshot};
use tower_http::cors::CorsLayer;

use super::error::BuildError;
use super::machine::{Hook, Mount, Mounted};
use crate::auth::actor::{Authenticator, DynAuthenticator};
use crate::endpoints::context::Shared;
use crate::options::before_append::{AnyBeforeAppend, BeforeAppend};
use crate::options::limits::Limits;
use crate::options::shutdown::Shutdown;
use crate::platform::{Platform, Ready};
use crate::stream::registry::Streams;

/// Puts machines together to one API: name them, set what differs from the defaults, build.
///
/// What is built is an [`axum::Router`] without a fallback, to which the application adds its own
/// routes and layers.
///
/// ```
/// use eventsource_core::Store;
/// use eventsource_rest::{Limits, Service};
/// use tasks::TaskEvent;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let tasks = store.migrate::<TaskEvent>().await?;
/// let api: axum::Router = Service::new()
///     .mount(tasks)
///     .limits(Limits { max_page_size: 100, ..Limits::default() })
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use = "a service is not there until it is built"]
pub struct Service {
    machines: Vec<Box<dyn Mount>>,
    hooks: Vec<Hook>,
    authenticator: Option<Arc<dyn DynAuthenticator>>,
    limits: Limits,
    shutdown: Shutdown,
    cors: Option<CorsLayer>,
}

impl Service {
    /// A service without machines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the endpoints of a machine.
    pub fn mount<E: Event>(mut self, events: EventStore<E>) -> Self {
        self.machines.push(Box::new(Mounted {
            events,
            data: |data| data,
        }));
        self
    }

    /// The same, where `GET /api/v1/task/{id}` goes on from the last snapshot of the entity's data
    /// and takes the next one: see
    /// [`with_snapshots`](eventsource_core::FoldOf::with_snapshots). It is for entities with long histories.
    /// A service that may not write snapshots uses those that others take.
    ///
    /// The data can be kept if all of its fields are `Deserialize`.
    ///
    /// ```
    /// # use eventsource_core::Store;
    /// # use eventsource_rest::Service;
    /// # use tasks::TaskEvent;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Store::connect("sqlite::memory:").await?;
    /// let tasks = store.migrate::<TaskEvent>().await?;
    /// let api: axum::Router = Service::new().mount_with_snapshots(tasks).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mount_with_snapshots<E: Event>(mut self, events: EventStore<E>) -> Self
    where
        E::Data: Snapshot<E>,
    {
        self.machines.push(Box::new(Mounted {
            events,
            data: |data| data.with_snapshots(),
        }));
        self
    }

    /// Who asks, for rules by whom an event may be done and for the record. Without one, events
    /// are recorded without an actor.
    pub fn authenticator(mut self, source: impl Authenticator) -> Self {
        self.authenticator = Some(Arc::new(source));
        self
    }

    /// What is checked before each append to the machine of `E`, beside its rules. Several are
    /// asked in the order in which they were given, until one refuses.
    pub fn before_append<E: Event>(mut self, check: impl BeforeAppend<E>) -> Self {
        let check: Arc<dyn AnyBeforeAppend<E>> = Arc::new(check);
        self.hooks.push(Hook {
            machine: TypeId::of::<E>(),
            entity: E::ENTITY,
            check: Box::new(check),
        });
        self
    }

    /// How much one client may ask for.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What tells the streams to end, so that a server can stop.
    pub fn shutdown_signal(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Which pages of other origins may call the service from a browser; none if not given. Let it
    /// allow and expose the headers that its pages need, such as `If-Match` and `ETag`.
    ///
    /// ```
    /// use eventsource_rest::{CorsLayer, Service};
    ///
    /// let service = Service::new().cors(CorsLayer::permissive());
    /// # drop(service);
    /// ```
    pub fn cors(mut self, layer: CorsLayer) -> Self {
        self.cors = Some(layer);
        self
    }

    /// The router of all that was added.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(self) -> Result<Router, BuildError> {
        self.check()?;
        let shared = Arc::new(Shared {
            authenticator: self.authenticator,
            streams: Arc::new(Streams::new(self.limits.max_streams, self.shutdown)),
            limits: self.limits,
        });
        let routers = self
            .machines
            .iter()
            .map(|machine| machine.routes(&shared, &self.hooks));
        let router = routers.fold(Router::new(), Router::merge);
        let described: Vec<_> = self
            .machines
            .iter()
            .map(|machine| machine.described())
            .collect();
        let checks = self.machines.into_iter().map(|machine| {
            let entity = machine.entity();
            let check: Box<dyn Fn() -> Ready + Send + Sync> = Box::new(move || machine.ready());
            (entity, check)
        });
        let platform = Platform {
            machines: described,
            checks: checks.collect(),
            limits: shared.limits.clone(),
            authenticated: shared.authenticator.is_some(),
            cors: self.cors,
            #[cfg(feature = "metrics")]
            streams: Arc::clone(&shared.streams),
        };
        Ok(platform.around(router))
    }

    pub(crate) fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    pub(crate) fn grace(&self) -> std::time::Duration {
        self.limits.shutdown_grace
    }

    fn check(&self) -> Result<(), BuildError> {
        let mut entities = BTreeSet::new();
        // The rules of all machines are there.
        let mut paths = BTreeSet::from(["/api/v1/machine".to_owned()]);
        for machine in &self.machines {
            let entity = machine.entity();
            if !entities.insert(entity) {
                return Err(BuildError::DuplicateMachine { entity });
            }
            for path in [
                format!("/api/v1/{entity}"),
                format!("/api/v1/{entity}_event"),
            ] {
                if !paths.insert(path.clone()) {
                    return Err(BuildError::PathTaken { entity, path });
                }
            }
            let mut rules = machine.machine().rules();
            let restricted = rules.find(|(_, rule)| !rule.roles.is_empty());
            if let (Some((event, _)), None) = (restricted, &self.authenticator) {
                let event_type = machine.machine().name_of(event).to_owned();
                return Err(BuildError::NoAuthenticator { entity, event_type });
            }
        }
        let is_there = |hook: &&Hook| {
            let mut machines = self.machines.iter();
            machines.any(|machine| machine.event() == hook.machine)
        };
        match self.hooks.iter().find(|hook| !is_there(hook)) {
            Some(hook) => Err(BuildError::UnknownMachine {
                entity: hook.entity,
            }),
            None => Ok(()),
        }
    }
}
