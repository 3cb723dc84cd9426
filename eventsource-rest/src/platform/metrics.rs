//! `GET /metrics`: metrics for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use eventsource_core::{Feed, Position};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::stream::registry::StreamRegistry;
use crate::wire::fallback::method_not_allowed;
use crate::wire::outcome::{AppendOutcome, ProblemOutcome};
use crate::wire::problem::Problem;

/// Labels of the counter of requests.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// Labels of the durations of requests.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

/// Labels of the counter of appended events.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AppendLabels {
    event_type: String,
    outcome: String,
}

/// Labels of the counter of problems.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ProblemLabels {
    kind: String,
}

/// Labels of the gauges of streams.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct MachineLabels {
    entity: &'static str,
}

/// Metrics of one service.
///
/// Clients cannot make up label values, so the number of time series is bounded.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    appends: Family<AppendLabels, Counter>,
    problems: Family<ProblemLabels, Counter>,
    streams: Gauge,
    positions: Family<MachineLabels, Gauge>,
    ages: Family<MachineLabels, Gauge<f64, AtomicU64>>,
    registered_streams: Arc<StreamRegistry>,
}

/// Buckets of durations in seconds, up to the default of `Limits::request_timeout`.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

impl Metrics {
    /// Creates and registers the metrics.
    pub(crate) fn new(registered_streams: Arc<StreamRegistry>) -> Self {
        let mut registry = Registry::with_prefix("eventsource");
        let requests = Family::default();
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> _);
        let appends = Family::default();
        let problems = Family::default();
        let streams = Gauge::default();
        let positions = Family::default();
        let ages = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request",
            "Time until the response began",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register(
            "appended_events",
            "Events of appends, including auto transitions, by outcome",
            appends.clone(),
        );
        registry.register(
            "problems",
            "Requests that were refused or failed",
            problems.clone(),
        );
        registry.register("open_streams", "Streams that are open", streams.clone());
        registry.register(
            "stream_position",
            "Position of the last new event that was sent to streams",
            positions.clone(),
        );
        registry.register_with_unit(
            "stream_lag",
            "Age of the last new event when it was sent to streams",
            Unit::Seconds,
            ages.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            appends,
            problems,
            streams,
            positions,
            ages,
            registered_streams,
        }
    }

    /// Counts a request by its response.
    fn count(&self, method: String, route: String, began: Instant, response: &Response) {
        let seconds = began.elapsed().as_secs_f64();
        let routed = RouteLabels { method, route };
        self.seconds.get_or_create(&routed).observe(seconds);
        let RouteLabels { method, route } = routed;
        let status = response.status().as_u16();
        let requested = RequestLabels {
            method,
            route,
            status,
        };
        self.requests.get_or_create(&requested).inc();
        let count_event = |event_type: &str, outcome: &str| {
            let outcome = AppendLabels {
                event_type: event_type.to_owned(),
                outcome: outcome.to_owned(),
            };
            self.appends.get_or_create(&outcome).inc();
        };
        if let Some(stored) = response.extensions().get::<AppendOutcome>() {
            let outcome = if stored.replayed {
                "replayed"
            } else {
                "stored"
            };
            for event_type in &stored.event_types {
                count_event(event_type, outcome);
            }
        }
        if let Some(ProblemOutcome { kind, event_type }) =
            response.extensions().get::<ProblemOutcome>()
        {
            self.problems
                .get_or_create(&ProblemLabels { kind: kind.clone() })
                .inc();
            if let Some(event_type) = event_type {
                count_event(event_type, kind);
            }
        }
    }

    /// Encodes all metrics as text.
    fn text(&self) -> Result<String, std::fmt::Error> {
        let open = self.registered_streams.open_streams();
        self.streams.set(i64::try_from(open).unwrap_or(i64::MAX));
        for (entity, progress) in self.registered_streams.progress() {
            let machine = MachineLabels { entity };
            let position = Feed::distance(Position::START, progress.position);
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            self.positions.get_or_create(&machine).set(position);
            let age = progress.age.as_secs_f64();
            self.ages.get_or_create(&machine).set(age);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Counts every request.
pub(crate) async fn observe(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = match *request.method() {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => request.method().to_string(),
        // Clients can make up methods; labels must stay bounded.
        _ => "OTHER".to_owned(),
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(String::new, |route| route.as_str().to_owned());
    let response = next.run(request).await;
    metrics.count(method, route, began, &response);
    response
}

/// Builds the route of the metrics.
pub(crate) fn routes(metrics: Arc<Metrics>) -> Router {
    let all = get(async move || match metrics.text() {
        Ok(text) => {
            let open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            let media = HeaderValue::from_static(open);
            ([(header::CONTENT_TYPE, media)], text).into_response()
        }
        Err(_) => Problem::internal("metrics cannot be encoded").into_response(),
    });
    Router::new().route("/metrics", all.fallback(method_not_allowed))
}
