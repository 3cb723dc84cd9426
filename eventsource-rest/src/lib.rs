//! The HTTP API of an annotated enum.
//!
//! [`router`] gives the endpoints of one machine, in microcosm's wire form: bodies in camelCase,
//! queries in snake_case.
//!
//! | method, path | does | answers |
//! | --- | --- | --- |
//! | `POST /api/v1/task_event` | appends one event, and the auto transitions it causes | 201, 403, 409, 412, 422 |
//! | `GET`, `HEAD /api/v1/task_event` | searches events | 200, 422 |
//! | `GET /api/v1/task_event/{id}` | one event | 200, 404 |
//! | `GET /api/v1/task/{id}` | where an entity stands, and what may happen next | 200, 404 |
//!
//! An append expects the entity as it was when the request came: 409 tells that another event came
//! in between, and 412 that the entity is not, or no longer, what the `If-Match` header says.
//! `Idempotency-Key` names a request, so that a repeat is answered as the first was.
//! Events are never changed: any other method is answered 405. An error's body is an RFC 9457
//! problem that also has microcosm's members.
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

mod actor;
mod api;
mod append;
mod appended;
mod as_of;
mod body;
mod conditions;
mod correlation;
mod entities;
mod entity;
mod history;
mod hook;
#[cfg(feature = "jwt")]
mod jwt;
mod limits;
mod machine;
mod media;
mod names;
mod observed;
mod openapi;
mod page;
mod parameters;
mod platform;
mod problem;
mod query;
mod refusal;
mod resource;
mod retrieve;
mod router;
mod search;
mod service;
mod shutdown;
mod stream;
mod streams;
mod trusted;
mod validate;

pub use actor::ActorSource;
pub use hook::{BeforeAppend, Proposed};
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, JwtKeysError};
pub use limits::Limits;
pub use platform::{ServeError, serve};
pub use problem::{Problem, not_found};
pub use router::router;
pub use service::{BuildError, Service};
pub use shutdown::Shutdown;
pub use tower_http::cors::CorsLayer;
pub use trusted::TrustedHeaders;
