//! Server: start, stop, crash, restart.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::error::{PostgresError, Result, cannot};
use super::ready::is_ready;

/// Limit of the time that a server may take to start or to stop.
pub(super) const PATIENCE: Duration = crate::waiting::LIMIT;

/// Pause between two looks at a condition that is waited for.
const PAUSE: Duration = Duration::from_millis(10);

/// Running Postgres server with a cluster of its own, removed when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    process: Option<Child>,
    port: u16,
    /// Settings for the command line of the server.
    settings: Vec<&'static str>,
    cluster: Cluster,
}

impl PostgresServer {
    /// Makes a cluster and starts a server on it, ready for connections.
    ///
    /// # Errors
    ///
    /// When the server programs are missing or refuse to work; the message says what to do.
    pub fn start() -> Result<Self> {
        Self::of(Cluster::make()?, Vec::new())
    }

    /// Starts a server with TLS, by a certificate and its key in PEM.
    ///
    /// # Errors
    ///
    /// Like [`start`](Self::start).
    pub fn start_with_tls(certificate: &str, key: &str) -> Result<Self> {
        let cluster = Cluster::make()?;
        cluster.add("server.crt", certificate)?;
        cluster.add("server.key", key)?;
        Self::of(cluster, vec!["ssl=on"])
    }

    /// Starts a standby that follows this server and can be read from.
    ///
    /// # Errors
    ///
    /// Like [`start`](Self::start).
    pub fn standby(&self) -> Result<Self> {
        Self::of(Cluster::standby_of(self.port)?, Vec::new())
    }

    /// Serves a cluster on a port that is free.
    fn of(cluster: Cluster, settings: Vec<&'static str>) -> Result<Self> {
        let mut this = Self {
            process: None,
            port: 0,
            settings,
            cluster,
        };
        loop {
            this.port = free_port()?;
            match this.serve() {
                // Someone else was faster.
                Err(PostgresError::Ended { log, .. }) if port_taken(&log) => {}
                outcome => return outcome.map(|()| this),
            }
        }
    }

    /// Returns the URL of the database `postgres`, as superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Shuts the server down in an orderly way, whoever is connected, and removes all traces.
    ///
    /// # Errors
    ///
    /// When the server does not end in time. It is killed then.
    pub fn stop(mut self) -> Result<()> {
        self.shut_down("INT")
    }

    /// Ends the server as a crash would: SIGKILL, no shutdown of any kind. The data stay, for
    /// [`restart`](Self::restart).
    ///
    /// # Errors
    ///
    /// When the operating system refuses.
    pub fn kill_nine(&mut self) -> Result<()> {
        if let Some(process) = &mut self.process {
            process.kill().map_err(cannot("kill postgres"))?;
            process.wait().map_err(cannot("wait for postgres"))?;
            self.forget();
        }
        Ok(())
    }

    /// Ends the server and all its processes at once, as a power failure would: none of them
    /// finishes its work.
    ///
    /// # Errors
    ///
    /// When the operating system refuses.
    pub fn kill_nine_all(&mut self) -> Result<()> {
        let Some(process) = &self.process else {
            return Ok(());
        };
        // Stopped, it starts no more of them while they are looked for. One that it was starting just
        // then would live on, and keep the memory that the server needs to start again.
        let pid = process.id();
        signal("STOP", [pid])?;
        let deadline = Instant::now() + PATIENCE;
        while status(pid).is_some_and(|(state, _)| state != "T") && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        signal("KILL", children(pid).chain([pid]))?;
        self.kill_nine()
    }

    /// Starts the server again with the same data on the same port, after shutting it down if
    /// it still runs.
    ///
    /// # Errors
    ///
    /// Like [`start`](Self::start) and [`stop`](Self::stop).
    pub fn restart(&mut self) -> Result<()> {
        self.shut_down("INT")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.serve() {
                // The processes of a killed server take a moment to notice, and to let go.
                Err(PostgresError::Ended { log, .. })
                    if Instant::now() < deadline && (port_taken(&log) || memory_held(&log)) =>
                {
                    thread::sleep(PAUSE);
                }
                outcome => return outcome,
            }
        }
    }

    /// Starts the server on `self.port` and waits until it takes connections. On failure it does
    /// not run.
    fn serve(&mut self) -> Result<()> {
        let log_path = self.cluster.folder().join("log");
        // The processes of a killed server may still write to an old one.
        let _ = fs::remove_file(&log_path);
        let log = File::create_new(&log_path).map_err(cannot("make the server's log"))?;
        let mut command = self.cluster.command("postgres");
        command
            .arg("-D")
            .arg(self.cluster.data())
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "max_connections=200"])
            // In the cluster's folder, where other kinds would outlive a killed server.
            .args(["-c", "dynamic_shared_memory_type=mmap"])
            .stderr(log);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        if cfg!(target_os = "linux") {
            // After a crash a thousand files need not be synced one by one.
            command.args(["-c", "recovery_init_sync_method=syncfs"]);
        }
        let read_log =
            || String::from_utf8_lossy(&fs::read(&log_path).unwrap_or_default()).into_owned();

        let process = self.process.insert(self.cluster.spawn(command)?);
        let pid_file = self.cluster.pid_file();
        let deadline = Instant::now() + PATIENCE;
        while !fs::read_to_string(&pid_file).is_ok_and(|file| is_ready(&file, process.id())) {
            if let Some(status) = process.try_wait().map_err(cannot("wait for postgres"))? {
                self.forget();
                let log = read_log();
                return Err(PostgresError::Ended { status, log });
            }
            if Instant::now() >= deadline {
                self.kill_nine()?;
                return Err(PostgresError::NotReady { log: read_log() });
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn shut_down(&mut self, signal: &str) -> Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        self::signal(signal, [process.id()])?;
        let deadline = Instant::now() + PATIENCE;
        while process
            .try_wait()
            .map_err(cannot("wait for postgres"))?
            .is_none()
        {
            if Instant::now() >= deadline {
                self.kill_nine()?;
                return Err(PostgresError::NotStopped);
            }
            thread::sleep(PAUSE);
        }
        self.forget();
        Ok(())
    }

    /// Forgets the process, which must have ended.
    fn forget(&mut self) {
        self.process = None;
        self.cluster.guard.forget();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // SIGQUIT ends the server and all its processes at once, which SIGKILL would not. If that
        // fails, the guard has another try.
        let _ = self.shut_down("QUIT");
        // What a killed server left in the system's memory only Postgres knows how to find.
        if self.cluster.pid_file().exists() && self.restart().is_ok() {
            let _ = self.shut_down("QUIT");
        }
    }
}

