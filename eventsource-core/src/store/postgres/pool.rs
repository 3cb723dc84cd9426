//! Connections, also through a PgBouncer.

use std::ops::Deref;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{
    AssertSqlSafe, Either, Error, Execute, Executor, PgPool, PgTransaction, Postgres, SqlStr,
};

/// Connections to one server. A query that it is given may use any of them.
///
/// A PgBouncer may send each transaction to another server process. A statement is prepared in one
/// step and run in another, so both have to be in one transaction; and what the last one has left
/// prepared there is in the way.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pool: PgPool,
    /// What is said of each transaction as it begins.
    settings: String,
    pgbouncer: bool,
}

impl Pool {
    pub(crate) fn direct(pool: PgPool) -> Self {
        Self {
            pool,
            settings: String::new(),
            pgbouncer: false,
        }
    }

    /// With settings that a connection cannot keep, as text of `SET LOCAL`.
    pub(crate) fn through_pgbouncer(pool: PgPool, settings: &str) -> Self {
        Self {
            pool,
            settings: format!("; DEALLOCATE ALL; {settings}"),
            pgbouncer: true,
        }
    }

    pub(crate) fn is_pgbouncer(&self) -> bool {
        self.pgbouncer
    }

    /// A transaction that sees what was done by those it waits for.
    pub(crate) async fn begin(&self) -> Result<PgTransaction<'static>, Error> {
        self.begin_as(BEGIN).await
    }

    /// A transaction that begins in these words.
    pub(crate) async fn begin_as(
        &self,
        begin: &'static str,
    ) -> Result<PgTransaction<'static>, Error> {
        // Made of settings only.
        let begin = AssertSqlSafe(format!("{begin}{}", self.settings));
        self.pool.begin_with(begin).await
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

/// Whatever the server's default is: a transaction that has waited for a lock must see what the one
/// before it has done.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
