//! How connections of `serve` end, and what those of one client may keep from others.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::Duration;

use eventsource_core::EventStore;
use eventsource_rest::{Limits, Service, serve};
use tasks::TaskEvent;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

use crate::platform::tasks;
use crate::running::{PATIENCE, Running, append, get, read_until, rest, start};

const HEALTH: &str = "GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Creates a task whose event has about this many bytes.
async fn create_large(tasks: &EventStore<TaskEvent>, bytes: usize) {
    let description = Some("x".repeat(bytes));
    let created = tasks.create(TaskEvent::Created { description }).await;
    created.unwrap();
}

/// Returns a listener whose sockets take little at once.
fn listener_of_small_sockets() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    socket.listen(16).unwrap()
}

/// Starts a service at a listener.
fn start_at(listener: TcpListener, service: Service) -> Running {
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, service, async { drop(stopped.await) }));
    Running {
        address,
        stop,
        served,
    }
}

#[tokio::test]
async fn connection_whose_response_is_not_written_does_not_give_way() {
    let tasks = tasks().await;
    // More than the sockets take, and made as a whole.
    create_large(&tasks, 60_000).await;
    let limits = Limits {
        max_connections: 1,
        ..Limits::default()
    };
    let service = Service::new().mount(tasks).limits(limits);
    let running = start_at(listener_of_small_sockets(), service);
    let request = get("/api/v1/task_event").replace("connection: close\r\n", "");
    let mut slow = running.send(&request).await;
    read_until(&mut slow, "200 OK").await;
    let answer = running.ask_from(2, &get("/api/v1/task")).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    read_until(&mut slow, "\"_links\":{\"self\"").await;
    // Once it is written, the connection is idle, and gives way.
    let given_way = async {
        while !running
            .ask_from(2, &get("/api/v1/task"))
            .await
            .contains("200 OK")
        {}
    };
    let given_way = tokio::time::timeout(PATIENCE, given_way).await;
    given_way.expect("the place becomes free");
}

#[tokio::test]
async fn broken_off_response_of_http_1_0_is_an_error_to_its_client() {
    let tasks = tasks().await;
    for _ in 0..20 {
        create_large(&tasks, 500_000).await;
    }
    let limits = Limits {
        shutdown_grace: Duration::from_millis(1),
        ..Limits::default()
    };
    let running = start(Service::new().mount(tasks).limits(limits)).await;
    let mut client = running
        .send("GET /api/v1/task_event HTTP/1.0\r\n\r\n")
        .await;
    let begin = read_until(&mut client, "\r\n\r\n").await;
    assert!(
        !begin.contains("content-length"),
        "it ends with the connection"
    );
    running.stop.send(()).unwrap();
    running.served.await.unwrap().unwrap();
    let read = client.read_to_end(&mut Vec::new()).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn times_may_be_without_end() {
    let limits = Limits {
        head_timeout: Duration::MAX,
        idle_timeout: Duration::MAX,
        body_timeout: Duration::MAX,
        write_timeout: Duration::MAX,
        request_timeout: Duration::MAX,
        shutdown_grace: Duration::MAX,
        heartbeat: Duration::MAX,
        ..Limits::default()
    };
    let running = start(Service::new().mount(tasks().await).limits(limits)).await;
    let request = append().replace("connection: close", "expect: 100-continue");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut client = running.send(&format!("{head}\r\n\r\n")).await;
    // The service waits for the body.
    read_until(&mut client, "100 Continue").await;
    client.write_all(body.as_bytes()).await.unwrap();
    read_until(&mut client, "201 Created").await;
    running.stop.send(()).unwrap();
    rest(&mut client).await;
    running.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn many_connections_of_one_address_do_not_push_the_health_check_of_another_out() {
    let tasks = tasks().await;
    create_large(&tasks, 100_000).await;
    let limits = Limits {
        max_connections: 1,
        ..Limits::default()
    };
    let service = Service::new().mount(tasks).limits(limits);
    let running = start_at(listener_of_small_sockets(), service);
    let mut busy = running.send_from(2, &get("/api/v1/task_event")).await;
    read_until(&mut busy, "200 OK").await;
    let mut check = running.send_from(3, "").await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(running.send_from(2, "").await);
    }
    // The last ones have been accepted when the first ones have given way to them.
    rest(&mut idle[0]).await;
    check.write_all(HEALTH.as_bytes()).await.unwrap();
    let answer = rest(&mut check).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn large_bodies_that_come_slowly_do_not_keep_those_of_other_clients_out() {
    let limits = Limits {
        max_body_bytes: 200_000,
        max_received_bytes: 400_000,
        body_timeout: PATIENCE * 2,
        request_timeout: PATIENCE * 2,
        ..Limits::default()
    };
    let running = start(Service::new().mount(tasks().await).limits(limits)).await;
    let request = |bytes: usize| {
        let body = format!(
            r#"{{"eventType":"CREATED","description":"{}"}}"#,
            "x".repeat(bytes)
        );
        let head = "POST /api/v1/task_event HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                    content-type: application/json\r\n";
        format!("{head}content-length: {}\r\n\r\n{body}", body.len())
    };
    let mut slow = Vec::new();
    for _ in 0..2 {
        let request = request(199_000);
        slow.push(running.send_from(2, &request[..100_000]).await);
    }
    for host in [3, 4] {
        let answer = running.ask_from(host, &request(100_000)).await;
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}
