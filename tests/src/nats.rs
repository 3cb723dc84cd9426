//! Temporary server of NATS, with JetStream.

use std::io::{Error, Result, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::tools;

/// Server of NATS on a free port of the loopback interface, with JetStream in a temporary folder.
///
/// It can be killed and started again with what it has stored. When the process that started it ends,
/// however it ends, the server does too.
///
/// ```no_run
/// let mut server = eventsource_tests::nats::NatsServer::start("target/tmp")?;
/// println!("{}", server.url());
/// server.kill()?;
/// server.start_again()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    folder: TempDir,
    port: u16,
    guard: Option<Child>,
}

impl NatsServer {
    /// Runs the server, and ends it when the standard input does.
    const GUARD: &str = r#"
        "$1" --jetstream --store_dir "$2" --addr 127.0.0.1 --port "$3" >"$2/log" 2>&1 &
        server=$!
        read -r word
        kill -s KILL "$server"
        wait "$server"
        [ "$word" = keep ] || rm -rf -- "$2"
    "#;

    /// Installs a server beside the `CARGO_TARGET_TMPDIR` of the calling test, if there is none, and
    /// starts it.
    ///
    /// # Errors
    /// If it cannot be installed or started.
    pub fn start(tmp: impl AsRef<Path>) -> Result<Self> {
        let installed = tmp.as_ref().with_file_name("nats");
        let install = tools::file("tools/install-nats");
        let output = Command::new(install).arg(&installed).output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(Error::other(format!("NATS cannot be installed:\n{error}")));
        }
        let mut server = Self {
            program: installed.join("bin/nats-server"),
            folder: tempfile::tempdir()?,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            guard: None,
        };
        server.start_again()?;
        Ok(server)
    }

    /// Returns the URL that clients connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts a server that was killed, with what it has stored.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_again(&mut self) -> Result<()> {
        let guard = Command::new("sh")
            .args(["-c", Self::GUARD, "nats-guard"])
            .arg(&self.program)
            .arg(self.folder.path())
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        self.guard = Some(guard);
        Ok(())
    }

    /// Kills the server, as `kill -9` does.
    ///
    /// # Errors
    /// If its guard cannot be told.
    pub fn kill(&mut self) -> Result<()> {
        self.end("keep\n")
    }

    fn end(&mut self, word: &str) -> Result<()> {
        let Some(mut guard) = self.guard.take() else {
            return Ok(());
        };
        if let Some(mut input) = guard.stdin.take() {
            input.write_all(word.as_bytes())?;
        }
        guard.wait().map(drop)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // The folder removes itself.
        let _ = self.end("keep\n");
    }
}
