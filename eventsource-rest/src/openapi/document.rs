//! OpenAPI document.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::description::ServiceDescription;
use super::{events, machine_paths, parameters, resources, responses, service_paths, view_paths};
use crate::machine::MachineDescription;
use crate::options::endpoint::Endpoint;

/// Builds the OpenAPI 3.1 document.
pub(crate) fn document(
    machines: &[Arc<MachineDescription>],
    service: &ServiceDescription,
) -> Value {
    let mut paths = Map::new();
    let mut tags = Vec::new();
    let mut components = Map::from_iter(resources::shared());
    for machine in machines {
        paths.extend(machine_paths::paths(machine, service));
        components.extend(events::schemas(machine));
        if service.authenticated {
            components.extend([resources::receipt(machine)]);
        }
        components.extend(resources::schemas(machine, &service.limits));
        tags.push(json!({
            "name": machine.entity,
            "description": format!("Events of a {}, and its current state and data.", machine.entity),
        }));
    }
    for view in &service.views {
        paths.extend(view_paths::paths(view, service));
        tags.push(json!({
            "name": format!("view {}", view.name),
            "description": format!("Values of the read model {}.", view.name),
        }));
    }
    paths.extend(service_paths::paths(machines, service));
    #[cfg(feature = "runtime")]
    if service.has_runtime {
        paths.extend(super::runtime_paths::paths());
    }
    tags.push(json!({
        "name": "service", "description": "Rules of the machines, and health of the service.",
    }));
    let rules = match service.without.contains(&Endpoint::Machine) {
        true => ".",
        false => "; `GET /api/v1/machine` has its rules.",
    };
    let description = format!(
        "Entities change by events only. A state machine decides which event may follow{rules}"
    );
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": title(machines),
            "version": env!("CARGO_PKG_VERSION"),
            "description": description,
        },
        "servers": [{ "url": service.base_url.location("/") }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": parameters::shared(),
            "headers": responses::headers(),
            "responses": responses::problems(),
        },
    });
    if service.authenticated {
        document["components"]["securitySchemes"] = json!({
            "bearer": { "type": "http", "scheme": "bearer" },
        });
    }
    document
}

/// Returns the title of the document, which names the entities.
fn title(machines: &[Arc<MachineDescription>]) -> String {
    let names: Vec<String> = machines.iter().map(|machine| machine.title()).collect();
    format!("Events of {}", names.join(", "))
}
