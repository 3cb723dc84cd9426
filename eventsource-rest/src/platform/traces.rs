//! Spans as traces of OpenTelemetry.

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

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends the spans of the program to an OpenTelemetry collector, as OTLP over HTTP.
///
/// Each request of a service is a span, named by method and route, with its request id, status and
/// the entity, event type and sequence of an append. It is a child of the span that the caller's
/// `traceparent` names; one that its caller does not record is not sent.
///
/// A thread of its own sends them every few seconds. Spans that come faster than the collector
/// takes them are dropped, never waited for.
///
/// ```no_run
/// use eventsource_rest::Traces;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let traces = Traces::otlp("http://localhost:4318", "task-list")?;
/// let subscriber = tracing_subscriber::registry().with(traces.layer());
/// tracing::subscriber::set_global_default(subscriber)?;
/// // .. serve, and at the end:
/// traces.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Why traces cannot be sent to a collector.
///
/// ```
/// use eventsource_rest::{Traces, TracesError};
///
/// let error = Traces::otlp("https://collector", "task-list").unwrap_err();
/// assert!(matches!(error, TracesError::Endpoint { .. }));
/// assert_eq!(error.to_string(), "'https://collector' is not an address such as 'http://localhost:4318'");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TracesError {
    /// Not the address of a collector. TLS is not spoken: a collector that is elsewhere is reached
    /// by one beside the service.
    #[error("'{endpoint}' is not an address such as 'http://localhost:4318'")]
    Endpoint {
        /// What was given.
        endpoint: String,
    },
    /// The exporter does not take its settings, which are also those of the environment
    /// (`OTEL_EXPORTER_OTLP_*`).
    #[error(transparent)]
    Settings(#[from] opentelemetry_otlp::ExporterBuildError),
}

impl Traces {
    /// To the collector at `endpoint`, scheme and host and port, under the name of this service.
    ///
    /// # Errors
    /// [`TracesError`]. Whether the collector is there is not asked.
    pub fn otlp(endpoint: &str, service: &str) -> Result<Self, TracesError> {
        let uri: Option<Uri> = endpoint.parse().ok();
        if uri.is_none_or(|uri| uri.scheme_str() != Some("http")) {
            let endpoint = endpoint.to_owned();
            return Err(TracesError::Endpoint { endpoint });
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new())
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder().with_service_name(service.to_owned());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self(provider))
    }

    /// What hears of spans: a layer of the program's `tracing` subscriber.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        tracing_opentelemetry::layer().with_tracer(self.0.tracer_with_scope(scope))
    }

    /// Sends what has not been sent yet, for five seconds at most. Nothing is sent after that.
    pub async fn shutdown(self) {
        let told = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if let Ok(Err(error)) = told {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Makes `span` a child of the caller's.
pub(crate) fn join(span: &Span, headers: &HeaderMap) {
    let propagator = TraceContextPropagator::new();
    let parent = propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
    // There may be no layer, and then nobody to tell.
    let _ = span.set_parent(parent);
}

/// The connection to the collector. It blocks the thread that sends, which has nothing else to do.
#[derive(Debug)]
struct Collector(ureq::Agent);

impl Collector {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE));
        Self(config.build().new_agent())
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, mut body) = self.0.run(request.map(Vec::from))?.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}

impl HttpClient for Collector {
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
