//! The HTTP API of an annotated enum.
//!
//! [`router`] gives the endpoints of one machine, in microcosm's wire form: bodies in camelCase,
//! queries in snake_case.
//!
//! | method, path | does |
//! | --- | --- |
//! | `POST /api/v1/task_event` | appends an event, or a list of them whole or not at all; an initial one without `taskId` begins an entity |
//! | `GET`, `HEAD /api/v1/task_event` | searches events; by offsets, or by `after=<clock>` |
//! | `GET /api/v1/task_event/{id}` | one event |
//! | `GET /api/v1/task_event/stream` | what has happened and what happens, as server-sent events |
//! | `GET`, `HEAD /api/v1/task` | searches entities: `state`, `having`, `lacking`, `last_event_type`, `version`, times, `data.<field>` |
//! | `POST /api/v1/task/validate` | says what would become of events, from a state or an entity |
//! | `GET /api/v1/task/{id}` | where an entity stands, its data, and what may happen next; `?asOf=` then |
//! | `POST /api/v1/task/{id}/task_event` | appends to this entity |
//! | `GET /api/v1/task/{id}/history` | its events, oldest first, as JSON or lines of it |
//! | `GET /api/v1/task/{id}/stream` | the same, and those that come |
//! | `GET /api/v1/machine`, `/api/v1/machine/task` | the rules as JSON; `.svg`, `.mmd`, `.dot` as a picture; `/schema` the JSON Schema of the events |
//! | `GET /api/openapi.json` | all of this as OpenAPI 3.1 |
//! | `GET /api/docs` | the same to read and to try (feature `docs`) |
//! | `GET /api/health`, `/api/ready` | whether the service runs, and whether it can serve |
//! | `GET /metrics` | what it does, for Prometheus (feature `metrics`, a default) |
//!
//! An append expects the entity as it was when the request came: 409 tells that another event came
//! in between, and 412 that the entity is not, or no longer, what `If-Match` or `If-None-Match`
//! say. `Idempotency-Key` names a request, so that a repeat is answered as the first was. Events are
//! never changed: any other method is answered 405. An error's body is an RFC 9457 problem that also
//! has microcosm's members; all faults of a body are told at once.
//!
//! `X-Request-Id` and `traceparent` are kept with the events; answers are packed as
//! `Accept-Encoding` allows (feature `compression`, a default). The feature `jwt` has actors from
//! signed tokens, and `otel` sends traces to an OpenTelemetry collector.
//!
//! ```
//! use eventsource_core::Store;
//! use tasks::TaskEvent;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::connect("sqlite::memory:").await?;
//! let app: axum::Router = eventsource_rest::router(store.migrate::<TaskEvent>().await?)?
//!     .fallback(eventsource_rest::not_found);
//! # Ok(())
//! # }
//! ```

mod auth;
mod endpoints;
mod machine;
mod openapi;
mod options;
mod platform;
mod service;
mod stream;
mod wire;

pub use auth::actor::Authenticator;
#[cfg(feature = "jwt")]
pub use auth::jwt::{Jwt, JwtKeysError};
pub use auth::trusted::TrustedHeaders;
pub use options::before_append::{BeforeAppend, Proposed};
pub use options::limits::Limits;
pub use options::shutdown::Shutdown;
#[cfg(feature = "otel")]
pub use platform::traces::{Traces, TracesError};
pub use service::{BuildError, ServeError, Service, router, serve};
pub use tower_http::cors::CorsLayer;
pub use wire::fallback::not_found;
pub use wire::problem::Problem;

/// The example of the page compiles.
#[cfg(all(doctest, feature = "jwt"))]
#[doc = include_str!("../../docs/http.md")]
struct Page;
