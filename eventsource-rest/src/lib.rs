#![cfg_attr(docsrs, feature(doc_cfg))]
//! HTTP API of an event-sourced state machine.
//!
//! [`router`] builds the endpoints of one machine; [`Service`] combines several and takes options.
//! Both return an `axum::Router`. The endpoints follow from the enum that derives `Event`; here
//! `task` stands for its entity. Bodies are in camelCase, queries in snake_case.
//!
//! | method, path | does |
//! | --- | --- |
//! | `POST /api/v1/task_event` | appends an event, or a list of events, all or none; without `taskId`, an initial event creates an entity |
//! | `POST /api/v1/task/{id}/task_event` | appends to an entity |
//! | `GET`, `HEAD /api/v1/task_event` | searches events, by offset or after a cursor (`after=<clock>`) |
//! | `GET /api/v1/task_event/{id}` | returns an event |
//! | `GET /api/v1/task_event/stream` | streams all events, stored and new, as server-sent events |
//! | `GET`, `HEAD /api/v1/task` | searches entities by `state`, `having`, `lacking`, `last_event_type`, `version`, times, `data.<field>` |
//! | `GET /api/v1/task/{id}` | returns the state and data of an entity, and the events that may follow; `?asOf=` a moment in the past |
//! | `GET /api/v1/task/{id}/history` | returns the events of an entity, oldest first, as JSON or JSON lines |
//! | `GET /api/v1/task/{id}/stream` | streams the events of an entity, stored and new |
//! | `POST /api/v1/task/validate` | reports whether events would be appended; stores nothing |
//! | `GET /api/v1/view/{name}`, `.../{key}` | returns the values of a [view](Service::view), or one of them; `?fresh=true` waits for what was stored before |
//! | `GET /api/v1/machine`, `/api/v1/machine/task` | returns the rules as JSON; `.svg`, `.mmd`, `.dot` as a picture; `/schema` the JSON Schema of the events |
//! | `GET /api/openapi.json` | returns the OpenAPI 3.1 document |
//! | `GET /api/docs` | shows the document as a page with forms (feature `docs`) |
//! | `GET /api/health`, `/api/ready` | checks that the service runs, and that it can serve |
//! | `GET /metrics` | returns metrics for Prometheus (feature `metrics`, a default) |
//!
//! An append expects the entity as it was when the request came: if another event was stored in the
//! meantime, the answer is 409; if the entity does not match `If-Match` or `If-None-Match`, 412.
//! With an `Idempotency-Key`, a repeated request appends nothing and is answered as the first one
//! was. Events are never changed: other methods are answered 405. The body of an error is an RFC
//! 9457 [`Problem`], which lists all faults of a request.
//!
//! The wire form is that of microcosm-eventsource, the Python library whose rules these are.
//!
//! `X-Request-Id` and `traceparent` are kept with the events. Responses are compressed if
//! `Accept-Encoding` allows it (feature `compression`, a default). The feature `jwt` adds an
//! authenticator for signed tokens, `otel` sends traces to an OpenTelemetry collector.
//!
//! ```
//! # mod example {
//! use eventsource_core::{Event, Store};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Serialize, Deserialize, Event)]
//! #[machine(entity = "invoice")]
//! pub enum InvoiceEvent {
//!     Issued { cents: i64 },
//!     #[event(follows = Issued, terminal)]
//!     Paid,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::connect("sqlite::memory:").await?;
//! let invoices = store.migrate::<InvoiceEvent>().await?;
//! let app: axum::Router =
//!     eventsource_rest::router(invoices)?.fallback(eventsource_rest::not_found);
//! # drop(app);
//! # Ok(())
//! # }
//! # }
//! # example::main().unwrap();
//! ```

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("eventsource-rest needs a database: enable its feature `sqlite` or `postgres`");

mod auth;
mod clients;
mod endpoints;
mod machine;
mod openapi;
mod options;
mod platform;
mod server;
mod service;
mod stream;
mod wire;

pub use auth::actor::Authenticator;
#[cfg(feature = "jwt")]
pub use auth::jwt::{Jwt, JwtKeysError};
pub use auth::trusted::TrustedHeaders;
pub use options::before_append::{BeforeAppend, Proposed};
pub use options::endpoint::Endpoint;
pub use options::limits::Limits;
pub use options::readers::Readers;
pub use options::shutdown::Shutdown;
pub use options::trusted_proxies::{TrustedProxies, TrustedProxiesError};
#[cfg(feature = "otel")]
pub use platform::traces::{Traces, TracesError};
#[cfg(feature = "tls")]
pub use server::tls::{Tls, TlsError};
pub use service::{BuildError, ServeError, Service, router, serve};
pub use tower_http::cors::CorsLayer;
pub use wire::fallback::not_found;
pub use wire::problem::Problem;

/// Compiles the Rust example of `docs/http.md`.
#[cfg(all(doctest, feature = "jwt"))]
#[doc = include_str!("../../docs/http.md")]
struct Page;