/// Sends a signal by the shell, whose `kill` every system has; a process that does not exist is no
/// error.
fn signal(signal: &str, processes: impl IntoIterator<Item = u32>) -> Result<()> {
    Command::new("sh")
        .args(["-c", r#"kill -s "$@" 2>/dev/null"#, "sh", signal])
        .args(processes.into_iter().map(|process| process.to_string()))
        .status()
        .map_err(cannot("run sh"))?;
    Ok(())
}

/// Returns the child processes of a process, as Linux lists them. Each child of a server has a
/// session of its own, so they are no process group.
fn children(parent: u32) -> impl Iterator<Item = u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(move |process| {
        let id = process.file_name().to_str()?.parse().ok()?;
        (status(id)?.1 == parent).then_some(id)
    })
}

/// Returns the state of a process, a letter, and its parent; `None` if there is no such process.
fn status(id: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // After the name, which may hold anything, in parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut rest = rest.split_whitespace();
    Some((rest.next()?.to_owned(), rest.next()?.parse().ok()?))
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(cannot("find a free port on 127.0.0.1"))
}

fn port_taken(log: &str) -> bool {
    log.contains("could not create any TCP/IP sockets")
}

fn memory_held(log: &str) -> bool {
    log.contains("pre-existing shared memory block")
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::net::TcpStream;

    use super::*;

    /// Starts a server; `None` where the tests are to use one that is already running.
    fn server() -> Option<PostgresServer> {
        match PostgresServer::start() {
            Err(PostgresError::NotFound) if env::var_os("DATABASE_URL").is_some() => None,
            started => Some(started.unwrap()),
        }
    }

    fn listens(server: &PostgresServer) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).is_ok()
    }

    #[test]
    fn stopped_server_leaves_nothing() {
        let Some(server) = server() else { return };
        let address = (Ipv4Addr::LOCALHOST, server.port());
        let folder = server.cluster.folder().to_owned();
        assert!(server.url().contains(&server.port().to_string()));
        assert!(folder.is_dir());
        assert!(listens(&server));
        server.stop().unwrap();
        assert!(TcpStream::connect(address).is_err());
        assert!(!folder.exists());
    }

    #[test]
    fn killed_server_restarts_with_its_data() {
        let Some(mut server) = server() else { return };
        let (url, folder) = (server.url(), server.cluster.folder().to_owned());
        server.kill_nine().unwrap();
        // Its other processes share its socket until they notice.
        let begun = Instant::now();
        while listens(&server) {
            assert!(begun.elapsed() < PATIENCE, "still listening");
            thread::yield_now();
        }
        server.restart().unwrap();
        assert_eq!(server.url(), url);
        assert!(listens(&server));
        // Also while it runs.
        server.restart().unwrap();
        assert!(listens(&server));
        let processes: Vec<u32> = children(server.process.as_ref().unwrap().id()).collect();
        server.kill_nine_all().unwrap();
        let alive = |id: &u32| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat"));
            // Nobody may have asked yet what became of it.
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        let killed = Instant::now();
        while processes.iter().any(alive) {
            assert!(killed.elapsed() < PATIENCE, "its processes live on");
            thread::sleep(PAUSE);
        }
        server.restart().unwrap();
        assert!(listens(&server));
        server.kill_nine_all().unwrap();
        drop(server);
        assert!(!folder.exists());
    }

    #[test]
    fn serve_on_taken_port_is_recognised() {
        let Some(mut server) = server() else { return };
        server.shut_down("INT").unwrap();
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        server.port = other.local_addr().unwrap().port();
        match server.serve() {
            Err(PostgresError::Ended { log, .. }) => assert!(port_taken(&log), "{log}"),
            outcome => panic!("{outcome:?}"),
        }
    }
}
