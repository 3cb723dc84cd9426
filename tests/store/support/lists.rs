//! Lists of tests, each of which runs on the databases that it is meaningful on.
//!
//! Every file lists its own functions. A function that is in no list is dead code, and does not
//! pass clippy. The test of `feed_without_events_is_empty` on Postgres is
//! `feed::pages::feed_without_events_is_empty::postgres`.

/// Makes a test of each function on each of these databases, named as `Database` opens them.
macro_rules! on {
    ($($database:ident),+: $($test:ident,)+) => {
        on!(@ [$($database)+] $($test)+);
    };
    (@ $databases:tt $($test:ident)+) => {
        $(on!(@@ $databases $test);)+
    };
    (@@ [$($database:ident)+] $test:ident) => {
        mod $test {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $database() {
                    let database = crate::support::database::Database::$database().await;
                    super::$test(&database).await;
                    database.remove().await;
                }
            )+
        }
    };
}

/// Lists tests of promises of the store on every database: SQLite in a file, Postgres, and Postgres
/// with tables that are split by the hash of the entity's id.
///
/// `and sqlite_memory:` adds SQLite in memory. That differs from a file by its one connection,
/// which readers and writers share and which must never be closed: the functions that are run there
/// are those that keep it busy (clients at the same time, streams, imports, followers, callers that
/// give up), and one or two of each other kind.
///
/// `and postgres_outbox:` adds the other strategy of the feed, an outbox: for what reads the feed,
/// inserts events past the store, imports, migrates, grants rights, or checks the tables.
macro_rules! on_every_database {
    (and $($more:ident),+: $($test:ident,)+) => {
        on! { sqlite_file, postgres, postgres_partitioned, $($more),+: $($test,)+ }
    };
    ($($test:ident,)+) => {
        on! { sqlite_file, postgres, postgres_partitioned: $($test,)+ }
    };
}

/// Lists tests of what SQLite does not have: roles, views, locks of rows, transactions that several
/// appends share, connections that can be cut, and sequencers. See [`on_every_database`].
macro_rules! on_postgres {
    (and $($more:ident),+: $($test:ident,)+) => {
        on! { postgres, postgres_partitioned, $($more),+: $($test,)+ }
    };
    ($($test:ident,)+) => {
        on! { postgres, postgres_partitioned: $($test,)+ }
    };
}
