//! PgBouncer between the store and the server.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Stdio;

use eventsource_core::{Error, Retry, StoreOptions};
use futures_util::TryStreamExt;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tasks::TaskEvent;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::database::Database;
use crate::support::feed::{check_order, whole_of};
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::reassigned;
use crate::support::tasks::started;
use crate::support::waiting::{until, within};

/// PgBouncer that gives each transaction any of three connections; stopped when dropped.
struct PgBouncer {
    port: u16,
    _process: Child,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts one, or returns `None` where none is installed; `more`: lines of its configuration.
    async fn before(url: &str, more: &str) -> Option<Self> {
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
            default_pool_size = 3\n{more}",
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
        until(async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some(Self {
            port,
            _process: process,
            _folder: folder,
        })
    }
}

/// Has a PgBouncer drop the settings that it does not know, as guides say.
#[tokio::test(flavor = "multi_thread")]
async fn pgbouncer_that_nobody_told_of_is_named_when_store_connects() {
    let database = Database::postgres().await;
    let more = "ignore_startup_parameters = extra_float_digits, options\n";
    let Some(bouncer) = PgBouncer::before(database.url(), more).await else {
        eprintln!("SKIPPED: no PgBouncer is installed");
        return database.remove().await;
    };
    let tasks = database.events::<TaskEvent>().await;
    let url: PgConnectOptions = database.url().parse().unwrap();
    let url = url.host("127.0.0.1").port(bouncer.port).to_url_lossy();
    let mark = if url.query().is_some() { '&' } else { '?' };
    let options = |url: String| StoreOptions::new(url).schema_options(database.schema_options());
    for url in [url.to_string(), format!("{url}{mark}pgbouncer=false")] {
        let refused = options(url).connect().await.unwrap_err();
        let Error::PoolerNotDeclared { .. } = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(refused.retry(), Retry::Never);
        let message = refused.to_string();
        assert!(
            message.contains("`StoreOptions::pgbouncer(true)`"),
            "{message}"
        );
        assert!(message.contains("`?pgbouncer=true`"), "{message}");
    }
    let refused = options(format!("{url}{mark}pgbouncer=maybe"))
        .connect()
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, Error::UnsupportedUrl { .. }),
        "{refused:?}"
    );
    // The URL tells of it, which any program can be given.
    let store = options(format!("{url}{mark}pgbouncer=true"))
        .connect()
        .await;
    let through = store.unwrap().open::<TaskEvent>().await.unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..12 {
        let through = through.clone();
        clients.spawn(async move { started(&through).await });
    }
    for id in clients.join_all().await {
        assert_eq!(tasks.history(id).await.unwrap().len(), 4);
    }
    drop((through, bouncer));
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn store_works_through_pgbouncer_in_transaction_mode() {
    const CLIENTS: usize = 12;
    const ROUNDS: usize = 8;
    let database = Database::postgres().await;
    let Some(bouncer) = PgBouncer::before(database.url(), "").await else {
        eprintln!("SKIPPED: no PgBouncer is installed");
        return database.remove().await;
    };
    let direct = database.events::<TaskEvent>().await;
    let url: PgConnectOptions = database.url().parse().unwrap();
    let url = url.host("127.0.0.1").port(bouncer.port).to_url_lossy();
    let options = StoreOptions::new(url).schema_options(database.schema_options());
    let refused = options.clone().connect().await.unwrap_err();
    assert!(
        matches!(refused, Error::PoolerNotDeclared { .. }),
        "{refused:?}"
    );
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
    assert_eq!(tasks.search().await.unwrap().total, Some(expected as u64));
    // A PgBouncer forwards no notifications, but the subscriber finds events of others by polling.
    let mut follow = tasks
        .feed()
        .after(feed.last().unwrap().position)
        .subscribe();
    let appended = direct.append(hot, reassigned("ann")).await.unwrap();
    let (_, next) = within(follow.next()).await.unwrap();
    assert_eq!(next.unwrap(), appended.events[0]);
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
