"""AWS: which call an exchange is, and whether request and answer are what botocore's service models say."""

import functools
import json
import urllib.parse

import botocore.loaders
import botocore.model

from judges import aws_json, aws_query

SERVICES = ("ecs", "ecr", "elbv2", "logs", "sts", "codebuild")

# Errors of every service, which the models leave out: name to HTTP status. Source: each service's "Common errors" page,
# and what the front ends of the JSON 1.1 services answer before a service is reached.
COMMON = {
    "AccessDeniedException": 400,
    "ExpiredTokenException": 400,
    "IncompleteSignature": 400,
    "IncompleteSignatureException": 400,
    "InvalidSignatureException": 400,
    "MissingAuthenticationTokenException": 400,
    "MissingAuthenticationToken": 403,
    "RequestExpired": 400,
    "SerializationException": 400,
    "ThrottlingException": 400,
    "UnknownOperationException": 400,
    "UnrecognizedClientException": 400,
    "ValidationException": 400,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    # Query protocol.
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "InvalidAction": 400,
    "InvalidClientTokenId": 403,
    "InvalidParameterValue": 400,
    "InvalidQueryParameter": 400,
    "MalformedQueryString": 404,
    "MissingAction": 400,
    "MissingParameter": 400,
    "SignatureDoesNotMatch": 403,
    "Throttling": 400,
    "ValidationError": 400,
}


@functools.cache
def model(service):
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model(service, "service-2"), service)


@functools.cache
def _shapes(service):
    return botocore.loaders.Loader().load_service_model(service, "service-2")["shapes"]


def _is_fault(service, shape):
    """Whether an error is the service's own. botocore's shapes leave that out."""
    return _shapes(service)[shape].get("fault", False)


@functools.cache
def _targets():
    models = ((name, model(name)) for name in SERVICES)
    return {m.metadata["targetPrefix"]: name for name, m in models if "targetPrefix" in m.metadata}


@functools.cache
def _versions():
    """API version to service, for the Query protocol: nothing else in a request says whose it is."""
    return {model(name).api_version: name for name in SERVICES if "targetPrefix" not in model(name).metadata}


def _form(exchange):
    return dict(urllib.parse.parse_qsl(exchange.request_body.decode(), keep_blank_values=True))


def call_of(exchange):
    """Service and operation; `None` where the exchange is no call of AWS. The operation is None where there is none."""
    target = exchange.asked("x-amz-target")
    if target:
        prefix, _, name = target.partition(".")
        service = _targets().get(prefix)
    elif exchange.method == "POST" and "x-www-form-urlencoded" in (exchange.asked("content-type") or ""):
        form = _form(exchange)
        service, name = _versions().get(form.get("Version")), form.get("Action")
        if service is None:
            return None
    else:
        return None
    if service is None or name not in model(service).operation_names:
        return service, name, None
    return service, name, model(service).operation_model(name)


def judge_request(exchange):
    """Lines about what is wrong with the request."""
    found = []
    service, name, operation = call_of(exchange)
    if operation is None:
        return [f"no operation {name} in the model of {service}"]
    if exchange.method != "POST" or exchange.path != "/":
        found.append(f"{exchange.method} {exchange.path} instead of POST /")
    authorization = exchange.asked("authorization") or ""
    if not authorization.startswith("AWS4-HMAC-SHA256"):
        found.append("not signed")
    if model(service).metadata["protocol"] == "query":
        form = _form(exchange)
        form.pop("Action"), form.pop("Version")
        shape = operation.input_shape
        if shape is not None:
            aws_query.walk_form(shape, form, found)
        elif form:
            found.append(f"$: parameters where there are none: {sorted(form)}")
        return found
    if exchange.asked("content-type") != "application/x-amz-json-1.1":
        found.append(f"content-type {exchange.asked('content-type')}")
    value = _json(exchange.request_body, found)
    if value is not None:
        aws_json.walk(operation.input_shape, value, "$", found)
    return found


def judge_answer(exchange):
    """Lines about what is wrong with the answer."""
    found = []
    service, name, operation = call_of(exchange)
    query = service is not None and model(service).metadata["protocol"] == "query"
    if not exchange.answered("x-amzn-requestid"):
        found.append("no x-amzn-RequestId")
    if query:
        wanted = "text/xml"
    else:
        wanted = "application/x-amz-json-1.1"
    if (exchange.answered("content-type") or "").split(";")[0] != wanted:
        found.append(f"content-type {exchange.answered('content-type')} instead of {wanted}")
    if exchange.status != 200:
        _judge_error(exchange, service, operation, query, found)
    elif operation is None:
        found.append(f"{name} is no operation of {service}, and was answered with 200")
    elif query:
        aws_query.walk_answer(operation, exchange.response_body, found)
    elif operation.output_shape is None:
        if exchange.response_body not in (b"", b"{}"):
            found.append("a body where the model has none")
    else:
        value = _json(exchange.response_body, found)
        if value is not None:
            aws_json.walk(operation.output_shape, value, "$", found)
    return found


def _judge_error(exchange, service, operation, query, found):
    if query:
        spaces = {model(service).metadata.get("xmlNamespace"), "http://webservices.amazon.com/AWSFault/2005-15-09"}
        code, message = aws_query.read_error(exchange.response_body, spaces, found)
        extra = {}
    else:
        value = _json(exchange.response_body, found)
        if not isinstance(value, dict):
            return found.append("$: an error that is no object")
        extra = dict(value)
        code = str(extra.pop("__type", "")).rpartition("#")[2]
        if "message" in extra and "Message" in extra:
            found.append("$: message and Message")
        message = extra.pop("message", extra.pop("Message", None))
    if not message or not isinstance(message, str):
        found.append(f"$: an error without a sentence: {message!r}")
    declared = {}
    for shape in operation.error_shapes if operation is not None else ():
        declared[shape.error_code if query else shape.name] = shape
    if code in declared:
        shape = declared[code]
        status = shape.metadata.get("error", {}).get("httpStatusCode")
        wanted = status or (500 if _is_fault(service, shape.name) else 400)
        members = {member.lower(): inner for member, inner in shape.members.items()}
        for member, inner in extra.items():
            if member.lower() not in members:
                found.append(f"$: unknown member {member} of {code}")
            else:
                aws_json.walk(members[member.lower()], inner, f"$.{member}", found)
    elif code in COMMON:
        wanted = COMMON[code]
        for member in extra:
            found.append(f"$: unknown member {member} of {code}")
    else:
        of = operation.name if operation is not None else "an unknown operation"
        return found.append(f"{code} is neither an error of {of} nor a common one")
    if exchange.status != wanted:
        found.append(f"{code} with HTTP {exchange.status} instead of {wanted}")
    if query and (b"<Type>Sender<" in exchange.response_body) != (exchange.status < 500):
        found.append("$.Error.Type does not fit the HTTP status")


def _json(body, found):
    try:
        return json.loads(body)
    except ValueError as error:
        found.append(f"$: not JSON: {error}")
        return None
