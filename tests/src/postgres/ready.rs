//! Readiness of a server.

/// Returns whether `postmaster.pid` says that the server `pid` takes connections, which `pg_ctl
/// --wait` checks as well.
pub(super) fn is_ready(pid_file: &str, pid: u32) -> bool {
    let mut lines = pid_file.lines();
    lines.next() == Some(&pid.to_string()) && lines.nth(6).map(str::trim_end) == Some("ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_ready_only_with_own_pid_file() {
        let file = "42\n/data\n1700000000\n5432\n\n127.0.0.1\n  1 2\nready   \n";
        assert!(is_ready(file, 42));
        assert!(!is_ready(file, 43));
        assert!(!is_ready(&file.replace("ready   ", "starting"), 42));
        assert!(!is_ready("42\n/data\n1700000000\n5432\n", 42));
        assert!(!is_ready("", 42));
    }
}
