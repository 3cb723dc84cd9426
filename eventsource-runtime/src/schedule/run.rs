//! Claims a time that has come, and runs it.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use eventsource_core::{Error, Store};
use tokio_util::sync::CancellationToken;

use crate::contract::stop::with_sources;
use crate::schedule::plan::{BoxError, Schedule};
use crate::schedule::rows;

/// Time between two looks at a schedule.
const LOOK: Duration = Duration::from_secs(1);

/// Longest run; then it has failed, and others may try.
const LONGEST: Duration = Duration::from_mins(5);

/// Time after its longest run at which others take a worker for dead.
const MARGIN: TimeDelta = TimeDelta::seconds(10);

/// First pause after a failure; each is twice as long as the one before, up to ten minutes.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// Runs a schedule whenever it is due, until told to stop; a run that has begun is finished.
pub(crate) async fn follow(store: Store, schedule: Schedule, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = run_due(&store, &schedule).await {
            let name = &schedule.name;
            tracing::warn!(schedule = name, %error, "the table of schedules cannot be used; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => (),
            () = stop.cancelled() => (),
        }
    }
}

/// Runs a schedule if it is due, and no other worker is at it; tells whether it was.
pub(crate) async fn run_due(store: &Store, schedule: &Schedule) -> Result<bool, Error> {
    let now = store.now().await?.trunc_subsecs(6);
    let longest = TimeDelta::from_std(LONGEST).unwrap_or(TimeDelta::MAX);
    let Some(turn) = rows::claim(store, &schedule.name, now, now + longest + MARGIN).await? else {
        return Ok(false);
    };
    let run = (schedule.action)(turn.tick.clone());
    let ran: Result<(), BoxError> = match tokio::time::timeout(LONGEST, run).await {
        Ok(ran) => ran,
        Err(_) => Err("it has taken more than five minutes".into()),
    };
    let now = store.now().await?.trunc_subsecs(6);
    match ran {
        Ok(()) => rows::done(store, &turn, schedule.when.after(Some(now))).await?,
        Err(error) => {
            let error = with_sources(&*error);
            let (name, attempt) = (&schedule.name, turn.tick.attempt);
            tracing::error!(
                schedule = name,
                attempt,
                error,
                "a schedule failed; trying again"
            );
            rows::failed(store, &turn, again(now, attempt)).await?;
        }
    }
    Ok(true)
}

/// Returns the time of the next try.
fn again(now: DateTime<Utc>, attempt: u32) -> DateTime<Utc> {
    now + PAUSE * 2_i32.pow(attempt.saturating_sub(1).min(6))
}
