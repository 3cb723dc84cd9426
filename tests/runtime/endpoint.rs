//! Endpoint of webhooks that behaves as badly as a test asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Secret that the webhooks of tests are signed with.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Request that an endpoint has got.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Request {
    /// Returns the body, which is JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks the signature as a receiver does.
    pub fn verify(&self, secret: &str) {
        let mut headers = axum::http::HeaderMap::new();
        for (name, value) in &self.headers {
            let name: axum::http::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        let verified = Webhook::new(secret).unwrap();
        verified.verify(self.body.as_bytes(), &headers).unwrap();
    }
}

/// What an endpoint does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Answers with this status, and has done what was asked if it is a success.
    Status(u16),
    /// Answers with this status and this header.
    With(u16, &'static str),
    /// Does what was asked, and closes the connection without an answer.
    LostAfterEffect,
    /// Closes the connection.
    Reset,
    /// Never answers.
    Hang,
    /// Does what was asked, and answers with a body that never ends.
    Endless,
}

type Behaviour = dyn Fn(&Request, usize) -> Answer + Send + Sync;

/// Endpoint on the loopback interface.
pub struct Endpoint {
    pub url: String,
    state: Arc<State>,
    _serving: JoinSet<()>,
}

struct State {
    behaviour: Box<Behaviour>,
    /// Requests in the order of their arrival.
    requests: Mutex<Vec<Request>>,
    /// Ids of those that had an effect, in order.
    effects: Mutex<Vec<String>>,
}

impl Endpoint {
    /// Starts an endpoint; `behaviour` is told a request and how often its id had come before.
    pub async fn start(
        behaviour: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let state = Arc::new(State {
            behaviour: Box::new(behaviour),
            requests: Mutex::default(),
            effects: Mutex::default(),
        });
        let mut serving = JoinSet::new();
        let shared = Arc::clone(&state);
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                connections.spawn(async move { serve(stream, &state).await.unwrap_or_default() });
            }
        });
        Self {
            url,
            state,
            _serving: serving,
        }
    }

    /// Requests in the order of their arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Ids of the requests that had an effect, in order, each once for each effect.
    pub fn effects(&self) -> Vec<String> {
        self.state.effects.lock().unwrap().clone()
    }

    pub fn effect_count(&self) -> usize {
        self.state.effects.lock().unwrap().len()
    }
}

async fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut counts = HashMap::new();
    loop {
        let mut headers = HashMap::new();
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 2 {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            line.clear();
        }
        if headers.is_empty() {
            return Ok(());
        }
        let length = headers["content-length"].parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let request = Request {
            id: headers["webhook-id"].clone(),
            headers,
            body: String::from_utf8(body).unwrap(),
        };
        let before = {
            let mut requests = state.requests.lock().unwrap();
            let before = counts.entry(request.id.clone()).or_insert_with(|| {
                let earlier = requests.iter().filter(|earlier| earlier.id == request.id);
                earlier.count()
            });
            *before += 1;
            requests.push(request.clone());
            *before - 1
        };
        let has_effect = || state.effects.lock().unwrap().push(request.id.clone());
        match (state.behaviour)(&request, before) {
            Answer::Status(status) => {
                if status < 300 {
                    has_effect();
                }
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nno");
                stream.write_all(answer.as_bytes()).await?;
            }
            Answer::With(status, header) => {
                let answer =
                    format!("HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await?;
            }
            Answer::LostAfterEffect => {
                has_effect();
                return Ok(());
            }
            Answer::Reset => return Ok(()),
            Answer::Hang => tokio::time::sleep(Duration::from_hours(1)).await,
            Answer::Endless => {
                has_effect();
                let head = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head).await?;
                loop {
                    stream.write_all(b"5\r\nagain\r\n").await?;
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}
