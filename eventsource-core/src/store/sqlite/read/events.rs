//! Reads of heads and events, and searches, on SQLite.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
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
use crate::store::sql::{raw_event, search, statements};
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::read::entities::SqliteDialect;
use crate::store::sqlite::read::row::{bind, head_row};
use crate::store::sqlite::read::{entities, event_row};

impl ReadDriver for Sqlite {
    async fn head(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
    ) -> Result<Option<HeadRow>, Error> {
        let pool = &self.readers;
        sqlx::query(AssertSqlSafe(statements::select_head(&context.names)))
            .bind(entity_id.hyphenated())
            .fetch_optional(pool)
            .await
            .map_err(failed)?
            .map(|row| head_row(&row, context))
            .transpose()
    }

    async fn head_as_of(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        let pool = &self.readers;
        let text = statements::select_head_as_of(&context.names, as_of);
        let query = sqlx::query(AssertSqlSafe(text)).bind(entity_id.hyphenated());
        bind(query, as_of)
            .fetch_optional(pool)
            .await
            .map_err(failed)?
            .map(|row| head_row(&row, context))
            .transpose()
    }

    async fn event(
        &self,
        context: &EntityContext,
        event_id: Uuid,
    ) -> Result<Option<ReadRow<PayloadText>>, Error> {
        let pool = &self.readers;
        let row = sqlx::query(AssertSqlSafe(statements::select_event(&context.names)))
            .bind(event_id.hyphenated())
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
        Ok(row.map(|row| event_row::stored(&row, context)))
    }

    async fn event_raw(
        &self,
        context: &EntityContext,
        key: RawEventKey,
    ) -> Result<Option<RawEvent>, Error> {
        let pool = &self.readers;
        let text = raw_event::select(&context.names, key);
        let query = sqlx::query(AssertSqlSafe(text)).bind(context.names.entity());
        let query = match key {
            RawEventKey::Id(id) => query.bind(id.hyphenated()),
            RawEventKey::Place(id, seq) => query.bind(id.hyphenated()).bind(seq.get()),
        };
        let row = query.fetch_optional(pool).await.map_err(failed)?;
        row.map(|row| raw_event::decode(&row).map_err(failed))
            .transpose()
    }

    async fn long_read(&self) -> Option<OwnedSemaphorePermit> {
        let turns = Arc::clone(&self.long_reads);
        turns.acquire_owned().await.ok()
    }

    async fn history<T: Send>(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        range: StreamRange,
        decode: impl Fn(ReadRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> Result<StreamPage<T>, Error> {
        let pool = &self.readers;
        let text = statements::select_history(&context.names, range.until);
        let mut query = sqlx::query(AssertSqlSafe(text))
            .bind(entity_id.hyphenated())
            .bind(i64::from(range.after.get()))
            .bind(search::bigint(range.rows()));
        if let Some(as_of) = range.until {
            query = bind(query, as_of);
        }
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
    }

    async fn search(
        &self,
        context: &EntityContext,
        filter: &SearchFilter,
    ) -> Result<SearchPage, Error> {
        let pool = &self.readers;
        let mut page = SearchPage::default();
        if filter.counted {
            let mut count = search::count::<SqliteDialect>(context, filter);
            let total = count.build_query_scalar::<i64>().fetch_one(pool);
            page.total = Some(total.await.map_err(failed)?.unsigned_abs());
        }
        let mut query = search::uncounted_page::<SqliteDialect>(context, filter);
        let mut rows = query.build().fetch(pool);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let event = event_row::stored(&row, context);
            if page.push(event, filter.max_bytes).is_break() {
                break;
            }
        }
        Ok(page)
    }

    async fn entities(
        &self,
        context: &EntityContext,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        entities::entities(&self.readers, context, filter).await
    }
}
