"""What schemathesis cannot know from the document."""

import itertools

import schemathesis
from hypothesis import strategies

KEYS = itertools.count()

schemathesis.openapi.format(
    "entity-tag", strategies.integers(0, 20).map(lambda sequence: f'"{sequence}"')
)
schemathesis.openapi.format("moment", strategies.integers(0, 20).map(str))
schemathesis.openapi.format("idempotency-key", strategies.just("key"))


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    # A key names one request. schemathesis would give it to many.
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f"key-{next(KEYS)}"
    for name in ("If-Match", "If-None-Match"):
        # What is no tag at all is refused, which a document can say only by a format. And a
        # condition speaks of one entity, a list perhaps of several.
        if name in headers:
            headers[name] = f'"{next(KEYS) % 5}"'
            if isinstance(case.body, list):
                del headers[name]
