"""Processes that a run starts and ends: the stand-in, moto's server."""

import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


def binary():
    """The program under test, built by `run`."""
    return os.environ.get("HELLO_DASH", str(ROOT / "target" / "debug" / "hello-dash"))


def clean_environment():
    """What a child may see of ours: nothing that names a cloud, a proxy or a configuration."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HELLO_DASH")
    return {name: os.environ[name] for name in kept if name in os.environ}


class StandIn:
    """`hello-dash local`. `environment` is what it prints, for clients."""

    def __init__(self, scenario, home, *more):
        environment = clean_environment() | {"HOME": str(home)}
        command = [binary(), "local", "--json", "--scenario", scenario, *more]
        self._errors = open(home / f"stand-in-{scenario}.log", "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=home
        )
        ready, _, _ = select.select([self._process.stdout], [], [], 30)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.stop()
            self._errors.seek(0)
            raise RuntimeError(f"the stand-in did not start: {self._errors.read()}")
        document = json.loads(line)
        self.address = document["address"].removeprefix("http://")
        self.environment = document["environment"]
        self.aws_url, self.gcp_url = document["aws_url"], document["gcp_url"]

    def control(self, method, path, body=None):
        """The control endpoint, not recorded: it is ours."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.address}/_local/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def state(self):
        return self.control("GET", "state")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Moto:
    """`moto_server` of our virtual environment, on a free port."""

    def __init__(self, log):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        program = pathlib.Path(sys.executable).parent / "moto_server"
        self._log = open(log, "w", encoding="utf-8")
        self._process = subprocess.Popen(
            [program, "-H", "127.0.0.1", "-p", str(port)],
            env=clean_environment() | {"MOTO_ACCOUNT_ID": "123456789012"},
            stdout=self._log,
            stderr=self._log,
        )
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.address}/moto-api/", timeout=2):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"moto_server did not start: see {log}") from None
                time.sleep(0.1)

    def stop(self):
        self._process.terminate()
        self._process.wait(15)
