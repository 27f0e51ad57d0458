"""What the tests share: one stand-in, recorders in front of it, and clients that know only the recorder."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from judges import servers  # noqa: E402
from judges.judge import Verdict  # noqa: E402
from judges.recorder import Recorder  # noqa: E402

OUT = pathlib.Path(os.environ.get("JUDGES_OUT", servers.ROOT / "target" / "third-party" / "last"))


def environment_of(stand_in, recorder):
    """The stand-in's environment with the recorder in its place."""
    return {name: value.replace(stand_in.address, recorder.address) for name, value in stand_in.environment.items()}


@pytest.fixture(scope="session")
def out():
    OUT.mkdir(parents=True, exist_ok=True)
    return OUT


@pytest.fixture(scope="session")
def recordings(out):
    """Recorders by name. Their recordings are judged when all tests are done."""
    made = {}
    yield lambda name, upstream: made.setdefault(name, Recorder(upstream, out / f"{name}.jsonl"))
    for recorder in made.values():
        recorder.close()


class Place:
    """A stand-in and the recorder that clients see it through."""

    def __init__(self, stand_in, recorder):
        self.stand_in = stand_in
        self.recorder = recorder
        self.environment = environment_of(stand_in, recorder)
        self.url = recorder.url
        self.address = recorder.address


@pytest.fixture(scope="session")
def stand_ins(out, recordings):
    """Starts a stand-in of a scenario, once, as `clients` of the recording that is called so."""
    made = {}

    def start(scenario, clients="clients"):
        if scenario not in made:
            home = out / f"home-{scenario}"
            home.mkdir(exist_ok=True)
            made[scenario] = servers.StandIn(scenario, home)
        stand_in = made[scenario]
        return Place(stand_in, recordings(f"{clients}-{scenario}", stand_in.address))

    yield start
    for stand_in in made.values():
        stand_in.stop()


@pytest.fixture(scope="session")
def steady(stand_ins):
    """Where the vendors' clients work."""
    return stand_ins("steady")


@pytest.fixture(autouse=True)
def _who(request):
    """Names the test in the recording."""
    for name in ("steady", "ours", "place", "moto"):
        if name in request.fixturenames:
            request.getfixturevalue(name).recorder.who = request.node.nodeid
    yield
