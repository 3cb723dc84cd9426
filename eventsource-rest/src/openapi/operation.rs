//! One operation, put together from its parts.

use serde_json::{Map, Value, json};

/// An operation under way.
pub(crate) struct Operation {
    members: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    /// `id` is its name in clients, `summary` a line for people.
    pub(crate) fn new(tag: &str, id: &str, summary: &str) -> Self {
        let mut members = Map::new();
        members.insert("tags".to_owned(), json!([tag]));
        members.insert("operationId".to_owned(), id.into());
        members.insert("summary".to_owned(), summary.into());
        Self {
            members,
            parameters: Vec::new(),
            answers: Map::new(),
        }
        .taking(["X-Request-Id", "traceparent"])
    }

    pub(crate) fn described(mut self, text: &str) -> Self {
        self.members.insert("description".to_owned(), text.into());
        self
    }

    pub(crate) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Parameters that many operations have.
    pub(crate) fn taking<const N: usize>(mut self, shared: [&str; N]) -> Self {
        let named = |name: &&str| json!({ "$ref": format!("#/components/parameters/{name}") });
        self.parameters.extend(shared.iter().map(named));
        self
    }

    pub(crate) fn body(mut self, schema: Value, examples: Value) -> Self {
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": schema, "examples": examples } },
        });
        self.members.insert("requestBody".to_owned(), body);
        self
    }

    /// An answer of this status, with these of the shared headers.
    pub(crate) fn answer(
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
        let mut answer = json!({ "description": description, "headers": headers });
        if !content.is_null() {
            answer["content"] = content;
        }
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Problems of these statuses, and those that every request may meet.
    pub(crate) fn problems(mut self, statuses: &[u16]) -> Self {
        for status in statuses.iter().chain(&[500, 503]) {
            let problem = json!({ "$ref": format!("#/components/responses/{status}") });
            self.answers.insert(status.to_string(), problem);
        }
        self
    }

    /// Asks for a token, or goes without.
    pub(crate) fn secured(mut self, authenticated: bool) -> Self {
        if authenticated {
            let either = json!([{ "bearer": [] }, {}]);
            self.members.insert("security".to_owned(), either);
            self = self.problems(&[401]);
        }
        self
    }

    pub(crate) fn build(mut self) -> Value {
        self.members
            .insert("parameters".to_owned(), self.parameters.into());
        self.members
            .insert("responses".to_owned(), self.answers.into());
        self.members.into()
    }
}

/// The content of an answer.
pub(crate) fn content(media: &str, schema: Value) -> Value {
    json!({ media: { "schema": schema } })
}

pub(crate) fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
