"""One request and its answer, as they went over the wire. Everything that judges reads these."""

import base64
import dataclasses
import json
import urllib.parse


def _text(body):
    """Bytes as JSON can hold them: text where it is text, else base64."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _bytes(kept):
    return kept["text"].encode() if "text" in kept else base64.b64decode(kept["base64"])


@dataclasses.dataclass
class Exchange:
    """`target` is path and query as sent. `status` is None where the server gave no answer."""

    who: str
    at: float
    seconds: float
    method: str
    target: str
    request_headers: list
    request_body: bytes
    status: int | None
    response_headers: list
    response_body: bytes

    @property
    def path(self):
        return urllib.parse.urlsplit(self.target).path

    @property
    def query(self):
        """Pairs, decoded, empty ones included."""
        return urllib.parse.parse_qsl(urllib.parse.urlsplit(self.target).query, keep_blank_values=True)

    def asked(self, name):
        """A header of the request."""
        return _header(self.request_headers, name)

    def answered(self, name):
        """A header of the answer."""
        return _header(self.response_headers, name)

    def to_line(self):
        kept = dataclasses.asdict(self)
        for key in ("request_body", "response_body"):
            kept[key] = _text(kept[key])
        # Keys are fake, but a recording has no use for a signature either.
        kept["request_headers"] = [
            [name, value.split(" ")[0] + " ..." if name.lower() == "authorization" else value]
            for name, value in kept["request_headers"]
        ]
        return json.dumps(kept)

    @classmethod
    def of_line(cls, line):
        kept = json.loads(line)
        for key in ("request_body", "response_body"):
            kept[key] = _bytes(kept[key])
        return cls(**kept)


def _header(headers, name):
    for known, value in headers:
        if known.lower() == name.lower():
            return value
    return None
