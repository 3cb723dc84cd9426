//! What connections are like: names, limits, encryption, what stands between.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use eventsource_core::{Error, Retry, Seq, Store, StoreOptions};
use eventsource_tests::postgres::{PostgresError, PostgresServer};
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool, Row};
use tasks::TaskEvent;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::{JoinSet, spawn_blocking};
use uuid::Uuid;

use crate::feed::pages::{check_order, started, whole_of, within};
use crate::support::database::Database;
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::reassigned;

/// A server of its own, or none where the tests are to use one that is already running.
async fn server(
    start: impl FnOnce() -> Result<PostgresServer, PostgresError> + Send + 'static,
) -> Option<PostgresServer> {
    match spawn_blocking(start).await.unwrap() {
        Err(PostgresError::NotFound) if std::env::var_os("DATABASE_URL").is_some() => None,
        started => Some(started.unwrap()),
    }
}

async fn plain(url: &str) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1);
    pool.connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_says_who_it_is_and_how_long_it_waits() {
    let database = Database::postgres().await;
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let name = format!("app {}", database.schema().unwrap());
    let options = StoreOptions::new(database.url())
        .schema_options(database.schema_options())
        .application_name(&name)
        .lock_timeout(Duration::from_millis(30))
        .min_connections(3)
        .max_connections(3);
    let store = options.clone().connect().await.unwrap();
    let named = store.open::<TaskEvent>().await.unwrap();
    let pool = plain(database.url()).await;
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
    within(async {
        while sqlx::query_scalar::<_, i64>(connected)
            .bind(&name)
            .fetch_one(&pool)
            .await
            .unwrap()
            < 3
        {}
    })
    .await;

    // A row that somebody holds: given up after the lock timeout, and nothing is written.
    let schema = database.schema().unwrap();
    let mut holder = pool.begin().await.unwrap();
    let hold = format!("SELECT FROM {schema}.task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(hold))
        .execute(&mut *holder)
        .await
        .unwrap();
    let refused = named.append(id, reassigned("ann")).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later, "{refused:?}");

    // The same by the statement's own limit.
    let hasty = options
        .lock_timeout(Duration::from_secs(60))
        .statement_timeout(Duration::from_millis(30));
    let hasty = hasty.connect().await.unwrap();
    // A migration takes the time that it takes, and leaves the limit as it was.
    let hasty = hasty.migrate::<TaskEvent>().await.unwrap();
    let refused = hasty.append(id, reassigned("ann")).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later, "{refused:?}");
    holder.rollback().await.unwrap();
    hasty.append(id, reassigned("bob")).await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 5);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_waits_for_a_connection_no_longer_than_it_is_told() {
    let database = Database::postgres().await;
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let store = StoreOptions::new(database.url())
        .schema_options(database.schema_options())
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(50));
    let store = store.connect().await.unwrap();
    let narrow = within(async {
        loop {
            match store.open::<TaskEvent>().await {
                Err(error) if error.retry() == Retry::Later => {}
                opened => break opened.unwrap(),
            }
        }
    })
    .await;
    let pool = database.sql().await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    let hold = format!("SELECT 1 FROM task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(hold))
        .execute(&mut *holder)
        .await
        .unwrap();
    let watcher = database.sql().await.unwrap();
    let (one, other) = (narrow.clone(), narrow.clone());
    // It has the only connection, until the row is free.
    let waits = tokio::spawn(async move {
        loop {
            let append = one.append(id, reassigned("ann"));
            match append.idempotency_key("waits").await {
                Err(error) if error.retry() == Retry::Later => {}
                appended => break appended,
            }
        }
    });
    let waiting = "SELECT count(*) AS n FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%' || current_schema() || '%'";
    within(async {
        while sqlx::query(waiting)
            .fetch_one(&watcher)
            .await
            .unwrap()
            .get::<i64, _>("n")
            == 0
        {}
    })
    .await;
    let refused = other.history(id).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later);
    holder.rollback().await.unwrap();
    within(waits).await.unwrap().unwrap();
    database.remove().await;
}

