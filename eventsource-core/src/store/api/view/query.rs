//! Query of a view: finds the generation, waits until it is fresh, and reads it.

use std::marker::PhantomData;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::store::api::store::Store;
use crate::store::api::transaction::args::Args;
use crate::store::api::transaction::handle::Transaction;
use crate::store::api::transaction::row::Row;
use crate::store::api::transaction::value::Arg;
use crate::store::api::view::live::Live;
use crate::store::api::view::sql;
use crate::store::api::view::value::value;
use crate::store::contract::cause::database_error;
use crate::store::database::Database;
use crate::{Error, Position, View};

/// Longest wait of a fresh read, unless told otherwise.
const WITHIN: Duration = Duration::from_secs(5);

/// Longest pause between two looks at how far a model is; the first is a tenth of it.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Query of a view, and how fresh its answer is.
#[derive(Debug)]
pub(crate) struct ViewQuery<V> {
    store: Store,
    pub(crate) is_fresh: bool,
    pub(crate) within: Duration,
    view: PhantomData<fn() -> V>,
}

/// Condition on a field of the values.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) field: String,
    pub(crate) value: Value,
}

/// Rows that were found: key, value, position.
pub(crate) struct Found<V> {
    pub(crate) rows: Vec<(String, V, Position)>,
    pub(crate) has_more: bool,
}

impl<V: View> ViewQuery<V> {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            is_fresh: false,
            within: WITHIN,
            view: PhantomData,
        }
    }

    /// Reads the value of a key, and the position of the last event that was applied to it.
    pub(crate) async fn get(&self, key: String) -> Result<Option<(V, Position)>, Error> {
        let select = |table: &str| sql::get(table);
        let args = || (key.as_str(),).values();
        let rows = self.rows(Some(&key), select, args).await?;
        let row = rows.first();
        row.map(|row| Ok((value(&row.get::<String>(1)?)?, row.get(2)?)))
            .transpose()
    }

    /// Reads a page of values.
    pub(crate) async fn list(
        &self,
        condition: Option<Condition>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Found<V>, Error> {
        let dialect = self.store.tables().dialect();
        let field = condition.as_ref().map(|condition| &*condition.field);
        let select = |table: &str| sql::list(table, dialect, field, after.is_some());
        let args = || {
            // One more tells whether there are more.
            let limit = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
            let mut args = (limit,).values();
            if let Some(condition) = &condition {
                args.push(Arg::value(Some(condition.value.to_string())));
            }
            if let Some(after) = &after {
                args.push(Arg::value(Some(after.as_str())));
            }
            args
        };
        let rows = self.rows(None, select, args).await?;
        let all: i64 = rows.first().map_or(Ok(0), |row| row.get(3))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows.iter().take(limit) {
            let text: String = row.get(1)?;
            found.push((row.get(0)?, value(&text)?, row.get(2)?));
        }
        Ok(Found {
            has_more: all > found.len() as i64,
            rows: found,
        })
    }

    /// Reads rows of the generation that the program reads, once it is as fresh as it must be.
    async fn rows<S, A, L>(&self, key: Option<&str>, select: S, args: A) -> Result<Vec<Row>, Error>
    where
        S: Fn(&str) -> String,
        A: Fn() -> L,
        L: Args + Send,
    {
        let end = Instant::now().checked_add(self.within);
        let wanted = match self.is_fresh {
            true => Some(self.store.feed().committed_position().await?),
            false => None,
        };
        let mut pause = LONGEST_PAUSE / 10;
        let mut has_missed = false;
        loop {
            // One connection, so that the rows are at least as new as what is known of them.
            let mut transaction = self.store.begin_read().await?;
            let mut live = Live::find::<V>(&mut transaction).await?;
            live.only(key);
            let behind = self.behind(&mut transaction, &live, wanted).await?;
            let Some(behind) = behind else {
                let sql = select(&live.table::<V>(transaction.tables()));
                match transaction.fetch(&sql, args()).await {
                    // It was dropped since it was found.
                    Err(error) if !has_missed && is_no_table(&self.store.database, &error) => {
                        has_missed = true;
                        continue;
                    }
                    rows => return rows,
                }
            };
            drop(transaction);
            let now = Instant::now();
            if !behind.may_wait || end.is_some_and(|end| now >= end) {
                return Err(behind.error);
            }
            let left = end.map_or(pause, |end| end.saturating_duration_since(now));
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns why the generation cannot be read yet; `None` if it can.
    async fn behind(
        &self,
        transaction: &mut Transaction<'_>,
        live: &Live,
        wanted: Option<Position>,
    ) -> Result<Option<Behind>, Error> {
        let position = live.position();
        if live.is_building() {
            let wanted = match wanted {
                Some(wanted) => wanted,
                None => sql::last_position(transaction).await?,
            };
            return Ok(Some(Behind {
                error: self.error(position, wanted),
                may_wait: self.is_fresh,
            }));
        }
        let Some(wanted) = wanted else {
            return Ok(None);
        };
        if live.has_reached(transaction, wanted).await? {
            return Ok(None);
        }
        Ok(Some(match live.halted::<V>(wanted) {
            Some(error) => Behind {
                error,
                may_wait: false,
            },
            None => Behind {
                error: self.error(position, wanted),
                may_wait: true,
            },
        }))
    }

    fn error(&self, position: Position, wanted: Position) -> Error {
        Error::Behind {
            name: V::NAME.to_owned(),
            position,
            wanted,
        }
    }
}

/// Why a generation cannot be read yet, and whether that may be over soon.
struct Behind {
    error: Error,
    may_wait: bool,
}

/// Checks whether a table is gone.
fn is_no_table(database: &Database, error: &Error) -> bool {
    database_error(error).is_some_and(|error| match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(_) => crate::store::sqlite::errors::is_generic(error),
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => crate::store::postgres::errors::is_undefined_table(error),
    })
}
