//! The endpoints of one machine.

use serde_json::{Value, json};

use super::document::Service;
use super::operation::{Operation, content, reference};
use super::parameters::{id, number, query};
use crate::machine::Described;

const JSON: &str = "application/json";

pub(crate) fn paths(machine: &Described, service: &Service) -> Vec<(String, Value)> {
    let events = format!("/api/v1/{}", machine.names.event);
    let entities = format!("/api/v1/{}", machine.entity);
    let entity = format!("{entities}/{{id}}");
    let one = Endpoints { machine, service };
    vec![
        (
            events.clone(),
            json!({
                "post": one.append(), "get": one.search("search", true),
                "head": one.search("count", false),
            }),
        ),
        (format!("{events}/{{id}}"), json!({ "get": one.event() })),
        (
            format!("{events}/stream"),
            json!({ "get": one.stream(false) }),
        ),
        (
            entities.clone(),
            json!({ "get": one.entities("search", true), "head": one.entities("count", false) }),
        ),
        (
            format!("{entities}/validate"),
            json!({ "post": one.validate() }),
        ),
        (entity.clone(), json!({ "get": one.entity() })),
        (
            format!("{entity}/{}", machine.names.event),
            json!({ "post": one.append_to() }),
        ),
        (format!("{entity}/history"), json!({ "get": one.history() })),
        (
            format!("{entity}/stream"),
            json!({ "get": one.stream(true) }),
        ),
    ]
}

struct Endpoints<'a> {
    machine: &'a Described,
    service: &'a Service,
}

