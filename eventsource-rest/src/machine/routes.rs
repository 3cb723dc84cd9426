//! Routes that show the rules of machines.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use eventsource_core::model::render::Drawing;
use serde_json::{Value, json};

use super::description::MachineDescription;
use super::{rules, schema};
use crate::wire::base_url::BaseUrl;
use crate::wire::fallback::method_not_allowed;
use crate::wire::problem::Problem;

/// Views of a machine, each made when it is first requested.
struct MachineViews {
    machine: Arc<MachineDescription>,
    base_url: BaseUrl,
    rules: OnceLock<Value>,
    drawing: OnceLock<Result<Drawing, String>>,
}

/// State of the handlers.
type Views = State<Arc<MachineViews>>;

/// Builds the routes for the rules of all machines.
pub(crate) fn routes(machines: &[Arc<MachineDescription>], base_url: &BaseUrl) -> Router {
    let list: Vec<Value> = machines
        .iter()
        .map(|machine| rules::summary(machine, base_url))
        .collect();
    let list = Arc::new(json!({ "count": list.len(), "items": list }));
    let all = get(async move || Json((*list).clone())).fallback(method_not_allowed);
    let unknown =
        get(async || Problem::not_found("Machine not found")).fallback(method_not_allowed);
    let mut router = Router::new()
        .route("/api/v1/machine", all)
        .route("/api/v1/machine/{*unknown}", unknown);
    for machine in machines {
        let views = Arc::new(MachineViews {
            machine: Arc::clone(machine),
            base_url: base_url.clone(),
            rules: OnceLock::new(),
            drawing: OnceLock::new(),
        });
        let path = format!("/api/v1/machine/{}", machine.entity);
        let one = Router::new()
            .route(&path, get(rules).fallback(method_not_allowed))
            .route(
                &format!("{path}/schema"),
                get(json_schema).fallback(method_not_allowed),
            )
            .route(
                &format!("{path}.svg"),
                get(svg).fallback(method_not_allowed),
            )
            .route(
                &format!("{path}.mmd"),
                get(mermaid).fallback(method_not_allowed),
            )
            .route(
                &format!("{path}.dot"),
                get(dot).fallback(method_not_allowed),
            )
            .with_state(views);
        router = router.merge(one);
    }
    router
}

/// Returns the rules as JSON.
async fn rules(State(views): Views) -> Json<Value> {
    let rules = views
        .rules
        .get_or_init(|| rules::rules(&views.machine, &views.base_url));
    Json(rules.clone())
}

/// Returns the JSON Schema of the events.
async fn json_schema(State(views): Views) -> Response {
    text(
        "application/schema+json",
        schema::json_schema(&views.machine).to_string(),
    )
}

/// Content security policy of an SVG, which is a page of its own if it is opened as one.
const SVG_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// Returns the picture as SVG.
async fn svg(State(views): Views) -> Result<Response, Problem> {
    let mut picture = draw("image/svg+xml", &views, Drawing::svg_file)?;
    let headers = picture.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, SVG_POLICY);
    Ok(picture)
}

/// Returns the picture as Mermaid.
async fn mermaid(State(views): Views) -> Result<Response, Problem> {
    draw("text/vnd.mermaid; charset=utf-8", &views, Drawing::mermaid)
}

/// Returns the picture as Graphviz DOT.
async fn dot(State(views): Views) -> Result<Response, Problem> {
    draw("text/vnd.graphviz; charset=utf-8", &views, Drawing::dot)
}

/// Draws the machine and responds with one form of the picture; 404 if it cannot be drawn.
fn draw(
    media: &'static str,
    views: &MachineViews,
    as_text: impl Fn(&Drawing) -> String,
) -> Result<Response, Problem> {
    let machine = views.machine.machine;
    let drawing = views
        .drawing
        .get_or_init(|| Drawing::of(machine).map_err(|error| error.to_string()));
    match drawing {
        Ok(drawing) => Ok(text(media, as_text(drawing))),
        Err(reason) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "not-drawn", "No picture").detail(reason))
        }
    }
}

/// Responds with a text of a media type.
fn text(media: &'static str, body: String) -> Response {
    let mut response = body.into_response();
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}
