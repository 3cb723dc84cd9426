//! Builder of one operation.

use serde_json::{Map, Value, json};

use super::description::ServiceDescription;
use crate::machine::MachineDescription;

/// Builder of an OpenAPI operation.
pub(crate) struct Operation {
    members: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

impl Operation {
    /// Starts an operation; `id` is its name in generated clients, `summary` a line for people.
    pub(crate) fn new(tag: &str, id: &str, summary: &str) -> Self {
        let mut members = Map::new();
        members.insert("tags".to_owned(), json!([tag]));
        members.insert("operationId".to_owned(), id.into());
        members.insert("summary".to_owned(), summary.into());
        Self {
            members,
            parameters: Vec::new(),
            responses: Map::new(),
        }
        .shared_parameters(["X-Request-Id", "traceparent"])
    }

    /// Sets the description.
    pub(crate) fn description(mut self, text: &str) -> Self {
        self.members.insert("description".to_owned(), text.into());
        self
    }

    /// Adds a parameter.
    pub(crate) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Adds parameters that many operations share.
    pub(crate) fn shared_parameters<const N: usize>(mut self, shared: [&str; N]) -> Self {
        let named = |name: &&str| json!({ "$ref": format!("#/components/parameters/{name}") });
        self.parameters.extend(shared.iter().map(named));
        self
    }

    /// Sets the JSON body of the request.
    pub(crate) fn body(mut self, schema: Value, examples: Value) -> Self {
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": schema, "examples": examples } },
        });
        self.members.insert("requestBody".to_owned(), body);
        self
    }

    /// Adds a response with a status and some of the shared headers.
    pub(crate) fn response(
        mut self,
        status: u16,
        description: &str,
        content: Value,
        headers: &[&str],
    ) -> Self {
        let named = |name: &&str| {
            let header = json!({ "$ref": format!("#/components/headers/{name}") });
            ((*name).to_owned(), header)
        };
        let mut headers: Map<String, Value> = headers.iter().map(named).collect();
        headers.extend([named(&"X-Request-Id")]);
        let mut response = json!({ "description": description, "headers": headers });
        if !content.is_null() {
            response["content"] = content;
        }
        self.responses.insert(status.to_string(), response);
        self
    }

    /// Adds the problems of these statuses, and those of every limited operation.
    pub(crate) fn problems(self, statuses: &[u16]) -> Self {
        self.unlimited_problems(statuses).unlimited_problems(&[429])
    }

    /// Adds the problems of these statuses, and those of every operation.
    pub(crate) fn unlimited_problems(mut self, statuses: &[u16]) -> Self {
        for status in statuses.iter().chain(&[400, 403, 421, 500, 503]) {
            let problem = json!({ "$ref": format!("#/components/responses/{status}") });
            self.responses.insert(status.to_string(), problem);
        }
        self
    }

    /// Makes authentication optional, and adds its problem, if the service has an authenticator.
    pub(crate) fn secured(mut self, authenticated: bool) -> Self {
        if authenticated {
            let either = json!([{ "bearer": [] }, {}]);
            self.members.insert("security".to_owned(), either);
            self = self.problems(&[401]);
        }
        self
    }

    /// Requires an actor with a role.
    #[cfg(feature = "runtime")]
    pub(crate) fn guarded_by_role(mut self) -> Self {
        let security = json!([{ "bearer": [] }]);
        self.members.insert("security".to_owned(), security);
        self.problems(&[401, 403])
    }

    /// Says who may read: with an authenticator an actor is required, unless the machine is public, and
    /// an actor may lack the role.
    pub(crate) fn guarded(
        self,
        machine: &MachineDescription,
        service: &ServiceDescription,
    ) -> Self {
        self.for_readers(machine.machine.is_public(), service.authenticated)
    }

    /// Says who may read, as [`guarded`](Self::guarded).
    pub(crate) fn for_readers(mut self, is_public: bool, authenticated: bool) -> Self {
        if !authenticated {
            return self;
        }
        let security = match is_public {
            true => json!([{ "bearer": [] }, {}]),
            false => json!([{ "bearer": [] }]),
        };
        self.members.insert("security".to_owned(), security);
        self.problems(&[401, 403])
    }

    /// Returns the operation as JSON.
    pub(crate) fn build(mut self) -> Value {
        self.members
            .insert("parameters".to_owned(), self.parameters.into());
        self.members
            .insert("responses".to_owned(), self.responses.into());
        self.members.into()
    }
}

/// Returns the content of a response: a schema by media type.
pub(crate) fn content(media: &str, schema: Value) -> Value {
    json!({ media: { "schema": schema } })
}

/// Returns a reference to a schema.
pub(crate) fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
