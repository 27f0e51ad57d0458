"""Runs programs as a person would: the real binary, the aws command line, terraform. Everything has a time limit."""

import dataclasses
import json
import subprocess

from judges import servers


@dataclasses.dataclass
class Ended:
    """How a program ended. `seconds` is wall-clock time."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


def run(command, environment, timeout=60, cwd=None):
    """Runs to the end. A program that is still there at `timeout` is a failure (`TimeoutExpired`)."""
    done = subprocess.run(
        [str(part) for part in command],
        env=servers.clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