/// The certificate of the server is signed by an authority that no system knows.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_must_show_the_certificate_that_is_asked_for() {
    const CERTIFICATE: &str = include_str!("../../data/tls/server.crt");
    const KEY: &str = include_str!("../../data/tls/server.key");
    let Some(server) = server(|| PostgresServer::start_with_tls(CERTIFICATE, KEY)).await else {
        return;
    };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tls/ca.crt");
    let open = |how: String| {
        let url = format!("{}?{how}", server.url());
        async move { Store::connect(&url).await }
    };
    for how in ["verify-ca", "verify-full"] {
        let store = open(format!("sslmode={how}&sslrootcert={root}")).await;
        let tasks = store.unwrap().migrate::<TaskEvent>().await.unwrap();
        started(&tasks).await;
        let refused = open(format!("sslmode={how}")).await.unwrap_err();
        assert_eq!(refused.retry(), Retry::Never, "{refused:?}");
    }
    let pool = plain(&format!("{}?sslmode=disable", server.url())).await;
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND application_name = 'eventsource'";
    let store = open(format!("sslmode=verify-full&sslrootcert={root}")).await;
    let tasks = store.unwrap().open::<TaskEvent>().await.unwrap();
    let count: i64 = sqlx::query_scalar(encrypted)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(count > 0, "the connections are encrypted");
    drop(tasks);
    pool.close().await;
    spawn_blocking(|| server.stop()).await.unwrap().unwrap();
}

/// A PgBouncer that gives each transaction any of three connections, gone when dropped.
struct PgBouncer {
    port: u16,
    _process: Child,
    _folder: TempDir,
}

