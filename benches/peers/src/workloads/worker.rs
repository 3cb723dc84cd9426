//! Worker of a runtime that runs for as long as something is measured.

use std::time::{Duration, Instant};

use eventsource_runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Worker {
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Worker {
    pub fn start(runtime: Runtime) -> Self {
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(runtime.run_until(async {
            let _ = stopped.await;
        }));
        Self { stop, running }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
    }
}

/// Runs a runtime of one subscription, and returns how long it takes until that has all events.
pub async fn level(runtime: Runtime) -> Duration {
    let start = Instant::now();
    let worker = Worker::start(runtime.clone());
    while runtime.status().await.unwrap()[0].lag_events > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = start.elapsed();
    worker.stop().await;
    took
}
