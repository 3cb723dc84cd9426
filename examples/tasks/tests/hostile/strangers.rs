//! Strangers: connections from many addresses that hold as much as they can.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;

/// Connections that send nothing, and the addresses that they come from.
const IDLE: usize = 2000;
const IDLE_ADDRESSES: usize = 10;
const UNREAD_STREAMS: usize = 200;
const SLOW_BODIES: usize = 200;
const WRONG_BODIES: usize = 20;
/// Size of a body of which everything is wrong.
const WRONG_BYTES: usize = 2_000_000;

/// Pause before a stranger comes again who was turned away.
const PAUSE: Duration = Duration::from_secs(1);

/// Strangers at work.
pub struct Strangers {
    runtime: Runtime,
    seen: Arc<Seen>,
}

/// What the strangers have seen.
#[derive(Default)]
struct Seen {
    /// Strangers that have connected at least once.
    present: AtomicUsize,
    closed: AtomicUsize,
    wrong_bodies_answered: AtomicUsize,
    slow_bodies_refused: AtomicUsize,
}

impl Strangers {
    /// Begins all that they do.
    pub fn begin(service: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let seen = Arc::new(Seen::default());
        let mut number = 0;
        let mut come = |count: usize, addresses: usize, kind: Kind| {
            for stranger in 0..count {
                let from = Ipv4Addr::new(127, 0, 1 + kind as u8, 1 + (stranger % addresses) as u8);
                number += 1;
                runtime.spawn(come_again(service, from, kind, Arc::clone(&seen)));
            }
        };
        come(IDLE, IDLE_ADDRESSES, Kind::Idle);
        come(UNREAD_STREAMS, 2, Kind::UnreadStream);
        come(SLOW_BODIES, 2, Kind::SlowBody);
        come(WRONG_BODIES, 2, Kind::WrongBody);
        Self { runtime, seen }
    }

    /// Waits until each stranger has connected.
    pub fn wait_until_all_are_there(&self) {
        while self.seen.present.load(Ordering::Relaxed)
            < IDLE + UNREAD_STREAMS + SLOW_BODIES + WRONG_BODIES
        {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends all that they do, and says what they have seen.
    pub fn end(self) -> String {
        self.runtime.shutdown_background();
        let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        format!(
            "connections closed: {}, slow bodies refused: {}, wrong bodies answered: {}",
            count(&self.seen.closed),
            count(&self.seen.slow_bodies_refused),
            count(&self.seen.wrong_bodies_answered),
        )
    }
}

/// What a stranger does with a connection.
#[derive(Clone, Copy)]
enum Kind {
    Idle,
    UnreadStream,
    SlowBody,
    WrongBody,
}

/// Connects, does its thing until the service closes the connection, and begins again.
async fn come_again(service: SocketAddr, from: Ipv4Addr, kind: Kind, seen: Arc<Seen>) {
    let mut first = true;
    loop {
        if let Ok(mut socket) = connect(service, from).await {
            if std::mem::take(&mut first) {
                seen.present.fetch_add(1, Ordering::Relaxed);
            }
            // What fails is the service's defence.
            let _ = match kind {
                Kind::Idle => idle(&mut socket).await,
                Kind::UnreadStream => unread_stream(&mut socket).await,
                Kind::SlowBody => slow_body(&mut socket, &seen).await,
                Kind::WrongBody => wrong_body(&mut socket, &seen).await,
            };
            seen.closed.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Connects from an address.
async fn connect(service: SocketAddr, from: Ipv4Addr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // The less the system takes for the stranger, the more is left to the service.
    socket.set_recv_buffer_size(4096)?;
    socket.bind((from, 0).into())?;
    socket.connect(service).await
}

/// Sends nothing.
async fn idle(socket: &mut TcpStream) -> std::io::Result<()> {
    read_all(socket).await.map(drop)
}

/// Opens a stream of all events, and reads nothing of it.
async fn unread_stream(socket: &mut TcpStream) -> std::io::Result<()> {
    let request = "GET /api/v1/task_event/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    socket.write_all(request.as_bytes()).await?;
    // Bytes that the service does not expect: when it has closed the connection they fail.
    loop {
        tokio::time::sleep(PAUSE).await;
        socket.write_all(b"\r\n").await?;
    }
}

/// Announces a body and sends a byte of it now and then.
async fn slow_body(socket: &mut TcpStream, seen: &Seen) -> std::io::Result<()> {
    socket.write_all(head(1000).as_bytes()).await?;
    let (mut from, mut to) = socket.split();
    let drip = async {
        while to.write_all(b" ").await.is_ok() {
            tokio::time::sleep(PAUSE).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        read = from.read_to_end(&mut answer) => drop(read?),
        () = drip => {}
    }
    if answer.starts_with(b"HTTP/1.1 408") {
        seen.slow_bodies_refused.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Sends a body of which everything is wrong.
async fn wrong_body(socket: &mut TcpStream, seen: &Seen) -> std::io::Result<()> {
    let mut body = String::from("{\"eventType\": \"CREATED\"");
    while body.len() < WRONG_BYTES {
        body.push_str(&format!(",\"u{}\":0", body.len()));
    }
    body.push('}');
    socket.write_all(head(body.len()).as_bytes()).await?;
    socket.write_all(body.as_bytes()).await?;
    drop(body);
    if read_all(socket).await?.starts_with(b"HTTP/1.1 422") {
        seen.wrong_bodies_answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Returns the head of an append with a body of this length.
fn head(length: usize) -> String {
    format!(
        "POST /api/v1/task_event HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// Reads until the service closes the connection.
async fn read_all(socket: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await?;
    Ok(bytes)
}
