//! Heads, events and searches.

use crate::store::contract::driver::ReadDriver;
use crate::store::contract::filters::EntityFilter;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::read::entities;
use crate::store::postgres::retry;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::Error;
use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::Table;
use crate::store::contract::filters::SearchFilter;
use crate::store::contract::rows::{EventRow, HeadRow, StoredRow};
use crate::store::contract::stream_range::{Reader, Stretch, Stretched};
use crate::store::postgres::errors::failed;
use crate::store::postgres::read::event_row;
use crate::store::postgres::read::row::{bind, head_row};
use crate::store::sql::{search, statements};

impl ReadDriver for Postgres {
    async fn head(&self, table: &Table, entity_id: Uuid) -> Result<Option<HeadRow>, Error> {
        let pool = &self.pool;
        retry::read(pool, || async {
            sqlx::query(AssertSqlSafe(statements::select_head(&table.names)))
                .bind(entity_id)
                .fetch_optional(pool)
                .await
                .map_err(failed)?
                .map(|row| head_row(&row, table))
                .transpose()
        })
        .await
    }

    async fn head_as_of(
        &self,
        table: &Table,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let text = statements::select_head_as_of(&table.names, as_of);
            let query = sqlx::query(AssertSqlSafe(text)).bind(entity_id);
            bind(query, as_of)
                .fetch_optional(pool)
                .await
                .map_err(failed)?
                .map(|row| head_row(&row, table))
                .transpose()
        })
        .await
    }

    async fn event(&self, table: &Table, event_id: Uuid) -> Result<Option<StoredRow>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            sqlx::query(AssertSqlSafe(statements::select_event(&table.names)))
                .bind(event_id)
                .fetch_optional(pool)
                .await
                .map_err(failed)?
                .map(|row| event_row::stored(&row, table, 0))
                .transpose()
        })
        .await
    }

    async fn history<T: Send>(
        &self,
        table: &Table,
        entity_id: Uuid,
        stretch: Stretch,
        each: impl Fn(EventRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> Result<Stretched<T>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let text = statements::select_history(&table.names, stretch.until);
            let mut query = sqlx::query(AssertSqlSafe(text))
                .bind(entity_id)
                .bind(i64::from(stretch.after.get()))
                .bind(search::bigint(stretch.rows()));
            if let Some(as_of) = stretch.until {
                query = bind(query, as_of);
            }
            // Row by row: while one is decoded the server is at work on the next.
            let mut rows = query.fetch(pool);
            let mut events = Reader::new(stretch, &each);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                if events.wants_before() {
                    events.begin_after(event_row::before(&row, table)?);
                } else {
                    events.push(event_row::alone(&row, table, entity_id)?)?;
                }
            }
            Ok(events.finish())
        })
        .await
    }

    async fn search(
        &self,
        table: &Table,
        filter: &SearchFilter,
    ) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let mut page = search::page(table, filter, |id| id);
            let rows = page.build().fetch_all(pool).await.map_err(failed)?;
            let mut total = None;
            let mut events = Vec::with_capacity(rows.len());
            for row in &rows {
                if filter.counted {
                    let counted: i64 = row.try_get("total").map_err(failed)?;
                    total = Some(counted.unsigned_abs());
                    // Of an empty page there is only the count.
                    if row
                        .try_get::<Option<Uuid>, _>("event_id")
                        .map_err(failed)?
                        .is_none()
                    {
                        continue;
                    }
                }
                events.push(event_row::stored(row, table, usize::from(filter.counted))?);
            }
            Ok((events, total))
        })
        .await
    }

    async fn entities(
        &self,
        table: &Table,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        retry::read(self.reader(), || {
            entities::entities(self.reader(), table, filter)
        })
        .await
    }
}
