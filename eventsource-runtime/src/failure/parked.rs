//! Keys that are set aside: the table `eventsource_parked`.
//!
//! A key has one row for each of its events that was not delivered; payloads stay in the log. The
//! first row of a key, by position, is its head: the event that is tried next, at `next_try_at`. A
//! head without a time waits for a person. Rows after the head have no time and no attempts.

use chrono::{DateTime, Utc};
use eventsource_core::{EntityId, Error, Position, Row, Seq, Transaction};

use crate::contract::event::SourceEvent;

/// Most keys that a subscription may have set aside.
pub(crate) const MAX_KEYS: i64 = 1000;

/// Longest error that is kept, in characters.
const MAX_ERROR: usize = 2000;

/// Event that is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParkedRow {
    pub(crate) entity: String,
    pub(crate) entity_id: EntityId,
    pub(crate) position: Position,
    pub(crate) seq: Seq,
    pub(crate) key: String,
    pub(crate) attempts: i32,
}

/// What is known of a try that has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedTry {
    /// Tries so far.
    pub(crate) attempts: i32,
    /// Time of the next try; none if the key waits for a person.
    pub(crate) next: Option<DateTime<Utc>>,
    /// Error with its sources.
    pub(crate) error: String,
}

/// Event of a key that is tried next, and what waits with it.
#[derive(Clone, Debug)]
pub(crate) struct ParkedHead {
    pub(crate) row: ParkedRow,
    pub(crate) error: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) next: Option<DateTime<Utc>>,
    /// Events of the key.
    pub(crate) waiting: u64,
}

/// Parked events of one subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parked<'a> {
    pub(crate) subscription: &'a str,
    pub(crate) shard: u16,
}

const COLUMNS: &str = "entity_id, entity, position, seq, key, attempts";

impl<'a> Parked<'a> {
    /// Returns the parked events of a subscription, of all its shards.
    pub(crate) fn of_all(subscription: &'a str) -> Self {
        let shard = 0;
        Self {
            subscription,
            shard,
        }
    }

    /// Sets an event aside, unless it is already.
    ///
    /// Without a failure it follows others of its key; if they are gone by now it is tried at once.
    pub(crate) async fn insert(
        &self,
        transaction: &mut Transaction<'_>,
        row: &ParkedRow,
        failed: Option<&FailedTry>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let next = failed.map_or(Some(now), |failed| failed.next);
        let error: String = failed.map_or_else(String::new, |failed| shortened(&failed.error));
        let insert = "INSERT INTO {eventsource_parked} (entity_id, subscription, position, entity, seq, key, \
            shard, attempts, next_try_at, error, parked_at) \
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, \
            CASE WHEN EXISTS (SELECT 1 FROM {eventsource_parked} WHERE subscription = $2 AND key = $6 \
            AND position < $3) THEN NULL ELSE $9 END, $10, $11 \
            WHERE true ON CONFLICT DO NOTHING";
        let args = (
            row.entity_id,
            self.subscription,
            row.position,
            row.entity.as_str(),
            row.seq,
            row.key.as_str(),
            self.shard.cast_signed(),
            failed.map_or(0, |failed| failed.attempts),
            next,
            error,
            now,
        );
        transaction.execute(insert, args).await.map(drop)
    }

