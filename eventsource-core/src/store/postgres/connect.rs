//! Connections as the options of a store describe them.

use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::store::contract::options::{Connections, SLOW, SLOW_STATEMENT};
use crate::store::postgres::pool::Pool;

/// Returns the options of every connection.
pub(crate) fn connect_options(
    url: &str,
    connections: &Connections,
) -> Result<PgConnectOptions, sqlx::Error> {
    let connect: PgConnectOptions = url.parse()?;
    let name = match &connections.application_name {
        Some(name) => name.clone(),
        None => connect
            .get_application_name()
            .unwrap_or("eventsource")
            .to_owned(),
    };
    let connect = connect
        .application_name(&name)
        .log_slow_statements(SLOW, SLOW_STATEMENT);
    if connections.pgbouncer {
        // A PgBouncer accepts no settings, and no statement stays prepared.
        return Ok(connect.extra_float_digits(None).statement_cache_capacity(0));
    }
    Ok(connect.options(settings(connections)))
}

/// Opens the pool with its minimum of connections; others are opened when they are needed.
pub(crate) async fn pool(
    connect: PgConnectOptions,
    connections: &Connections,
) -> Result<Pool, sqlx::Error> {
    let options = PgPoolOptions::new()
        .max_connections(connections.most)
        .min_connections(connections.least.min(connections.most))
        .acquire_timeout(connections.acquire_timeout)
        .idle_timeout(connections.idle_timeout)
        .acquire_slow_level(SLOW)
        // A test is a round trip for every call; calls on a dead connection are retried anyway.
        .test_before_acquire(false);
    let pool = match connections.least {
        0 => options.connect_lazy_with(connect),
        _ => options.connect_with(connect).await?,
    };
    if !connections.pgbouncer {
        return Ok(Pool::direct(pool));
    }
    let local: String = settings(connections)
        .into_iter()
        .map(|(name, value)| format!("SET LOCAL {name} = '{value}'; "))
        .collect();
    Ok(Pool::through_pgbouncer(pool, &local))
}

/// Returns the settings of every connection, as names and values.
fn settings(connections: &Connections) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        // A row that is locked for long must not block every connection that waits for it.
        ("lock_timeout", milliseconds(connections.lock_timeout)),
        // Whatever the server's default is: after waiting for a lock, a statement must see the
        // changes of the transaction that held it.
        ("default_transaction_isolation", "read committed".to_owned()),
        // The statements of an append take longer to plan than to run.
        ("plan_cache_mode", "force_generic_plan".to_owned()),
        // Compiling a statement takes longer than running it.
        ("jit", "off".to_owned()),
    ];
    if let Some(timeout) = connections.statement_timeout {
        settings.push(("statement_timeout", milliseconds(timeout)));
    }
    settings
}

/// Formats a timeout for Postgres, 1 ms at least: 0 would be no limit.
fn milliseconds(timeout: Duration) -> String {
    // Postgres cannot count further; it is 24 days.
    let most = i32::MAX.unsigned_abs();
    let whole = u32::try_from(timeout.as_millis()).unwrap_or(most);
    format!("{}ms", whole.clamp(1, most))
}
