//! Retries after a lost connection.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sqlx::PgPool;

use crate::Error;
use crate::store::postgres::errors;

/// Returns the backoff of retries: at once to begin with, then twice a second, for as long as a call
/// would wait for a connection.
pub(crate) fn backoff(pool: &PgPool) -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(2))
        .with_max_delay(Duration::from_millis(500))
        .without_max_times()
        .with_total_delay(Some(pool.options().get_acquire_timeout()))
        .with_jitter()
}

/// Runs a query that changes nothing; retries it if its connection was lost.
pub(crate) async fn read<T, F>(pool: &PgPool, query: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    query.retry(backoff(pool)).when(is_lost).await
}

/// Checks whether the connection was lost.
pub(crate) fn is_lost(error: &Error) -> bool {
    let Error::Unavailable { source } = error else {
        return false;
    };
    let source = source.downcast_ref::<Arc<sqlx::Error>>();
    source.is_some_and(|source| errors::is_lost(source))
}
