//! What a program says about a webhook, and the handler that comes of it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use eventsource_core::{Event, Failure};
use ipnet::IpNet;

use crate::failure::set_aside::SetAside;
use crate::handler::builder::HandlerBuilder;
use crate::handler::cloud_event::{cloud_event, default_source};
use crate::handler::delivery::Delivery;
use crate::handler::handler_trait::Handler;
use crate::handler::webhook::address::AddressGuard;
use crate::handler::webhook::answer::Meaning;
use crate::handler::webhook::client::{SendError, WebhookClient};
use crate::handler::webhook::endpoint::Endpoint;
use crate::handler::webhook::error::WebhookError;
use crate::handler::webhook::secret::Secret;

/// Time that an endpoint has to answer, unless the program says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time that a program can give an endpoint.
const MAX_TIMEOUT: Duration = Duration::from_mins(1);

/// Most secrets of a webhook: the new one and the one before it.
const MAX_SECRETS: usize = 2;

/// Posts each event to an endpoint.
///
/// A body is the event as CloudEvents 1.0 in JSON; headers are those of
/// [Standard Webhooks](https://www.standardwebhooks.com), with a `webhook-id` that is the same at
/// every attempt. An event arrives at least once, and in order with the others of its entity.
///
/// An endpoint is on the public internet and speaks https, what it gets is signed, and the program
/// says as whom it reads the events, unless it says otherwise. Redirects are not followed.
///
/// | answer | what follows |
/// | --- | --- |
/// | 2xx | the event has arrived |
/// | 410 | its entity is set aside and waits for a person |
/// | 429, 503 | it is sent again, when `Retry-After` says or later |
/// | other 4xx | its entity is set aside at once and tried again later |
/// | other, or none | it is sent again |
///
/// ```
/// # mod example {
/// # use eventsource_core::{Event, EventStore};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "task")]
/// # pub enum TaskEvent {
/// #     Created { title: String },
/// #     #[event(follows = Created, terminal)]
/// #     Completed,
/// # }
/// use eventsource_runtime::{Secret, Subscription, webhook};
///
/// fn crm(tasks: &EventStore<TaskEvent>) -> Subscription {
///     webhook("crm", "https://crm.example/hook")
///         .signed_with(Secret::env("CRM_SECRET"))
///         .reads(&tasks.reading_anonymously())
///         .only(&[TaskEventType::Completed])
///         .into()
/// }
/// # }
/// ```
pub fn webhook(name: impl Into<String>, url: impl Into<String>) -> HandlerBuilder<Webhook> {
    let webhook = Webhook {
        settings: Mutex::new(Settings::to(url.into())),
        ready: OnceLock::new(),
    };
    let mut builder = HandlerBuilder::new(name, webhook);
    builder.prepare = Some(|webhook| Ok(webhook.connect()?));
    builder.needs_reader = true;
    builder
}

/// Handler of [`webhook`].
pub struct Webhook {
    settings: Mutex<Settings>,
    ready: OnceLock<Ready>,
}

/// What a program says about a webhook.
struct Settings {
    url: String,
    secrets: Vec<Secret>,
    unsigned: bool,
    allow_http: bool,
    allowed: Vec<String>,
    source: Option<String>,
    timeout: Duration,
}

impl Settings {
    fn to(url: String) -> Self {
        Self {
            url,
            secrets: Vec::new(),
            unsigned: false,
            allow_http: false,
            allowed: Vec::new(),
            source: None,
            timeout: TIMEOUT,
        }
    }
}

impl<L> HandlerBuilder<Webhook, L> {
    /// Signs with this secret. Called twice, it signs with both, while an endpoint goes over from
    /// one to the other.
    pub fn signed_with(self, secret: Secret) -> Self {
        self.set(|settings| settings.secrets.push(secret))
    }

    /// Sends without a signature: whoever knows the URL can then send events too.
    pub fn unsigned(self) -> Self {
        self.set(|settings| settings.unsigned = true)
    }

    /// Allows `http:`: whoever is on the way reads the events.
    pub fn allow_http(self) -> Self {
        self.set(|settings| settings.allow_http = true)
    }

    /// Allows endpoints in this network, such as `10.1.0.0/16`, although it is not public.
    pub fn allow_network(self, network: impl Into<String>) -> Self {
        self.set(|settings| settings.allowed.push(network.into()))
    }

    /// Sets the `source` of the CloudEvents; by default `/` and the name of the machine.
    pub fn source(self, source: impl Into<String>) -> Self {
        self.set(|settings| settings.source = Some(source.into()))
    }

    /// Sets how long the endpoint may take, up to a minute; by default 10 seconds.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.timeout = timeout)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.handler.settings());
        // The endpoint's own limit ends a try, and says so.
        self.settings.timeout = MAX_TIMEOUT * 2;
        self
    }
}

