#!/usr/bin/env python3
"""Changes a state file as a redeploy, a rollback and a scaling from outside would have: drift.py terraform.tfstate

Fails when it finds nothing to change, so that a renamed resource cannot turn the drift test into an empty one."""
import json
import sys

path = sys.argv[1]
with open(path) as file:
    state = json.load(file)
changed = set()

for resource in state["resources"]:
    for instance in resource["instances"]:
        a = instance["attributes"]
        kind, name = resource["type"], resource["name"]
        if resource["mode"] != "managed":
            continue
        if kind == "aws_ecs_service":
            a["task_definition"] = a["task_definition"].rsplit(":", 1)[0] + ":42"
            a["desired_count"] = 5
            # A blue/green deployment has made green the first group.
            balancer = a["load_balancer"][0]
            other = balancer["advanced_configuration"][0]
            balancer["target_group_arn"], other["alternate_target_group_arn"] = other["alternate_target_group_arn"], balancer["target_group_arn"]
            changed.add("service")
        elif kind == "aws_lb_listener_rule" and name == "production":
            groups = a["action"][0]["forward"][0]["target_group"]
            for group in groups:
                group["weight"] = 100 - group["weight"]
            changed.add("weights")
        elif kind == "google_cloud_run_v2_service":
            a["template"][0]["containers"][0]["image"] = "europe-west1-docker.pkg.dev/acme-hello/hello/hello@sha256:" + "9" * 64
            a["template"][0]["labels"] = {"commit": "0a1b2c3"}
            a["template"][0]["annotations"] = {"deployed-by": "hello-dash"}
            a["client"], a["client_version"] = "gcloud", "999.0.0"
            a["traffic"] = [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": a["name"] + "-00007-abc", "percent": 100, "tag": None}]
            changed.add("service")

if changed not in ({"service"}, {"service", "weights"}):
    sys.exit(f"drift.py: found only {sorted(changed)} in {path}")
state["serial"] += 1
with open(path, "w") as file:
    json.dump(state, file)
