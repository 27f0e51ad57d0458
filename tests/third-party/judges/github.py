"""GitHub: requests and answers against the models that githubkit makes of GitHub's own OpenAPI description."""

import functools
import inspect
import json
import re
import types
import typing
import urllib.parse

import pydantic
from githubkit_schemas.v2022_11_28 import models
from githubkit_schemas.v2022_11_28.rest.actions import ActionsClient
from githubkit_schemas.v2022_11_28.rest.repos import ReposClient

NOT_PARAMETERS = {"self", "headers", "stream", "data", "kwargs"}
# Calls that answer with something else than the model, or with no body: verb and last part of the path, to statuses.
BODILESS = {("POST", "dispatches"): (204,), ("GET", "logs"): (302,), ("DELETE", ""): (204,)}


class Call:
    """One call of the description: where it is, what it may be asked, what it answers."""

    def __init__(self, function):
        text = inspect.getdoc(function) or ""
        self.method, self.template = re.search(r"^(GET|POST|PUT|PATCH|DELETE) (/\S+)$", text, re.M).groups()
        names = set(re.findall(r"\{([^}]+)\}", self.template))
        self.pattern = re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", self.template)))
        given = set(inspect.signature(function).parameters) - NOT_PARAMETERS - names
        # Python reserves some names: `filter_` is `filter`.
        self.parameters = {name.rstrip("_") for name in given}
        source = inspect.getsource(function)
        named = re.search(r"response_model=(\w+),", source)
        self.model = getattr(models, named.group(1), None) if named else None
        body = re.search(r"type_validate_python\(\s*(\w+)", source)
        self.body = getattr(models, body.group(1), None) if body else None


@functools.cache
def calls():
    found = []
    for client in (ActionsClient, ReposClient):
        for name, function in vars(client).items():
            if name.startswith("_") or name.startswith("async_") or not inspect.isfunction(function):
                continue
            if re.search(r"^(GET|POST|PUT|PATCH|DELETE) /repos/", inspect.getdoc(function) or "", re.M):
                found.append(Call(function))
    # A literal goes before a placeholder.
    return sorted(found, key=lambda call: call.template.count("{"))


def is_github(exchange):
    return exchange.path.startswith("/repos/") or exchange.path in ("/rate_limit", "/user")


def call_of(exchange):
    path = urllib.parse.unquote(exchange.path)
    for call in calls():
        if call.method == exchange.method and call.pattern.fullmatch(path):
            return call
    return None


def judge_request(exchange):
    """Lines about what is wrong with the request."""
    call = call_of(exchange)
    if call is None:
        return [f"no call {exchange.method} {exchange.path}"]
    found = []
    for key, value in exchange.query:
        if key not in call.parameters:
            found.append(f"?{key}: unknown parameter")
        elif key in ("per_page", "page") and not re.fullmatch(r"[1-9]\d*", value):
            found.append(f"?{key}: {value!r}")
        elif key == "per_page" and int(value) > 100:
            found.append(f"?per_page: {value} is more than 100")
    if not exchange.asked("user-agent"):
        found.append("no User-Agent: GitHub refuses that")
    if exchange.asked("accept") not in ("application/vnd.github+json", "application/json", "*/*"):
        found.append(f"accept {exchange.asked('accept')}")
    if exchange.request_body and call.body is not None:
        judge_body(call.body, exchange.request_body, found)
    elif exchange.request_body and exchange.request_body != b"{}":
        found.append("a body where there is none")
    return found


