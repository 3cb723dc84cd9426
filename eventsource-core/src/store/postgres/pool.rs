//! Pool of connections, also behind a PgBouncer.

use std::ops::Deref;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{
    AssertSqlSafe, Either, Error, Execute, Executor, PgPool, PgTransaction, Postgres, SqlStr,
};

/// Pool of connections to one server.
///
/// A PgBouncer may send each transaction to another server process. Preparing a statement and
/// running it must be in one transaction, then; and statements that an earlier client has prepared
/// there must be deallocated first.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pool: PgPool,
    /// SQL that follows the BEGIN of each transaction.
    settings: String,
    pgbouncer: bool,
}

impl Pool {
    /// Returns a pool of connections to the server itself.
    pub(crate) fn direct(pool: PgPool) -> Self {
        Self {
            pool,
            settings: String::new(),
            pgbouncer: false,
        }
    }

    /// Returns a pool of connections to a PgBouncer, with the settings of each transaction as the
    /// text of `SET LOCAL`.
    pub(crate) fn through_pgbouncer(pool: PgPool, settings: &str) -> Self {
        Self {
            pool,
            settings: format!("; DEALLOCATE ALL; {settings}"),
            pgbouncer: true,
        }
    }

    /// Checks whether the connections are to a PgBouncer.
    pub(crate) fn is_pgbouncer(&self) -> bool {
        self.pgbouncer
    }

    /// Begins a transaction that sees the changes of the transactions it waits for.
    pub(crate) async fn begin(&self) -> Result<PgTransaction<'static>, Error> {
        self.begin_as(BEGIN).await
    }

    /// Begins a transaction with this statement.
    ///
    /// The text must be one of this program, with nothing of a user's.
    pub(crate) async fn begin_as(&self, begin: &str) -> Result<PgTransaction<'static>, Error> {
        let begin = AssertSqlSafe(format!("{begin}{}", self.settings));
        let pool = self.pool.clone();
        // Whoever gives up in the middle would leave a connection in the pool whose transaction is open: what
        // others store by it would be answered, and never committed. A task goes on, and rolls back.
        let begun = tokio::spawn(async move { pool.begin_with(begin).await });
        begun.await.unwrap_or_else(|_| Err(Error::WorkerCrashed))
    }
}

impl Deref for Pool {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

impl<'p> Executor<'p> for &'_ Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if !self.pgbouncer {
            return (&self.pool).fetch_many(query);
        }
        let pool = self.clone();
        let all = async move {
            let mut transaction = pool.begin().await?;
            let all: Vec<_> = transaction.fetch_many(query).try_collect().await?;
            transaction.commit().await?;
            Ok::<_, Error>(stream::iter(all.into_iter().map(Ok)))
        };
        stream::once(all).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if !self.pgbouncer {
            return (&self.pool).fetch_optional(query);
        }
        let pool = self.clone();
        Box::pin(async move {
            let mut transaction = pool.begin().await?;
            let row = transaction.fetch_optional(query).await?;
            transaction.commit().await?;
            Ok(row)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        (&self.pool).prepare_with(sql, parameters)
    }
}

/// Begin of a transaction that sees the changes of the transactions it waits for, whatever the
/// default of the server is.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Statement by which a transaction may take as long as it takes, such as one that reads a whole log.
pub(crate) const NO_STATEMENT_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";
