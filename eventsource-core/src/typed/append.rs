//! Append of the events that a typed handle has collected.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::{Draft, Handle};
use crate::{Actor, Append, Appended, Error, Event, EventStore, Retry};

/// Append of the pending events of a typed handle; await it for the handle after them.
///
/// The append fails with a conflict if another one has changed the entity since it was loaded.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Error, Event, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light", typestate)]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), Error> {
/// # let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let light = LightHandle::new(EntityId::new());
/// let light = light.lit(60).append(&lights).by("ann").idempotency_key("evening").await?;
/// let (light, appended) = light.put_out().append(&lights).with_events().await?;
/// assert_eq!(light.seq(), appended.last().seq);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "an append does nothing until it is awaited"]
pub struct HandleAppend<'a, H: Handle> {
    append: Append<'a, H::Event>,
    /// Draft of the handle without its pending events, which `append` holds.
    draft: Draft<H::Event>,
}

impl<'a, H: Handle> HandleAppend<'a, H> {
    /// Creates the append of the pending events of `handle`.
    #[doc(hidden)]
    pub fn new(events: &'a EventStore<H::Event>, handle: H) -> Self {
        let mut draft = handle.into_draft();
        let pending = draft.take_pending();
        let append = Append::of(events, draft.id(), draft.seq(), pending);
        Self { append, draft }
    }

    /// Sets the actor: [`Append::by`].
    pub fn by(mut self, actor: impl Into<Actor>) -> Self {
        self.append = self.append.by(actor);
        self
    }

    /// Sets the correlation id: [`Append::correlation_id`].
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.append = self.append.correlation_id(id);
        self
    }

    /// Sets the causation id: [`Append::causation_id`].
    pub fn causation_id(mut self, id: impl Into<String>) -> Self {
        self.append = self.append.causation_id(id);
        self
    }

    /// Sets the idempotency key: [`Append::idempotency_key`].
    ///
    /// A repeat returns the events of the first request. If the state after them is one that the
    /// type of the handle excludes, the repeat fails with [`Error::Conflict`].
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.append = self.append.idempotency_key(key);
        self
    }

    /// Stores the events and returns them together with the handle.
    ///
    /// # Errors
    /// [`HandleAppendError`], also if there are no pending events.
    pub async fn with_events(self) -> Result<(H, Appended<H::Event>), HandleAppendError<H>> {
        let stored = self.append.store().await;
        let mut draft = self.draft;
        let error = match stored {
            Ok(appended) => {
                let last = appended.last();
                let (expected, actual) = (draft.seq(), last.seq);
                if H::KNOWN.fits(last.state.set()) {
                    let stored = Draft::at(draft.id(), actual, last.state);
                    return Ok((H::from_draft(stored), appended));
                }
                Error::Conflict {
                    entity_id: draft.id(),
                    id: H::Event::ID.format(draft.id()),
                    expected,
                    actual,
                }
            }
            Err(error) => error,
        };
        draft.put_back(self.append.into_events());
        Err(HandleAppendError::new(draft, error))
    }

    /// Stores the events and returns the handle.
    async fn store(self) -> Result<H, HandleAppendError<H>> {
        if self.append.is_empty() {
            return Ok(H::from_draft(self.draft));
        }
        self.with_events().await.map(|(handle, _)| handle)
    }
}

/// Stores the pending events; without any, returns the handle without a query.
///
/// # Errors
/// [`HandleAppendError`], with the error of [`Append`] and the handle.
impl<'a, H: Handle + 'a> IntoFuture for HandleAppend<'a, H> {
    type Output = Result<H, HandleAppendError<H>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

/// Error of a failed append, with the handle and its pending events.
///
/// [`HandleAppendError::retry`] says whether a retry can help. After a [conflict](Error::Conflict)
/// load the entity and decide anew. With [`Retry::Later`] append the handle again, under an
/// idempotency key, since the first attempt may have been stored. The operator `?` converts the
/// error to [`Error`] and drops the handle.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Error, Event, Retry, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light", typestate)]
/// pub enum LightEvent {
///     Lit { watts: u32 },
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), Error> {
/// # let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let id = EntityId::new();
/// LightHandle::new(id).lit(60).append(&lights).await?;
///
/// let late = LightHandle::new(id).lit(40).append(&lights).await.unwrap_err();
/// assert_eq!(late.retry(), Retry::AfterReload);
/// assert_eq!(late.into_handle().pending().len(), 1);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub struct HandleAppendError<H: Handle>(Box<Failure<H>>);

/// Draft and error of a failed append; boxed, since a `Result` should be small.
struct Failure<H: Handle> {
    draft: Draft<H::Event>,
    error: Error,
}

impl<H: Handle> HandleAppendError<H> {
    /// Creates the error.
    fn new(draft: Draft<H::Event>, error: Error) -> Self {
        Self(Box::new(Failure { draft, error }))
    }

    /// Returns the error of the append.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns whether a retry can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.error.retry()
    }

    /// Returns the handle with its pending events, none of which is known to be stored.
    pub fn into_handle(self) -> H {
        H::from_draft(self.0.draft)
    }
}

impl<H: Handle> From<HandleAppendError<H>> for Error {
    fn from(failure: HandleAppendError<H>) -> Self {
        failure.0.error
    }
}

impl<H: Handle> fmt::Display for HandleAppendError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl<H: Handle> fmt::Debug for HandleAppendError<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandleAppendError")
            .field("draft", &self.0.draft)
            .field("error", &self.0.error)
            .finish()
    }
}

impl<H: Handle> std::error::Error for HandleAppendError<H> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.error)
    }
}
