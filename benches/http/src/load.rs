//! Load of several workers: how many operations they complete in a second.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Worker of a load: does its work once on each call.
pub trait Worker: Send {
    fn work(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Returns how many operations a second all workers complete together, each of them one after the
/// other.
pub async fn rate(workers: Vec<Box<dyn Worker>>, turn: Duration) -> f64 {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for mut worker in workers {
        running.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < turn {
                worker.work().await;
                done += 1;
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

pub fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
