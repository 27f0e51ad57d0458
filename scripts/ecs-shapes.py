#!/usr/bin/env python3
"""Writes what requests of ECS may hold, for the stand-in to check them: member names, types, what is required, enums.

    python3 scripts/ecs-shapes.py > infra-local/src/wire/ecs/shapes.txt

Needs botocore. One line a structure: its name (`@` before an operation), then `name:type`, `!` after a name that is required. Types: `s` text, `i`
whole number, `n` number, `b` boolean, `t` time, `m` map of texts, `[type]` list, `{Name}` structure, `(A|B)` enum.
"""

import gzip
import json
import os

import botocore

OPERATIONS = """ContinueServiceDeployment CreateCluster CreateService DeleteCluster DeleteService DeleteTaskDefinitions
DeregisterTaskDefinition DescribeClusters DescribeServiceDeployments DescribeServiceRevisions DescribeServices
DescribeTaskDefinition DescribeTasks ListClusters ListServiceDeployments ListServices ListTagsForResource
ListTaskDefinitionFamilies ListTaskDefinitions ListTasks PutClusterCapacityProviders RegisterTaskDefinition
StopServiceDeployment StopTask TagResource UntagResource UpdateCluster UpdateClusterSettings UpdateService""".split()


def main():
    path = os.path.join(os.path.dirname(botocore.__file__), "data/ecs/2014-11-13/service-2.json.gz")
    with gzip.open(path) as file:
        model = json.load(file)
    shapes, wanted, done = model["shapes"], [], []

    def word(name):
        shape = shapes[name]
        kind = shape["type"]
        if kind == "structure":
            wanted.append(name)
            return "{%s}" % name
        if kind == "list":
            return "[%s]" % word(shape["member"]["shape"])
        if kind == "map":
            return "m"
        if "enum" in shape:
            return "(%s)" % "|".join(shape["enum"])
        return {"string": "s", "integer": "i", "long": "i", "double": "n", "float": "n", "boolean": "b", "timestamp": "t"}[kind]

    def line(title, name):
        shape = shapes[name]
        if shape.get("document"):
            return title + " *"
        required = shape.get("required", [])
        members = shape.get("members", {}).items()
        return " ".join([title] + ["%s%s:%s" % (key, "!" * (key in required), word(value["shape"])) for key, value in members])

    for operation in OPERATIONS:
        print("@" + line(operation, model["operations"][operation]["input"]["shape"]))
    while wanted:
        name = wanted.pop(0)
        if name not in done:
            done.append(name)
            print(line(name, name))


main()
