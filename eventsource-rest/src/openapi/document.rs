//! The document as a whole.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{answers, machines, parameters, payloads, schemas, service};
use crate::machine::Described;
use crate::options::limits::Limits;

/// What is told of the service beside its machines.
pub(crate) struct Service {
    /// Whether something tells who asks, so that clients may have to say.
    pub(crate) authenticated: bool,
    pub(crate) limits: Limits,
}

/// OpenAPI 3.1.
pub(crate) fn document(machines: &[Arc<Described>], service: &Service) -> Value {
    let mut paths = Map::new();
    let mut tags = Vec::new();
    let mut components = Map::from_iter(schemas::shared());
    for machine in machines {
        paths.extend(machines::paths(machine, service));
        components.extend(payloads::of(machine));
        components.extend(schemas::of(machine, &service.limits));
        tags.push(json!({
            "name": machine.entity,
            "description": format!("The events of a {}, and what they add up to.", machine.entity),
        }));
    }
    paths.extend(service::paths(machines));
    tags.push(json!({ "name": "service", "description": "The rules, and how the service is." }));
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": title(machines),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Entities change by events alone. Which event may follow is the rule of \
                a state machine; `GET /api/v1/machine` tells it.",
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": parameters::shared(),
            "headers": answers::headers(),
            "responses": answers::problems(),
        },
    });
    if service.authenticated {
        document["components"]["securitySchemes"] = json!({
            "bearer": { "type": "http", "scheme": "bearer" },
        });
    }
    document
}

fn title(machines: &[Arc<Described>]) -> String {
    let names: Vec<String> = machines.iter().map(|machine| machine.title()).collect();
    format!("Events of {}", names.join(", "))
}
