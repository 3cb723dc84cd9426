//! Rates of an operation, measured in turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::cpu::{Cpu, ServerId};
use crate::sides::Side;

/// Duration and number of the turns of each side.
#[derive(Clone, Copy)]
pub struct Turns {
    pub turn: Duration,
    pub rounds: usize,
}

/// Maximum length of a stream, so that sides which load the stream before each append are not at a
/// disadvantage.
const LONGEST: u32 = 10;

/// Returns how many times a second `clients` complete `work` in a turn, each of them one after the
/// other.
pub async fn rate<F: Future<Output = ()> + Send + 'static>(
    clients: usize,
    turn: Duration,
    work: impl Fn(usize) -> F + Clone + Send + 'static,
) -> f64 {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for client in 0..clients {
        let work = work.clone();
        running.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < turn {
                work(client).await;
                done += 1;
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// Returns the calls a second of `clients` that append to streams of their own, `count` events a
/// call.
pub async fn append_rate(side: &Arc<dyn Side>, clients: usize, count: u32, turn: Duration) -> f64 {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let side = Arc::clone(side);
        running.spawn(async move {
            let (mut stream, mut seen, mut done) = (Uuid::now_v7(), 0, 0_u32);
            while start.elapsed() < turn {
                // Nobody else has the stream; but serializable transactions fail for less.
                while side.append(stream, seen, count).await.is_err() {}
                seen += count;
                done += 1;
                if seen >= LONGEST.max(2 * count) {
                    (stream, seen) = (Uuid::now_v7(), 0);
                }
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// Returns the calls a second of `clients` that each append to one stream, one event a call.
pub async fn long_append_rate(side: &Arc<dyn Side>, clients: usize, turn: Duration) -> f64 {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let side = Arc::clone(side);
        running.spawn(async move {
            let (stream, mut seen) = (Uuid::now_v7(), 0_u32);
            while start.elapsed() < turn {
                side.append(stream, seen, 1).await.unwrap();
                seen += 1;
            }
            seen
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// Returns the calls a second of `clients` that all append to one new stream, and the number of
/// failed attempts for each stored call.
pub async fn hot_rate(side: &Arc<dyn Side>, clients: usize, turn: Duration) -> (f64, f64) {
    let stream = Uuid::now_v7();
    while side.append(stream, 0, 1).await.is_err() {}
    let start = Instant::now();
    let lost = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let (side, lost) = (Arc::clone(side), Arc::clone(&lost));
        running.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < turn {
                loop {
                    let seen = side.seen(stream).await;
                    if side.append(stream, seen.max(1), 1).await.is_ok() {
                        break;
                    }
                    lost.fetch_add(1, Ordering::Relaxed);
                }
                done += 1;
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    let rate = f64::from(done) / start.elapsed().as_secs_f64();
    let lost = lost.load(Ordering::Relaxed) as f64;
    (rate, lost / f64::from(done.max(1)))
}

/// Returns the loads of one stream a second, one after the other, and the CPU time of each; `None`
/// if the side only appends.
pub async fn load_rate(
    side: &Arc<dyn Side>,
    stream: Uuid,
    sum: u64,
    turn: Duration,
    server: ServerId,
) -> Option<(f64, Cpu)> {
    let before = server.used();
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < turn {
        assert_eq!(side.load(stream).await?, sum, "{}", side.name());
        done += 1;
    }
    let rate = f64::from(done) / start.elapsed().as_secs_f64();
    let used = server.used() - before;
    let each = |seconds: f64| seconds / f64::from(done);
    let cpu = Cpu {
        client: each(used.client),
        server: each(used.server),
    };
    Some((rate, cpu))
}

pub fn median(values: Vec<f64>) -> f64 {
    Measured::of(values).median
}

/// Median of the turns of a side, and their spread.
#[derive(Clone, Copy)]
pub struct Measured {
    pub median: f64,
    /// Half of the distance between the quartiles, as a part of the median; `None` if nothing was
    /// measured twice.
    pub spread: Option<f64>,
}

impl Measured {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let (median, quarter) = (at(values.len() / 2), values.len() / 4);
        let within = || at(values.len() - 1 - quarter) - at(quarter);
        Self {
            median,
            spread: (values.len() > 1).then(|| within() / 2.0 / median),
        }
    }

    /// Returns the measurement, unless no turn gave a number.
    pub fn known(values: Vec<f64>) -> Option<Self> {
        Some(Self::of(values)).filter(|measured| measured.median.is_finite())
    }
}

impl From<f64> for Measured {
    fn from(median: f64) -> Self {
        Self {
            median,
            spread: None,
        }
    }
}
