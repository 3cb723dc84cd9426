//! Program `with-postgres COMMAND [ARG..]`, which runs a command with `DATABASE_URL` set.
//!
//! If it is set already, that is all. Otherwise it names a Postgres server that is there for
//! this command alone, and gone when the command ends or SIGINT, SIGTERM, SIGHUP or SIGQUIT
//! stops it. The exit code is the command's, or 128 and the number of the signal that killed
//! it. As with `env`, 125 says that no server could be started, 126 that the command cannot be
//! run, and 127 that there is no such command.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, ExitCode, ExitStatus};
use std::time::Duration;

use eventsource_tests::postgres::PostgresServer;
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Limit of the time that a command may take to end after a signal.
const PATIENCE: Duration = Duration::from_secs(5);
const SIGKILL: i32 = 9;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let Some(program) = args.next() else {
        return fail(125, "usage: with-postgres COMMAND [ARG..]");
    };
    let mut command = process::Command::new(&program);
    command.args(args);
    if env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty()) {
        // Returns only if it fails.
        return cannot_run(&program, &command.exec());
    }
    match with_server(&program, command).await {
        Ok(code) => code,
        Err(error) => fail(125, &error.to_string()),
    }
}

async fn with_server(
    program: &OsString,
    mut command: process::Command,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut signals = Signals::listen()?;
    let mut starting = spawn_blocking(PostgresServer::start);
    let (server, stopped_by) = tokio::select! {
        started = &mut starting => (started??, None),
        number = signals.next() => (starting.await??, Some(number)),
    };

    let code = if let Some(number) = stopped_by {
        killed_by(number)
    } else {
        command.env("DATABASE_URL", server.url());
        match Running::spawn(command) {
            Ok(running) => exit_code(running.until_end(&mut signals).await?),
            Err(error) => cannot_run(program, &error),
        }
    };
    if let Err(error) = spawn_blocking(|| server.stop()).await? {
        // It is gone all the same; what counts is how the command went.
        eprintln!("with-postgres: {error}");
    }
    Ok(code)
}

/// Running command.
struct Running {
    child: Child,
    /// Target of signals: a process, or a group of them after a minus sign.
    target: String,
    /// Whether the terminal sends the command its own Ctrl-C.
    on_terminal: bool,
}

impl Running {
    fn spawn(mut command: process::Command) -> io::Result<Self> {
        // At a terminal the command must stay in this process's group to be allowed to read.
        // Elsewhere a group of its own lets a signal reach what the command started as well:
        // `cargo test` would not pass it on.
        let on_terminal = io::stdin().is_terminal();
        if !on_terminal {
            command.process_group(0);
        }
        let child = Command::from(command).spawn()?;
        let pid = child.id().map(|id| id.to_string()).unwrap_or_default();
        let target = if on_terminal { pid } else { format!("-{pid}") };
        Ok(Self {
            child,
            target,
            on_terminal,
        })
    }

    async fn until_end(mut self, signals: &mut Signals) -> io::Result<ExitStatus> {
        let mut asked = false;
        let status = loop {
            let number = tokio::select! {
                status = self.child.wait() => break status?,
                number = signals.next() => number,
            };
            // Ctrl-C and its like are handled by the command; a shell goes on after them.
            let by_key = [SignalKind::interrupt(), SignalKind::quit()]
                .iter()
                .any(|kind| kind.as_raw_value() == number);
            if by_key && self.on_terminal {
                continue;
            }
            asked = true;
            self.send(number).await?;
            if !by_key && timeout(PATIENCE, self.child.wait()).await.is_err() {
                self.send(SIGKILL).await?;
            }
        };
        if asked && !self.on_terminal {
            // What the command has started and left behind.
            self.send(SIGKILL).await?;
        }
        Ok(status)
    }

    async fn send(&self, number: i32) -> io::Result<()> {
        // The shell has `kill` built in; not every system has it as a program. It fails when
        // nobody is left to get the signal, which is fine.
        Command::new("sh")
            .args(["-c", r#"kill -s "$1" -- "$2" 2>/dev/null"#, "sh"])
            .arg(number.to_string())
            .arg(&self.target)
            .status()
            .await?;
        Ok(())
    }
}

/// Signals that ask this process to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for the next signal and returns its number.
    async fn next(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.hangup.recv() => SignalKind::hangup(),
            _ = self.quit.recv() => SignalKind::quit(),
        };
        kind.as_raw_value()
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitCode::from(code as u8),
        (None, Some(number)) => killed_by(number),
        (None, None) => ExitCode::FAILURE,
    }
}

fn killed_by(number: i32) -> ExitCode {
    ExitCode::from(128 + number as u8)
}

fn cannot_run(program: &OsString, error: &io::Error) -> ExitCode {
    let code = match error.kind() {
        io::ErrorKind::NotFound => 127,
        _ => 126,
    };
    fail(code, &format!("cannot run {program:?}: {error}"))
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("with-postgres: {message}");
    ExitCode::from(code)
}
