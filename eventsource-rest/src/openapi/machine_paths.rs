//! Operations of one machine.

use serde_json::{Value, json};

use super::description::ServiceDescription;
use super::operation::{Operation, content, reference};
use super::parameters::{id, number, query};
use crate::machine::MachineDescription;
use crate::options::endpoint::Endpoint;

/// Media type of JSON.
const JSON: &str = "application/json";

/// Returns the operations of a machine by path.
pub(crate) fn paths(
    machine: &MachineDescription,
    service: &ServiceDescription,
) -> Vec<(String, Value)> {
    let events = format!("/api/v1/{}", machine.names.event);
    let entities = format!("/api/v1/{}", machine.entity);
    let entity = format!("{entities}/{{id}}");
    let operations = MachineOperations { machine, service };
    let mut paths = vec![
        (
            events.clone(),
            json!({
                "post": operations.append(), "get": operations.search("search", true),
                "head": operations.search("count", false),
            }),
        ),
        (
            format!("{events}/{{id}}"),
            json!({ "get": operations.event() }),
        ),
        (
            format!("{events}/stream"),
            json!({ "get": operations.stream(false) }),
        ),
        (
            entities.clone(),
            json!({
                "get": operations.entities("search", true),
                "head": operations.entities("count", false),
            }),
        ),
        (entity.clone(), json!({ "get": operations.entity() })),
        (
            format!("{entity}/{}", machine.names.event),
            json!({ "post": operations.append_to() }),
        ),
        (
            format!("{entity}/history"),
            json!({ "get": operations.history() }),
        ),
        (
            format!("{entity}/stream"),
            json!({ "get": operations.stream(true) }),
        ),
    ];
    if !service.without.contains(&Endpoint::Validate) {
        let validate = json!({ "post": operations.validate() });
        paths.push((format!("{entities}/validate"), validate));
    }
    paths.extend(operations.command_paths());
    paths
}

/// Builder of the operations of one machine.
pub(super) struct MachineOperations<'a> {
    pub(super) machine: &'a MachineDescription,
    pub(super) service: &'a ServiceDescription,
}

