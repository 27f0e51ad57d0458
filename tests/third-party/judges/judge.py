"""Everything at once: each exchange to the judge of its vendor, and what they say, counted.

    python -m judges.judge answers|requests|both RECORDING...

prints the calls, the counts and every line that is wrong, and ends with 1 where there is one.
"""

import collections
import re
import sys

from judges import aws, github, google
from judges.exchange import Exchange

# What the stand-in serves beside the vendors' calls. Anything else must have a judge.
OWN = ("/_local/", "/ecs-metadata/")


class Verdict:
    """Counts and findings over any number of exchanges."""

    def __init__(self):
        self.calls = collections.Counter()
        self.answers = 0
        self.requests = 0
        self.unanswered = 0
        self.aside = collections.Counter()
        self.unclaimed = 0
        self.findings = collections.Counter()
        self.first = {}
        self.invalid_answers = 0
        self.invalid_requests = 0

    def take(self, exchange, answers=True, requests=True):
        vendor, name, judge = whose(exchange)
        if judge is None:
            self.aside[name] += 1
            if not exchange.path.startswith(OWN):
                self.unclaimed += 1
                self._say("call", vendor, name, exchange, ["no judge knows it"])
            return
        self.calls[f"{vendor} {name}"] += 1
        if requests:
            self.requests += 1
            if lines := judge.judge_request(exchange):
                self.invalid_requests += 1
                self._say("request", vendor, name, exchange, lines)
        if exchange.status is None:
            self.unanswered += 1
        elif answers:
            self.answers += 1
            if lines := judge.judge_answer(exchange):
                self.invalid_answers += 1
                self._say("answer", vendor, name, exchange, lines)

    def _say(self, what, vendor, name, exchange, lines):
        for line in lines:
            # One line for all entries of a list.
            line = re.sub(r"(\[\d+\]|(?<=\w)\.\d+(?=\.|:))", "[]", line)
            line = f"{vendor} {name}, {what} {exchange.status}: {line}"
            self.findings[line] += 1
            self.first.setdefault(line, exchange.who)

    @property
    def invalid(self):
        return self.invalid_answers + self.invalid_requests + self.unclaimed

    def show(self, title, out=sys.stdout):
        per_vendor = collections.Counter()
        for call, count in self.calls.items():
            per_vendor[call.split(" ")[0]] += count
        kinds = len(self.calls)
        print(f"{title}: by vendor: " + ", ".join(f"{name} {count}" for name, count in sorted(per_vendor.items())), file=out)
        for call, count in sorted(self.calls.items()):
            print(f"  {count:5}  {call}", file=out)
        for name, count in sorted(self.aside.items()):
            print(f"  {count:5}  not judged: {name}", file=out)
        for line, count in sorted(self.findings.items()):
            print(f"  WRONG {count}x {line}   [first in {self.first[line] or 'a fixture'}]", file=out)
        total = sum(self.calls.values())
        print(
            f"{title}: calls {total} ({kinds} kinds), requests judged {self.requests}, responses {self.answers}, "
            f"without an answer {self.unanswered}, invalid {self.invalid}",
            file=out,
        )


def whose(exchange):
    """Vendor, name of the call, and its judge; without a judge only the name."""
    if exchange.path.startswith(OWN):
        return None, exchange.path.split("/")[1], None
    call = aws.call_of(exchange)
    if call is not None:
        return call[0] or "aws", call[1], aws
    if google.is_google(exchange):
        call = google.call_of(exchange)
        return ("google", call[1]["id"], google) if call else ("google", f"{exchange.method} {exchange.path}", google)
    if github.is_github(exchange):
        call = github.call_of(exchange)
        return "github", call.template if call else exchange.path, github
    return None, f"{exchange.method} {exchange.path}", None


def main(arguments):
    what, *paths = arguments
    verdict = Verdict()
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                verdict.take(Exchange.of_line(line), what in ("answers", "both"), what in ("requests", "both"))
    verdict.show(what)
    return 1 if verdict.invalid or not verdict.calls else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
