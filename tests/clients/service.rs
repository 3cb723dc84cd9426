//! Service of all examples. An example that is added here is tried by all clients.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use eventsource_core::{Error, Store, StoreOptions};
use eventsource_rest::{Limits, Service};
use eventsource_tests::waiting::LIMIT;
use tasks::TaskEvent;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Service that listens until it is dropped.
pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Makes one service of all examples. On a busy machine it answers late, and never that it is busy.
async fn examples(store: &Store) -> Result<Service, Error> {
    let limits = Limits {
        request_timeout: LIMIT,
        shutdown_grace: LIMIT,
        ..Limits::default()
    };
    let service = Service::new().limits(limits);
    Ok(service.mount(store.migrate::<TaskEvent>().await?))
}

/// Starts the service on each database.
pub fn on_both() -> [Running; 2] {
    let postgres = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL names the Postgres to test on; ./test starts one and sets it");
    let schema = format!("clients_{}", uuid::Uuid::now_v7().simple());
    [
        start(StoreOptions::new("sqlite::memory:")),
        start(StoreOptions::new(postgres).schema(schema)),
    ]
}

pub fn start(options: StoreOptions) -> Running {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let options = options.acquire_timeout(LIMIT).lock_timeout(LIMIT);
            let store = options.connect().await.unwrap();
            let service = examples(&store).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            let stop = async { drop(stopped.await) };
            eventsource_rest::serve(listener, service, stop)
                .await
                .unwrap();
        });
    });
    Running {
        address: receiver.recv().unwrap(),
        stop: Some(stop),
        thread: Some(thread),
    }
}

impl Running {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let stopped = thread.join();
            assert!(stopped.is_ok() || std::thread::panicking());
        }
    }
}
