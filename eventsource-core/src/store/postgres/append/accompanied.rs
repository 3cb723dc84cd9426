//! Calls with companions: what is written with an append shares its transaction.
//!
//! Without companions a call is a statement of its own, as it is sent.

use std::time::Duration;

use sqlx::{PgConnection, PgTransaction};

use crate::store::contract::companion::{CompanionError, Companions, Connection, Stored};
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::attempt::CallError;
use crate::store::postgres::append::calls::Calls;
use crate::store::postgres::pool::{BEGIN, Pool};

/// Sender of calls, each with the companions of its requests.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) pool: Pool,
    pub(crate) calls: Calls,
    pub(crate) companions: Companions,
    /// Longest time that the companions of one call may take.
    pub(crate) most: Duration,
}

impl Sender {
    /// Appends a request of a single event; a locked head is [`Answer::Busy`].
    pub(crate) async fn one(&self, arguments: &Arguments) -> Result<Answer, CallError> {
        if !self.is_accompanied([arguments]) {
            return Ok(self.calls.one(&self.pool, arguments).await?);
        }
        let mut transaction = self.begin().await?;
        let answers = vec![self.calls.one(&mut *transaction, arguments).await?];
        let answers = self.finish(transaction, [arguments], answers).await?;
        one_answer(answers)
    }

    /// Appends requests that have gathered, in order, and returns an answer for each; those that need
    /// a locked head are [`Answer::Busy`].
    pub(crate) async fn gathered<'a>(
        &self,
        requests: impl ExactSizeIterator<Item = &'a Arguments> + Clone,
    ) -> Result<Vec<Answer>, CallError> {
        if !self.is_accompanied(requests.clone()) {
            return Ok(self.calls.gathered(&self.pool, requests).await?);
        }
        let mut transaction = self.begin().await?;
        let answers = self.calls.gathered(&mut *transaction, requests.clone());
        let answers = answers.await?;
        self.finish(transaction, requests, answers).await
    }

    /// Appends one request by the function for batches; `waits`: whether for locked heads.
    pub(crate) async fn alone(
        &self,
        arguments: &Arguments,
        waits: bool,
    ) -> Result<Answer, CallError> {
        if !self.is_accompanied([arguments]) {
            let requests = [arguments].into_iter();
            return one_answer(self.calls.batch(&self.pool, requests, waits).await?);
        }
        let mut transaction = self.begin().await?;
        let answer = self.within(&mut transaction, arguments, waits).await?;
        commit(transaction, &self.companions).await?;
        Ok(answer)
    }

    /// Appends a request within the transaction of this connection, with what its companions write;
    /// whoever began the transaction commits it.
    ///
    /// The transaction must have been begun as [`begin`] does it. After an error it must not commit.
    pub(crate) async fn within(
        &self,
        connection: &mut PgConnection,
        arguments: &Arguments,
        waits: bool,
    ) -> Result<Answer, CallError> {
        let requests = [arguments].into_iter();
        let answers = self.calls.batch(&mut *connection, requests, waits).await?;
        let stored = stored([arguments], &answers)?;
        write(&self.companions, &stored, connection, self.most).await?;
        one_answer(answers)
    }

    /// Checks whether anything is written with one of the requests.
    fn is_accompanied<'a>(&self, requests: impl IntoIterator<Item = &'a Arguments>) -> bool {
        !self.companions.is_empty()
            || requests
                .into_iter()
                .any(|arguments| arguments.request.own.is_some())
    }

    async fn begin(&self) -> Result<PgTransaction<'static>, sqlx::Error> {
        begin(&self.pool, [&self.companions], self.most).await
    }

    /// Lets the companions write, and commits.
    async fn finish<'a>(
        &self,
        mut transaction: PgTransaction<'static>,
        requests: impl IntoIterator<Item = &'a Arguments>,
        answers: Vec<Answer>,
    ) -> Result<Vec<Answer>, CallError> {
        let stored = stored(requests, &answers)?;
        write(&self.companions, &stored, &mut transaction, self.most).await?;
        drop(stored);
        commit(transaction, &self.companions).await?;
        Ok(answers)
    }
}

/// Begins a transaction for appends with these companions, which Postgres ends by itself if this
/// program stops in the middle of it.
pub(crate) async fn begin<'a>(
    pool: &Pool,
    companions: impl IntoIterator<Item = &'a Companions>,
    most: Duration,
) -> Result<PgTransaction<'static>, sqlx::Error> {
    let idle = most.as_millis().saturating_mul(2).max(1000);
    let begin = format!(
        "{BEGIN}; SET LOCAL idle_in_transaction_session_timeout = {idle}; {}",
        writes_models(companions)
    );
    pool.begin_as(&begin).await
}

/// Returns the SQL by which a transaction tells the guard of the log which models it writes.
pub(crate) fn writes_models<'a>(companions: impl IntoIterator<Item = &'a Companions>) -> String {
    let models = companions.into_iter().flat_map(Companions::guarded_as);
    // Names that need no quotes.
    let models: Vec<String> = models.collect();
    format!("SET LOCAL {MODELS} = '{}'", models.join(","))
}

/// Setting with the inline models that a transaction writes, for the guard of the log.
pub(crate) const MODELS: &str = "eventsource.inline";

/// Lets companions write what belongs to the stored requests.
async fn write(
    companions: &Companions,
    stored: &[Stored<'_>],
    connection: &mut PgConnection,
    most: Duration,
) -> Result<(), CallError> {
    if stored.is_empty() {
        return Ok(());
    }
    let connection = Connection::Postgres(connection);
    Ok(companions.write(stored, connection, most).await?)
}

/// Commits; a constraint of a companion's tables may be checked only then.
pub(crate) async fn commit(
    transaction: PgTransaction<'static>,
    companions: &Companions,
) -> Result<(), CallError> {
    transaction.commit().await.map_err(|error| {
        let refuses = |error: &sqlx::Error| {
            let database = error.as_database_error()?;
            Some(database.code()?.starts_with("23"))
        };
        match refuses(&error) {
            Some(true) => CallError::Companion(CompanionError {
                name: companions.names(),
                source: Box::new(error),
            }),
            _ => error.into(),
        }
    })
}

/// Returns what was stored of the requests, each with its payloads.
fn stored<'a>(
    requests: impl IntoIterator<Item = &'a Arguments>,
    answers: &[Answer],
) -> Result<Vec<Stored<'a>>, CallError> {
    let mut all = Vec::new();
    for (arguments, answer) in requests.into_iter().zip(answers) {
        let Answer::Stored(events) = answer else {
            continue;
        };
        let Arguments {
            context, request, ..
        } = arguments;
        let rows = events.iter().map(|event| {
            let event = event.clone();
            event.row(context, request.metadata.clone())
        });
        let rows = rows.collect::<Result<_, _>>().map_err(CallError::Row)?;
        all.push(Stored {
            context,
            own: request.own.as_ref(),
            rows: request.with_payloads(rows).map_err(CallError::Row)?,
        });
    }
    Ok(all)
}

fn one_answer(answers: Vec<Answer>) -> Result<Answer, CallError> {
    let answer = answers.into_iter().next();
    answer.ok_or_else(|| sqlx::Error::RowNotFound.into())
}
