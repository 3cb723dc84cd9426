//! Builder of a service.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use eventsource_core::{Command, Event, EventStore, Snapshot, View, ViewStore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_http::cors::CorsLayer;

use super::error::BuildError;
use super::mounted::{AnyMachine, MountedMachine, RegisteredCheck, RegisteredCommand};
use super::mounted_view::{AnyView, MountedView};
use crate::auth::actor::{Authenticator, DynAuthenticator};
use crate::endpoints::context::ServiceContext;
#[cfg(feature = "runtime")]
use crate::endpoints::runtime::{self, GuardedRuntime};
use crate::options::before_append::{BeforeAppend, DynBeforeAppend};
use crate::options::command::ClientCommand;
use crate::options::endpoint::Endpoint;
use crate::options::limits::Limits;
use crate::options::readers::Readers;
use crate::options::shutdown::Shutdown;
use crate::options::site::{Site, SiteOptions};
use crate::options::trusted_proxies::TrustedProxies;
use crate::platform::{Platform, ReadyFuture};
use crate::server::Server;
#[cfg(feature = "tls")]
use crate::server::tls::Tls;
use crate::stream::registry::StreamRegistry;
use crate::wire::intake::Intake;
use crate::wire::unread::UnreadBytes;

/// Builder of an HTTP API: mount machines, change the defaults, build.
///
/// The result is an `axum::Router` without a fallback, to which the application adds its own routes
/// and layers.
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
#[must_use = "a service does nothing until it is built"]
pub struct Service {
    pub(super) machines: Vec<Box<dyn AnyMachine>>,
    pub(super) checks: Vec<RegisteredCheck>,
    pub(super) commands: Vec<RegisteredCommand>,
    pub(super) views: Vec<Box<dyn AnyView>>,
    pub(super) authenticator: Option<Arc<dyn DynAuthenticator>>,
    pub(super) limits: Limits,
    pub(super) shutdown: Shutdown,
    pub(super) cors: Option<CorsLayer>,
    pub(super) trusted_proxies: Option<TrustedProxies>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
    pub(super) site: SiteOptions,
    pub(super) without: BTreeSet<Endpoint>,
    pub(super) anonymous: bool,
    #[cfg(feature = "runtime")]
    pub(super) runtime: Option<GuardedRuntime>,
}

impl Service {
    /// Creates a service without machines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a machine: adds its endpoints.
    pub fn mount<E: Event>(mut self, events: EventStore<E>) -> Self {
        self.machines.push(Box::new(MountedMachine {
            events,
            data_query: |data| data,
        }));
        self
    }

