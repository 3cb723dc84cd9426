//! Graceful shutdown.

use std::sync::Arc;
use std::time::Duration;

use eventsource_rest::{Limits, Service};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::platform::{Held, tasks};
use crate::running::{append, start};

#[tokio::test]
async fn shutdown_finishes_requests_in_progress() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::clone(&go_on),
    };
    let running = start(Service::new().mount(tasks().await).before_append(held)).await;
    let mut client = running.send(&append()).await;
    begun.notified().await;
    running.stop.send(()).unwrap();
    // Once it no longer takes connections it has understood.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    running.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_cuts_off_requests_after_grace() {
    let begun = Arc::new(Notify::new());
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::default(),
    };
    let limits = Limits {
        shutdown_grace: Duration::from_millis(20),
        ..Limits::default()
    };
    let service = Service::new().mount(tasks().await).limits(limits);
    let running = start(service.before_append(held)).await;
    let _client = running.send(&append()).await;
    begun.notified().await;
    running.stop.send(()).unwrap();
    running.served.await.unwrap().unwrap();
}

/// Streams have no end of their own: one that were not closed would be cut off after the grace,
/// which is longer than the test's patience.
#[tokio::test]
async fn shutdown_ends_open_streams() {
    let patience = Duration::from_mins(3);
    let limits = Limits {
        shutdown_grace: patience * 60,
        ..Limits::default()
    };
    let store = tasks().await;
    let running = start(Service::new().mount(store).limits(limits)).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let path = "/api/v1/task_event/stream";
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let mut stream = running.send(&request).await;
        let mut begun = String::new();
        while !begun.contains("retry:") {
            let mut some = [0; 1024];
            let read = stream.read(&mut some).await.unwrap();
            assert_ne!(read, 0, "{begun}");
            begun.push_str(std::str::from_utf8(&some[..read]).unwrap());
        }
        streams.push(stream);
    }
    running.stop.send(()).unwrap();
    for mut stream in streams {
        let mut rest = String::new();
        let end = tokio::time::timeout(patience, stream.read_to_string(&mut rest));
        end.await.unwrap().unwrap();
        // The end of a body in chunks: nothing was cut off.
        assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");
    }
    let served = tokio::time::timeout(patience, running.served);
    served.await.unwrap().unwrap().unwrap();
}
