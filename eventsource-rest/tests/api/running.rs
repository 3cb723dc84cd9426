//! Service that listens on a port of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use eventsource_rest::{ServeError, Service, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longest time that a test waits for what has to happen.
pub const PATIENCE: Duration = Duration::from_mins(3);

pub struct Running {
    pub address: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub served: JoinHandle<Result<(), ServeError>>,
}

pub async fn start(service: Service) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, service, async { drop(stopped.await) }));
    Running {
        address,
        stop,
        served,
    }
}

impl Running {
    pub async fn send(&self, request: &str) -> TcpStream {
        self.send_from(1, request).await
    }

    /// Sends a request from the address 127.0.0.`host`.
    pub async fn send_from(&self, host: u8, request: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        // So little that a server soon notices that nothing is read.
        socket.set_recv_buffer_size(4096).unwrap();
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0));
        socket.bind(from).unwrap();
        let mut client = socket.connect(self.address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        client
    }

    /// Sends a request with `Connection: close` and returns the whole response.
    pub async fn ask_from(&self, host: u8, request: &str) -> String {
        let mut client = self.send_from(host, request).await;
        rest(&mut client).await
    }
}

/// Reads until the server closes the connection.
pub async fn rest(client: &mut TcpStream) -> String {
    String::from_utf8(rest_bytes(client).await).unwrap()
}

/// Reads bytes until the server closes the connection.
pub async fn rest_bytes(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, client.read_to_end(&mut bytes)).await;
    // A reset is an end, too.
    let _ = read.expect("the server closes the connection in time");
    bytes
}

/// Reads until what was read contains a text.
pub async fn read_until(client: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    while !all.contains(text) {
        let mut some = [0; 1024];
        let read = tokio::time::timeout(PATIENCE, client.read(&mut some)).await;
        let read = read.expect("it comes in time").unwrap();
        assert_ne!(read, 0, "{all}");
        all.push_str(std::str::from_utf8(&some[..read]).unwrap());
    }
    all
}

/// Returns a request to read a path, after which the server closes the connection.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

/// Returns a request to open a stream of events.
pub fn stream() -> String {
    "GET /api/v1/task_event/stream HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned()
}

/// Returns a request that creates a task, after which the server closes the connection.
pub fn append() -> String {
    let body = r#"{"eventType":"CREATED"}"#;
    let head = "POST /api/v1/task_event HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/json\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}
