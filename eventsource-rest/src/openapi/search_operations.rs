//! Operations that search events and entities.

use serde_json::{Value, json};

use super::machine_paths::MachineOperations;
use super::operation::content;
use super::parameters::{number, query};

impl MachineOperations<'_> {
    /// Describes `GET` and `HEAD /api/v1/task_event`.
    pub(super) fn search(&self, verb: &str, with_body: bool) -> Value {
        let flag = json!({ "type": "boolean" });
        let uuid = json!({ "type": "string", "format": "uuid" });
        let max = self.service.limits.max_page_size;
        let limit = json!({ "type": "integer", "minimum": 0, "maximum": max, "default": 20 });
        let names = &self.machine.names;
        let page = match with_body {
            true => content("application/json", self.reference("", "EventPage")),
            false => Value::Null,
        };
        self.operation(&self.name(verb, "Events"), "Search events")
            .parameter(number("offset", 64, "Number of items to skip."))
            .parameter(query("limit", limit, "Most items on the page."))
            .parameter(query(
                &names.entity_id_query,
                self.machine.id_schema(),
                "Only events of this entity.",
            ))
            .parameter(query(
                "event_type",
                self.reference("", "EventType"),
                "Only events of this type.",
            ))
            .parameter(number("clock", 64, "Only the event with this clock."))
            .parameter(number(
                "min_clock",
                64,
                "Only events with this clock or a later one.",
            ))
            .parameter(number(
                "max_clock",
                64,
                "Only events with this clock or an earlier one.",
            ))
            .parameter(query(
                "parent_id",
                uuid,
                "Only the event that directly follows this one.",
            ))
            .parameter(number(
                "version",
                32,
                "Only events of this version of their entity.",
            ))
            .parameter(query("sort_by_clock", flag.clone(), "Newest first."))
            .parameter(query(
                "sort_clock_in_ascending_order",
                flag,
                "Oldest first; only with `sort_by_clock`.",
            ))
            .parameter(number(
                "after",
                64,
                "Cursor: only events after this clock, oldest first; not with `offset`.",
            ))
            .shared_parameters(["X-Request-Limit", "X-Response-Skip-Null"])
            .response(200, "A page of the search.", page, &["X-Total-Count"])
            .problems(&[422])
            .guarded(self.machine, self.service)
            .build()
    }

    /// Describes `GET` and `HEAD /api/v1/task`.
    pub(super) fn entities(&self, verb: &str, with_body: bool) -> Value {
        let event_type = self.reference("", "EventType");
        let flag = json!({ "type": "boolean" });
        let time = json!({ "type": "string", "format": "date-time" });
        let order = json!({ "type": "string", "enum": ["id", "created", "updated"] });
        let cursor = json!({ "type": "string", "format": "cursor" });
        let max = self.service.limits.max_page_size;
        let limit = json!({ "type": "integer", "minimum": 0, "maximum": max, "default": 20 });
        let page = match with_body {
            true => content("application/json", self.reference("", "Page")),
            false => Value::Null,
        };
        let mut operation = self
            .operation(
                &self.name(verb, "s"),
                "Search entities by their current state and data",
            )
            .parameter(number("offset", 64, "Number of items to skip."))
            .parameter(query("limit", limit, "Most items on the page."));
        for (name, description) in [
            ("state", "Only entities in exactly this state."),
            ("having", "Only entities whose state contains all of these."),
            (
                "lacking",
                "Only entities whose state contains none of these.",
            ),
        ] {
            let types = json!({ "type": "array", "items": event_type, "minItems": 1 });
            let mut types = query(name, types, description);
            types["style"] = "form".into();
            types["explode"] = false.into();
            operation = operation.parameter(types);
        }
        let last = "Only entities whose last event is of this type.";
        operation = operation
            .parameter(query("last_event_type", event_type, last))
            .parameter(number("version", 32, "Only entities of this version."));
        for (name, description) in [
            (
                "created_from",
                "Only entities created at this time or later.",
            ),
            (
                "created_until",
                "Only entities created at this time or earlier.",
            ),
            (
                "updated_from",
                "Only entities last changed at this time or later.",
            ),
            (
                "updated_until",
                "Only entities last changed at this time or earlier.",
            ),
        ] {
            operation = operation.parameter(query(name, time.clone(), description));
        }
        for field in self.machine.data.keys() {
            let description =
                "Only entities with this value in their data; as JSON if it is not a string.";
            let text = json!({ "type": "string" });
            operation = operation.parameter(query(&format!("data.{field}"), text, description));
        }
        let after = "Cursor from the link to the next page; not with `offset`.";
        operation
            .parameter(query("sort_by", order, "Order; by id if not given."))
            .parameter(query("descending", flag, "Reverses the order."))
            .parameter(query("after", cursor, after))
            .shared_parameters(["X-Request-Limit"])
            .response(200, "A page of the search.", page, &["X-Total-Count"])
            .problems(&[422])
            .guarded(self.machine, self.service)
            .build()
    }
}
