//! Appends to several machines in one transaction.
//!
//! Heads are locked first, in the order of the names of the machines and then of the ids, so that two
//! transactions do not wait for each other; then each machine's function appends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backon::Retryable;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use crate::store::contract::driver::{FeedDriver, TogetherDriver};
use crate::store::contract::names::Names;
use crate::store::contract::request::{AppendOutcome, KeyOf};
use crate::store::contract::together::{Given, TogetherAppend, all_alike, reused};
use crate::store::postgres::append::accompanied::{self, Sender};
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::attempt::{AttemptError, call_error};
use crate::store::postgres::append::{lost_answer, refusal, repeat};
use crate::store::postgres::ddl::append::lock::LOCK;
use crate::store::postgres::errors::failed;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::retry;
use crate::{Error, Seq};

impl TogetherDriver for Postgres {
    async fn append_together(
        &self,
        appends: Vec<TogetherAppend>,
        given: &[Given],
        now: DateTime<Utc>,
    ) -> Result<Vec<AppendOutcome>, Error> {
        let mut parts = Vec::with_capacity(appends.len());
        for (place, append) in appends.into_iter().enumerate() {
            let TogetherAppend {
                context,
                companions,
                request,
            } = append;
            let arguments = match Arguments::of(&context, request) {
                Ok(arguments) => arguments,
                Err(request) => {
                    let refused = refusal::of_unsendable(&self.pool, &context, &request, now);
                    refused.await?;
                    // It was stored as it is, alone.
                    return Err(reused(KeyOf::request(&request.metadata)));
                }
            };
            parts.push(Part {
                place,
                sender: self.sender(&context, &companions),
                arguments: Arc::new(arguments),
            });
        }
        parts.sort_by_key(|part| part.arguments.context.names.entity());
        let together = Together {
            postgres: self,
            parts,
            given,
            now,
        };
        let appended = together.append().await;
        self.notify_feed();
        appended
    }
}

/// Appends of one transaction, in the order of the machines.
struct Together<'a> {
    postgres: &'a Postgres,
    parts: Vec<Part>,
    given: &'a [Given],
    now: DateTime<Utc>,
}

/// Append to one machine.
struct Part {
    /// Place in the request.
    place: usize,
    sender: Sender,
    arguments: Arc<Arguments>,
}

