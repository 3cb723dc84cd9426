"""Looks whether the document is one, and whether its schemas take what the service takes."""

import json
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

url = sys.argv[1]


def get(path):
    with urllib.request.urlopen(url + path) as answer:
        return json.load(answer)


def post(path, body):
    """The status."""
    request = urllib.request.Request(
        url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def validator(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


# The document, by the meta-schema of OpenAPI 3.1.
document = get("/api/openapi.json")
assert document["openapi"].startswith("3.1"), document["openapi"]
OpenAPIV31SpecValidator(document).validate()


def examples(node, path=()):
    """Each media type of the document that has examples: where, its schema, and they."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from examples(item, (*path, number))
    elif isinstance(node, dict):
        if "schema" in node and ("example" in node or "examples" in node):
            values = [example["value"] for example in node.get("examples", {}).values()]
            if "example" in node:
                values.append(node["example"])
            yield path, node["schema"], values
        for name, item in node.items():
            yield from examples(item, (*path, name))


shown = 0
for path, schema, values in examples(document):
    # What it refers to is in the document.
    schema = {"components": document["components"], **schema}
    for value in values:
        shown += 1
        faults = [fault.message for fault in validator(schema).iter_errors(value)]
        assert not faults, (path, value, faults)
assert shown >= 15, shown

# The JSON Schema of the events takes a body just if the service does not call it wrong.
ID = "0197a3e0-0000-7000-8000-000000000000"
bodies = [
    ({"eventType": "CREATED"}, True),
    ({"eventType": "CREATED", "taskId": ID, "description": None}, True),
    ({"eventType": "CREATED", "description": 7}, False),
    ({"eventType": "CREATED", "assignee": "ann"}, False),
    ({"eventType": "ASSIGNED", "taskId": ID, "assignee": "ann"}, True),
    ({"eventType": "ASSIGNED", "taskId": ID}, False),
    ({"eventType": "ASSIGNED", "assignee": "ann"}, False),
    ({"eventType": "SCHEDULED", "taskId": ID, "deadline": "2026-04-21T00:00:00Z"}, True),
    ({"eventType": "SCHEDULED", "taskId": ID, "deadline": "tomorrow"}, False),
    ({"eventType": "created"}, False),
]
events = validator(get("/api/v1/machine/task/schema"))
for body, fits in bodies:
    assert events.is_valid(body) == fits, body
    status = post("/api/v1/task_event", body)
    assert (status != 422) == fits, (body, status)

print("checked", shown, "examples")
