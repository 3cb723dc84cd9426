//! Table of schedules.
//!
//! `next_at` is the time at which somebody is to look next: when the schedule is due, or, while a worker is
//! at it, when others may take it for dead. Who changes `next_at` from the value that it has seen has the turn.

use chrono::{DateTime, Utc};
use eventsource_core::{Error, Store};
use serde_json::{Value, json};

use crate::schedule::plan::{Schedule, Tick, When};

/// Turn of a schedule that this worker has.
pub(crate) struct Turn {
    pub(crate) tick: Tick,
    /// Time until which the turn is this worker's.
    until: DateTime<Utc>,
}

/// Makes the row of a schedule, or changes it to what the program says.
pub(crate) async fn register(store: &Store, schedule: &Schedule) -> Result<(), Error> {
    let when = schedule.when.describe();
    let (cron, zone) = match &schedule.when {
        When::Once(_) => (None, None),
        When::Cron { pattern, zone, .. } => (Some(pattern.clone()), Some(zone.name().to_owned())),
    };
    let now = store.now().await?;
    let next = match &schedule.when {
        When::Once(_) => schedule.when.after(None),
        When::Cron { .. } => schedule.when.after(Some(now)),
    };
    let mut tx = store.begin().await?;
    let name = schedule.name.as_str();
    let insert = "INSERT INTO {eventsource_schedule} (name, cron, zone, command, next_at) \
                  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
    let values = (name, cron.clone(), zone.clone(), when.clone(), next);
    if tx.execute(insert, values).await? == 0 {
        let select = "SELECT command FROM {eventsource_schedule} WHERE name = $1";
        let rows = tx.fetch(select, (name,)).await?;
        let known: Option<Value> = rows.first().map(|row| row.get(0)).transpose()?;
        if known.as_ref() != Some(&when) {
            let update = "UPDATE {eventsource_schedule} SET cron = $2, zone = $3, command = $4, \
                          next_at = $5, last = NULL WHERE name = $1";
            tx.execute(update, (name, cron, zone, when, next)).await?;
        }
    }
    tx.commit().await
}

/// Takes the turn of a schedule if its time has come, until some later time.
pub(crate) async fn claim(
    store: &Store,
    name: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Turn>, Error> {
    let mut tx = store.begin().await?;
    let select =
        "SELECT next_at, last FROM {eventsource_schedule} WHERE name = $1 AND next_at <= $2";
    let rows = tx.fetch(select, (name, now)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let next: DateTime<Utc> = row.get(0)?;
    let last: Option<Value> = row.get(1)?;
    // A turn that was begun and not ended is of the time at which it was due first.
    let begun = last.as_ref().and_then(|last| last.get("begun")?.as_str());
    let at = begun.and_then(|at| at.parse().ok()).unwrap_or(next);
    let tried = last.as_ref().and_then(|last| last.get("attempt")?.as_u64());
    let attempt = match begun {
        Some(_) => {
            tried
                .and_then(|tried| u32::try_from(tried).ok())
                .unwrap_or(0)
                + 1
        }
        None => 1,
    };
    let begun = json!({ "begun": at.to_rfc3339(), "attempt": attempt });
    let update = "UPDATE {eventsource_schedule} SET next_at = $3, last = $4 \
                  WHERE name = $1 AND next_at = $2";
    if tx.execute(update, (name, next, until, begun)).await? == 0 {
        return Ok(None);
    }
    tx.commit().await?;
    let name = name.to_owned();
    Ok(Some(Turn {
        tick: Tick { name, at, attempt },
        until,
    }))
}

/// Ends a turn, if it is still this worker's; `next` is the next time, if there is one.
pub(crate) async fn done(
    store: &Store,
    turn: &Turn,
    next: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let done = json!({ "done": turn.tick.at.to_rfc3339(), "attempt": turn.tick.attempt });
    let update = "UPDATE {eventsource_schedule} SET next_at = $3, last_at = $4, last = $5 \
                  WHERE name = $1 AND next_at = $2";
    let values = (
        turn.tick.name.as_str(),
        turn.until,
        next,
        turn.tick.at,
        done,
    );
    tx.execute(update, values).await?;
    tx.commit().await
}

/// Gives a turn back, to be tried again at a later time, if it is still this worker's.
pub(crate) async fn failed(store: &Store, turn: &Turn, again: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let update = "UPDATE {eventsource_schedule} SET next_at = $3 WHERE name = $1 AND next_at = $2";
    let values = (turn.tick.name.as_str(), turn.until, again);
    tx.execute(update, values).await?;
    tx.commit().await
}
