//! Questions to a server at the first connection: does it suit the store, and does its clock agree?

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use crate::Error;
use crate::store::postgres::connect::PLAN_CACHE_MODE;
use crate::store::postgres::errors::failed;

/// Difference between two clocks that is worth a warning.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// Query of the encoding, a setting of every connection, and the time in microseconds.
const QUESTIONS: &str =
    "SELECT current_setting('server_encoding'), current_setting('plan_cache_mode'),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text";

/// Checks that the server suits the store; warns of a clock that disagrees.
///
/// `pgbouncer`: whether the store was told of a pooler.
pub(crate) async fn check_server(
    connection: &mut PgConnection,
    pgbouncer: bool,
) -> Result<(), Error> {
    let before = Utc::now();
    // Not prepared: the statement passes any pooler.
    let answer = sqlx::raw_sql(QUESTIONS)
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    let after = Utc::now();
    let text = |at: usize| answer.try_get::<String, _>(at).map_err(failed);
    let (encoding, setting, time) = (text(0)?, text(1)?, text(2)?);
    if encoding != "UTF8" {
        return Err(Error::UnsupportedEncoding { encoding });
    }
    let (name, expected) = PLAN_CACHE_MODE;
    if !pgbouncer && setting != expected {
        let lost =
            format!("the setting {name} is {setting}, although the connection set {expected}");
        return Err(Error::PoolerNotDeclared {
            source: lost.into(),
        });
    }
    let time = time.parse().ok().and_then(DateTime::from_timestamp_micros);
    if let Some(difference) = time.and_then(|time| clock_difference(before, time, after)) {
        log::warn!(
            "the clock of this host is {difference:?} {} that of the database, which gives events \
             their times: synchronise them",
            if time < Some(before) {
                "ahead of"
            } else {
                "behind"
            }
        );
    }
    Ok(())
}

/// Returns by how much a time is outside of the span in which it was told; `None` if that is tolerable.
fn clock_difference(
    before: DateTime<Utc>,
    told: DateTime<Utc>,
    after: DateTime<Utc>,
) -> Option<Duration> {
    let outside = (before - told).max(told - after);
    outside
        .to_std()
        .ok()
        .filter(|outside| *outside > CLOCK_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clocks_that_are_off_by_seconds_differ() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let differ = |told| clock_difference(at(0), at(told), at(2));
        // A slow answer says nothing about the clock.
        assert_eq!(differ(1), None);
        assert_eq!((differ(-5), differ(7)), (None, None));
        assert_eq!(differ(-6), Some(Duration::from_secs(6)));
        assert_eq!(differ(7202), Some(Duration::from_hours(2)));
    }
}
