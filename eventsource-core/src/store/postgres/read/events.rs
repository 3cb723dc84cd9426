//! Reads of heads and events, and searches, on Postgres.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::Error;
use crate::store::contract::as_of::AsOf;
use crate::store::contract::driver::ReadDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::{EntityFilter, SearchFilter};
use crate::store::contract::raw_event::{RawEvent, RawEventKey};
use crate::store::contract::read_row::{ReadRow, SearchPage};
use crate::store::contract::rows::{HeadRow, PayloadText};
use crate::store::contract::stream_range::{PageReader, StreamPage, StreamRange};
use crate::store::postgres::errors::failed;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::read::entities::PostgresDialect;
use crate::store::postgres::read::row::{bind, head_row};
use crate::store::postgres::read::{entities, event_row};
use crate::store::postgres::retry;
use crate::store::sql::{raw_event, search, statements};

impl ReadDriver for Postgres {
    async fn head(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
    ) -> Result<Option<HeadRow>, Error> {
        let pool = &self.pool;
        retry::read(pool, || async {
            sqlx::query(AssertSqlSafe(statements::select_head(&context.names)))
                .bind(entity_id)
                .fetch_optional(pool)
                .await
                .map_err(failed)?
                .map(|row| head_row(&row, context))
                .transpose()
        })
        .await
    }

    async fn head_as_of(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let text = statements::select_head_as_of(&context.names, as_of);
            let query = sqlx::query(AssertSqlSafe(text)).bind(entity_id);
            bind(query, as_of)
                .fetch_optional(pool)
                .await
                .map_err(failed)?
                .map(|row| head_row(&row, context))
                .transpose()
        })
        .await
    }

    async fn event(
        &self,
        context: &EntityContext,
        event_id: Uuid,
    ) -> Result<Option<ReadRow<PayloadText>>, Error> {
        assert_event_ids_indexed(context)?;
        let pool = self.reader();
        retry::read(pool, || async {
            let row = sqlx::query(AssertSqlSafe(statements::select_event(&context.names)))
                .bind(event_id)
                .fetch_optional(pool)
                .await
                .map_err(failed)?;
            Ok(row.map(|row| event_row::stored(&row, context, 0)))
        })
        .await
    }

    async fn event_raw(
        &self,
        context: &EntityContext,
        key: RawEventKey,
    ) -> Result<Option<RawEvent>, Error> {
        if matches!(key, RawEventKey::Id(_)) {
            assert_event_ids_indexed(context)?;
        }
        let pool = self.reader();
        retry::read(pool, || async {
            let text = raw_event::select(&context.names, key);
            let query = sqlx::query(AssertSqlSafe(text)).bind(context.names.entity());
            let query = match key {
                RawEventKey::Id(id) => query.bind(id),
                RawEventKey::Place(id, seq) => query.bind(id).bind(i64::from(seq.get())),
            };
            let row = query.fetch_optional(pool).await.map_err(failed)?;
            row.map(|row| raw_event::decode(&row).map_err(failed))
                .transpose()
        })
        .await
    }

    /// Needs no turn: the pool serves the pages in the order in which they are asked for, and the server
    /// has its own limits.
    async fn long_read(&self) -> Option<OwnedSemaphorePermit> {
        None
    }

    async fn history<T: Send>(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        range: StreamRange,
        decode: impl Fn(ReadRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> Result<StreamPage<T>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let text = statements::select_history(&context.names, range.until);
            let mut query = sqlx::query(AssertSqlSafe(text))
                .bind(entity_id)
                .bind(i64::from(range.after.get()))
                .bind(search::bigint(range.rows()));
            if let Some(as_of) = range.until {
                query = bind(query, as_of);
            }
            // Row by row: while one is decoded the server sends the next.
            let mut rows = query.fetch(pool);
            let mut events = PageReader::new(context, range, &decode);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                if events.wants_before() {
                    events.begin_after(event_row::previous(&row, context));
                    continue;
                }
                let event = event_row::without_place(&row, context, entity_id);
                if events.push(event)?.is_break() {
                    break;
                }
            }
            Ok(events.finish())
        })
        .await
    }

    async fn search(
        &self,
        context: &EntityContext,
        filter: &SearchFilter,
    ) -> Result<SearchPage, Error> {
        if filter.parent_id.is_some() && filter.entity_id.is_none() {
            assert_event_ids_indexed(context)?;
        }
        let pool = self.reader();
        retry::read(pool, || async {
            let mut query = search::page::<PostgresDialect>(context, filter);
            let mut rows = query.build().fetch(pool);
            let mut page = SearchPage::default();
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                if filter.counted {
                    let counted: i64 = row.try_get("total").map_err(failed)?;
                    page.total = Some(counted.unsigned_abs());
                    // An empty page has one row, with only the total.
                    if row
                        .try_get::<Option<Uuid>, _>("event_id")
                        .map_err(failed)?
                        .is_none()
                    {
                        continue;
                    }
                }
                let event = event_row::stored(&row, context, usize::from(filter.counted));
                if page.push(event, filter.max_bytes).is_break() {
                    break;
                }
            }
            Ok(page)
        })
        .await
    }

    async fn entities(
        &self,
        context: &EntityContext,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        let pool = match filter.current {
            true => &self.pool,
            false => self.reader(),
        };
        retry::read(pool, || entities::entities(pool, context, filter)).await
    }
}

/// Fails if the tables have no index of the event ids: the whole log would be read.
fn assert_event_ids_indexed(context: &EntityContext) -> Result<(), Error> {
    if context.names.has_event_ids(context.rules.id.is_counter()) {
        return Ok(());
    }
    Err(Error::EventIdsNotIndexed {
        entity: context.names.entity(),
    })
}
