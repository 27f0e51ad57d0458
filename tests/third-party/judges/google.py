"""Google: which method an exchange is, and whether request and answer are what the discovery documents say."""

import functools
import importlib.resources
import json
import re
import urllib.parse

from judges.google_schema import Walk

# In this order a path that two documents have belongs to the first.
DOCUMENTS = ("run.v2", "cloudbuild.v1", "artifactregistry.v1", "logging.v2")

# google.rpc.Code to HTTP. Source: google/rpc/code.proto.
CODES = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 401,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
}


@functools.cache
def document(name):
    folder = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _methods(resources):
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from _methods(resource.get("resources", {}))


def _pattern(method):
    """The path of a method as an expression. `flatPath` has one brace per segment."""
    parts = re.split(r"\{[^}]*\}", method.get("flatPath", method["path"]))
    return re.compile("/" + "[^/]+".join(re.escape(part) for part in parts))


@functools.cache
def methods():
    """Every method of every document: document, method, pattern. Those with a verb after a colon go first."""
    every = [(name, method, _pattern(method)) for name in DOCUMENTS for method in _methods(document(name)["resources"])]
    return sorted(every, key=lambda one: ":" not in one[1].get("flatPath", ""))


def is_google(exchange):
    path = exchange.path
    return bool(re.match(r"/v[12]/(projects/|entries:|[a-z]+/[^/]+/logs)|/v1/operations/", path))


def call_of(exchange):
    """Document and method, or `None` where no document has such a path."""
    path = urllib.parse.unquote(exchange.path) if "%2F" not in exchange.path.upper() else exchange.path
    for name, method, pattern in methods():
        if method["httpMethod"] == exchange.method and pattern.fullmatch(path):
            return name, method
    return None


def _query(exchange):
    """Query parameters; `$alt=json;enum-encoding=int` has a semicolon that is part of the value."""
    return exchange.query


def judge_request(exchange):
    """Lines about what is wrong with the request."""
    call = call_of(exchange)
    if call is None:
        return [f"no method for {exchange.method} {exchange.path}"]
    name, method = call
    found = []
    known = {**document(name)["parameters"], **method.get("parameters", {}), "$alt": {"type": "string"}}
    given = {}
    for key, value in _query(exchange):
        parameter = known.get(key)
        if parameter is None or parameter.get("location") == "path":
            found.append(f"?{key}: unknown parameter")
            continue
        if key in given and not parameter.get("repeated"):
            found.append(f"?{key}: more than once")
        given[key] = value
        _parameter(key, parameter, value, found)
    for key, parameter in method.get("parameters", {}).items():
        if parameter.get("required") and parameter.get("location") == "query" and key not in given:
            found.append(f"?{key}: required and missing")
    if not (exchange.asked("authorization") or "").startswith("Bearer"):
        found.append("no bearer token")
    body = None
    if exchange.request_body:
        try:
            body = json.loads(exchange.request_body)
        except ValueError as error:
            return [*found, f"$: not JSON: {error}"]
    if "request" not in method:
        if body is not None:
            found.append("a body where the method has none")
        return found
    schemas = document(name)["schemas"]
    schema = schemas[method["request"]["$ref"]]
    if body is not None:
        Walk(schemas, found, enum_numbers=True, request=True).walk(schema, body)
    for path in filter(None, given.get("updateMask", "").split(",")):
        if path != "*" and not _has_path(schemas, schema, path):
            found.append(f"?updateMask: {schema['id']} has no field {path}")
    return found


def _parameter(key, parameter, value, found):
    kind, form = parameter.get("type"), parameter.get("format")
    if kind == "boolean" and value not in ("true", "false"):
        found.append(f"?{key}: not true or false: {value!r}")
    elif kind == "integer" and value and not re.fullmatch(r"-?\d+", value):
        found.append(f"?{key}: not a whole number: {value!r}")
    elif "enum" in parameter and value not in parameter["enum"]:
        found.append(f"?{key}: {value!r} is not one of {', '.join(parameter['enum'])}")
    elif form == "google-fieldmask" and not re.fullmatch(r"[A-Za-z0-9_.,*]*", value):
        found.append(f"?{key}: not a field mask: {value!r}")


def _has_path(schemas, schema, path):
    """Whether a field mask's path names a field, in camelCase or in snake_case."""
    for step in path.split("."):
        while "$ref" in schema:
            schema = schemas[schema["$ref"]]
        camel = re.sub(r"_([a-z])", lambda match: match.group(1).upper(), step)
        if schema.get("type") == "object" and camel in schema.get("properties", {}):
            schema = schema["properties"][camel]
        elif schema.get("additionalProperties"):
            schema = schema["additionalProperties"]
        else:
            return False
    return True


def judge_answer(exchange):
    """Lines about what is wrong with the answer."""
    found = []
    if (exchange.answered("content-type") or "").split(";")[0] != "application/json":
        found.append(f"content-type {exchange.answered('content-type')}")
    try:
        value = json.loads(exchange.response_body)
    except ValueError as error:
        return [*found, f"$: not JSON: {error}"]
    call = call_of(exchange)
    name = call[0] if call else DOCUMENTS[0]
    schemas = document(name)["schemas"]
    numbers = any(key in ("$alt", "alt") and "enum-encoding=int" in value for key, value in _query(exchange))
    walk = Walk(schemas, found, enum_numbers=numbers)
    if exchange.status != 200:
        _judge_error(exchange, value, walk)
    elif call is None:
        found.append(f"{exchange.method} {exchange.path} is no method, and was answered with 200")
    else:
        walk.walk(schemas[call[1]["response"]["$ref"]], value)
    return found


def _judge_error(exchange, value, walk):
    detail = {"type": "object", "additionalProperties": {"type": "any", "description": "@type"}}
    text = {"type": "string"}
    error = {
        "code": {"type": "integer"},
        "message": text,
        "status": {"type": "string", "enum": sorted(CODES)},
        "details": {"type": "array", "items": detail},
        # Only the older of Google's front ends send this list, beside the same in `details`.
        "errors": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "any"}}},
    }
    shape = {"type": "object", "id": "the error", "properties": {"error": {"type": "object", "id": "error", "properties": error}}}
    walk.walk(shape, value)
    inner = value.get("error") if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        return walk.found.append("$: an error without error")
    if inner.get("code") != exchange.status:
        walk.found.append(f"$.error.code: {inner.get('code')} with HTTP {exchange.status}")
    if CODES.get(inner.get("status")) != exchange.status:
        walk.found.append(f"$.error.status: {inner.get('status')} with HTTP {exchange.status}")
    if not inner.get("message"):
        walk.found.append("$.error.message: missing")
