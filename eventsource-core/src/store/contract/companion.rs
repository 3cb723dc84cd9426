//! What is written in the transaction of an append, beside its events.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::EventRow;

/// Error of whatever a companion does.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Writer in the transaction of an append, such as an inline model.
///
/// It gets what was stored, in order, after that was written and before the transaction commits. If
/// it fails, nothing is stored.
pub(crate) trait Companion: fmt::Debug + Send + Sync {
    /// Returns the name in errors.
    fn name(&self) -> &str;

    /// Returns what the guard of the log asks for; `None` if nothing guards this.
    fn guarded_as(&self) -> Option<String> {
        None
    }

    /// Writes what belongs to these requests.
    fn write<'a>(
        &'a self,
        stored: &'a [Stored<'a>],
        connection: Connection<'a>,
    ) -> BoxFuture<'a, Result<(), BoxError>>;
}

/// Returns what a transaction says of a generation of a model that it writes, to the guard of the log.
pub(crate) fn guarded_as(model: &str, generation: u32) -> String {
    format!("{model}__{generation}")
}

/// Connection with the transaction of the append.
pub(crate) enum Connection<'a> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'a mut sqlx::SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(&'a mut sqlx::PgConnection),
}

impl Connection<'_> {
    /// Returns the same connection for a shorter time.
    pub(crate) fn reborrow(&mut self) -> Connection<'_> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

/// Request that the transaction stores, or a batch of an import.
#[allow(dead_code, reason = "the first companions follow")]
pub(crate) struct Stored<'a> {
    pub(crate) context: &'a EntityContext,
    /// What the request has beside the companions of its handle.
    pub(crate) own: Option<&'a Own>,
    /// Stored events in order, auto transitions included.
    pub(crate) rows: Vec<StoredEvent<'a>>,
}

/// Stored event with the text of its payload.
pub(crate) type StoredEvent<'a> = EventRow<Cow<'a, str>>;

/// Companion of a single request, and what it is to write for that one.
///
/// Requests of one call whose companion is the same are handed to it together.
#[derive(Debug)]
#[allow(dead_code, reason = "the first companions follow")]
pub(crate) struct Own {
    pub(crate) companion: Arc<dyn Companion>,
    pub(crate) content: Box<dyn Any + Send + Sync>,
}

/// Companions of a handle, in the order in which they write.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "SQLite appends one request at a time")
)]
pub(crate) struct Companions {
    /// Number of this list; 0 for none.
    id: u64,
    all: Vec<Arc<dyn Companion>>,
}

#[cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "SQLite appends one request at a time")
)]
impl Companions {
    /// Returns these and one more, which writes last.
    pub(crate) fn with(&self, companion: Arc<dyn Companion>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut all = self.all.clone();
        all.push(companion);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            all,
        }
    }

    /// Returns a number that no other list has, except clones of this one.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Checks whether one has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|companion| companion.name() == name)
    }

    /// Returns the names of all, for an error that is of none of them in particular.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.all.iter().map(|companion| companion.name()).collect();
        names.join(", ")
    }

    /// Returns what the guard of the log asks for.
    pub(crate) fn guarded_as(&self) -> impl Iterator<Item = String> {
        self.all
            .iter()
            .filter_map(|companion| companion.guarded_as())
    }

    /// Lets each write what belongs to the stored requests, all of them within `most`: first the
    /// companions of the handle, then those of single requests.
    pub(crate) async fn write(
        &self,
        stored: &[Stored<'_>],
        mut connection: Connection<'_>,
        most: Duration,
    ) -> Result<(), CompanionError> {
        let all = self
            .all
            .iter()
            .map(|companion| (Arc::clone(companion), stored));
        let mut all: Vec<_> = all.collect();
        // Requests with the same companion come together.
        for request in stored.chunk_by(|one, next| one.has_companion_of(next)) {
            let own = request.first().and_then(Stored::companion);
            all.extend(own.map(|companion| (Arc::clone(companion), request)));
        }
        let end = tokio::time::Instant::now() + most;
        for (companion, stored) in all {
            let written = AssertUnwindSafe(companion.write(stored, connection.reborrow()));
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            let source: BoxError = match timeout(left, written.catch_unwind()).await {
                Ok(Ok(Ok(()))) => continue,
                Ok(Ok(Err(source))) => source,
                Ok(Err(panic)) => Box::new(CompanionFault::Panicked(text_of(&*panic))),
                Err(_) => Box::new(CompanionFault::TooSlow(most)),
            };
            return Err(CompanionError {
                name: companion.name().to_owned(),
                source,
            });
        }
        Ok(())
    }
}

impl<'a> Stored<'a> {
    /// Returns the companion of this request alone.
    fn companion(&self) -> Option<&'a Arc<dyn Companion>> {
        self.own.map(|own| &own.companion)
    }

    /// Checks whether both requests have the same companion of their own, or none.
    fn has_companion_of(&self, other: &Self) -> bool {
        match (self.companion(), other.companion()) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// Error of a companion; the transaction must not commit.
#[derive(Debug)]
pub(crate) struct CompanionError {
    pub(crate) name: String,
    pub(crate) source: BoxError,
}

/// End of a companion without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompanionFault {
    #[error("it panicked: {0}")]
    Panicked(String),
    #[error("it took longer than {0:?}")]
    TooSlow(Duration),
}

/// Returns the message of a panic.
fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}
