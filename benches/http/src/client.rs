//! HTTP client that keeps its connection, as the callers of a service do.

use std::net::SocketAddr;
use std::pin::Pin;

use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::load::Worker;

/// Client that sends the same request on every call.
pub struct Client {
    connection: SendRequest<Full<Bytes>>,
    method: Method,
    path: String,
    body: Bytes,
    expected: StatusCode,
}

impl Client {
    pub async fn connect(
        address: SocketAddr,
        (method, path, body): (Method, String, String),
        expected: StatusCode,
    ) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (requests, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self {
            connection: requests,
            method,
            path,
            body: body.into(),
            expected,
        }
    }

    async fn send(&mut self) {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(self.body.clone()))
            .unwrap();
        self.connection.ready().await.unwrap();
        let response = self.connection.send_request(request).await.unwrap();
        assert_eq!(response.status(), self.expected, "{}", self.path);
        response.into_body().collect().await.unwrap();
    }
}

impl Worker for Client {
    fn work(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.send())
    }
}