impl Endpoints<'_> {
    fn operation(&self, name: &str, summary: &str) -> Operation {
        Operation::new(self.machine.entity, name, summary)
    }

    /// `createTaskEvent`
    fn name(&self, verb: &str, noun: &str) -> String {
        format!("{verb}{}{noun}", self.machine.title())
    }

    fn reference(&self, before: &str, after: &str) -> Value {
        reference(&format!("{before}{}{after}", self.machine.title()))
    }

    fn entity_id(&self) -> Value {
        id(self.machine.id_schema(), "The entity.")
    }

    fn append(&self) -> Value {
        let name = self.name("append", "Event");
        let operation = self.operation(&name, "Append an event, or a list of events at once");
        self.appending(operation, "New", &[400, 403, 409, 412, 413, 415, 422])
    }

    fn append_to(&self) -> Value {
        let name = self.name("appendTo", "");
        let operation = self
            .operation(&name, "Append an event, or a list of events, to the entity")
            .parameter(self.entity_id());
        self.appending(operation, "Next", &[400, 403, 404, 409, 412, 413, 415, 422])
    }

    fn appending(&self, operation: Operation, prefix: &str, problems: &[u16]) -> Value {
        let one = self.reference(prefix, "Event");
        let list = json!({
            "type": "array", "items": one, "minItems": 1, "maxItems": self.service.limits.max_batch,
        });
        let told = self.reference("", "Event");
        let told = json!({ "oneOf": [told, { "type": "array", "items": told }] });
        let headers = ["ETag", "Location", "Idempotency-Replayed"];
        operation
            .described(
                "All of a list are stored, or none. Auto transitions follow by themselves and are \
                 not in the answer. Without an entity's id an initial event creates the entity.",
            )
            .taking([
                "If-Match",
                "If-None-Match",
                "Idempotency-Key",
                "X-Response-Skip-Null",
            ])
            .body(json!({ "oneOf": [one, list] }), self.examples())
            .answer(201, "What was stored.", content(JSON, told), &headers)
            .problems(problems)
            .secured(self.service.authenticated)
            .build()
    }

    fn validate(&self) -> Value {
        let state = json!({ "type": "array", "items": self.reference("", "EventType") });
        let most = self.service.limits.max_batch;
        let body = json!({
            "type": "object",
            "properties": {
                (self.machine.names.entity_id.clone()): self.machine.id_schema(),
                "state": state,
                "events": {
                    "type": "array", "items": {}, "maxItems": most,
                    "description": "As they would be sent to the entity; what is wrong with one \
                        is reported.",
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
            "What would become of events; nothing is stored",
        )
        .described("From a state, from an entity as it stands, or from no event at all.")
        .body(body, json!({ "initial": example }))
        .answer(200, "What would become of each.", report, &[])
        .problems(&[400, 413, 415, 422])
        .secured(self.service.authenticated)
        .build()
    }

    /// The first event that may be, to show.
    fn initial(&self) -> Value {
        let mut initial = self.machine.events.iter().filter(|event| event.initial);
        initial
            .next()
            .map_or_else(|| json!({}), |event| event.body())
    }

    /// A body for each initial event.
    fn examples(&self) -> Value {
        let initial = self.machine.events.iter().filter(|event| event.initial);
        let examples =
            initial.map(|event| (event.name.to_owned(), json!({ "value": event.body() })));
        Value::Object(examples.collect())
    }

    fn search(&self, verb: &str, with_body: bool) -> Value {
        let flag = json!({ "type": "boolean" });
        let uuid = json!({ "type": "string", "format": "uuid" });
        let most = self.service.limits.max_page_size;
        let limit = json!({ "type": "integer", "minimum": 0, "maximum": most, "default": 20 });
        let names = &self.machine.names;
        let page = match with_body {
            true => content(JSON, self.reference("", "EventPage")),
            false => Value::Null,
        };
        self.operation(&self.name(verb, "Events"), "Search events")
            .parameter(number("offset", 64, "How many to pass over."))
            .parameter(query("limit", limit, "How many on a page."))
            .parameter(query(
                &names.entity_id_query,
                self.machine.id_schema(),
                "Of one entity.",
            ))
            .parameter(query(
                "event_type",
                self.reference("", "EventType"),
                "Of one type.",
            ))
            .parameter(number("clock", 64, "The one at this clock."))
            .parameter(number("min_clock", 64, "Not before this clock."))
            .parameter(number("max_clock", 64, "Not after this clock."))
            .parameter(query("parent_id", uuid, "The ones after this event."))
            .parameter(number("version", 32, "Of this version of its entity."))
            .parameter(query("sort_by_clock", flag.clone(), "Newest first."))
            .parameter(query(
                "sort_clock_in_ascending_order",
                flag,
                "Oldest first; only with `sort_by_clock`.",
            ))
            .parameter(number(
                "after",
                64,
                "A cursor: those after this clock, oldest first, without an offset.",
            ))
            .taking(["X-Request-Limit", "X-Response-Skip-Null"])
            .answer(200, "A page.", page, &["X-Total-Count"])
            .problems(&[422])
            .build()
    }

    fn entities(&self, verb: &str, with_body: bool) -> Value {
        let event_type = self.reference("", "EventType");
        let flag = json!({ "type": "boolean" });
        let time = json!({ "type": "string", "format": "date-time" });
        let order = json!({ "type": "string", "enum": ["id", "created", "updated"] });
        let cursor = json!({ "type": "string", "format": "cursor" });
        let most = self.service.limits.max_page_size;
        let limit = json!({ "type": "integer", "minimum": 0, "maximum": most, "default": 20 });
        let page = match with_body {
            true => content(JSON, self.reference("", "Page")),
            false => Value::Null,
        };
        let mut operation = self
            .operation(
                &self.name(verb, "s"),
                "Search entities by what they are now",
            )
            .parameter(number("offset", 64, "How many to pass over."))
            .parameter(query("limit", limit, "How many on a page."));
        for (name, told) in [
            ("state", "In just this state."),
            ("having", "With all of these in their state."),
            ("lacking", "With none of these in their state."),
        ] {
            let types = json!({ "type": "array", "items": event_type, "minItems": 1 });
            let mut types = query(name, types, told);
            types["style"] = "form".into();
            types["explode"] = false.into();
            operation = operation.parameter(types);
        }
        let last = "Whose last event is of this type.";
        operation = operation
            .parameter(query("last_event_type", event_type, last))
            .parameter(number("version", 32, "Of this version."));
        for (name, told) in [
            ("created_from", "Begun then or later."),
            ("created_until", "Begun then or earlier."),
            ("updated_from", "Changed then or later."),
            ("updated_until", "Last changed then or earlier."),
        ] {
            operation = operation.parameter(query(name, time.clone(), told));
        }
        for field in self.machine.data.keys() {
            let told = "With this value in their data; what is no text is written as in JSON.";
            let text = json!({ "type": "string" });
            operation = operation.parameter(query(&format!("data.{field}"), text, told));
        }
        let after = "From the link to the next page, without an offset.";
        operation
            .parameter(query(
                "sort_by",
                order,
                "In which order; by id if not given.",
            ))
            .parameter(query("descending", flag, "The other way round."))
            .parameter(query("after", cursor, after))
            .taking(["X-Request-Limit"])
            .answer(200, "A page.", page, &["X-Total-Count"])
            .problems(&[422])
            .build()
    }

    fn event(&self) -> Value {
        let uuid = json!({ "type": "string", "format": "uuid" });
        self.operation(&self.name("get", "Event"), "One event")
            .parameter(id(uuid, "The event."))
            .taking(["X-Response-Skip-Null"])
            .answer(
                200,
                "The event.",
                content(JSON, self.reference("", "Event")),
                &[],
            )
            .problems(&[404])
            .build()
    }

    fn entity(&self) -> Value {
        let entity = content(JSON, self.reference("", ""));
        let moment = json!({ "type": "string", "format": "moment" });
        let told = "As it was: at a sequence (`3`), at a clock (`clock:17`), or at a time.";
        let summary = "Where an entity stands, and what may happen next";
        self.operation(&self.name("get", ""), summary)
            .parameter(self.entity_id())
            .parameter(query("asOf", moment, told))
            .taking(["If-None-Match"])
            .answer(200, "The entity.", entity, &["ETag"])
            .answer(304, "The client has it.", Value::Null, &["ETag"])
            .problems(&[404, 422])
            .build()
    }

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
            "The events of an entity, oldest first",
        )
        .parameter(self.entity_id())
        .taking(["If-None-Match", "X-Response-Skip-Null"])
        .answer(200, "The events.", answer, &["ETag"])
        .answer(304, "The client has them.", Value::Null, &["ETag"])
        .problems(&[404, 406, 422])
        .build()
    }

    fn stream(&self, of_entity: bool) -> Value {
        let (noun, summary) = match of_entity {
            true => ("", "The events of an entity, and those that come"),
            false => ("Events", "The events of all entities, and those that come"),
        };
        let last = json!({
            "name": "Last-Event-ID", "in": "header",
            "schema": { "type": "string", "pattern": "^[0-9]{1,15}$" },
            "description": "The last that the client has heard: it goes on after it.",
        });
        let types = json!({ "type": "array", "items": self.reference("", "EventType") });
        let mut types = query("event_type", types, "Only events of these types.");
        types["style"] = "form".into();
        types["explode"] = false.into();
        let frames = json!({
            "type": "string",
            "description": "Server-sent events: `data` is the event, `event` its type.",
        });
        let operation = self
            .operation(&self.name("stream", noun), summary)
            .parameter(last)
            .parameter(number(
                "after",
                64,
                "The same, for a client that cannot send it.",
            ))
            .parameter(types)
            .answer(
                200,
                "The stream.",
                content("text/event-stream", frames),
                &[],
            );
        match of_entity {
            true => operation
                .parameter(self.entity_id())
                .problems(&[404, 422])
                .build(),
            false => operation.problems(&[422]).build(),
        }
    }
}
