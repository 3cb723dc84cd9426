//! Append on Postgres: by one statement if possible, else by a transaction, with retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backon::Retryable;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;

use crate::Error;
use crate::store::contract::driver::{AppendDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::request::{Answered, AppendOutcome, Request};
use crate::store::postgres::append::attempt::{AttemptError, insert_error};
use crate::store::postgres::append::group::Group;
use crate::store::postgres::append::judged::{Found, Verdict};
use crate::store::postgres::append::prepared::Prepared;
use crate::store::postgres::append::{lost_answer, transaction};
use crate::store::postgres::errors::failed;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::retry;
use crate::store::rules::plan::{check_expected, plan};
use crate::store::sql::statements;

impl AppendDriver for Postgres {
    async fn append(
        &self,
        context: &EntityContext,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        let group = self.group(&context.names);
        let appended = append(&self.pool, &group, context, request, now).await;
        self.notify_feed();
        appended
    }

    async fn idempotency_key_exists(&self, names: &Names, key: &str) -> Result<bool, Error> {
        let pool = &self.pool;
        retry::read(pool, || async {
            let answered: Option<Json<Vec<Answered>>> =
                sqlx::query_scalar(AssertSqlSafe(statements::select_answered(names)))
                    .bind(names.entity())
                    .bind(key)
                    .fetch_optional(pool)
                    .await
                    .map_err(failed)?;
            Ok(answered.is_some())
        })
        .await
    }
}

/// Appends the request; retries after conflicts and lost connections.
async fn append(
    pool: &Pool,
    group: &Arc<Group>,
    context: &EntityContext,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<AppendOutcome, Error> {
    let prepared = Prepared::of(context, request, now).map(Arc::new);
    let may_have_committed = AtomicBool::new(false);
    let attempt = || async {
        // After a lost connection the events are searched for first: they are stored at most once.
        if may_have_committed.load(Ordering::Relaxed)
            && let Some(outcome) = lost_answer::stored(pool, context, request).await?
        {
            return Ok(outcome);
        }
        let tried = match &prepared {
            Some(prepared) => match in_one_statement(group, context, request, prepared).await {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => {
                    let may_have_committed = may_have_committed.load(Ordering::Relaxed);
                    transaction::append(pool, context, request, now, may_have_committed).await
                }
                Err(error) => Err(error),
            },
            None => {
                let may_have_committed = may_have_committed.load(Ordering::Relaxed);
                transaction::append(pool, context, request, now, may_have_committed).await
            }
        };
        match tried {
            Err(AttemptError::ConnectionLost(_)) => {
                may_have_committed.store(true, Ordering::Relaxed);
            }
            // The append may have failed because of its own events of the lost attempt.
            Err(AttemptError::Fatal(_)) if may_have_committed.load(Ordering::Relaxed) => {
                if let Some(outcome) = lost_answer::stored(pool, context, request).await? {
                    return Ok(outcome);
                }
            }
            _ => {}
        }
        tried
    };
    attempt
        .retry(retry::backoff(pool))
        .when(|tried| !matches!(tried, AttemptError::Fatal(_)))
        .await
        .map_err(
            |(AttemptError::Conflict(error)
             | AttemptError::ConnectionLost(error)
             | AttemptError::Fatal(error))| error,
        )
}

/// Appends by one statement; `None` if it stored nothing and a transaction must answer.
///
/// Returns `None` if the idempotency key exists, or if the statement found a state that the rules do
/// not lead to, as after a migration from other rules.
async fn in_one_statement(
    group: &Arc<Group>,
    context: &EntityContext,
    request: &Request,
    prepared: &Arc<Prepared>,
) -> Result<Option<AppendOutcome>, AttemptError> {
    let verdict = group
        .judge(Arc::clone(prepared))
        .await
        .map_err(|error| insert_error(error, context))?;
    let head_row = |head: Option<Found>| {
        let head = head.map(|head| head.head_row(prepared.entity_id, context));
        head.transpose()
    };
    let part = request.parts.first();
    let part = part.ok_or_else(|| Error::database("the append request has no entity"))?;
    match verdict {
        Verdict::Stored(stored) => {
            let course = stored.course;
            let course = course.ok_or_else(|| {
                Error::database("the append statement did not return which plan it ran")
            })?;
            let head = head_row(stored.head)?;
            let rows = stored
                .part
                .rows(course, head.as_ref(), &stored.log_seqs, stored.steps)?;
            Ok(Some(AppendOutcome {
                rows,
                replayed: false,
            }))
        }
        Verdict::Refused(head) => {
            // The planner returns the reason of the refusal.
            let head = head_row(head)?;
            let (metadata, now) = (&request.metadata, prepared.now);
            plan(&context.rules, head.as_ref(), part, metadata, now)?;
            Ok(None)
        }
        Verdict::Passed(actual) => {
            check_expected(&context.rules, part, actual)?;
            Ok(None)
        }
        Verdict::Repeated => Ok(None),
    }
}
