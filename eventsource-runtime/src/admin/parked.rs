//! Keys that are set aside: what people see of them, and do.

use chrono::{DateTime, Utc};
use eventsource_core::{EntityId, Position};
use serde::Serialize;

use crate::admin::note::Note;
use crate::admin::operations::{Change, What};
use crate::contract::kind::Kind;
use crate::error::RuntimeError;
use crate::failure::parked::{Parked, ParkedHead};
use crate::tables::dialect::now;
use crate::worker::shared::Shared;

/// Most keys of a page.
const MAX_PAGE: u16 = 500;

/// Key that is set aside: its events wait for another try, or for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ParkedKey {
    /// Key of the handler, such as the id of an entity.
    pub key: String,
    /// Entity type of the event that is tried next.
    pub entity: String,
    /// Entity of that event.
    pub entity_id: EntityId,
    /// Position of that event.
    pub position: Position,
    /// Events that wait, with that one.
    pub waiting: u64,
    /// Tries of that event since its key was set aside.
    pub attempts: u32,
    /// Error of the last try.
    pub error: String,
    /// Time since which that event is set aside.
    pub since: DateTime<Utc>,
    /// Time of the next try; none if the key waits for a person.
    pub next_try: Option<DateTime<Utc>>,
}

/// Reads a page of the keys that a subscription has set aside, in the order of their text.
pub(crate) async fn page(
    shared: &Shared,
    name: &str,
    after: Option<&str>,
    most: u16,
) -> Result<Vec<ParkedKey>, RuntimeError> {
    shared.expect(name)?;
    check_key(name, after.unwrap_or_default())?;
    let mut transaction = shared.store.begin().await?;
    let most = i64::from(most.clamp(1, MAX_PAGE));
    let heads = Parked::of_all(name)
        .page(&mut transaction, after, most)
        .await?;
    transaction.commit().await?;
    let key = |head: ParkedHead| ParkedKey {
        key: head.row.key,
        entity: head.row.entity,
        entity_id: head.row.entity_id,
        position: head.row.position,
        waiting: head.waiting,
        attempts: head.row.attempts.unsigned_abs(),
        error: head.error,
        since: head.since,
        next_try: head.next,
    };
    Ok(heads.into_iter().map(key).collect())
}

/// Lets a key, or all of them, be tried at once and as often as at first.
pub(crate) async fn retry(
    shared: &Shared,
    name: &str,
    key: Option<&str>,
    note: &Note,
) -> Result<u64, RuntimeError> {
    check_key(name, key.unwrap_or_default())?;
    let mut change = Change::begin(shared, name, note).await?;
    let now = shared.store.clock().now();
    let retried = Parked::of_all(name)
        .retry(&mut change.transaction, key, now)
        .await?;
    // A try that is under way must not write over what was said here.
    match key {
        Some(key) => match Parked::of_all(name)
            .waiting(&mut change.transaction, key)
            .await?
        {
            Some((_, _, shard)) => {
                let parked = Parked::of_all(name);
                parked
                    .interrupt(&mut change.transaction, Some(shard))
                    .await?;
            }
            None => return Err(not_parked(name, key)),
        },
        None => {
            let all = Parked::of_all(name);
            all.interrupt(&mut change.transaction, None).await?;
        }
    }
    let what = What {
        key: key.map(str::to_owned),
        ..What::default()
    };
    change.record("retry_parked", what).await?;
    Ok(retried)
}

/// Passes over the event of a key that is tried next.
pub(crate) async fn skip(
    shared: &Shared,
    name: &str,
    key: &str,
    position: Position,
    note: &Note,
) -> Result<(), RuntimeError> {
    check_key(name, key)?;
    let mut change = Change::begin(shared, name, note).await?;
    let parked = Parked::of_all(name);
    let Some((head, error, shard)) = parked.waiting(&mut change.transaction, key).await? else {
        return Err(not_parked(name, key));
    };
    if head.position != position {
        return Err(RuntimeError::ParkedElsewhere {
            name: name.to_owned(),
            key: key.to_owned(),
            expected: position,
            actual: head.position,
        });
    }
    let now = shared.store.clock().now();
    let transaction = &mut change.transaction;
    if !parked.delete(transaction, &head).await? {
        // Its worker has delivered it meanwhile.
        return Err(not_parked(name, key));
    }
    // The worker may be setting another event of the key aside, behind the one that is gone.
    parked.interrupt(transaction, Some(shard)).await?;
    parked.promote(transaction, key, now).await?;
    let what = What {
        key: Some(key.to_owned()),
        position: Some(position),
        error: Some(error),
        event_id: None,
    };
    change.record("skip_parked", what).await
}

/// Delivers again what lies after a position.
///
/// Another epoch ends the work that has begun: it would move the checkpoint on from where it was.
pub(crate) async fn replay(
    shared: &Shared,
    name: &str,
    after: Position,
    note: &Note,
) -> Result<(), RuntimeError> {
    let kind = shared.expect(name)?.kind();
    if kind != Kind::Handler {
        let name = name.to_owned();
        return Err(RuntimeError::NotAHandler { name, kind });
    }
    let mut change = Change::begin(shared, name, note).await?;
    // What is set aside of these events is delivered with the others.
    let delete = "DELETE FROM {eventsource_parked} WHERE subscription = $1 AND position > $2";
    change.transaction.execute(delete, (name, after)).await?;
    let now = now(change.transaction.dialect());
    let update = format!(
        "UPDATE {{eventsource_shard}} SET position = CASE WHEN position > $2 THEN $2 ELSE position END,
            halted = NULL, attempts = 0, retry_at = NULL, moved_at = {now}, owner = NULL,
            epoch = epoch + 1
        WHERE subscription = $1 AND (position > $2 OR halted IS NOT NULL)"
    );
    let moved = change.transaction.execute(&update, (name, after)).await?;
    if moved == 0 {
        let name = name.to_owned();
        let position = after;
        return Err(RuntimeError::NotReached { name, position });
    }
    // Those too that a worker was setting aside meanwhile: from now on it cannot commit.
    change.transaction.execute(delete, (name, after)).await?;
    let what = What {
        position: Some(after),
        ..What::default()
    };
    change.record("replay", what).await?;
    shared.forget_all(name);
    Ok(())
}

/// Refuses a key that no database can hold.
fn check_key(name: &str, key: &str) -> Result<(), RuntimeError> {
    match key.contains('\0') {
        true => Err(not_parked(name, key)),
        false => Ok(()),
    }
}

fn not_parked(name: &str, key: &str) -> RuntimeError {
    RuntimeError::NotParked {
        name: name.to_owned(),
        key: key.to_owned(),
    }
}