    /// Reads the heads of this shard that are due, the longest due first.
    pub(crate) async fn due(
        &self,
        transaction: &mut Transaction<'_>,
        now: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<ParkedRow>, Error> {
        let select = format!(
            "SELECT {COLUMNS} FROM {{eventsource_parked}} WHERE subscription = $1 AND next_try_at <= $2 \
             AND shard = $3 ORDER BY next_try_at LIMIT $4"
        );
        let args = (self.subscription, now, self.shard.cast_signed(), most);
        let rows = transaction.fetch(&select, args).await?;
        rows.iter().map(ParkedRow::of).collect()
    }

    /// Reads the head of a key.
    pub(crate) async fn head(
        &self,
        transaction: &mut Transaction<'_>,
        key: &str,
    ) -> Result<Option<ParkedRow>, Error> {
        let select = format!(
            "SELECT {COLUMNS} FROM {{eventsource_parked}} WHERE subscription = $1 AND key = $2 \
             ORDER BY position LIMIT 1"
        );
        let rows = transaction.fetch(&select, (self.subscription, key)).await?;
        rows.first().map(ParkedRow::of).transpose()
    }

    /// Writes the tries of a row, and when it is tried next.
    pub(crate) async fn update(
        &self,
        transaction: &mut Transaction<'_>,
        row: &ParkedRow,
        failed: &FailedTry,
    ) -> Result<(), Error> {
        let update = "UPDATE {eventsource_parked} SET attempts = $4, next_try_at = $5, error = $6 \
            WHERE entity_id = $1 AND subscription = $2 AND position = $3";
        let error = shortened(&failed.error);
        let place = (row.entity_id, self.subscription, row.position);
        let (id, subscription, position) = place;
        let args = (
            id,
            subscription,
            position,
            failed.attempts,
            failed.next,
            error,
        );
        transaction.execute(update, args).await.map(drop)
    }

    /// Removes a row, and lets the next of its key be tried at once; returns that one.
    pub(crate) async fn remove(
        &self,
        transaction: &mut Transaction<'_>,
        row: &ParkedRow,
        now: DateTime<Utc>,
    ) -> Result<Option<ParkedRow>, Error> {
        self.delete(transaction, row).await?;
        self.promote(transaction, &row.key, now).await?;
        self.head(transaction, &row.key).await
    }

    /// Removes a row; tells whether it was there.
    pub(crate) async fn delete(
        &self,
        transaction: &mut Transaction<'_>,
        row: &ParkedRow,
    ) -> Result<bool, Error> {
        let delete = "DELETE FROM {eventsource_parked} \
            WHERE entity_id = $1 AND subscription = $2 AND position = $3";
        let place = (row.entity_id, self.subscription, row.position);
        Ok(transaction.execute(delete, place).await? > 0)
    }

    /// Removes the event at a position, if it is set aside, and lets the next of its key be tried at once.
    pub(crate) async fn pass_over(
        &self,
        transaction: &mut Transaction<'_>,
        position: Position,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let select = format!(
            "SELECT {COLUMNS} FROM {{eventsource_parked}} WHERE subscription = $1 AND position = $2"
        );
        let rows = transaction
            .fetch(&select, (self.subscription, position))
            .await?;
        for row in &rows {
            self.remove(transaction, &ParkedRow::of(row)?, now).await?;
        }
        Ok(())
    }

    /// Lets the head of a key be tried at once, if it has only followed others so far.
    pub(crate) async fn promote(
        &self,
        transaction: &mut Transaction<'_>,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let update = "UPDATE {eventsource_parked} SET next_try_at = $3 \
            WHERE subscription = $1 AND key = $2 AND attempts = 0 AND next_try_at IS NULL \
            AND position = (SELECT min(position) FROM {eventsource_parked} \
            WHERE subscription = $1 AND key = $2)";
        let args = (self.subscription, key, now);
        transaction.execute(update, args).await.map(drop)
    }

    /// Reads the head of a key, its error, and its shard.
    pub(crate) async fn waiting(
        &self,
        transaction: &mut Transaction<'_>,
        key: &str,
    ) -> Result<Option<(ParkedRow, String, i16)>, Error> {
        let select = format!(
            "SELECT {COLUMNS}, error, shard FROM {{eventsource_parked}} WHERE subscription = $1 AND key = $2 \
             ORDER BY position LIMIT 1"
        );
        let rows = transaction.fetch(&select, (self.subscription, key)).await?;
        let head = |row| Ok((ParkedRow::of(row)?, row.get(6)?, row.get(7)?));
        rows.first().map(head).transpose()
    }

    /// Lets the heads of a key, or of all, be tried at once, as if they had not been tried; counts them.
    pub(crate) async fn retry(
        &self,
        transaction: &mut Transaction<'_>,
        key: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<u64, Error> {
        let update = "UPDATE {eventsource_parked} AS parked SET next_try_at = $2, attempts = 0 \
            WHERE subscription = $1 AND position = (SELECT min(other.position) \
            FROM {eventsource_parked} AS other \
            WHERE other.subscription = $1 AND other.key = parked.key)";
        match key {
            Some(key) => {
                let update = format!("{update} AND key = $3");
                let args = (self.subscription, now, key);
                transaction.execute(&update, args).await
            }
            None => transaction.execute(update, (self.subscription, now)).await,
        }
    }

    /// Ends the work on the shards of a key, or of all keys, which their workers begin anew.
    ///
    /// What they have begun is not committed: they have not seen what a person has changed.
    pub(crate) async fn interrupt(
        &self,
        transaction: &mut Transaction<'_>,
        shard: Option<i16>,
    ) -> Result<(), Error> {
        let update = "UPDATE {eventsource_shard} SET owner = NULL, epoch = epoch + 1 \
            WHERE subscription = $1";
        match shard {
            Some(shard) => {
                let update = format!("{update} AND shard = $2");
                let args = (self.subscription, shard);
                transaction.execute(&update, args).await?;
            }
            None => drop(transaction.execute(update, (self.subscription,)).await?),
        }
        Ok(())
    }

    /// Reads the heads of the keys after one, in the order of their text.
    pub(crate) async fn page(
        &self,
        transaction: &mut Transaction<'_>,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<ParkedHead>, Error> {
        // The first key may be an empty text.
        let beyond = if after.is_some() { ">" } else { ">=" };
        let after = after.unwrap_or_default();
        let select = format!(
            "SELECT {COLUMNS}, error, parked_at, next_try_at, (SELECT count(*) \
             FROM {{eventsource_parked}} AS o WHERE o.subscription = $1 AND o.key = p.key) \
             FROM {{eventsource_parked}} AS p WHERE p.subscription = $1 AND p.key {beyond} $2 \
             AND p.position = (SELECT min(o.position) FROM {{eventsource_parked}} AS o \
             WHERE o.subscription = $1 AND o.key = p.key) ORDER BY p.key LIMIT $3"
        );
        let rows = transaction
            .fetch(&select, (self.subscription, after, most))
            .await?;
        let head = |row: &Row| {
            Ok(ParkedHead {
                row: ParkedRow::of(row)?,
                error: row.get(6)?,
                since: row.get(7)?,
                next: row.get(8)?,
                waiting: row.get::<i64>(9)?.cast_unsigned(),
            })
        };
        rows.iter().map(head).collect()
    }

    /// Reads the keys that the subscription has set aside, one step of the index for each.
    pub(crate) async fn keys(
        &self,
        transaction: &mut Transaction<'_>,
    ) -> Result<Vec<String>, Error> {
        let select = "WITH RECURSIVE parked (key) AS ( \
            SELECT min(key) FROM {eventsource_parked} WHERE subscription = $1 UNION ALL \
            SELECT (SELECT min(key) FROM {eventsource_parked} WHERE subscription = $1 AND key > parked.key) \
            FROM parked WHERE parked.key IS NOT NULL) \
            SELECT key FROM parked WHERE key IS NOT NULL LIMIT $2";
        let args = (self.subscription, 2 * MAX_KEYS);
        let rows = transaction.fetch(select, args).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl ParkedRow {
    /// Creates the row of an event of this key.
    pub(crate) fn new(event: &SourceEvent, key: &str) -> Self {
        Self {
            entity: event.entity.to_owned(),
            entity_id: event.entity_id,
            position: event.position,
            seq: event.seq,
            key: key.to_owned(),
            attempts: 0,
        }
    }

    fn of(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            entity_id: row.get(0)?,
            entity: row.get(1)?,
            position: row.get(2)?,
            seq: row.get(3)?,
            key: row.get(4)?,
            attempts: row.get(5)?,
        })
    }
}

/// Returns the beginning of an error, without what Postgres does not store.
fn shortened(error: &str) -> String {
    let signs = error.chars().filter(|sign| *sign != '\0');
    signs.take(MAX_ERROR).collect()
}
