"""The Query protocol against a botocore shape: form-encoded requests, XML answers."""

import re
import xml.etree.ElementTree as ElementTree

from judges import aws_json


def _converted(kind, text):
    """Text as the JSON walk wants it; text that cannot be converted stays text and is found there."""
    if kind in aws_json.INTEGERS and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind in aws_json.FLOATS and re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _scalar(shape, text, at, found):
    say = lambda what: found.append(f"{at}: {what}")
    if shape.type_name == "timestamp":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
            say(f"not a time like 2026-01-31T12:00:00Z: {text!r}")
        return
    aws_json.scalar(shape, _converted(shape.type_name, text), say)


def _name(element, namespace, at, found):
    """The tag without its namespace, which must be the service's."""
    if not namespace:
        return element.tag
    if not element.tag.startswith("{" + namespace + "}"):
        found.append(f"{at}: {element.tag} is not in the namespace {namespace}")
    return element.tag.rpartition("}")[2]


def walk_xml(shape, element, at, found, namespace):
    """An XML element as a shape."""
    say = lambda what: found.append(f"{at}: {what}")
    kind = shape.type_name
    if kind == "structure":
        names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        seen = set()
        for child in element:
            name = _name(child, namespace, at, found)
            if name not in names:
                say(f"unknown member {name} of {shape.name}")
                continue
            if name in seen and not names[name][1].serialization.get("flattened"):
                say(f"member {name} more than once")
            seen.add(name)
            walk_xml(names[name][1], child, f"{at}.{name}", found, namespace)
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in seen:
                say(f"required member {name} of {shape.name} is missing")
        if (element.text or "").strip():
            say(f"text in a structure: {element.text.strip()!r:.60}")
    elif kind == "list":
        wanted = shape.member.serialization.get("name", "member")
        for index, child in enumerate(element):
            if (name := _name(child, namespace, at, found)) != wanted:
                say(f"{name} in a list of {wanted}")
            walk_xml(shape.member, child, f"{at}[{index}]", found, namespace)
    elif kind == "map":
        key, value = (part.serialization.get("name", name) for part, name in ((shape.key, "key"), (shape.value, "value")))
        for index, entry in enumerate(element):
            parts = {_name(child, namespace, at, found): child for child in entry}
            if set(parts) != {key, value}:
                say(f"entry {index} has {sorted(parts)}")
                continue
            walk_xml(shape.key, parts[key], f"{at} key", found, namespace)
            walk_xml(shape.value, parts[value], f"{at}.{parts[key].text}", found, namespace)
    else:
        if len(element):
            say("elements where a value belongs")
        _scalar(shape, element.text or "", at, found)


def walk_answer(operation, body, found):
    """The body of a good answer: `<XResponse><XResult>..</XResult><ResponseMetadata><RequestId/></ResponseMetadata>`."""
    root = _parse(body, found)
    if root is None:
        return
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    if isinstance(namespace, dict):
        namespace = namespace.get("uri", "")
    if (name := _name(root, namespace, "$", found)) != operation.name + "Response":
        found.append(f"$: {name} instead of {operation.name}Response")
    parts = {_name(child, namespace, "$", found): child for child in root}
    output = operation.output_shape
    wrapper = output.serialization.get("resultWrapper") if output is not None else None
    allowed = {"ResponseMetadata"} | ({wrapper} if wrapper else set())
    for extra in sorted(set(parts) - allowed):
        found.append(f"$: unknown element {extra}")
    if wrapper:
        if wrapper not in parts:
            found.append(f"$: {wrapper} is missing")
        else:
            walk_xml(output, parts[wrapper], "$", found, namespace)
    metadata = {_name(child, namespace, "$", found) for child in parts.get("ResponseMetadata", ())}
    if metadata != {"RequestId"}:
        found.append(f"$.ResponseMetadata: holds {sorted(metadata)}, not RequestId")


def read_error(body, namespaces, found):
    """Code and message of `<ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>`."""
    root = _parse(body, found)
    if root is None:
        return None, None
    strip = lambda element: element.tag.rpartition("}")[2]
    space = root.tag.rpartition("}")[0].lstrip("{")
    if space and space not in namespaces:
        found.append(f"$: namespace {space}")
    if strip(root) != "ErrorResponse":
        found.append(f"$: {strip(root)} instead of ErrorResponse")
        return None, None
    parts = {strip(child): child for child in root}
    for extra in sorted(set(parts) - {"Error", "RequestId", "RequestID"}):
        found.append(f"$: unknown element {extra}")
    error = {strip(child): child.text or "" for child in parts.get("Error", ())}
    for extra in sorted(set(error) - {"Type", "Code", "Message", "Detail"}):
        found.append(f"$.Error: unknown element {extra}")
    if error.get("Type") not in ("Sender", "Receiver"):
        found.append(f"$.Error.Type: {error.get('Type')!r}")
    return error.get("Code"), error.get("Message")


def _parse(body, found):
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        found.append(f"$: not XML: {error}")
        return None


def walk_form(shape, form, found):
    """A form-encoded request. `form` maps every key but Action and Version to its text."""
    used = set()
    _walk_form(shape, "", form, found, used)
    for key in sorted(set(form) - used):
        found.append(f"$.{key}: unknown parameter")


def _walk_form(shape, prefix, form, found, used):
    kind = shape.type_name
    under = lambda start: any(key == start or key.startswith(start + ".") for key in form)
    if kind == "structure":
        for name, member in shape.members.items():
            key = prefix + member.serialization.get("name", name)
            if under(key):
                _walk_form(member, key if member.type_name not in ("structure",) else key + ".", form, found, used)
            elif name in shape.required_members:
                found.append(f"$.{key}: required parameter is missing")
    elif kind == "list":
        flat = shape.serialization.get("flattened")
        start = prefix if flat else prefix + "." + shape.member.serialization.get("name", "member")
        index = 1
        # An empty list is sent as its bare name.
        if not under(f"{start}.1") and prefix in form:
            used.add(prefix)
        while under(f"{start}.{index}"):
            key = f"{start}.{index}"
            _walk_form(shape.member, key + "." if shape.member.type_name == "structure" else key, form, found, used)
            index += 1
    else:
        used.add(prefix)
        if prefix in form:
            _scalar(shape, form[prefix], "$." + prefix, found)
