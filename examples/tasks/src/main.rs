//! The task list as an HTTP service.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use eventsource_core::model::render;
use eventsource_core::{EntityId, Event, Store};
use eventsource_rest::{Limits, Service};
use tasks::TaskEvent;
use tokio::net::TcpListener;

/// A task list over HTTP whose every change is an event.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Where to keep the events: sqlite://FILE, sqlite::memory:, or postgres://USER@HOST/DATABASE
    /// [default: a SQLite file in your data folder]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// How long requests that have begun may take once the program is asked to stop.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tasks: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let url = match options.database_url {
        Some(url) => url,
        None => default_database()?,
    };
    let store = Store::connect(&url)
        .await
        .map_err(|error| format!("{error} (at {})", without_password(&url)))?;
    let tasks = store
        .migrate::<TaskEvent>()
        .await
        .map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| cannot_listen(options.listen, &error))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let asked_to_stop = asked_to_stop().map_err(|error| error.to_string())?;
    say(&introduction(address, &url));

    let limits = Limits {
        shutdown_grace: PATIENCE,
        ..Limits::default()
    };
    let service = Service::new().mount(tasks).limits(limits);
    eventsource_rest::serve(listener, service, asked_to_stop)
        .await
        .map_err(|error| error.to_string())?;
    say("Stopped.\n");
    Ok(())
}

/// A file in the user's data folder, or else in the system's temporary one.
fn default_database() -> Result<String, String> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(".local/share")))
        .unwrap_or_else(std::env::temp_dir);
    let folder = data.join("eventsource-tasks");
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    Ok(format!("sqlite://{}", folder.join("tasks.db").display()))
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    if error.kind() == ErrorKind::AddrInUse {
        let other = SocketAddr::new(address.ip(), address.port().wrapping_add(1));
        format!(
            "{address} is taken by another program; choose another with `--listen {other}`, \
             or any free one with `--listen {}:0`",
            address.ip()
        )
    } else {
        format!("cannot listen on {address}: {error}")
    }
}

/// Prints; that nobody reads it is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn introduction(address: SocketAddr, url: &str) -> String {
    let id = EntityId::new();
    let diagram = render::text(TaskEvent::MACHINE).unwrap_or_default();
    format!(
        r#"The task list is at http://{address}, its events in {database}

Its states, and what may happen in each:

{diagram}
Try, in another terminal:

  curl -i http://{address}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "CREATED", "description": "write it down"}}'
  curl -i http://{address}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "STARTED"}}'
  curl -i http://{address}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "ASSIGNED", "assignee": "ann"}}'
  curl http://{address}/api/v1/task/{id}
  curl 'http://{address}/api/v1/task_event?task_id={id}'
  curl -N http://{address}/api/v1/task/{id}/stream

The second is refused: a task is started when it is assigned and scheduled.

In a browser, all that it can do: http://{address}/api/docs
and its rules as a picture: http://{address}/api/v1/machine/task.svg

Ctrl-C stops.
"#,
        database = without_password(url),
    )
}

/// The URL as it may be shown: without what may hold a password.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((user, host)) => {
                let name = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{name}@{host}")
            }
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

/// Completes when the program is asked to stop. From this call on, not only from when it is awaited,
/// a signal no longer ends the program at once.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes when the program is asked to stop.
#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
