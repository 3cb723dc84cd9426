//! `GET /metrics`: what the service does, for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::stream::registry::Streams;
use crate::wire::fallback::method_not_allowed;
use crate::wire::outcome::{Refused, Stored};
use crate::wire::problem::Problem;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Requested {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Routed {
    method: String,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    event_type: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    kind: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfMachine {
    entity: &'static str,
}

/// The counts of one service. Labels are of the service's own making, so there are only so many.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Requested, Counter>,
    seconds: Family<Routed, Histogram>,
    appends: Family<Outcome, Counter>,
    problems: Family<Kind, Counter>,
    streams: Gauge,
    positions: Family<OfMachine, Gauge>,
    ages: Family<OfMachine, Gauge<f64, AtomicU64>>,
    open: Arc<Streams>,
}

/// In seconds, from what an append in memory takes to the longest that a request may.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

impl Metrics {
    pub(crate) fn new(open: Arc<Streams>) -> Self {
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
            "How long until an answer began",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register(
            "appended_events",
            "Events of appends, auto transitions too, by what became of them",
            appends.clone(),
        );
        registry.register("problems", "Requests refused or failed", problems.clone());
        registry.register("open_streams", "Streams that are open", streams.clone());
        registry.register(
            "stream_position",
            "The last event that listeners were told of as it came",
            positions.clone(),
        );
        registry.register_with_unit(
            "stream_lag",
            "How old that event was when they were told",
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
            open,
        }
    }

    fn count(&self, method: String, route: String, began: Instant, response: &Response) {
        let seconds = began.elapsed().as_secs_f64();
        let routed = Routed { method, route };
        self.seconds.get_or_create(&routed).observe(seconds);
        let Routed { method, route } = routed;
        let status = response.status().as_u16();
        let requested = Requested {
            method,
            route,
            status,
        };
        self.requests.get_or_create(&requested).inc();
        let became = |event_type: &str, outcome: &str| {
            let outcome = Outcome {
                event_type: event_type.to_owned(),
                outcome: outcome.to_owned(),
            };
            self.appends.get_or_create(&outcome).inc();
        };
        if let Some(stored) = response.extensions().get::<Stored>() {
            let outcome = if stored.replayed {
                "replayed"
            } else {
                "stored"
            };
            for event_type in &stored.event_types {
                became(event_type, outcome);
            }
        }
        if let Some(Refused { kind, event_type }) = response.extensions().get::<Refused>() {
            self.problems
                .get_or_create(&Kind { kind: kind.clone() })
                .inc();
            if let Some(event_type) = event_type {
                became(event_type, kind);
            }
        }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let open = self.open.open_now();
        self.streams.set(i64::try_from(open).unwrap_or(i64::MAX));
        for (entity, progress) in self.open.progress() {
            let machine = OfMachine { entity };
            let position = i64::try_from(progress.position.get()).unwrap_or(i64::MAX);
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
        // A client may make up any.
        _ => "OTHER".to_owned(),
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(String::new, |route| route.as_str().to_owned());
    let response = next.run(request).await;
    metrics.count(method, route, began, &response);
    response
}

pub(crate) fn routes(metrics: Arc<Metrics>) -> Router {
    let all = get(async move || match metrics.text() {
        Ok(text) => {
            let open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            let media = HeaderValue::from_static(open);
            ([(header::CONTENT_TYPE, media)], text).into_response()
        }
        Err(_) => Problem::internal("metrics cannot be written").into_response(),
    });
    Router::new().route("/metrics", all.fallback(method_not_allowed))
}
