//! Which path tells what.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use eventsource_core::model::render::Drawing;
use serde_json::{Value, json};

use super::described::Described;
use super::{rules, schema};
use crate::wire::fallback::method_not_allowed;
use crate::wire::problem::Problem;

/// A machine and what takes time to make of it, made once, when it is first asked for.
struct Told {
    machine: Arc<Described>,
    rules: OnceLock<Value>,
    drawing: OnceLock<Result<Drawing, String>>,
}

type Machine = State<Arc<Told>>;

/// The endpoints that tell the rules of all these machines.
pub(crate) fn routes(machines: &[Arc<Described>]) -> Router {
    let list: Vec<Value> = machines.iter().map(|one| rules::summary(one)).collect();
    let list = Arc::new(json!({ "count": list.len(), "items": list }));
    let all = get(async move || Json((*list).clone())).fallback(method_not_allowed);
    let unknown =
        get(async || Problem::not_found("Machine not found")).fallback(method_not_allowed);
    let mut router = Router::new()
        .route("/api/v1/machine", all)
        .route("/api/v1/machine/{*unknown}", unknown);
    for machine in machines {
        let told = Arc::new(Told {
            machine: Arc::clone(machine),
            rules: OnceLock::new(),
            drawing: OnceLock::new(),
        });
        let path = format!("/api/v1/machine/{}", machine.entity);
        let one = Router::new()
            .route(&path, get(rules).fallback(method_not_allowed))
            .route(
                &format!("{path}/schema"),
                get(draft).fallback(method_not_allowed),
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
            .with_state(told);
        router = router.merge(one);
    }
    router
}

async fn rules(State(told): Machine) -> Json<Value> {
    let rules = told.rules.get_or_init(|| rules::rules(&told.machine));
    Json(rules.clone())
}

async fn draft(State(told): Machine) -> Response {
    text(
        "application/schema+json",
        schema::draft(&told.machine).to_string(),
    )
}

async fn svg(State(told): Machine) -> Result<Response, Problem> {
    drawn("image/svg+xml", &told, Drawing::svg_file)
}

async fn mermaid(State(told): Machine) -> Result<Response, Problem> {
    drawn("text/vnd.mermaid; charset=utf-8", &told, Drawing::mermaid)
}

async fn dot(State(told): Machine) -> Result<Response, Problem> {
    drawn("text/vnd.graphviz; charset=utf-8", &told, Drawing::dot)
}

fn drawn(
    media: &'static str,
    told: &Told,
    as_text: impl Fn(&Drawing) -> String,
) -> Result<Response, Problem> {
    let machine = told.machine.machine;
    let drawing = told
        .drawing
        .get_or_init(|| Drawing::of(machine).map_err(|why| why.to_string()));
    match drawing {
        Ok(drawing) => Ok(text(media, as_text(drawing))),
        Err(why) => Err(Problem::new(StatusCode::NOT_FOUND, "not-drawn", "No picture").detail(why)),
    }
}

fn text(media: &'static str, body: String) -> Response {
    let mut response = body.into_response();
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}
