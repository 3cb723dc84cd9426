//! Operations that execute commands.

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::machine_paths::MachineOperations;
use super::operation::content;
use crate::machine::CommandDescription;

impl MachineOperations<'_> {
    /// Returns the operations of the machine's commands by path.
    pub(super) fn command_paths(&self) -> Vec<(String, Value)> {
        let entities = format!("/api/v1/{}", self.machine.entity);
        let mut paths = Vec::with_capacity(2 * self.machine.commands.len());
        for command in &self.machine.commands {
            let name = command.name;
            for (path, of_entity) in [
                (format!("{entities}/command/{name}"), false),
                (format!("{entities}/{{id}}/command/{name}"), true),
            ] {
                paths.push((path, json!({ "post": self.command(command, of_entity) })));
            }
        }
        if self.machine.commands.iter().any(|it| it.is_submittable) {
            paths.push((
                format!("{entities}/{{id}}/command/{{commandId}}"),
                json!({ "get": self.outcome() }),
            ));
        }
        paths
    }

    /// Describes `POST /api/v1/task/{id}/command/start`, or the one without an id.
    fn command(&self, command: &CommandDescription, of_entity: bool) -> Value {
        let CommandDescription {
            name,
            schema,
            is_submittable,
        } = command;
        let noun = name.to_upper_camel_case();
        let (verb, summary) = match of_entity {
            true => (
                "execute",
                format!("Execute the command `{name}` on the entity"),
            ),
            false => (
                "create",
                format!("Begin an entity with the command `{name}`"),
            ),
        };
        let problems: &[u16] = &[400, 403, 404, 408, 409, 412, 413, 415, 422];
        let operation = self
            .operation(&self.name(verb, &format!("By{noun}")), &summary)
            .description(
                "Decides on the entity as it is now. Nothing is stored if the command refuses \
                 (`command-refused`, with the reason in `refusal`), or finds nothing to do.",
            )
            .shared_parameters(["Idempotency-Key", "X-Response-Skip-Null"])
            .body(schema.clone(), json!({}))
            .response(
                200,
                "What has happened.",
                content("application/json", self.executed()),
                &["ETag", "Idempotency-Replayed"],
            )
            .problems(problems)
            .secured(self.service.authenticated);
        let operation = match of_entity && *is_submittable {
            true => operation
                .parameter(json!({
                    "name": "Prefer", "in": "header", "schema": { "type": "string" },
                    "description": "`respond-async`: leave the command to be executed later.",
                }))
                .response(
                    202,
                    "The command is kept, to be executed later; `Location` tells what comes of it.",
                    content("application/json", self.executed()),
                    &["Location", "Preference-Applied", "Retry-After"],
                ),
            false => operation,
        };
        match of_entity {
            true => operation
                .parameter(self.entity_id())
                .shared_parameters(["If-Match", "If-None-Match"])
                .build(),
            false => operation.build(),
        }
    }

    /// Describes `GET /api/v1/task/{id}/command/{commandId}`.
    fn outcome(&self) -> Value {
        self.operation(
            &self.name("get", "CommandOutcome"),
            "Get what has come of a command that this actor has given",
        )
        .parameter(self.entity_id())
        .parameter(json!({
            "name": "commandId", "in": "path", "required": true, "schema": { "type": "string" },
        }))
        .response(
            200,
            "The command, with its outcome so far.",
            content("application/json", self.executed()),
            &["ETag"],
        )
        .problems(&[404])
        .secured(self.service.authenticated)
        .build()
    }

    /// Returns the schema of an answer.
    fn executed(&self) -> Value {
        let id = json!({ "anyOf": [self.machine.id_schema(), { "type": "null" }] });
        let event = self.reference("", "Event");
        let event = match self.service.authenticated {
            // A client that may not read the entity gets no more than ids.
            true => json!({ "anyOf": [event, self.reference("", "Receipt")] }),
            false => event,
        };
        let is_submittable = self.machine.commands.iter().any(|it| it.is_submittable);
        let outcomes: &[&str] = match is_submittable {
            true => &["pending", "accepted", "rejected", "refused", "failed"],
            false => &["accepted", "rejected"],
        };
        json!({
            "type": "object",
            "properties": {
                "commandId": {
                    "type": ["string", "null"],
                    "description": "`Idempotency-Key` of the request.",
                },
                "outcome": { "type": "string", "enum": outcomes },
                (self.machine.names.entity_id.clone()): id,
                "events": { "type": "array", "items": event },
            },
            "required": ["commandId", "outcome", self.machine.names.entity_id, "events"],
        })
    }
}
