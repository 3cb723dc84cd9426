//! Child processes: a test starts itself once more, in another role.

use std::env;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const ROLE: &str = "EVENTSOURCE_TEST_ROLE";

/// Prefix of lines for the parent; the test harness prints others.
const MARK: &str = "line for the parent: ";

/// Returns what the parent has asked for, in a child.
pub fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// Sends the parent a line.
pub fn send(line: &str) {
    use std::io::Write;
    let line = format!("{MARK}{line}\n");
    // In one piece, or not at all: a pipe takes a short line whole.
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .unwrap();
}

pub struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Runs `test`, by its full name, in this role. It is killed when this is dropped.
    pub fn start(test: &str, role: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for the next line that the child sends; `None` when it has ended.
    pub async fn line(&mut self) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            // The harness may have begun the line.
            if let Some((_, sent)) = line.split_once(MARK) {
                return Some(sent.to_owned());
            }
        }
        None
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }

    /// Sends it a signal, such as `STOP`.
    pub async fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("sh")
            .args(["-c", r#"kill -s "$1" "$2""#, "sh", signal, &id])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }
}