/// Webhook that is ready to send.
struct Ready {
    client: WebhookClient,
    source: Option<String>,
}

impl Webhook {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks what was said, and reads the secrets.
    fn connect(&self) -> Result<(), WebhookError> {
        let settings = self.settings();
        let networks = settings.allowed.iter().map(|text| {
            text.parse::<IpNet>().map_err(|_| WebhookError::Network {
                network: text.clone(),
            })
        });
        let guard = Arc::new(AddressGuard::allowing(networks.collect::<Result<_, _>>()?));
        let endpoint = Endpoint::checked(&settings.url, &guard, settings.allow_http)?;
        if settings.secrets.is_empty() && !settings.unsigned {
            return Err(WebhookError::Unsigned);
        }
        if settings.secrets.len() > MAX_SECRETS {
            return Err(WebhookError::Secrets {
                actual: settings.secrets.len(),
            });
        }
        if settings.timeout.is_zero() || settings.timeout > MAX_TIMEOUT {
            return Err(WebhookError::Timeout {
                actual: settings.timeout,
            });
        }
        let signers = settings.secrets.iter().map(Secret::signer);
        let signers = signers.collect::<Result<_, _>>()?;
        let ready = Ready {
            client: WebhookClient::new(endpoint, guard, settings.timeout, signers)?,
            source: settings.source.clone(),
        };
        // Prepared twice, it is as it was the first time.
        let _ = self.ready.set(ready);
        Ok(())
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a token.
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl<E: Event> Handler<E> for Webhook {
    async fn handle(&self, delivery: Delivery<E>) -> Result<(), Failure> {
        let Some(ready) = self.ready.get() else {
            return Err(Failure::halt("the webhook was not made ready"));
        };
        let source = ready.source.clone().unwrap_or_else(default_source::<E>);
        let body = cloud_event(&delivery.event, &source).map_err(Failure::park)?;
        let Err(error) = ready.client.send(&delivery.id, body).await else {
            return Ok(());
        };
        Err(match &error {
            SendError::Answered { meaning, .. } => match *meaning {
                Meaning::Gone => Failure::park(error),
                Meaning::Park => Failure::retry(SetAside(error.into())),
                Meaning::Retry(after) => Failure::Retry {
                    error: error.into(),
                    after,
                },
                Meaning::Done => return Ok(()),
            },
            _ => Failure::retry(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn refusal(webhook: &HandlerBuilder<Webhook>) -> Option<WebhookError> {
        webhook.handler.connect().err()
    }

    fn to(url: &str) -> HandlerBuilder<Webhook> {
        webhook("crm", url)
    }

    #[test]
    fn tricks_with_addresses_in_urls_are_refused() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[fe80::1]/",
            "https://10.0.0.1:8080/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.100.100.200/",
            "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "https://127.0.0.1./",
        ] {
            let webhook = to(url).signed_with(Secret::given(SECRET));
            let refused = refusal(&webhook);
            assert!(
                matches!(refused, Some(WebhookError::Address { .. })),
                "{url}: {refused:?}"
            );
        }
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for url in [
            "",
            "crm",
            "http://crm.example/",
            "ftp://crm.example/",
            "file:///etc/passwd",
            "https://ann:secret@crm.example/",
            "https://",
        ] {
            let webhook = to(url).signed_with(Secret::given(SECRET));
            let refused = refusal(&webhook).expect(url);
            assert!(matches!(refused, WebhookError::Url { .. }), "{refused}");
            assert!(!refused.to_string().contains("ann:secret"), "{refused}");
        }
    }

    #[test]
    fn nothing_is_open_by_default() {
        let crm = || to("https://crm.example/hook");
        let secret = || Secret::given(SECRET);
        assert!(matches!(refusal(&crm()), Some(WebhookError::Unsigned)));
        assert!(refusal(&crm().unsigned()).is_none());
        let rotation = || crm().signed_with(secret()).signed_with(secret());
        assert!(refusal(&rotation()).is_none());
        let third = refusal(&rotation().signed_with(secret()));
        assert!(matches!(third, Some(WebhookError::Secrets { actual: 3 })));
        let network = refusal(&crm().unsigned().allow_network("all"));
        assert!(matches!(network, Some(WebhookError::Network { .. })));
        let local = to("http://127.0.0.1:1/").unsigned().allow_http();
        assert!(matches!(
            refusal(&local),
            Some(WebhookError::Address { .. })
        ));
        assert!(refusal(&local.allow_network("127.0.0.0/8")).is_none());
        let timeout = refusal(&crm().unsigned().timeout(Duration::from_mins(2)));
        assert!(matches!(timeout, Some(WebhookError::Timeout { .. })));
    }
}
