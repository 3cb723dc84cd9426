//! Export of spans as OpenTelemetry traces.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Longest time that the collector may take to answer.
const COLLECTOR_TIMEOUT: Duration = Duration::from_secs(10);

/// Exporter of the program's spans to an OpenTelemetry collector, as OTLP over HTTP.
///
/// Each request of a service is a span, named by method and route, with its request id, status and
/// the entity, event type and sequence of an append. Its parent is the span of the caller's
/// `traceparent`; if the caller does not sample its span, neither is this one sent.
///
/// A background thread sends the spans every few seconds. If the collector is too slow, spans are
/// dropped; requests never wait for it.
///
/// ```no_run
/// use eventsource_rest::Traces;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let traces = Traces::otlp("http://localhost:4318", "task-list")?;
/// let subscriber = tracing_subscriber::registry().with(traces.layer());
/// tracing::subscriber::set_global_default(subscriber)?;
/// // Serve, and at the end:
/// traces.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Error of setting up the export of traces.
///
/// ```
/// use eventsource_rest::{Traces, TracesError};
///
/// let error = Traces::otlp("https://collector", "task-list").unwrap_err();
/// assert!(matches!(error, TracesError::Endpoint { .. }));
/// assert_eq!(error.to_string(), "'https://collector' is not an endpoint such as 'http://localhost:4318'");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TracesError {
    /// The endpoint is not an `http` URL. TLS is not supported: reach a remote collector through a
    /// local one.
    #[error("'{endpoint}' is not an endpoint such as 'http://localhost:4318'")]
    Endpoint {
        /// Endpoint that was given.
        endpoint: String,
    },
    /// The exporter refuses its settings, which may also come from the environment
    /// (`OTEL_EXPORTER_OTLP_*`).
    #[error(transparent)]
    Settings(#[from] opentelemetry_otlp::ExporterBuildError),
}

impl Traces {
    /// Creates an exporter to the collector at `endpoint` (scheme, host and port).
    ///
    /// `service` is the name of this service in the traces. The collector need not be running yet.
    ///
    /// # Errors
    /// [`TracesError`] if the endpoint or the settings are invalid.
    pub fn otlp(endpoint: &str, service: &str) -> Result<Self, TracesError> {
        let uri: Option<Uri> = endpoint.parse().ok();
        if uri.is_none_or(|uri| uri.scheme_str() != Some("http")) {
            let endpoint = endpoint.to_owned();
            return Err(TracesError::Endpoint { endpoint });
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(CollectorClient::new())
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder().with_service_name(service.to_owned());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self(provider))
    }

    /// Returns the layer for the program's `tracing` subscriber.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        tracing_opentelemetry::layer().with_tracer(self.0.tracer_with_scope(scope))
    }

    /// Sends the remaining spans, for at most five seconds, and stops.
    pub async fn shutdown(self) {
        let result = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if let Ok(Err(error)) = result {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Makes the caller's span, from `traceparent`, the parent of `span`.
pub(super) fn set_parent(span: &Span, headers: &HeaderMap) {
    let propagator = TraceContextPropagator::new();
    let parent = propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
    // This fails without a tracing layer; then there is nothing to export.
    let _ = span.set_parent(parent);
}

/// HTTP client of the exporter; it blocks the background thread that sends.
#[derive(Debug)]
struct CollectorClient(ureq::Agent);

impl CollectorClient {
    /// Creates a client without proxy.
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(COLLECTOR_TIMEOUT));
        Self(config.build().new_agent())
    }

    /// Sends one request.
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, mut body) = self.0.run(request.map(Vec::from))?.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}

impl HttpClient for CollectorClient {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { self.send(request) })
    }
}