impl Together<'_> {
    /// Tries until the backoff ends.
    async fn append(&self) -> Result<Vec<AppendOutcome>, Error> {
        let may_have_committed = AtomicBool::new(false);
        let attempt = || async {
            let lost = may_have_committed.load(Ordering::Relaxed);
            let attempted = self.attempt(lost).await;
            if matches!(attempted, Err(AttemptError::ConnectionLost(_))) {
                may_have_committed.store(true, Ordering::Relaxed);
            }
            attempted
        };
        let mut outcomes = attempt
            .retry(retry::backoff(&self.postgres.pool))
            .when(|error| !matches!(error, AttemptError::Fatal(_)))
            .await
            .map_err(
                |(AttemptError::Conflict(error)
                 | AttemptError::ConnectionLost(error)
                 | AttemptError::Fatal(error))| error,
            )?;
        let mut places: Vec<_> = self.parts.iter().map(|part| part.place).collect();
        // Back to the order of the request.
        for at in 0..places.len() {
            while places[at] != at {
                let to = places[at];
                places.swap(at, to);
                outcomes.swap(at, to);
            }
        }
        Ok(outcomes)
    }

    /// Tries once; `may_have_committed`: whether an earlier attempt may have stored the events.
    async fn attempt(&self, may_have_committed: bool) -> Result<Vec<AppendOutcome>, AttemptError> {
        if !may_have_committed {
            return self.send(&self.arguments()).await;
        }
        // As an append to one machine does: whoever finds the entities where they are now, stores.
        let mut expecting = Vec::with_capacity(self.parts.len());
        for arguments in self.arguments() {
            let (pool, context) = (&self.postgres.pool, &arguments.context);
            let seqs = lost_answer::seqs(pool, context, &arguments.request).await?;
            expecting.push(Arc::new(arguments.expecting(&seqs)));
        }
        if let Some(outcomes) = self.stored_before().await? {
            return Ok(outcomes);
        }
        match self.send(&expecting).await {
            Err(AttemptError::Fatal(error)) => match self.stored_before().await? {
                Some(outcomes) => Ok(outcomes),
                None => Err(match error {
                    // The caller has expected nothing of the entity.
                    Error::Conflict { .. } => conflict("the entity has moved on"),
                    error => AttemptError::Fatal(error),
                }),
            },
            sent => sent,
        }
    }

    fn arguments(&self) -> Vec<Arc<Arguments>> {
        let parts = self.parts.iter();
        parts.map(|part| Arc::clone(&part.arguments)).collect()
    }

    /// Sends all appends in one transaction.
    async fn send(&self, all: &[Arc<Arguments>]) -> Result<Vec<AppendOutcome>, AttemptError> {
        let Some(first) = self.parts.first() else {
            return Ok(Vec::new());
        };
        // Whoever may wait for locks does so on half of the connections at most.
        let (context, companions) = (&first.arguments.context, &first.sender.companions);
        let group = self.postgres.group(context, companions);
        let permit = timeout(self.postgres.lock_timeout, group.waiting_alone().acquire()).await;
        if permit.is_err() {
            return Err(sqlx::Error::PoolTimedOut.into());
        }
        let pool = &self.postgres.pool;
        let companions = self.parts.iter().map(|part| &part.sender.companions);
        let most = first.sender.most;
        let mut transaction = accompanied::begin(pool, companions, most).await?;
        let seqs = self.lock(&mut transaction, all).await?;
        if let Some(refused) = self.refused(&seqs)
            && !self.is_repeat().await?
        {
            return Err(AttemptError::Fatal(refused));
        }
        let mut outcomes = Vec::with_capacity(all.len());
        for (part, arguments) in self.parts.iter().zip(all) {
            let answer = part.sender.within(&mut transaction, arguments, true).await;
            let answer = answer.map_err(|error| call_error(error, &arguments.context))?;
            outcomes.push(self.outcome(arguments, answer).await?);
        }
        let key = self.parts.first().and_then(|part| part.arguments.key());
        let outcomes = all_alike(outcomes, key)?;
        if outcomes.iter().any(|outcome| outcome.replayed) {
            return Ok(outcomes);
        }
        let accompanied = self.parts.iter().map(|part| &part.sender.companions);
        let accompanied = accompanied.max_by_key(|companions| companions.id());
        let companions = accompanied.unwrap_or(&first.sender.companions);
        let committed = accompanied::commit(transaction, companions).await;
        committed.map_err(|error| call_error(error, &first.arguments.context))?;
        Ok(outcomes)
    }

    /// Locks the heads of all entities that are appended to or given; returns the sequences of those
    /// that are given.
    async fn lock(
        &self,
        connection: &mut PgConnection,
        all: &[Arc<Arguments>],
    ) -> Result<Vec<Seq>, AttemptError> {
        // By machine and id: whether events are appended.
        let mut machines: BTreeMap<&str, (&Names, BTreeMap<Uuid, bool>)> = BTreeMap::new();
        for given in self.given {
            let names = &given.context.names;
            let (_, ids) = machines
                .entry(names.entity())
                .or_insert((names, BTreeMap::new()));
            ids.entry(given.entity_id).or_insert(false);
        }
        for arguments in all {
            let names = &arguments.context.names;
            let (_, ids) = machines
                .entry(names.entity())
                .or_insert((names, BTreeMap::new()));
            ids.extend(arguments.entity_ids.iter().flatten().map(|id| (*id, true)));
        }
        let mut found = BTreeMap::new();
        for (entity, (names, ids)) in machines {
            let (ids, appends): (Vec<Uuid>, Vec<bool>) = ids.into_iter().unzip();
            let sql = format!("SELECT {}($1, $2)", names.function(LOCK));
            let seqs: Vec<i32> = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(&ids)
                .bind(&appends)
                .fetch_one(&mut *connection)
                .await?;
            let seqs = seqs.into_iter().map(|seq| Seq::new(seq.unsigned_abs()));
            found.extend(ids.into_iter().map(|id| (entity, id)).zip(seqs));
        }
        let of = |given: &Given| {
            let key = (given.context.names.entity(), given.entity_id);
            found.get(&key).copied().unwrap_or(Seq::NO_STREAM)
        };
        Ok(self.given.iter().map(of).collect())
    }

    /// Returns the error of the first condition that does not hold.
    fn refused(&self, seqs: &[Seq]) -> Option<Error> {
        let mut checked = self.given.iter().zip(seqs);
        checked.find_map(|(given, seq)| given.check(*seq).err())
    }

    /// Checks whether the idempotency key is stored: its answer does not depend on conditions.
    async fn is_repeat(&self) -> Result<bool, Error> {
        let Some(arguments) = self.parts.first().map(|part| &part.arguments) else {
            return Ok(false);
        };
        let Some(key) = arguments.key() else {
            return Ok(false);
        };
        let (pool, names) = (&self.postgres.pool, &arguments.context.names);
        let answered = repeat::answered(pool, names, key).await.map_err(failed)?;
        Ok(answered.is_some())
    }

    /// Converts the answer of a machine's function.
    async fn outcome(
        &self,
        arguments: &Arguments,
        answer: Answer,
    ) -> Result<AppendOutcome, AttemptError> {
        let (context, request) = (&arguments.context, &arguments.request);
        match answer {
            Answer::Stored(events) => {
                let rows = events
                    .into_iter()
                    .map(|event| event.row(context, request.metadata.clone()));
                Ok(AppendOutcome {
                    rows: rows.collect::<Result<_, _>>()?,
                    replayed: false,
                })
            }
            Answer::Refused(head) => Err(AttemptError::Fatal(refusal::of_head(
                context, request, head, self.now,
            ))),
            Answer::Repeated => repeat::replay(&self.postgres.pool, context, request)
                .await?
                .ok_or_else(|| conflict("the idempotency key is gone")),
            Answer::Busy | Answer::AutoFollows => {
                Err(conflict("another transaction is creating the entity"))
            }
        }
    }

    /// Reads the events that an earlier attempt has stored, if it did: all of them or none.
    async fn stored_before(&self) -> Result<Option<Vec<AppendOutcome>>, Error> {
        let mut outcomes = Vec::with_capacity(self.parts.len());
        for arguments in self.arguments() {
            let (pool, context) = (&self.postgres.pool, &arguments.context);
            match lost_answer::stored(pool, context, &arguments.request).await? {
                Some(outcome) => outcomes.push(outcome),
                None => return Ok(None),
            }
        }
        Ok(Some(outcomes))
    }
}

/// Creates the error of an attempt that another transaction was in the way of.
fn conflict(reason: &'static str) -> AttemptError {
    AttemptError::Conflict(Error::Unavailable {
        source: reason.into(),
    })
}
