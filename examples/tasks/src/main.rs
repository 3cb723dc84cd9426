//! Task list as an HTTP service.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use eventsource_core::model::render;
use eventsource_core::{EntityId, Event, Store};
use eventsource_rest::{Limits, Service, Tls};
use tasks::TaskEvent;
use tokio::net::TcpListener;

/// A task list over HTTP whose every change is an event.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Address to listen on; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Database that keeps the events: sqlite://FILE, sqlite::memory:, or postgres://USER@HOST/DATABASE
    /// [default: a SQLite file in your data folder]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,

    /// Let everybody read and append who reaches the address; needed for one that other computers
    /// may reach, since nobody signs in
    #[arg(long)]
    anonymous: bool,

    /// URL at which others reach the service, such as http://tasks.example:8080
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,

    /// Certificate in PEM, with those of its issuers after it; the service then speaks TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Clients that may share an address, each with a connection, as in a load test
    /// [default: as many as the library allows]
    #[arg(long, value_name = "NUMBER")]
    clients_per_address: Option<usize>,
}

/// Longest time that requests in progress may take at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        // Otherwise a log that cannot be written, as on a full disk, is a panic in a request.
        .log_internal_errors(false)
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
    if !options.anonymous && !options.listen.ip().is_loopback() {
        return Err(format!(
            "other computers may reach {}, and nobody signs in: say `--anonymous` if everybody \
             there may read and append",
            options.listen
        ));
    }
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
    let stop = stop_signal().map_err(|error| error.to_string())?;
    let mut limits = Limits {
        shutdown_grace: SHUTDOWN_GRACE,
        ..Limits::default()
    };
    if let Some(clients) = options.clients_per_address {
        allow_at_one_address(clients, &mut limits);
    }
    let mut service = Service::new().mount(tasks).limits(limits);
    if options.anonymous {
        service = service.anonymous();
    }
    if let Some(url) = options.public_url {
        service = service.public_url(url);
    }
    let mut scheme = "http";
    if let (Some(certificate), Some(key)) = (options.tls_cert, options.tls_key) {
        let tls = Tls::files(certificate, key).map_err(|error| error.to_string())?;
        service = service.tls(tls);
        scheme = "https";
    }
    print_or_ignore(&introduction(&format!("{scheme}://{address}"), &url));
    eventsource_rest::serve(listener, service, stop)
        .await
        .map_err(|error| error.to_string())?;
    print_or_ignore("Stopped.\n");
    Ok(())
}

/// Lets this many clients at one address do what one client may by default.
fn allow_at_one_address(clients: usize, limits: &mut Limits) {
    for of_one in [
        &mut limits.max_connections_per_client,
        &mut limits.max_in_flight_per_client,
        &mut limits.max_streams_per_client,
    ] {
        *of_one = clients.max(*of_one);
    }
    for of_all in [
        &mut limits.max_connections,
        &mut limits.max_in_flight,
        &mut limits.max_streams,
    ] {
        // Others want a place, too.
        *of_all = (clients + clients / 4).max(*of_all);
    }
}

/// Returns the URL of a file in the user's data folder, or else in the temporary folder.
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

/// Explains why the program cannot listen, and what to do.
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

/// Prints a text, and ignores a closed output.
fn print_or_ignore(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Returns the text that is printed at the start.
fn introduction(service: &str, url: &str) -> String {
    let id = EntityId::new();
    let diagram = render::text(TaskEvent::MACHINE).unwrap_or_default();
    format!(
        r#"The task list is at {service}, its events in {database}

Its states, and what may happen in each:

{diagram}
Try, in another terminal:

  curl -i {service}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "CREATED", "description": "write it down"}}'
  curl -i {service}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "STARTED"}}'
  curl -i {service}/api/v1/task_event --json '{{"taskId": "{id}", "eventType": "ASSIGNED", "assignee": "ann"}}'
  curl {service}/api/v1/task/{id}
  curl '{service}/api/v1/task_event?task_id={id}'
  curl -N {service}/api/v1/task/{id}/stream

The second is refused: a task is started when it is assigned and scheduled.

In a browser, all that it can do: {service}/api/docs
and its rules as a picture: {service}/api/v1/machine/task.svg

Ctrl-C stops.
"#,
        database = without_password(url),
    )
}

/// Returns the URL without the parts that may hold a password.
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

/// Returns a future that completes at SIGINT or SIGTERM.
///
/// The signals are handled from this call on, not only once the future is awaited.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
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

/// Returns a future that completes at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
