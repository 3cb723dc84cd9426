//! Rows of workers: which processes live, and what they know.

use std::time::Duration;

use eventsource_core::{Error, Store};
use uuid::Uuid;

use crate::tables::dialect::{from_now, now};

/// Time after its last sign of life for which a worker keeps its shards.
pub(crate) const LEASE: Duration = Duration::from_secs(5);

/// Worker that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Worker {
    pub(crate) id: Uuid,
    /// Generations that it can work on, as `name/generation`.
    pub(crate) knows: Vec<String>,
}

/// Says that a worker lives, and what it knows.
pub(crate) async fn sign(
    store: &Store,
    id: Uuid,
    program: &str,
    knows: &[String],
) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let now = now(tx.dialect());
    let version = env!("CARGO_PKG_VERSION");
    let knows = knows.join(" ");
    tx.execute(
        &format!(
            "INSERT INTO {{eventsource_worker}} AS w (id, program, version, started_at, seen_at, knows)
            VALUES ($1, $2, $3, {now}, {now}, $4)
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, knows = excluded.knows"
        ),
        (id, program, version, knows),
    )
    .await?;
    tx.commit().await
}

/// Lists the workers that live, and forgets those that have not for a long time.
pub(crate) async fn living(store: &Store) -> Result<Vec<Worker>, Error> {
    let mut tx = store.begin().await?;
    let expired = from_now(tx.dialect(), -(LEASE.as_millis() as i64));
    let rows = tx
        .fetch(
            &format!(
                "SELECT id, knows FROM {{eventsource_worker}} WHERE seen_at > {expired} ORDER BY id"
            ),
            (),
        )
        .await?;
    tx.commit().await?;
    rows.into_iter()
        .map(|row| {
            let knows = row.get::<String>(1)?;
            Ok(Worker {
                id: row.get(0)?,
                knows: knows.split_whitespace().map(str::to_owned).collect(),
            })
        })
        .collect()
}

/// Removes the row of a worker that has ended, and those of workers that were killed long ago.
pub(crate) async fn leave(store: &Store, id: Uuid) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let long_ago = from_now(tx.dialect(), -3_600_000);
    tx.execute(
        &format!("DELETE FROM {{eventsource_worker}} WHERE id = $1 OR seen_at < {long_ago}"),
        (id,),
    )
    .await?;
    tx.commit().await
}
