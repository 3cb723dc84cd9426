//! TLS of `serve`.

use std::sync::Arc;
use std::time::Duration;

use eventsource_rest::{Limits, Service, Tls, TlsError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::platform::tasks;
use crate::running::{Running, append, get, rest, rest_bytes, start};

const CERTIFICATE: &str = include_str!("../../../tests/data/tls/server.crt");
const KEY: &str = include_str!("../../../tests/data/tls/server.key");
const ISSUER: &str = include_str!("../../../tests/data/tls/ca.crt");

async fn encrypted(limits: Limits) -> Running {
    let tls = Tls::pem(CERTIFICATE, KEY).unwrap();
    let service = Service::new().mount(tasks().await).limits(limits);
    start(service.tls(tls)).await
}

/// Connects as a client that knows the issuer and would prefer HTTP/2.
async fn connect(running: &Running) -> TlsStream<tokio::net::TcpStream> {
    let mut roots = RootCertStore::empty();
    let issuer = CertificateDer::from_pem_slice(ISSUER.as_bytes()).unwrap();
    roots.add(issuer).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let socket = running.send("").await;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, socket).await.unwrap()
}

#[tokio::test]
async fn service_with_certificate_answers_over_tls() {
    let running = encrypted(Limits::default()).await;
    let mut client = connect(&running).await;
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    client.write_all(append().as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    // Without encryption there is no answer of HTTP.
    let plain = rest_bytes(&mut running.send(&get("/api/health")).await).await;
    assert!(!plain.starts_with(b"HTTP"), "{plain:?}");
}

#[tokio::test]
async fn handshake_and_head_have_head_timeout_together() {
    let limits = Limits {
        head_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    let running = encrypted(limits).await;
    assert_eq!(rest(&mut running.send("").await).await, "");
    // The first bytes of a `ClientHello`.
    let begun = running.send("\u{16}\u{3}\u{1}");
    assert_eq!(rest(&mut begun.await).await, "");
    let mut client = connect(&running).await;
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn shutdown_closes_encrypted_connections() {
    let running = encrypted(Limits {
        shutdown_grace: crate::running::PATIENCE * 60,
        ..Limits::default()
    })
    .await;
    let shaking = running.send("\u{16}\u{3}\u{1}").await;
    let mut idle = connect(&running).await;
    running.stop.send(()).unwrap();
    let mut answer = Vec::new();
    let _ = idle.read_to_end(&mut answer).await;
    running.served.await.unwrap().unwrap();
    drop(shaking);
}

#[test]
fn certificate_that_cannot_be_used_is_an_error() {
    let of = |certificate, key| Tls::pem(certificate, key).unwrap_err();
    let error = of("", KEY);
    assert!(
        matches!(
            error,
            TlsError::Pem {
                part: "certificate",
                ..
            }
        ),
        "{error}"
    );
    let error = of(CERTIFICATE, CERTIFICATE);
    assert!(
        matches!(
            error,
            TlsError::Pem {
                part: "private key",
                ..
            }
        ),
        "{error}"
    );
    let error = of(ISSUER, KEY);
    assert!(matches!(error, TlsError::Certificate(_)), "{error}");
    let error = Tls::files("/nowhere/server.crt", "/nowhere/server.key").unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("cannot read '/nowhere/server.crt': "),
        "{message}"
    );
}
