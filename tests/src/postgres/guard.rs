//! Guard that cleans up after a process that was killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::{Result, cannot};

/// Process that outlives this one, however this one ends, and cleans up after it.
///
/// It notices by its standard input, which the operating system closes. Until then it reads
/// which process to end: one id a line, the last one counts, an empty line for none.
#[derive(Debug)]
pub(super) struct Guard {
    process: Child,
}

impl Guard {
    const SCRIPT: &str = r#"
        pid=
        while read -r line; do pid=$line; done
        if [ -n "$pid" ]; then
            kill -s QUIT "$pid"
            tries=100
            while kill -s 0 "$pid" && [ "$tries" -gt 0 ]; do
                tries=$((tries - 1))
                sleep 0.1
            done
            kill -s KILL "$pid"
        fi
        rm -rf -- "$1"
    "#;

    pub(super) fn of(folder: &Path) -> Result<Self> {
        let process = Command::new("sh")
            .args(["-c", Self::SCRIPT, "postgres-guard"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of Ctrl-C.
            .process_group(0)
            .spawn()
            .map_err(cannot("run sh"))?;
        Ok(Self { process })
    }

    pub(super) fn watch(&mut self, child: &Child) {
        self.tell(&child.id().to_string());
    }

    pub(super) fn forget(&mut self) {
        self.tell("");
    }

    fn tell(&mut self, line: &str) {
        // Without a guard, which someone must have killed, there is still `Drop`.
        if let Some(input) = &mut self.process.stdin {
            let _ = input.write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Closes its standard input first.
        let _ = self.process.wait();
    }
}
