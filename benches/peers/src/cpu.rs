//! CPU time of this process and of the server. Unlike wall-clock time, it hardly depends on what
//! else the machine does.

use std::fs;
use std::ops::Sub;

use sqlx::{Connection, PgConnection};

/// Seconds of CPU time.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    pub client: f64,
    pub server: f64,
}

/// Server whose processes are measured.
#[derive(Clone, Copy)]
pub struct ServerId(u32);

impl ServerId {
    /// Finds the server that answers at `url`.
    pub async fn of(url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let stat = fs::read_to_string(format!("/proc/{backend}/stat")).unwrap();
        Self(parent(&stat).unwrap())
    }

    /// Returns the CPU time used since the processes began.
    pub fn used(self) -> Cpu {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let backends = processes.map(|entry| entry.path()).filter(|path| {
            let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
            parent(&stat) == Some(self.0)
        });
        let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
        Cpu {
            client: threads.map(|entry| seconds(&entry.path())).sum(),
            server: backends.map(|path| seconds(&path)).sum(),
        }
    }
}

/// Returns the process id of the parent, which follows the name in brackets and the state.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Returns the CPU time of a thread; 0 if it has ended.
fn seconds(path: &std::path::Path) -> f64 {
    let text = fs::read_to_string(path.join("schedstat")).unwrap_or_default();
    let nanos = text.split_whitespace().next();
    nanos
        .and_then(|nanos| nanos.parse::<f64>().ok())
        .unwrap_or_default()
        / 1e9
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            client: self.client - other.client,
            server: self.server - other.server,
        }
    }
}