impl MachineOperations<'_> {
    /// Starts an operation with the tag of the machine.
    pub(super) fn operation(&self, name: &str, summary: &str) -> Operation {
        Operation::new(self.machine.entity, name, summary)
    }

    /// Returns the id of an operation, such as `appendTaskEvent`.
    pub(super) fn name(&self, verb: &str, noun: &str) -> String {
        format!("{verb}{}{noun}", self.machine.title())
    }

    /// Returns a reference to a schema whose name contains the entity's.
    pub(super) fn reference(&self, before: &str, after: &str) -> Value {
        reference(&format!("{before}{}{after}", self.machine.title()))
    }

    /// Returns the path parameter of the entity.
    pub(super) fn entity_id(&self) -> Value {
        id(self.machine.id_schema(), "The entity.")
    }

    /// Describes `POST /api/v1/task_event`.
    fn append(&self) -> Value {
        let name = self.name("append", "Event");
        let operation = self.operation(&name, "Append an event, or a list of events at once");
        self.appending(operation, "New", &[400, 403, 408, 409, 412, 413, 415, 422])
    }

    /// Describes `POST /api/v1/task/{id}/task_event`.
    fn append_to(&self) -> Value {
        let name = self.name("appendTo", "");
        let operation = self
            .operation(&name, "Append an event, or a list of events, to the entity")
            .parameter(self.entity_id());
        self.appending(
            operation,
            "Next",
            &[400, 403, 404, 408, 409, 412, 413, 415, 422],
        )
    }

    /// Completes an operation that appends.
    fn appending(&self, operation: Operation, prefix: &str, problems: &[u16]) -> Value {
        let one = self.reference(prefix, "Event");
        let list = json!({
            "type": "array", "items": one, "minItems": 1, "maxItems": self.service.limits.max_batch,
        });
        let event = self.reference("", "Event");
        let stored = match self.service.authenticated {
            // A client that may not read the entity gets no more than ids.
            true => json!({ "anyOf": [event, self.reference("", "Receipt")] }),
            false => event,
        };
        let stored = json!({ "oneOf": [stored, { "type": "array", "items": stored }] });
        let headers = ["ETag", "Location", "Idempotency-Replayed"];
        operation
            .description(
                "All events of a list are stored, or none. Auto transitions follow by themselves; \
                 the response does not have them. Without an entity id, an initial event creates \
                 the entity.",
            )
            .shared_parameters([
                "If-Match",
                "If-None-Match",
                "Idempotency-Key",
                "X-Response-Skip-Null",
            ])
            .body(json!({ "oneOf": [one, list] }), self.examples())
            .response(201, "The stored events.", content(JSON, stored), &headers)
            .problems(problems)
            .secured(self.service.authenticated)
            .build()
    }

    /// Describes `POST /api/v1/task/validate`.
    fn validate(&self) -> Value {
        let state = json!({ "type": "array", "items": self.reference("", "EventType") });
        let max = self.service.limits.max_batch;
        let body = json!({
            "type": "object",
            "properties": {
                (self.machine.names.entity_id.clone()): self.machine.id_schema(),
                "state": state,
                "events": {
                    "type": "array", "items": {}, "maxItems": max,
                    "description": "Events as they would be sent to the entity; faults of each are \
                        reported.",
                },
            },
            "required": ["events"],
            "not": { "required": [self.machine.names.entity_id, "state"] },
            "additionalProperties": false,
        });
        let example = json!({ "value": { "state": [], "events": [self.initial()] } });
        let report = content(JSON, self.reference("", "Validation"));
        self.operation(
            &self.name("validate", ""),
            "Dry run of events, which stores nothing",
        )
        .description(
            "Starts from a given state, the current state of an entity, or the empty state.",
        )
        .body(body, json!({ "initial": example }))
        .response(200, "Result for each event.", report, &[])
        .problems(&[400, 408, 413, 415, 422])
        .guarded(self.machine, self.service)
        .build()
    }

    /// Returns an example of an initial event.
    fn initial(&self) -> Value {
        let mut initial = self.machine.for_clients().filter(|event| event.initial);
        initial
            .next()
            .map_or_else(|| json!({}), |event| event.body())
    }

    /// Returns an example of a body for each initial event.
    fn examples(&self) -> Value {
        let initial = self.machine.for_clients().filter(|event| event.initial);
        let examples =
            initial.map(|event| (event.name.to_owned(), json!({ "value": event.body() })));
        Value::Object(examples.collect())
    }

    /// Describes `GET /api/v1/task_event/{id}`.
    fn event(&self) -> Value {
        let uuid = json!({ "type": "string", "format": "uuid" });
        self.operation(&self.name("get", "Event"), "Get one event")
            .parameter(id(uuid, "The event."))
            .shared_parameters(["X-Response-Skip-Null"])
            .response(
                200,
                "The event.",
                content(JSON, self.reference("", "Event")),
                &[],
            )
            .problems(&[404, 501])
            .guarded(self.machine, self.service)
            .build()
    }

    /// Describes `GET /api/v1/task/{id}`.
    fn entity(&self) -> Value {
        let entity = content(JSON, self.reference("", ""));
        let moment = json!({ "type": "string", "format": "moment" });
        let as_of = "Moment in the past: a sequence (`3`), a clock (`clock:17`), or a time.";
        let summary = "Get the state and data of an entity, and the events that may follow";
        self.operation(&self.name("get", ""), summary)
            .parameter(self.entity_id())
            .parameter(query("asOf", moment, as_of))
            .shared_parameters(["If-None-Match"])
            .response(200, "The entity.", entity, &["ETag"])
            .response(
                304,
                "The client has the current entity.",
                Value::Null,
                &["ETag"],
            )
            .problems(&[404, 422])
            .guarded(self.machine, self.service)
            .build()
    }

    /// Describes `GET /api/v1/task/{id}/history`.
    fn history(&self) -> Value {
        let event = self.reference("", "Event");
        let mut answer = content(JSON, json!({ "type": "array", "items": event }));
        for lines in ["application/jsonl", "application/x-ndjson"] {
            answer[lines] = json!({
                "schema": { "type": "string", "description": "An event on each line." },
            });
        }
        self.operation(
            &self.name("get", "History"),
            "Get the events of an entity, oldest first",
        )
        .parameter(self.entity_id())
        .shared_parameters(["If-None-Match", "X-Response-Skip-Null"])
        .response(200, "The events.", answer, &["ETag"])
        .response(
            304,
            "The client has the current events.",
            Value::Null,
            &["ETag"],
        )
        .problems(&[404, 406, 422])
        .guarded(self.machine, self.service)
        .build()
    }

    /// Describes the stream of the machine or of an entity.
    fn stream(&self, of_entity: bool) -> Value {
        let (noun, summary) = match of_entity {
            true => ("", "Stream the events of an entity, stored and new"),
            false => (
                "Events",
                "Stream the events of all entities, stored and new",
            ),
        };
        let last = json!({
            "name": "Last-Event-ID", "in": "header",
            "schema": { "type": "string", "pattern": "^[0-9]{1,15}$" },
            "description": "Id of the last event that the client has; the stream continues after it.",
        });
        let types = json!({ "type": "array", "items": self.reference("", "EventType") });
        let mut types = query("event_type", types, "Only events of these types.");
        types["style"] = "form".into();
        types["explode"] = false.into();
        let frames = json!({
            "type": "string",
            "description": "Server-sent events: `data` is the event; one that cannot be read has its \
                place, and `unreadable`.",
        });
        let operation = self
            .operation(&self.name("stream", noun), summary)
            .parameter(last)
            .parameter(number(
                "after",
                64,
                "Like `Last-Event-ID`, for clients that cannot send it.",
            ))
            .parameter(types)
            .response(
                200,
                "The stream.",
                content("text/event-stream", frames),
                &[],
            );
        match of_entity {
            true => operation
                .parameter(self.entity_id())
                .problems(&[404, 422])
                .guarded(self.machine, self.service)
                .build(),
            false => operation
                .problems(&[422])
                .guarded(self.machine, self.service)
                .build(),
        }
    }
}
