//! Readiness of one machine.

use std::future::Future;
use std::pin::Pin;

use eventsource_core::{Error, Event, EventStore, FeedSource};

/// Future of a readiness check; its error names the check that failed.
pub(crate) type ReadyFuture = Pin<Box<dyn Future<Output = Result<(), &'static str>> + Send>>;

/// Checks that the database is available and has the rules of the machine.
pub(crate) fn check_ready<E: Event>(events: &EventStore<E>) -> ReadyFuture {
    let store = FeedSource::store(events).clone();
    Box::pin(async move {
        let opened = store.open::<E>().await;
        opened.map(|_| ()).map_err(|error| {
            tracing::warn!(entity = E::ENTITY, error = %error, "not ready");
            match error {
                Error::NotMigrated { .. } => "not-migrated",
                Error::RulesMismatch { .. } | Error::RulesChanged { .. } => "drift",
                _ => "database-unavailable",
            }
        })
    })
}