impl PgBouncer {
    /// `None` where it is not installed.
    async fn before(url: &str) -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let program = env::split_paths(&path)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join("pgbouncer"))
            .find(|program| program.is_file())?;
        let server: PgConnectOptions = url.parse().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let ini = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
            listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
            default_pool_size = 3\n",
            server.get_host(),
            server.get_port(),
            server.get_username(),
        );
        fs::write(&ini, text).unwrap();
        let mut command = Command::new(program);
        if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
            // It refuses to run as root.
            command.args(["-u", "nobody"]);
        }
        let command = command.arg(&ini).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().unwrap();
        within(async { while TcpStream::connect(("127.0.0.1", port)).await.is_err() {} }).await;
        Some(Self {
            port,
            _process: process,
            _folder: folder,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pgbouncer_in_transaction_mode_may_stand_between() {
    const CLIENTS: usize = 12;
    const ROUNDS: usize = 8;
    let database = Database::postgres().await;
    let Some(bouncer) = PgBouncer::before(database.url()).await else {
        eprintln!("SKIPPED: no PgBouncer is installed");
        return database.remove().await;
    };
    let direct = database.events::<TaskEvent>().await;
    let url: PgConnectOptions = database.url().parse().unwrap();
    let url = url.host("127.0.0.1").port(bouncer.port).to_url_lossy();
    let options = StoreOptions::new(url).schema_options(database.schema_options());
    options.clone().connect().await.unwrap_err();
    let store = options.pgbouncer(true).connect().await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let refused = store.migrate::<LightEvent>().await.unwrap_err();
    assert!(
        matches!(refused, Error::MigrationRefused { .. }),
        "{refused:?}"
    );

    let hot = started(&tasks).await;
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let tasks = tasks.clone();
        clients.spawn(async move {
            let own = started(&tasks).await;
            for round in 0..ROUNDS {
                let name = format!("{client}/{round}");
                tasks.append(hot, reassigned(&name)).await.unwrap();
                let append = tasks.append(own, reassigned(&name));
                append.idempotency_key(&name).await.unwrap();
                assert_eq!(tasks.history(own).await.unwrap().len(), 5 + round);
            }
        });
    }
    clients.join_all().await;
    let expected = 4 + CLIENTS * (4 + 2 * ROUNDS);
    let feed = whole_of(&store, expected).await;
    check_order(&feed);
    assert_eq!(feed.len(), expected);
    assert_eq!(tasks.search().await.unwrap().total, expected as u64);
    // It is told nothing, and hears of others all the same.
    let mut follow = tasks.feed().after(feed.last().unwrap().position).follow();
    let appended = direct.append(hot, reassigned("ann")).await.unwrap();
    assert_eq!(within(follow.next()).await.unwrap().1, appended.events[0]);
    // Whole logs pass too, while others use the same connections.
    let others = JoinSet::from_iter((0..CLIENTS).map(|client| {
        let tasks = tasks.clone();
        async move {
            let append = tasks.append(hot, reassigned(&format!("{client}")));
            append.await.unwrap();
        }
    }));
    let exported: Vec<_> = tasks.export().stream().try_collect().await.unwrap();
    assert!(exported.len() > expected, "{}", exported.len());
    let copies = exported.into_iter().map(|mut event| {
        let id: Uuid = event.entity_id.to_string().parse().unwrap();
        event.entity_id = Uuid::from_u128(id.as_u128() ^ 1).into();
        Ok(event)
    });
    let copies: Vec<_> = copies.collect();
    let count = copies.len() as u64;
    let imported = tasks.import(futures_util::stream::iter(copies)).await;
    assert_eq!(imported.unwrap().events, count);
    others.join_all().await;
    drop((follow, tasks));
    store.close().await;
    drop(bouncer);
    database.remove().await;
}

/// A standby that has stopped to follow: who asks for it reads what was, and appends all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_old_is_read_from_a_standby() {
    let Some(primary) = server(PostgresServer::start).await else {
        return;
    };
    let (primary, standby) = spawn_blocking(|| {
        let standby = primary.standby().unwrap();
        (primary, standby)
    })
    .await
    .unwrap();
    let options = StoreOptions::new(primary.url()).read_replica(standby.url());
    let store = options.connect().await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started(&tasks).await;
    store.feed().await.unwrap();
    let stale_store = store.stale_ok();
    let stale = stale_store.open::<TaskEvent>().await.unwrap();
    // What the standby has heard of.
    let total = || async {
        match stale.search().await {
            Ok(page) => page.total,
            Err(error) => panic!("{error:?}"),
        }
    };
    within(async {
        let pool = plain(&standby.url()).await;
        let feed = "SELECT CASE WHEN to_regclass('eventsource_feed') IS NULL THEN 0 ELSE
            (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM eventsource_feed',
                false, true, '')))[1]::text::bigint END";
        while sqlx::query_scalar::<_, i64>(feed)
            .fetch_one(&pool)
            .await
            .unwrap()
            < 4
        {}
        sqlx::query("SELECT pg_wal_replay_pause()")
            .execute(&pool)
            .await
            .unwrap();
        let paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'";
        while !sqlx::query_scalar::<_, bool>(paused)
            .fetch_one(&pool)
            .await
            .unwrap()
        {}
    })
    .await;
    assert_eq!(total().await, 4);

    tasks.append(id, reassigned("ann")).await.unwrap();
    assert_eq!(store.feed().await.unwrap().events.len(), 5);
    assert_eq!(tasks.search().await.unwrap().total, 5);
    assert_eq!(total().await, 4);
    assert_eq!(stale.history(id).await.unwrap().len(), 4);
    assert_eq!(stale_store.feed().await.unwrap().events.len(), 4);
    // What decides about an append is never old.
    assert_eq!(stale.load(id).await.unwrap().unwrap().seq, Seq::new(5));
    let append = stale.append(id, reassigned("bob")).expecting(Seq::new(5));
    append.await.unwrap();

    let pool = plain(&standby.url()).await;
    sqlx::query("SELECT pg_wal_replay_resume()")
        .execute(&pool)
        .await
        .unwrap();
    within(async { while total().await < 6 {} }).await;
    pool.close().await;
    store.close().await;
    spawn_blocking(|| {
        standby.stop().unwrap();
        primary.stop().unwrap();
    })
    .await
    .unwrap();
}
