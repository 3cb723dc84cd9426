//! Append on Postgres, with retries after conflicts and lost connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backon::Retryable;
use chrono::{DateTime, Utc};

use crate::Error;
use crate::store::contract::companion::Companions;
use crate::store::contract::driver::{AppendDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::request::{AppendOutcome, KeyOf, Request};
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::attempt::{AttemptError, call_error};
use crate::store::postgres::append::group::Group;
use crate::store::postgres::append::{lost_answer, refusal, repeat};
use crate::store::postgres::errors::failed;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::retry;

impl AppendDriver for Postgres {
    async fn append(
        &self,
        context: &Arc<EntityContext>,
        companions: &Companions,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        let group = self.group(context, companions);
        let appended = append(&self.pool, &group, context, request, now).await;
        self.notify_feed();
        appended
    }

    async fn repeated(
        &self,
        context: &EntityContext,
        request: &Request,
    ) -> Result<Option<AppendOutcome>, Error> {
        let pool = &self.pool;
        retry::read(pool, || repeat::replay(pool, context, request)).await
    }

    async fn answered(
        &self,
        context: &EntityContext,
        key: KeyOf<'_>,
    ) -> Result<Option<Vec<ReadRow<PayloadText>>>, Error> {
        let pool = &self.pool;
        retry::read(pool, || repeat::stored(pool, context, key)).await
    }

    async fn idempotency_key_exists(&self, names: &Names, key: KeyOf<'_>) -> Result<bool, Error> {
        let pool = &self.pool;
        retry::read(pool, || async {
            let answered = repeat::answered(pool, names, key).await.map_err(failed)?;
            Ok(answered.is_some())
        })
        .await
    }
}

/// Appends the request; retries after conflicts and lost connections.
async fn append(
    pool: &Pool,
    group: &Arc<Group>,
    context: &Arc<EntityContext>,
    request: Request,
    now: DateTime<Utc>,
) -> Result<AppendOutcome, Error> {
    let arguments = match Arguments::of(context, request) {
        Ok(arguments) => Arc::new(arguments),
        Err(request) => {
            return Box::pin(refusal::of_unsendable(pool, context, &request, now)).await;
        }
    };
    let append = Append {
        pool,
        group,
        context,
        now,
        arguments,
    };
    match append.attempt(false).await {
        Ok(outcome) => Ok(outcome),
        Err(AttemptError::Fatal(error)) => Err(error),
        Err(first) => Box::pin(append.again(first)).await,
    }
}

/// Append of one request.
struct Append<'a> {
    pool: &'a Pool,
    group: &'a Arc<Group>,
    context: &'a EntityContext,
    now: DateTime<Utc>,
    arguments: Arc<Arguments>,
}

impl Append<'_> {
    /// Tries until the backoff ends, after a first attempt that failed.
    async fn again(&self, first: AttemptError) -> Result<AppendOutcome, Error> {
        let is_lost = |error: &AttemptError| matches!(error, AttemptError::ConnectionLost(_));
        let may_have_committed = AtomicBool::new(is_lost(&first));
        let attempt = || async {
            let attempted = self
                .attempt(may_have_committed.load(Ordering::Relaxed))
                .await;
            if attempted.as_ref().is_err_and(is_lost) {
                may_have_committed.store(true, Ordering::Relaxed);
            }
            attempted
        };
        attempt
            .retry(retry::backoff(self.pool))
            .when(|error| !matches!(error, AttemptError::Fatal(_)))
            .await
            .map_err(
                |(AttemptError::Conflict(error)
                 | AttemptError::ConnectionLost(error)
                 | AttemptError::Fatal(error))| error,
            )
    }

    /// Tries once; `may_have_committed`: whether an earlier attempt may have stored the events.
    async fn attempt(&self, may_have_committed: bool) -> Result<AppendOutcome, AttemptError> {
        if !may_have_committed {
            return self.send(&self.arguments, &[]).await;
        }
        // After a lost connection the events are searched for first. The call of the lost one may be
        // running still: only one of the two finds the entities where they are now.
        let seqs = lost_answer::seqs(self.pool, self.context, self.request());
        let seqs = Box::pin(seqs).await?;
        if let Some(outcome) = self.stored_before().await? {
            return Ok(outcome);
        }
        let arguments = Arc::new(self.arguments.expecting(&seqs));
        let attempted = self.send(&arguments, &seqs).await;
        // The append may have failed because of its own events of the lost attempt.
        if matches!(attempted, Err(AttemptError::Fatal(_)))
            && let Some(outcome) = self.stored_before().await?
        {
            return Ok(outcome);
        }
        attempted
    }

    /// Sends the request; `seqs`: expected sequences by entity that are not the caller's.
    async fn send(
        &self,
        arguments: &Arc<Arguments>,
        seqs: &[Option<i32>],
    ) -> Result<AppendOutcome, AttemptError> {
        let answer = self
            .group
            .append(arguments)
            .await
            .map_err(|error| call_error(error, self.context))?;
        match answer {
            Answer::Stored(events) => {
                let mut rows = Vec::with_capacity(events.len());
                for event in events {
                    let metadata = self.request().metadata.clone();
                    rows.push(event.row(self.context, metadata)?);
                }
                Ok(AppendOutcome {
                    rows,
                    replayed: false,
                })
            }
            Answer::Refused(head) if matches!(seqs.get(head.entity), Some(Some(seq)) if *seq != head.seq) => {
                Err(conflict("the entity has moved on"))
            }
            Answer::Refused(head) => {
                let refused = refusal::of_head(self.context, self.request(), head, self.now);
                Err(AttemptError::Fatal(refused))
            }
            Answer::Repeated => {
                let replayed = repeat::replay(self.pool, self.context, self.request());
                if let Some(outcome) = Box::pin(replayed).await? {
                    return Ok(outcome);
                }
                // An earlier attempt has begun the entities with numbers of the counter.
                match self.stored_before().await? {
                    Some(outcome) => Ok(outcome),
                    None => Err(conflict("the idempotency key is gone")),
                }
            }
            Answer::Busy | Answer::AutoFollows => {
                Err(conflict("another transaction is creating the entity"))
            }
        }
    }

    /// Reads the events that an earlier attempt has stored, if it did.
    async fn stored_before(&self) -> Result<Option<AppendOutcome>, Error> {
        let stored = lost_answer::stored(self.pool, self.context, self.request());
        Box::pin(stored).await
    }

    fn request(&self) -> &Request {
        &self.arguments.request
    }
}

/// Creates the error of an attempt that another transaction was in the way of.
fn conflict(reason: &'static str) -> AttemptError {
    AttemptError::Conflict(Error::Unavailable {
        source: reason.into(),
    })
}
