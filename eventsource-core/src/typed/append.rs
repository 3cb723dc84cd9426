//! From a handle to the store and back.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::{Draft, Handle};
use crate::{Actor, Append, Appended, Error, Event, EventStore, Retry};

/// Storing what a handle has collected: await it for the handle as it is then.
///
/// It expects that nobody else has appended to the entity since it was loaded.
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
    /// The handle without what is pending, which is in `append`.
    draft: Draft<H::Event>,
}

impl<'a, H: Handle> HandleAppend<'a, H> {
    #[doc(hidden)]
    pub fn new(events: &'a EventStore<H::Event>, handle: H) -> Self {
        let mut draft = handle.into_draft();
        let pending = draft.take_pending();
        let append = Append::of(events, draft.id(), draft.seq(), pending);
        Self { append, draft }
    }

    /// Who does it: [`Append::by`].
    pub fn by(mut self, actor: impl Into<Actor>) -> Self {
        self.append = self.append.by(actor);
        self
    }

    /// What it belongs to: [`Append::correlation_id`].
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.append = self.append.correlation_id(id);
        self
    }

    /// What directly led to it: [`Append::causation_id`].
    pub fn causation_id(mut self, id: impl Into<String>) -> Self {
        self.append = self.append.causation_id(id);
        self
    }

    /// The name of this request among all requests to this machine: [`Append::idempotency_key`].
    ///
    /// If a repeat finds that the entity was then in a state that the type excludes, that is an
    /// [`Error::Conflict`].
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.append = self.append.idempotency_key(key);
        self
    }

    /// Stores the events and returns them beside the handle.
    ///
    /// # Errors
    /// [`HandleAppendError`]; also if there is no event to store.
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

    async fn store(self) -> Result<H, HandleAppendError<H>> {
        if self.append.is_empty() {
            return Ok(H::from_draft(self.draft));
        }
        self.with_events().await.map(|(handle, _)| handle)
    }
}

/// # Errors
/// [`HandleAppendError`], with the error of [`Append`] and the handle. Without an event to store nothing
/// is asked of the database.
impl<'a, H: Handle + 'a> IntoFuture for HandleAppend<'a, H> {
    type Output = Result<H, HandleAppendError<H>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

/// Why an append failed, with the handle and its events as they were.
///
/// [`HandleAppendError::retry`] says what to do: after a [conflict](Error::Conflict) load the entity and
/// decide anew; [later](Retry::Later) append the same handle, with an idempotency key since the
/// first try may have been stored. With `?` it becomes the [`Error`] and drops the handle.
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

struct Failure<H: Handle> {
    draft: Draft<H::Event>,
    error: Error,
}

impl<H: Handle> HandleAppendError<H> {
    fn new(draft: Draft<H::Event>, error: Error) -> Self {
        Self(Box::new(Failure { draft, error }))
    }

    /// Why.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Whether trying again can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.error.retry()
    }

    /// The handle with the events that are not stored.
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
        f.debug_struct("NotAppended")
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
