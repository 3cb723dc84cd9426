//! Number of files that the process may have open.

/// Returns the number of sockets that leave enough files to the database and the rest of the
/// process; `None` where the system does not tell.
pub(super) fn available_for_sockets() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    soft_limit(&limits).map(|files| files / 4 * 3)
}

/// Reads the soft limit from the text of `/proc/self/limits`; `None` also if there is none.
fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_limit_is_first_number() {
        let text = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max processes             7                    8                    processes \n\
                 Max open files            {soft}                 524288               files     \n"
            )
        };
        assert_eq!(soft_limit(&text("1024")), Some(1024));
        assert_eq!(soft_limit(&text("unlimited")), None);
        assert_eq!(soft_limit(""), None);
    }
}
