"""The real binary in a home of its own, and what it sent meanwhile."""

import json

from judges import program, servers
from judges.judge import whose


class Dash:
    """hello-dash with an environment. `place.recorder` stands before what it calls."""

    def __init__(self, place, home, config=None):
        home.mkdir(parents=True, exist_ok=True)
        self.recorder = place.recorder
        self.environment = place.environment | {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
        if config is not None:
            path = home / "config.toml"
            path.write_text(config, encoding="utf-8")
            self.environment["HELLO_DASH_CONFIG"] = str(path)

    def __call__(self, *arguments, timeout=90):
        """How it ended, and the exchanges meanwhile."""
        mark = self.recorder.mark()
        ended = program.run([servers.binary(), *arguments], self.environment, timeout)
        return ended, self.recorder.since(mark)

    def json(self, *arguments, timeout=90):
        """Its JSON, exit code, and the exchanges meanwhile."""
        ended, exchanges = self(*arguments, "--json", timeout=timeout)
        assert ended.out, f"exit {ended.code}: {ended.err}"
        return [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")][-1], ended.code, exchanges


def names(exchanges):
    """Vendor and call of each."""
    return ["{} {}".format(*whose(exchange)[:2]) for exchange in exchanges]


def writes(exchanges):
    """Those that ask for a change."""
    changing = []
    for exchange in exchanges:
        vendor, name, _ = whose(exchange)
        if vendor in ("ecs", "ecr", "elbv2", "logs", "sts", "codebuild"):
            read = name.startswith(("List", "Describe", "Get", "Batch", "Filter", "Start" if vendor == "logs" else "List"))
        else:
            read = exchange.method == "GET" or name.endswith((".wait", "entries.list")) or vendor is None
        if not read:
            changing.append((vendor, name))
    return changing