    /// Mounts a machine whose entities are read with snapshots of their data.
    ///
    /// `GET /api/v1/task/{id}` then starts from the last snapshot instead of the first event, and
    /// takes the next snapshot when it is due: see
    /// [`with_snapshots`](eventsource_core::FoldQuery::with_snapshots). This is for entities with long
    /// histories. A service that may not write snapshots uses those that others have taken.
    ///
    /// All fields of the data have to be `Deserialize`.
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
        self.machines.push(Box::new(MountedMachine {
            events,
            data_query: |data| data.with_snapshots(),
        }));
        self
    }

    /// Sets the authenticator, which finds the actor of a request.
    ///
    /// The actor's roles are checked against the rules of the machine, `by(..)` for an append and
    /// `read_by(..)` for what is shown, and the actor is recorded with the events. A read without an actor
    /// is answered 401, unless the machine says `public`. Without an authenticator everybody may read, and
    /// events are recorded without an actor.
    ///
    /// What roles cannot say is the matter of a policy, which a machine is mounted with:
    /// `.mount(events.with_read_policy(..))`; see
    /// [`with_read_policy`](eventsource_core::EventStore::with_read_policy).
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Says that clients are not authenticated on purpose.
    ///
    /// Without this and without an authenticator, [`serve`](crate::serve) refuses an address that
    /// other computers may reach: everybody there could read and append.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Adds a check that runs before each append to the machine of `E`, in addition to its rules.
    ///
    /// Several checks run in the order in which they were added, until one refuses.
    pub fn before_append<E: Event>(mut self, check: impl BeforeAppend<E>) -> Self {
        let check: Arc<dyn DynBeforeAppend<E>> = Arc::new(check);
        self.checks.push(RegisteredCheck {
            event: TypeId::of::<E>(),
            entity: E::ENTITY,
            check: Box::new(check),
        });
        self
    }

    /// Lets clients give the command `C` to the machine of `E`.
    ///
    /// `POST /api/v1/task/{id}/command/start` executes it on an entity, and
    /// `POST /api/v1/task/command/start` begins one with it. The body is the command as serde reads
    /// it; `Idempotency-Key` is the command id. A refusal is answered 422, with the refusal as serde
    /// writes it.
    ///
    /// The rules `by(..)` hold for the events that the command appends, with the actor of the request.
    /// A command may append `internal` events, and [`before_append`](Self::before_append) does not ask
    /// about it: it decides itself.
    ///
    /// ```
    /// # use eventsource_core::{Command, Decision, Entity, Event, Store};
    /// # use eventsource_rest::Service;
    /// # use serde::{Deserialize, Serialize};
    /// # use tasks::{TaskEvent, TaskData};
    /// #[derive(Deserialize)]
    /// struct Start {
    ///     by: String,
    /// }
    ///
    /// #[derive(Debug, Serialize, thiserror::Error)]
    /// #[error("the task is of {assignee:?}")]
    /// struct NotYours {
    ///     assignee: Option<String>,
    /// }
    ///
    /// impl Command<TaskEvent> for Start {
    ///     const NAME: &'static str = "start";
    ///     type State = TaskData;
    ///     type Refusal = NotYours;
    ///
    ///     fn decide(&self, task: &Entity<TaskEvent, TaskData>) -> Result<Decision<TaskEvent>, NotYours> {
    ///         match &task.data.assignee {
    ///             Some(assignee) if *assignee == self.by => Ok(TaskEvent::Started.into()),
    ///             assignee => Err(NotYours { assignee: assignee.clone() }),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tasks = Store::connect("sqlite::memory:").await?.migrate::<TaskEvent>().await?;
    /// let api = Service::new().mount(tasks).command::<TaskEvent, Start>().build()?;
    /// # drop(api);
    /// # Ok(())
    /// # }
    /// ```
    pub fn command<E, C>(self) -> Self
    where
        E: Event,
        C: Command<E> + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        self.add_command(ClientCommand::<E>::at_once::<C>())
    }

    /// Lets clients give the command `C` to the machine of `E` as [`command`](Self::command) does, or leave
    /// it to be executed later.
    ///
    /// A request with `Prefer: respond-async` to an entity, without a condition such as `If-Match`, is
    /// answered 202 with a `Location`, where the client that gave the command reads what has come of it. The
    /// command and its outcome are kept in an archive, which
    /// [`Store::migrate_runtime`](eventsource_core::Store::migrate_runtime) makes; whoever runs
    /// [`EventStore::execute_submitted`], such as a runtime with `.commands::<E, C>(&events)`, executes
    /// it.
    pub fn submittable_command<E, C>(self) -> Self
    where
        E: Event,
        C: Command<E> + Serialize + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        self.add_command(ClientCommand::<E>::submittable::<C>())
    }

    fn add_command<E: Event>(mut self, command: ClientCommand<E>) -> Self {
        self.commands.push(RegisteredCommand {
            event: TypeId::of::<E>(),
            entity: E::ENTITY,
            name: command.name,
            schema: command.schema.clone(),
            is_submittable: command.read_for_later.is_some(),
            command: Box::new(Arc::new(command)),
        });
        self
    }

    /// Lets clients read a view, if they are among its readers.
    ///
    /// `GET /api/v1/view/spent` returns a page of its values in the order of their keys, with
    /// `?limit=` and `?after=` a key, and `?value.city=Rome` those that have a value in an indexed field;
    /// `GET /api/v1/view/spent/{key}` returns one. With `?fresh=true` the answer has everything that was
    /// stored before the request, or is 503 after five seconds; `Prefer: wait=10` waits longer, up to four
    /// fifths of [`Limits::request_timeout`].
    ///
    /// ```
    /// # use eventsource_core::{Event, Keys, Reads, RecordedEvent, Store, View};
    /// use eventsource_rest::{Readers, Service};
    /// # use serde::{Deserialize, Serialize};
    /// # use tasks::TaskEvent;
    /// # #[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
    /// # struct Load { tasks: u32 }
    /// # impl View for Load {
    /// #     const NAME: &'static str = "load";
    /// #     const VERSION: u32 = 1;
    /// #     type Key = String;
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Store::connect("sqlite::memory:").await?;
    /// let tasks = store.migrate::<TaskEvent>().await?;
    /// let api = Service::new()
    ///     .mount(tasks)
    ///     .view(store.view::<Load>(), Readers::public())
    ///     .build()?;
    /// # drop(api);
    /// # Ok(())
    /// # }
    /// ```
    pub fn view<V: View>(mut self, views: ViewStore<V>, readers: Readers) -> Self {
        self.views.push(Box::new(MountedView::new(views, readers)));
        self
    }

    /// Adds the endpoints of a runtime, for actors with a role: what its subscriptions do, and pause, resume,
    /// retry, skip, rebuild and replay. What is done is recorded with the actor and a reason.
    ///
    /// ```
    /// # use eventsource_core::Store;
    /// # use eventsource_rest::{Service, TrustedHeaders};
    /// # use eventsource_runtime::{Runtime, log};
    /// # use tasks::TaskEvent;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Store::connect("sqlite::memory:").await?;
    /// let tasks = store.migrate::<TaskEvent>().await?;
    /// let runtime = Runtime::new(&store).add(log("log").reads(&tasks)).build().await?;
    /// let api = Service::new()
    ///     .mount(tasks)
    ///     .authenticator(TrustedHeaders::insecure())
    ///     .runtime(&runtime, "operator")
    ///     .build()?;
    /// # drop(api);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "runtime")]
    pub fn runtime(
        mut self,
        runtime: &eventsource_runtime::Runtime,
        role: impl Into<String>,
    ) -> Self {
        self.runtime = Some(GuardedRuntime {
            runtime: runtime.clone(),
            role: role.into().into(),
        });
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the proxies that name the addresses of their clients; none by default.
    ///
    /// Clients without an actor are told apart by their addresses; behind a proxy that is not named
    /// here they are one client, and share its [`Limits`].
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.trusted_proxies = Some(proxies);
        self
    }

    /// Lets [`serve`](crate::serve) speak TLS, with this certificate.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets the signal that ends the streams, so that a server can stop.
    ///
    /// [`serve`](crate::serve) needs none: it triggers the service's own.
    pub fn shutdown_signal(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Sets which pages of other origins may call the service from a browser; none by default.
    ///
    /// Requests of other pages are answered 403, whether or not the browser could read the answer.
    /// The layer should allow and expose the headers that the pages need, such as `If-Match` and
    /// `ETag`.
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

    /// Sets the URL at which clients reach the service, such as that of a proxy before it.
    ///
    /// `_links`, `Location` and the OpenAPI document begin with it, instead of what a request says,
    /// and its host is accepted as by [`hosts`](Self::hosts). Its pages may call the service.
    ///
    /// ```
    /// use eventsource_rest::Service;
    ///
    /// let service = Service::new().public_url("https://shop.example/orders");
    /// # drop(service);
    /// ```
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.site.public_url = Some(url.into());
        self
    }

    /// Adds hosts that requests may name in `Host`, such as `shop.example` or `orders:8080`.
    ///
    /// A host without a port stands for any port. Requests to other hosts are answered 421: so a
    /// page cannot reach the service by pointing a name of its own to it (DNS rebinding).
    ///
    /// [`serve`](crate::serve) always checks the host, and also accepts `localhost` and the address
    /// that it listens on. A router that the application serves itself checks it only if there are
    /// hosts or a [`public_url`](Self::public_url), and then accepts `localhost` and addresses, too.
    ///
    /// ```
    /// use eventsource_rest::Service;
    ///
    /// let service = Service::new().hosts(["shop.example", "orders:8080"]);
    /// # drop(service);
    /// ```
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.site.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Switches endpoints off; all are on by default.
    pub fn without(mut self, endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        self.without.extend(endpoints);
        self
    }

    /// Builds the router.
    ///
    /// # Errors
    /// [`BuildError`] if the machines, checks and options do not fit together.
    pub fn build(self) -> Result<Router, BuildError> {
        self.build_for(None)
    }

    /// Builds the router; `listening` is the address of a server that runs only this service.
    ///
    /// # Errors
    /// [`BuildError`], as [`build`](Self::build).
    pub(super) fn build_for(self, listening: Option<SocketAddr>) -> Result<Router, BuildError> {
        self.check_consistency()?;
        #[cfg(feature = "tls")]
        let encrypted = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let encrypted = false;
        let site = Site::new(&self.site, listening, encrypted)?;
        let unread = UnreadBytes::new(self.limits.max_unread_bytes);
        let streams = StreamRegistry::new(self.limits.max_streams, unread.clone(), self.shutdown);
        let context = Arc::new(ServiceContext {
            base_url: site.base_url.clone(),
            validates: !self.without.contains(&Endpoint::Validate),
            authenticates: self.authenticator.is_some(),
            streams: Arc::new(streams),
            intake: Intake::new(self.limits.max_body_bytes, self.limits.max_received_bytes),
            unread,
            limits: self.limits,
        });
        let routers = self
            .machines
            .iter()
            .map(|machine| machine.routes(&context, &self.checks, &self.commands));
        let router = routers.fold(Router::new(), Router::merge);
        let views = self.views.iter().map(|view| view.routes(&context));
        let router = views.fold(router, Router::merge);
        #[cfg(feature = "runtime")]
        let has_runtime = self.runtime.is_some();
        #[cfg(feature = "runtime")]
        let router = match self.runtime {
            Some(guarded) => router.merge(runtime::routes(guarded, Arc::clone(&context))),
            None => router,
        };
        let machines: Vec<_> = self
            .machines
            .iter()
            .map(|machine| machine.description(&self.commands))
            .collect();
        let ready_checks = self.machines.into_iter().map(|machine| {
            let entity = machine.entity();
            let check: Box<dyn Fn() -> ReadyFuture + Send + Sync> =
                Box::new(move || machine.ready());
            (entity, check)
        });
        let platform = Platform {
            machines,
            views: self.views.iter().map(|view| view.description()).collect(),
            ready_checks: ready_checks.collect(),
            limits: context.limits.clone(),
            authenticator: self.authenticator,
            trusted_proxies: self.trusted_proxies,
            site,
            without: self.without,
            is_whole: listening.is_some(),
            cors: self.cors,
            #[cfg(feature = "runtime")]
            has_runtime,
            #[cfg(feature = "metrics")]
            streams: Arc::clone(&context.streams),
        };
        Ok(platform.wrap(router))
    }

    /// Builds the server of the router; `listening` is its address.
    pub(super) fn into_server(self, listening: SocketAddr) -> Result<Server, BuildError> {
        let limits = self.limits.clone();
        let shutdown = self.shutdown.clone();
        let trusted_proxies = self.trusted_proxies.clone();
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        Ok(Server {
            router: self.build_for(Some(listening))?,
            limits,
            shutdown,
            trusted_proxies,
            #[cfg(feature = "tls")]
            tls,
        })
    }

    /// Returns whether it is known who acts, or said that it need not be.
    pub(super) fn knows_actors(&self) -> bool {
        self.authenticator.is_some() || self.anonymous
    }
}
