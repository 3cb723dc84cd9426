//! Connections of `serve`: how long they may take, and how many there may be.

use std::sync::Arc;
use std::time::Duration;

use eventsource_core::EventStore;
use eventsource_rest::{Limits, Service};
use tasks::TaskEvent;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

use crate::platform::{Held, tasks};
use crate::running::{Running, append, get, read_until, rest, start, stream};

/// Short, but long enough for a busy machine to answer a request on time.
const SHORT: Duration = Duration::from_millis(300);

const HEALTH: &str = "/api/health";

async fn with_limits(limits: Limits) -> Running {
    start(Service::new().mount(tasks().await).limits(limits)).await
}

/// Starts a service whose appends wait for ever, and says when one has begun.
async fn with_held_appends(limits: Limits) -> (Running, Arc<Notify>) {
    let begun = Arc::new(Notify::new());
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::default(),
    };
    let service = Service::new().mount(tasks().await).before_append(held);
    (start(service.limits(limits)).await, begun)
}

/// Appends so many large events that no socket has room for all of them.
async fn append_ten_megabytes(tasks: &EventStore<TaskEvent>) {
    for _ in 0..20 {
        let description = Some("x".repeat(500_000));
        tasks
            .create(TaskEvent::Created { description })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn connection_without_whole_head_is_closed_after_head_timeout() {
    let running = with_limits(Limits {
        head_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    for begin in ["", "GET /api/health HTTP/1.1\r\nhost: "] {
        let mut client = running.send(begin).await;
        assert_eq!(rest(&mut client).await, "", "{begin}");
    }
    // Also the head of a later request.
    let mut client = running
        .send("GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    read_until(&mut client, "{\"status\":\"ok\"}").await;
    client.write_all(b"GET ").await.unwrap();
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn connection_without_request_is_closed_after_idle_timeout() {
    let running = with_limits(Limits {
        idle_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let request = "GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut client = running.send(request).await;
    read_until(&mut client, "{\"status\":\"ok\"}").await;
    client.write_all(request.as_bytes()).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
}

#[tokio::test]
async fn request_may_take_longer_than_head_and_idle_timeout() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::clone(&go_on),
    };
    let limits = Limits {
        head_timeout: SHORT,
        idle_timeout: SHORT,
        ..Limits::default()
    };
    let service = Service::new().mount(tasks().await).limits(limits);
    let running = start(service.before_append(held)).await;
    let mut waiting = running.send(&append()).await;
    begun.notified().await;
    // Another connection ends at a timeout that began later.
    rest(&mut running.send("").await).await;
    go_on.notify_one();
    let answer = rest(&mut waiting).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[tokio::test]
async fn body_that_comes_too_slowly_is_408_and_connection_is_closed() {
    let running = with_limits(Limits {
        body_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    for path in ["/api/v1/task_event", "/api/v1/task/validate"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: 100\r\n\r\n"
        );
        let mut client = running.send(&format!("{head}{{\"event")).await;
        let answer = rest(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("/problems/body-too-slow"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    // A route that does not want a body is no way around it.
    let head = "POST /api/health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{";
    let answer = rest(&mut running.send(head).await).await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn body_with_minimum_rate_may_take_longer_than_body_timeout() {
    let running = with_limits(Limits {
        body_timeout: SHORT,
        min_body_rate: 10,
        ..Limits::default()
    })
    .await;
    let (head, body) = append()
        .split_once("\r\n\r\n")
        .map(|(head, body)| (head.to_owned(), body.to_owned()))
        .unwrap();
    let (most, last) = body.split_at(body.len() - 1);
    let mut client = running.send(&format!("{head}\r\n\r\n{most}")).await;
    // These are cut off after the time that the other has beyond its bytes.
    let slow = format!("{head}\r\n\r\n{{");
    let answer = rest(&mut running.send(&slow).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    client.write_all(last.as_bytes()).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[tokio::test]
async fn client_that_does_not_read_is_cut_off_after_write_timeout() {
    let tasks = tasks().await;
    append_ten_megabytes(&tasks).await;
    let limits = Limits {
        max_in_flight: 1,
        max_streams: 1,
        write_timeout: SHORT,
        ..Limits::default()
    };
    let running = start(Service::new().mount(tasks).limits(limits)).await;
    for path in ["/api/v1/task_event/stream", "/api/v1/task_event"] {
        let mut idle = running.send(&get(path)).await;
        read_until(&mut idle, "200 OK").await;
        // The only place is free again when the client has been cut off.
        let again = async {
            loop {
                let mut next = running.send(&get(path)).await;
                let begin = read_until(&mut next, "\r\n").await;
                if begin.contains("200 OK") {
                    break;
                }
                assert!(begin.contains(" 503 "), "{begin}");
            }
        };
        let again = tokio::time::timeout(crate::running::PATIENCE, again);
        again.await.unwrap_or_else(|_| panic!("{path}"));
        assert!(!rest(&mut idle).await.ends_with("0\r\n\r\n"), "cut off");
    }
}

#[tokio::test]
async fn head_over_max_head_bytes_is_431() {
    let running = with_limits(Limits {
        max_head_bytes: 1000,
        ..Limits::default()
    })
    .await;
    for (length, status) in [(500, 200), (1000, 431)] {
        let cookie = "x".repeat(length);
        let request = get(HEALTH).replace("\r\n\r\n", &format!("\r\ncookie: {cookie}\r\n\r\n"));
        let answer = running.ask_from(1, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn new_connection_takes_place_of_the_one_idle_longest() {
    let running = with_limits(Limits {
        max_connections: 2,
        ..Limits::default()
    })
    .await;
    let request = "GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut first = running.send(request).await;
    read_until(&mut first, "{\"status\":\"ok\"}").await;
    let mut second = running.send(request).await;
    read_until(&mut second, "{\"status\":\"ok\"}").await;
    first.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut first, "{\"status\":\"ok\"}").await;
    let mut third = running.send(request).await;
    read_until(&mut third, "{\"status\":\"ok\"}").await;
    assert_eq!(rest(&mut second).await, "", "it was idle longest");
    for client in [&mut first, &mut third] {
        client.write_all(request.as_bytes()).await.unwrap();
        read_until(client, "{\"status\":\"ok\"}").await;
    }
}

#[tokio::test]
async fn idle_connections_of_the_client_with_most_give_way_first() {
    let running = with_limits(Limits {
        max_connections: 3,
        ..Limits::default()
    })
    .await;
    let request = "GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut clients = Vec::new();
    for host in [2, 3, 3] {
        let mut client = running.send_from(host, request).await;
        read_until(&mut client, "{\"status\":\"ok\"}").await;
        clients.push(client);
    }
    let mut newest = running.send_from(4, request).await;
    read_until(&mut newest, "{\"status\":\"ok\"}").await;
    assert_eq!(rest(&mut clients[1]).await, "");
    clients[0].write_all(request.as_bytes()).await.unwrap();
    read_until(&mut clients[0], "{\"status\":\"ok\"}").await;
}

#[tokio::test]
async fn health_is_answered_when_no_connection_can_give_way() {
    let (running, begun) = with_held_appends(Limits {
        max_connections: 1,
        ..Limits::default()
    })
    .await;
    let _held = running.send(&append()).await;
    begun.notified().await;
    // Idle connections beyond the limit do not keep others out.
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(running.send("").await);
    }
    for path in [HEALTH, "/api/ready", "/metrics"] {
        let keep_alive = get(path).replace("connection: close\r\n", "");
        let answer = running.ask_from(1, &keep_alive).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    let answer = running.ask_from(1, &get("/api/v1/task")).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("/problems/overloaded"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
}

#[tokio::test]
async fn connection_over_those_of_its_address_is_429_and_other_addresses_are_served() {
    let (running, begun) = with_held_appends(Limits {
        max_connections_per_client: 1,
        ..Limits::default()
    })
    .await;
    let _held = running.send_from(2, &append()).await;
    begun.notified().await;
    let answer = running.ask_from(2, &get("/api/v1/task")).await;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains("/problems/too-many-requests"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
    let answer = running.ask_from(2, &get(HEALTH)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = running.ask_from(3, &get("/api/v1/task")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn shutdown_closes_connections_without_request() {
    let running = with_limits(Limits {
        shutdown_grace: crate::running::PATIENCE * 60,
        ..Limits::default()
    })
    .await;
    let mut unused = running.send("").await;
    let mut idle = running
        .send("GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    read_until(&mut idle, "{\"status\":\"ok\"}").await;
    let mut streaming = running.send(&stream()).await;
    read_until(&mut streaming, "retry:").await;
    running.stop.send(()).unwrap();
    for client in [&mut unused, &mut idle] {
        assert_eq!(rest(client).await, "");
    }
    assert!(rest(&mut streaming).await.ends_with("0\r\n\r\n"));
    running.served.await.unwrap().unwrap();
}
