"""JSON against a botocore shape. botocore itself ignores members it does not know; this walk does not."""

import re

FLOATS = ("float", "double")
INTEGERS = ("integer", "long")


def walk(shape, value, at, found, required=True):
    """Appends to `found` one line for each thing wrong at `at`. `required` is off for answers to which it does not apply."""
    say = lambda what: found.append(f"{at}: {what}")
    kind = shape.type_name
    if value is None:
        say("null; absent members are left out")
    elif kind == "structure":
        if shape.is_document_type:
            return
        if not isinstance(value, dict):
            return say(f"not a structure {shape.name}: {value!r:.60}")
        for name, inner in value.items():
            if name in shape.members:
                walk(shape.members[name], inner, f"{at}.{name}", found, required)
            else:
                say(f"unknown member {name} of {shape.name}")
        for name in shape.required_members if required else ():
            if name not in value:
                say(f"required member {name} of {shape.name} is missing")
        if shape.is_tagged_union and len(value) != 1:
            say(f"the union {shape.name} has {len(value)} members")
    elif kind == "list":
        if not isinstance(value, list):
            return say(f"not a list: {value!r:.60}")
        bounds(shape, len(value), "entries", say)
        for index, inner in enumerate(value):
            walk(shape.member, inner, f"{at}[{index}]", found, required)
    elif kind == "map":
        if not isinstance(value, dict):
            return say(f"not a map: {value!r:.60}")
        for name, inner in value.items():
            walk(shape.key, name, f"{at} key", found, required)
            walk(shape.value, inner, f"{at}.{name}", found, required)
    else:
        scalar(shape, value, say)


def scalar(shape, value, say):
    """A value that holds no others, in JSON's own types."""
    kind = shape.type_name
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "string" or kind == "character":
        if not isinstance(value, str):
            say(f"not a string: {value!r:.60}")
        else:
            text(shape, value, say)
    elif kind in INTEGERS:
        if not number or value != int(value):
            say(f"not a whole number: {value!r:.60}")
        else:
            bounds(shape, value, "", say)
            if kind == "integer" and not -(2**31) <= value < 2**31:
                say(f"beyond 32 bits: {value}")
    elif kind in FLOATS:
        if not number:
            say(f"not a number: {value!r:.60}")
        else:
            bounds(shape, value, "", say)
    elif kind == "boolean":
        if not isinstance(value, bool):
            say(f"not true or false: {value!r:.60}")
    elif kind == "timestamp":
        # JSON 1.1 writes seconds since 1970. Milliseconds would be a date far away.
        if not number:
            say(f"not a time in seconds: {value!r:.60}")
        elif not 1e9 < value < 4e9:
            say(f"a time out of this age: {value!r}")
    elif kind == "blob":
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", value):
            say(f"not base64: {value!r:.60}")
    else:
        say(f"a shape this walk does not know: {kind}")


def text(shape, value, say):
    """A string's enumeration and length."""
    if shape.enum and value not in shape.enum:
        say(f"{value!r} is not one of {shape.name}: {', '.join(shape.enum)}")
    bounds(shape, len(value), "characters", say)


def bounds(shape, size, unit, say):
    """The least and the most a model allows."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        say(f"{size} {unit} is less than {least}")
    if most is not None and size > most:
        say(f"{size} {unit} is more than {most}")
