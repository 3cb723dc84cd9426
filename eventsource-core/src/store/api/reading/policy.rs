//! Rule of an application for who may read what.

use std::future::Future;
use std::pin::Pin;

use crate::store::api::reading::scope::ReadScope;
use crate::{Actor, Error, Event};

/// Rule of the application for what a reader may read, beyond the roles of
/// `#[machine(read_by(..))]` and `#[event(read_by(..))]`.
///
/// It is asked again for every read, page and wait of a subscription, so a reader that loses a right
/// loses it at once. It may ask the application's own tables.
///
/// It holds for handles with a reader ([`EventStore::reading_as`](crate::EventStore::reading_as)), such
/// as those of an HTTP request; a handle without one, and people with SQL, read everything.
///
/// ```
/// # mod example {
/// use eventsource_core::{
///     Actor, EntityCondition, EntityId, Event, ReadPolicy, ReadPolicyError, ReadScope, Store,
/// };
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "note")]
/// pub enum NoteEvent {
///     Written { owner: String },
///     #[event(follows = Written, terminal)]
///     Published,
/// }
///
/// /// Everybody reads what is published, and owners their own notes.
/// struct Owners;
///
/// impl ReadPolicy<NoteEvent> for Owners {
///     async fn scope(&self, reader: Option<&Actor>) -> Result<ReadScope<NoteEvent>, ReadPolicyError> {
///         let published = EntityCondition::new().state_contains(NoteEventType::Published);
///         let own = reader.map(|reader| EntityCondition::new().field("owner", reader.id()));
///         Ok(ReadScope::any([published].into_iter().chain(own)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let notes = store.migrate::<NoteEvent>().await?.with_read_policy(Owners);
/// let id = EntityId::new();
/// notes.append(id, NoteEvent::Written { owner: "ann".into() }).await?;
///
/// assert!(notes.reading_as("ann").head(id).await?.is_some());
/// assert!(notes.reading_as("bob").head(id).await?.is_none());
/// assert_eq!(notes.reading_as("bob").entities().await?.total, Some(0));
///
/// notes.append(id, NoteEvent::Published).await?;
/// assert!(notes.reading_anonymously().head(id).await?.is_some());
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
pub trait ReadPolicy<E: Event>: Send + Sync + 'static {
    /// Returns what the reader may read and see now; `None` is somebody without a name.
    ///
    /// # Errors
    /// If the application cannot tell: the read fails with [`Error::ReadPolicy`].
    fn scope(
        &self,
        reader: Option<&Actor>,
    ) -> impl Future<Output = Result<ReadScope<E>, ReadPolicyError>> + Send;
}

/// Error of an application that cannot tell what a reader may read.
pub type ReadPolicyError = Box<dyn std::error::Error + Send + Sync>;

type ScopeFuture<'a, E> = Pin<Box<dyn Future<Output = Result<ReadScope<E>, Error>> + Send + 'a>>;

/// [`ReadPolicy`] that can be behind a pointer.
pub(crate) trait DynReadPolicy<E: Event>: Send + Sync {
    /// Calls [`ReadPolicy::scope`].
    fn scope_boxed<'a>(&'a self, reader: Option<&'a Actor>) -> ScopeFuture<'a, E>;
}

impl<E: Event, P: ReadPolicy<E>> DynReadPolicy<E> for P {
    fn scope_boxed<'a>(&'a self, reader: Option<&'a Actor>) -> ScopeFuture<'a, E> {
        Box::pin(async move {
            let scope = self.scope(reader).await;
            scope.map_err(|source| Error::ReadPolicy { source })
        })
    }
}
