//! Description of the machine, the versions and the revision of a run.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::Instant;

use sqlx::PgPool;

/// Describes the machine, the versions and the latency of the disk, as Markdown.
pub async fn describe(pool: &PgPool, url_of_log: &std::path::Path) -> String {
    let postgres: String = sqlx::query_scalar("SHOW server_version")
        .fetch_one(pool)
        .await
        .unwrap();
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        .unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let (date, commit) = (chrono::Utc::now().date_naive(), commit());
    let (median, most) = fsync_micros(url_of_log);
    format!(
        "| | |\n| --- | --- |\n\
         | measured | {date}, at commit {commit} |\n\
         | processor | {model}, {cores} cores, shared with the server |\n\
         | load before the run | {load} |\n\
         | an fsync of 8 KiB | {median:.0} µs (median of 200), {most:.0} µs at most |\n\
         | Postgres | {postgres}, default configuration |\n\
         | peers | cqrs-es 0.5.0 with postgres-es 0.5.0, esrs 0.18.0, disintegrate 4.0.0 with \
         disintegrate-postgres 4.0.1, eventcore 2.1.0, all on sqlx 0.8.6; mire 0.4.0, mire-sagas 0.4.0 and ours on sqlx 0.9.0 |\n"
    )
}

/// Returns the revision that was built, if git knows it.
fn commit() -> String {
    let git = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    git.ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// Measures how long it takes to write and sync a file, as a commit does with its log.
fn fsync_micros(folder: &std::path::Path) -> (f64, f64) {
    let mut file = tempfile(folder);
    let block = [7_u8; 8192];
    let mut times: Vec<f64> = (0..200)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&block).unwrap();
            file.sync_data().unwrap();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[100], times[199])
}

fn tempfile(folder: &std::path::Path) -> fs::File {
    let path = folder.join(format!("eventsource-peers-{}", std::process::id()));
    let file = fs::File::create_new(&path).unwrap();
    // It lives as long as it is open.
    fs::remove_file(path).unwrap();
    file
}
