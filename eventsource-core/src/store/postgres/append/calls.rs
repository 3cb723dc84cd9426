//! Calls of the append functions.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgExecutor, SqlSafeStr, SqlStr};

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::names::Names;
use crate::store::postgres::append::answer;
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::batch::BatchArguments;
use crate::store::postgres::append::each::EachArguments;
use crate::store::postgres::ddl::append::batch::BATCH;
use crate::store::postgres::ddl::append::each::EACH;
use crate::store::postgres::ddl::append::one::ONE;

/// Texts of the calls for one entity type.
#[derive(Debug)]
pub(crate) struct Calls {
    one: Arc<str>,
    each: Arc<str>,
    batch: Arc<str>,
    /// Bits of the event types that the program does not know.
    unknown_types: i64,
}

impl Calls {
    pub(crate) fn new(names: &Names, codes: &EventTypeCodes) -> Self {
        Self {
            one: format!(
                "SELECT {}($1, $2, $3, $4, $5, $6, $7, $8)",
                names.function(ONE)
            )
            .into(),
            each: format!(
                "SELECT * FROM {}($1, $2, $3, $4, $5, $6, $7)",
                names.function(EACH)
            )
            .into(),
            batch: format!(
                "SELECT * FROM {}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                names.function(BATCH)
            )
            .into(),
            unknown_types: codes.unknown(),
        }
    }

    /// Appends a request of a single event; a locked head is [`Answer::Busy`].
    pub(crate) async fn one(
        &self,
        executor: impl PgExecutor<'_>,
        arguments: &Arguments,
    ) -> Result<Answer, sqlx::Error> {
        let (entity_id, event) = arguments.only_event().ok_or_else(answer::undecodable)?;
        let row = sqlx::query(text(&self.one))
            .bind(entity_id)
            .bind(event.event_type)
            .bind(event.event_id)
            .bind(event.expected_seq)
            .bind(arguments.data(event))
            .bind(arguments.metadata())
            .bind(arguments.idempotency_key())
            .bind(self.unknown_types)
            .fetch_one(executor)
            .await?;
        answer::one(arguments, &row)
    }

    /// Appends requests that have gathered, in order, and returns an answer for each; those that need
    /// a locked head are [`Answer::Busy`].
    pub(crate) async fn gathered<'a>(
        &self,
        executor: impl PgExecutor<'_>,
        requests: impl ExactSizeIterator<Item = &'a Arguments> + Clone,
    ) -> Result<Vec<Answer>, sqlx::Error> {
        let Some(arguments) = EachArguments::of(requests.clone()) else {
            return self.batch(executor, requests, false).await;
        };
        let row = arguments
            .query(text(&self.each))
            .bind(self.unknown_types)
            .fetch_one(executor)
            .await?;
        arguments.answers(&row)
    }

    /// Appends requests in order, and returns an answer for each.
    ///
    /// `waits`: whether for locked heads; if not, those that need one are [`Answer::Busy`].
    pub(crate) async fn batch<'a>(
        &self,
        executor: impl PgExecutor<'_>,
        requests: impl Iterator<Item = &'a Arguments>,
        waits: bool,
    ) -> Result<Vec<Answer>, sqlx::Error> {
        let arguments = BatchArguments::of(requests, waits);
        let row = arguments
            .query(text(&self.batch))
            .bind(self.unknown_types)
            .fetch_one(executor)
            .await?;
        arguments.answers(&row)
    }
}

/// Returns the text of a call, which is made of quoted identifiers only.
fn text(sql: &Arc<str>) -> SqlStr {
    AssertSqlSafe(Arc::clone(sql)).into_sql_str()
}