def judge_answer(exchange):
    """Lines about what is wrong with the answer."""
    found = []
    call = call_of(exchange)
    for name in ("x-github-request-id", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
        if not exchange.answered(name):
            found.append(f"no {name}")
    last = exchange.path.rpartition("/")[2]
    bodiless = BODILESS.get((exchange.method, last))
    if exchange.status == 304:
        if exchange.response_body:
            found.append("304 with a body")
    elif exchange.status >= 400:
        if exchange.answered("content-type", ) and not exchange.answered("content-type").startswith("application/json"):
            # The one refusal that is plain text is that of a client without a name.
            if exchange.asked("user-agent"):
                found.append(f"content-type {exchange.answered('content-type')}")
            return found
        _judge_error(exchange, found)
    elif call is None:
        found.append(f"{exchange.method} {exchange.path} is no call, and was answered with {exchange.status}")
    elif bodiless:
        if exchange.status not in bodiless:
            found.append(f"HTTP {exchange.status} instead of {bodiless[0]}")
        if exchange.status == 302 and not exchange.answered("location"):
            found.append("302 without location")
    elif call.model is None:
        found.append(f"no model for {call.template}")
    else:
        if not (exchange.answered("content-type") or "").startswith("application/json"):
            found.append(f"content-type {exchange.answered('content-type')}")
        judge_body(call.model, exchange.response_body, found)
    return found


def _judge_error(exchange, found):
    try:
        value = json.loads(exchange.response_body)
    except ValueError as error:
        return found.append(f"$: not JSON: {error}")
    if exchange.status == 422 and isinstance(value, dict):
        # GitHub writes the status into these too; its description forgets it.
        described = {name: inner for name, inner in value.items() if name != "status"}
        judge_body(models.ValidationError, json.dumps(described).encode(), found)
    else:
        judge_body(models.BasicError, exchange.response_body, found)
    if isinstance(value, dict) and value.get("status") not in (None, str(exchange.status)):
        found.append(f"$.status: {value['status']!r} with HTTP {exchange.status}")
    if not isinstance(value, dict) or not value.get("message"):
        found.append("$.message: missing")


def judge_body(model, body, found):
    """JSON against one model: types, enumerations, what is required, and no field it does not have."""
    try:
        pydantic.TypeAdapter(model).validate_json(body, strict=True)
    except pydantic.ValidationError as error:
        missing = {}
        for line in error.errors(include_url=False, include_context=False):
            *inside, last = [str(step) for step in line["loc"]] or ["$"]
            if "<UNSET>" in str(last):
                continue  # The model's own word for an absent field, as one variant of many.
            if line["type"] == "missing":
                missing.setdefault(".".join(inside), []).append(last)
            else:
                found.append(f"$.{'.'.join([*inside, last])}: {line['msg']} ({line['type']})")
        for inside, names in missing.items():
            found.append(f"$.{inside}: required and missing: {', '.join(names)}")
    try:
        value = json.loads(body)
    except ValueError:
        return
    found.extend(unknown(model, value, "$"))


def unknown(annotation, value, at):
    """Fields that a type does not have. Of a union the variant that fits best counts."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        return unknown(arguments[0], value, at)
    if origin in (typing.Union, types.UnionType):
        tried = [unknown(argument, value, at) for argument in arguments if _fits(argument, value)]
        return min(tried, key=len, default=[])
    if origin is list and isinstance(value, list):
        return [line for index, inner in enumerate(value) for line in unknown(arguments[0], inner, f"{at}[{index}]")]
    if inspect.isclass(annotation) and issubclass(annotation, pydantic.BaseModel) and isinstance(value, dict):
        if annotation.model_config.get("extra") == "allow":
            return []
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        found = []
        for name, inner in value.items():
            if name not in fields:
                found.append(f"{at}: unknown field {name} of {annotation.__name__}")
            else:
                found.extend(unknown(fields[name].annotation, inner, f"{at}.{name}"))
        return found
    return []


def _fits(annotation, value):
    """Whether a variant of a union can be meant at all."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, typing.Annotated):
        return True
    if isinstance(value, dict):
        return inspect.isclass(annotation) and issubclass(annotation, pydantic.BaseModel) or origin is dict
    if isinstance(value, list):
        return origin is list
    return not (origin is list or inspect.isclass(annotation) and issubclass(annotation, pydantic.BaseModel))
