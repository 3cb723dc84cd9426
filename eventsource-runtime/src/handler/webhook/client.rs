//! Sending of one event to an endpoint.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer,
};

use crate::handler::cloud_event::MEDIA_TYPE;
use crate::handler::delivery::DeliveryId;
use crate::handler::webhook::address::AddressGuard;
use crate::handler::webhook::answer::{Meaning, meaning};
use crate::handler::webhook::endpoint::Endpoint;
use crate::handler::webhook::error::WebhookError;
use crate::handler::webhook::resolver::GuardedResolver;

/// Most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 8 * 1024;

/// Longest time that the rest of an answer is waited for once its status is known.
const MAX_ANSWER_TIME: Duration = Duration::from_secs(1);

/// Most characters of an answer that an error repeats.
const MAX_QUOTED: usize = 200;

/// Client of one endpoint.
pub(crate) struct WebhookClient {
    client: Client,
    endpoint: Endpoint,
    signers: Vec<Signer>,
}

/// Attempt that has failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// No answer came.
    #[error("{0}")]
    NoAnswer(String),
    /// The answer is no success.
    #[error("the endpoint answered {status}{quoted}")]
    Answered {
        status: u16,
        quoted: String,
        meaning: Meaning,
    },
    /// The event cannot be signed.
    #[error("the event cannot be signed")]
    Unsigned(#[source] standardwebhooks::WebhookError),
}

impl WebhookClient {
    pub(crate) fn new(
        endpoint: Endpoint,
        guard: Arc<AddressGuard>,
        timeout: Duration,
        signers: Vec<Signer>,
    ) -> Result<Self, WebhookError> {
        // A provider of its own: the program may have installed another, or none.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| WebhookError::Tls(Box::new(error)))?
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            // A proxy of the environment would resolve names itself, past the guard.
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(GuardedResolver::new(guard))
            .timeout(timeout)
            .user_agent(concat!("eventsource-runtime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| WebhookError::Tls(Box::new(error)))?;
        Ok(Self {
            client,
            endpoint,
            signers,
        })
    }

    /// Sends a body, and returns once the endpoint has said that it has arrived.
    pub(crate) async fn send(&self, id: &DeliveryId, body: String) -> Result<(), SendError> {
        let (id, now) = (id.to_string(), Utc::now());
        let mut request = (self.client.post(self.endpoint.url()))
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .header(HEADER_WEBHOOK_ID, &id)
            .header(HEADER_WEBHOOK_TIMESTAMP, now.timestamp());
        if !self.signers.is_empty() {
            let signatures = (self.signers.iter())
                .map(|signer| signer.sign(&id, now.timestamp(), body.as_bytes()));
            let signatures: Vec<_> =
                (signatures.collect::<Result<_, _>>()).map_err(SendError::Unsigned)?;
            request = request.header(HEADER_WEBHOOK_SIGNATURE, signatures.join(" "));
        }
        let answer = request.body(body).send().await;
        let answer = answer.map_err(|error| SendError::NoAnswer(reasons(&error.without_url())))?;
        let status = answer.status();
        let meaning = meaning(status, answer.headers(), Utc::now());
        // Read to its end, the connection serves the next event too. The status has said it all.
        let text = tokio::time::timeout(MAX_ANSWER_TIME, beginning(answer)).await;
        if meaning == Meaning::Done {
            return Ok(());
        }
        let text = text.unwrap_or_default();
        let quoted: String = (text.chars().filter(|sign| !sign.is_control()))
            .take(MAX_QUOTED)
            .collect();
        let quoted = match quoted.trim() {
            "" => String::new(),
            quoted => format!(": {quoted}"),
        };
        Err(SendError::Answered {
            status: status.as_u16(),
            quoted,
            meaning,
        })
    }
}

/// Reads the beginning of an answer; where it fails or is long, no more of it.
async fn beginning(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= MAX_ANSWER_BYTES {
            break;
        }
    }
    bytes.truncate(MAX_ANSWER_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes an error with its sources, the first of which says little: "error sending request".
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
