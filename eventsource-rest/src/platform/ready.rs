//! Whether a machine can be served now.

use std::future::Future;
use std::pin::Pin;

use eventsource_core::{Error, Event, EventStore, FeedSource};

/// Asks the database, and says which check failed.
pub(crate) type Ready = Pin<Box<dyn Future<Output = Result<(), &'static str>> + Send>>;

/// Whether the database of `events` can be reached and has its rules.
pub(crate) fn check<E: Event>(events: &EventStore<E>) -> Ready {
    let store = FeedSource::store(events).clone();
    Box::pin(async move {
        let opened = store.open::<E>().await;
        opened.map(|_| ()).map_err(|error| {
            tracing::warn!(entity = E::ENTITY, error = %error, "not ready");
            match error {
                Error::NotMigrated { .. } => "not-migrated",
                Error::Drift { .. } | Error::RulesChanged { .. } => "drift",
                _ => "database-unavailable",
            }
        })
    })
}
