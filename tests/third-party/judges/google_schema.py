"""JSON against a schema of a Google discovery document."""

import functools
import re

from google.api import launch_stage_pb2
from google.cloud import run_v2
from google.cloud.audit import audit_log_pb2
from google.protobuf import json_format

# What google.rpc has, which no discovery document spells out: the details of errors. Source: google/rpc/error_details.proto.
_TEXT = {"type": "string"}
_MAP = {"type": "object", "additionalProperties": _TEXT}


def _list(**properties):
    return {"type": "array", "items": {"type": "object", "properties": properties}}


RPC = {
    "ErrorInfo": {"reason": _TEXT, "domain": _TEXT, "metadata": _MAP},
    "RetryInfo": {"retryDelay": {"type": "string", "format": "google-duration"}},
    "DebugInfo": {"stackEntries": {"type": "array", "items": _TEXT}, "detail": _TEXT},
    "QuotaFailure": {"violations": _list(subject=_TEXT, description=_TEXT)},
    "PreconditionFailure": {"violations": _list(type=_TEXT, subject=_TEXT, description=_TEXT)},
    "BadRequest": {"fieldViolations": _list(field=_TEXT, description=_TEXT, reason=_TEXT)},
    "RequestInfo": {"requestId": _TEXT, "servingData": _TEXT},
    "ResourceInfo": {"resourceType": _TEXT, "resourceName": _TEXT, "owner": _TEXT, "description": _TEXT},
    "Help": {"links": _list(description=_TEXT, url=_TEXT)},
    "LocalizedMessage": {"locale": _TEXT, "message": _TEXT},
}

# Types that come in an Any: where the discovery document names them otherwise than the type does.
PACKAGES = {
    "google.cloud.run.v2.": "GoogleCloudRunV2",
    "google.devtools.cloudbuild.v1.": "",
    "google.devtools.artifactregistry.v1.": "",
    "google.logging.v2.": "",
}

FORMATS = {
    "google-datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z",
    "google-duration": r"-?\d+(\.\d{1,9})?s",
    "google-fieldmask": r"[A-Za-z0-9_.,*]*",
    "byte": r"[A-Za-z0-9+/_-]*={0,2}",
    "int64": r"-?\d+",
    "uint64": r"\d+",
}


def _enums(holder):
    yield from holder.enum_types_by_name.values() if hasattr(holder, "enum_types_by_name") else ()
    inner = holder.message_types_by_name if hasattr(holder, "message_types_by_name") else holder.nested_types_by_name
    for message in inner.values():
        yield from _enums(message)


@functools.cache
def _run_enums():
    """Every enumeration of Cloud Run: number by word."""
    types = (getattr(run_v2, name) for name in run_v2.__all__)
    files = {cls.meta.pb.DESCRIPTOR.file.name: cls.meta.pb.DESCRIPTOR.file for cls in types if hasattr(cls, "meta") and cls.meta.pb}
    enums = [enum for file in files.values() for enum in _enums(file)]
    return [{value.name: value.number for value in enum.values} for enum in [*enums, launch_stage_pb2.LaunchStage.DESCRIPTOR]]


@functools.cache
def numbers(words):
    """The numbers that stand for these words. Document and client may be of different days, and one of them know more words."""
    same = [enum for enum in _run_enums() if words <= enum.keys() or enum.keys() <= words]
    return {enum[word] for enum in same for word in words & enum.keys()}


class Walk:
    """One document's schemas. `enum_numbers`: the client asked for `enum-encoding=int`, so numbers stand for words."""

    def __init__(self, schemas, found, enum_numbers=False, request=False):
        self.schemas = schemas
        self.found = found
        self.enum_numbers = enum_numbers
        self.request = request

    def walk(self, schema, value, at="$"):
        say = lambda what: self.found.append(f"{at}: {what}")
        if "$ref" in schema:
            return self.walk(self.schemas[schema["$ref"]], value, at)
        kind = schema.get("type")
        if value is None:
            say("null; absent fields are left out")
        elif kind == "object":
            self._object(schema, value, at, say)
        elif kind == "array":
            if not isinstance(value, list):
                return say(f"not a list: {value!r:.60}")
            for index, inner in enumerate(value):
                self.walk(schema["items"], inner, f"{at}[{index}]")
        elif kind == "string":
            self._string(schema, value, say)
        elif kind in ("integer", "number"):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                say(f"not a number: {value!r:.60}")
            elif kind == "integer" and (value != int(value) or not -(2**31) <= value < 2**32):
                say(f"not a 32-bit whole number: {value!r}")
        elif kind == "boolean":
            if not isinstance(value, bool):
                say(f"not true or false: {value!r:.60}")
        elif kind != "any":
            say(f"a schema this walk does not know: {schema}")

    def _object(self, schema, value, at, say):
        if not isinstance(value, dict):
            return say(f"not an object: {value!r:.60}")
        more = schema.get("additionalProperties")
        if more is not None and more.get("type") == "any" and "@type" in str(more.get("description", "")):
            return self.any(value, at, say)
        properties = schema.get("properties", {})
        for name, inner in value.items():
            if name in properties:
                self.walk(properties[name], inner, f"{at}.{name}")
            elif more is not None:
                self.walk(more, inner, f"{at}.{name}")
            else:
                say(f"unknown field {name} of {schema.get('id', 'this object')}")

    def any(self, value, at, say):
        """`google.protobuf.Any`: `@type` says what else may be in it."""
        name = value.get("@type")
        if not isinstance(name, str):
            return say("an Any without @type")
        name = name.removeprefix("type.googleapis.com/")
        inner = {key: value for key, value in value.items() if key != "@type"}
        if name.startswith("google.rpc."):
            schema = RPC.get(name.removeprefix("google.rpc."))
            if schema is not None:
                return self.walk({"type": "object", "properties": schema, "id": name}, inner, at)
        if name == "google.cloud.audit.AuditLog":
            return self._message(audit_log_pb2.AuditLog(), inner, say)
        if name == "google.protobuf.Empty":
            return self.walk({"type": "object", "id": name}, inner, at)
        for package, prefix in PACKAGES.items():
            if name.startswith(package) and prefix + name.removeprefix(package) in self.schemas:
                return self.walk(self.schemas[prefix + name.removeprefix(package)], inner, at)
        say(f"an Any of unknown type {name}")

    def _message(self, message, value, say):
        """A type that only a protocol buffer describes. Its parser is strict, and stops at the first mistake."""
        try:
            json_format.ParseDict(value, message)
        except json_format.ParseError as error:
            say(f"{message.DESCRIPTOR.full_name}: {str(error).splitlines()[0]}")

    def _string(self, schema, value, say):
        form = schema.get("format")
        if "enum" in schema:
            if self.enum_numbers and isinstance(value, int) and not isinstance(value, bool):
                if value not in numbers(frozenset(schema["enum"])):
                    say(f"{value} stands for none of {', '.join(schema['enum'])}")
            elif value not in schema["enum"]:
                say(f"{value!r} is not one of {', '.join(schema['enum'])}")
        elif not isinstance(value, str):
            # Google accepts numbers for int64 and writes text.
            if not (self.request and form in ("int64", "uint64") and isinstance(value, int)):
                say(f"not a string{' (' + form + ')' if form else ''}: {value!r:.60}")
        elif form in FORMATS and not re.fullmatch(FORMATS[form], value):
            say(f"not a {form}: {value!r:.60}")
