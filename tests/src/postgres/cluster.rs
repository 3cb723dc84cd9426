//! Database cluster: the folder with the data, and the programs that run on it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::error::{PostgresError, Result, cannot};
use super::guard::Guard;
use super::programs;
use super::user::{self, User};

/// Database cluster in a temporary folder, removed when dropped.
#[derive(Debug)]
pub(super) struct Cluster {
    programs: PathBuf,
    user: Option<User>,
    // In this order: the guard removes the folder too, and must be done before it is.
    pub(super) guard: Guard,
    folder: TempDir,
}

impl Cluster {
    pub(super) fn make() -> Result<Self> {
        let mut cluster = Self::empty()?;
        cluster.initdb()?;
        Ok(cluster)
    }

    /// Copies the cluster of the server on this port, as a standby that follows it.
    pub(super) fn standby_of(port: u16) -> Result<Self> {
        let mut cluster = Self::empty()?;
        let mut command = cluster.command("pg_basebackup");
        command
            .args(["--host=127.0.0.1", "--username=postgres", "--no-sync"])
            .args(["--checkpoint=fast", "--write-recovery-conf"])
            .arg(format!("--port={port}"))
            .arg("--pgdata")
            .arg(cluster.data());
        cluster.run("pg_basebackup", command)?;
        Ok(cluster)
    }

    fn empty() -> Result<Self> {
        let programs = programs::find()?;
        let folder = tempfile::Builder::new()
            .prefix("eventsource-postgres-")
            .tempdir()
            .map_err(cannot("make a temporary folder"))?;
        Ok(Self {
            programs,
            user: user::hand_over(folder.path())?,
            guard: Guard::of(folder.path())?,
            folder,
        })
    }

    /// Puts a file into the data that only the server's user may read.
    pub(super) fn add(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        let made = fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o600)));
        made.map_err(cannot(format!("write {name}")))?;
        match &self.user {
            Some(user) => chown(&path, Some(user.uid), Some(user.gid))
                .map_err(cannot(format!("give {name} to another user"))),
            None => Ok(()),
        }
    }

    fn initdb(&mut self) -> Result<()> {
        let mut command = self.command("initdb");
        command
            .args(["--auth=trust", "--encoding=UTF8", "--username=postgres"])
            // Orders text by its bytes, and is there on every system.
            .arg("--locale=C")
            // Makes the files faster; does not make the server careless.
            .arg("--no-sync")
            .arg("--pgdata")
            .arg(self.data());
        self.run("initdb", command)
    }

    /// Runs a command to its end.
    fn run(&mut self, program: &'static str, mut command: Command) -> Result<()> {
        command.stderr(Stdio::piped());
        let done = self
            .spawn(command)?
            .wait_with_output()
            .map_err(cannot(format!("wait for {program}")))?;
        self.guard.forget();
        if done.status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&done.stderr).into_owned();
        Err(PostgresError::Program { program, output })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Returns the path of the file with the process id, which a shutdown of any kind removes, but
    /// not SIGKILL.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// Returns a command of one of the server's programs, run as its user.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(self.folder())
            // Errors in English.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Ctrl-C is for the tests; the server goes when they are done with it.
            .process_group(0);
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Starts a command, which the guard kills at the end unless it is told to forget it.
    pub(super) fn spawn(&mut self, mut command: Command) -> Result<Child> {
        let child = command
            .spawn()
            .map_err(cannot(format!("run {command:?}")))?;
        self.guard.watch(&child);
        Ok(child)
    }
}
