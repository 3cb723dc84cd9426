//! Service at a socket, and a client that sends whatever it is told.

use std::net::SocketAddr;

use eventsource_rest::{Service, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::running::PATIENCE;

/// Service that listens until it is dropped.
pub struct Listening {
    pub address: SocketAddr,
    _stop: oneshot::Sender<()>,
    _served: JoinHandle<()>,
}

/// Response as it came.
pub struct RawAnswer {
    pub status: u16,
    /// Status line and headers, in lower case.
    pub head: String,
    pub body: String,
}

impl RawAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(given, _)| *given == name).map(|(_, v)| v)
    }
}

/// Starts a service at an address, such as `127.0.0.1:0`.
pub async fn listen(address: &str, service: Service) -> Listening {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        serve(listener, service, stopped).await.unwrap();
    });
    Listening {
        address,
        _stop: stop,
        _served: served,
    }
}

impl Listening {
    /// Sends a request line and headers, one a line, and a body; reads until the connection ends.
    pub async fn send(&self, head: &str, body: &str) -> RawAnswer {
        let mut client = TcpStream::connect(("127.0.0.1", self.address.port()))
            .await
            .unwrap();
        let head = head.trim().replace('\n', "\r\n");
        let length = match body.is_empty() {
            true => String::new(),
            false => format!("content-length: {}\r\n", body.len()),
        };
        let request = format!("{head}\r\nconnection: close\r\n{length}\r\n{body}");
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, client.read_to_end(&mut answer)).await;
        read.expect("the answer has an end").unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap();
        RawAnswer {
            status: status.parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Gets a path with headers, one a line, `Host` among them.
    pub async fn get(&self, path: &str, headers: &str) -> RawAnswer {
        self.send(&format!("GET {path} HTTP/1.1\n{headers}"), "")
            .await
    }

    /// Appends an event with headers, one a line, `Host` among them.
    pub async fn append(&self, headers: &str) -> RawAnswer {
        let head = format!("POST /api/v1/task_event HTTP/1.1\n{headers}");
        self.send(&head, r#"{"eventType": "CREATED"}"#).await
    }
}
