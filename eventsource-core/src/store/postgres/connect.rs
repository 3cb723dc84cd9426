//! Connections as the options of a store describe them.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::Error;
use crate::store::contract::options::{Connections, SLOW, SLOW_STATEMENT};
use crate::store::postgres::pool::Pool;

/// Parameter of the URL that tells of a PgBouncer.
const PGBOUNCER: &str = "pgbouncer";

/// Takes what the URL says of a PgBouncer out of it: `true`, `false` or nothing.
pub(crate) fn without_pgbouncer(url: &str) -> Result<(Cow<'_, str>, Option<bool>), Error> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.into(), None));
    };
    let (mut said, mut rest) = (None, Vec::new());
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some((PGBOUNCER, value)) => {
                let value = value.parse().map_err(|_| Error::UnsupportedUrl {
                    scheme: url.split(':').next().unwrap_or_default().to_owned(),
                    reason: "the parameter `pgbouncer` is `true` or `false`",
                })?;
                said = Some(value);
            }
            _ => rest.push(parameter),
        }
    }
    Ok(match said {
        None => (url.into(), None),
        Some(_) if rest.is_empty() => (base.into(), said),
        Some(_) => (format!("{base}?{}", rest.join("&")).into(), said),
    })
}

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

/// Setting that every connection has, and that no server has by default.
pub(crate) const PLAN_CACHE_MODE: (&str, &str) = ("plan_cache_mode", "force_generic_plan");

/// Returns the settings of every connection, as names and values.
fn settings(connections: &Connections) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        // A row that is locked for long must not block every connection that waits for it.
        ("lock_timeout", milliseconds(connections.lock_timeout)),
        // Whatever the server's default is: after waiting for a lock, a statement must see the
        // changes of the transaction that held it.
        ("default_transaction_isolation", "read committed".to_owned()),
        // The statements of an append take longer to plan than to run.
        (PLAN_CACHE_MODE.0, PLAN_CACHE_MODE.1.to_owned()),
        // A migration writes names into functions, and a verification compares them.
        ("quote_all_identifiers", "off".to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreOptions;

    #[test]
    fn statements_are_limited_unless_told_otherwise() {
        let limit = |options: StoreOptions| {
            let settings = settings(&options.connections);
            let limit = settings
                .into_iter()
                .find(|(name, _)| *name == "statement_timeout");
            limit.map(|(_, value)| value)
        };
        let options = || StoreOptions::new("postgres://host/shop");
        assert_eq!(limit(options()).as_deref(), Some("30000ms"));
        let shorter = options().statement_timeout(Duration::from_secs(2));
        assert_eq!(limit(shorter).as_deref(), Some("2000ms"));
        assert_eq!(limit(options().statement_timeout(None)), None);
    }

    #[test]
    fn url_tells_of_pgbouncer_and_is_given_on_without_that() {
        let of = |url| {
            let (url, said) = without_pgbouncer(url).unwrap();
            (url.into_owned(), said)
        };
        let plain = "postgres://ann@host/shop";
        assert_eq!(of(plain), (plain.to_owned(), None));
        let of_other = "postgres://host/shop?sslmode=require";
        assert_eq!(of(of_other), (of_other.to_owned(), None));
        assert_eq!(
            of("postgres://ann@host/shop?pgbouncer=true"),
            (plain.to_owned(), Some(true))
        );
        assert_eq!(
            of("postgres://host/shop?pgbouncer=false&sslmode=require"),
            (of_other.to_owned(), Some(false))
        );
        let refused = without_pgbouncer("postgres://host/shop?pgbouncer=yes").unwrap_err();
        assert!(
            refused.to_string().contains("`pgbouncer` is `true`"),
            "{refused}"
        );
    }
}
