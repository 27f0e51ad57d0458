"""Terraform's own AWS provider makes, changes and removes a service on the stand-in, and waits for its steady states.

Left out, and said so, where terraform or its AWS provider is not installed. TF_PLUGINS names a filesystem mirror.
"""

import json
import os
import pathlib
import shutil
import time

import pytest

from judges import program
from judges.clients import aws

# Where Terraform itself looks for mirrors, and what else may be installed beside the system.
MIRRORS = [
    pathlib.Path.home() / ".terraform.d/plugins",
    pathlib.Path("/usr/local/share/terraform/plugins"),
    pathlib.Path("/usr/share/terraform/plugins"),
    *sorted(pathlib.Path("/opt").glob("*")),
]


def mirror():
    """The first mirror that holds the AWS provider, and the provider's files in it."""
    named = os.environ.get("TF_PLUGINS")
    for place in [pathlib.Path(named)] if named else MIRRORS:
        found = sorted(place.glob("registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws_*"))
        if found:
            return place, found
    return None, []


PLUGINS, FOUND = mirror()

pytestmark = pytest.mark.skipif(
    not (shutil.which("terraform") and FOUND), reason="left out: terraform or its AWS provider is not installed"
)

MAIN = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "%(version)s" }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "AKIASTANDINSTANDIN00"
  secret_key                  = "stand-in-secret-access-key"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  max_retries                 = 1
  endpoints {
    ecs = "%(url)s"
  }
}

variable "image" { type = string }

resource "aws_ecs_cluster" "this" {
  name = "made-by-terraform"
}

resource "aws_ecs_task_definition" "this" {
  family                   = "made-by-terraform"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = "arn:aws:iam::123456789012:role/execution"
  container_definitions = jsonencode([{
    name         = "hello"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 8080, hostPort = 8080, protocol = "tcp" }]
  }])
}

resource "aws_ecs_service" "this" {
  name                  = "hello"
  cluster               = aws_ecs_cluster.this.arn
  task_definition       = aws_ecs_task_definition.this.arn
  desired_count         = 2
  launch_type           = "FARGATE"
  wait_for_steady_state = true
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets         = ["subnet-0a1b2c3d4e5f60718"]
    security_groups = ["sg-0f1e2d3c4b5a69788"]
  }
  tags = { team = "hello" }
}

output "definition" { value = aws_ecs_task_definition.this.arn }
"""


class Terraform:
    """A folder of its own, the provider from the mirror, nothing from the network."""

    def __init__(self, place, folder):
        self.folder = folder
        (folder / "main.tf").write_text(MAIN % {"url": place.url, "version": FOUND[-1].parents[1].name})
        (folder / "terraform.rc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PLUGINS}"\n  }}\n}}\n'
        )
        self.environment = {
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "NO_PROXY": "127.0.0.1",
        }

    def __call__(self, *arguments, codes=(0,), timeout=240):
        ended = program.run(["terraform", *arguments, "-no-color"], self.environment, timeout, self.folder)
        assert ended.code in codes, f"terraform {arguments[0]} ended with {ended.code}\n{ended.out}\n{ended.err}"
        return ended


def history(ecs):
    return ecs.list_service_deployments(cluster="made-by-terraform", service="hello")["serviceDeployments"]


def agrees(ecs, began, ended):
    """The newest deployment of the stand-in's history: it went well, and within the time that terraform waited."""
    newest = history(ecs)[0]
    assert newest["status"] == "SUCCESSFUL"
    created, finished = newest["createdAt"].timestamp(), newest["finishedAt"].timestamp()
    assert began - 1 <= created <= finished <= ended + 1, "terraform waits until the history says that it is over"
    # The provider looks every few seconds once it waits.
    assert ended - finished < 30, f"{ended - finished:.0f} s after the history's end"
    return newest


def test_a_service_is_made_changed_and_removed(steady, tmp_path):
    ecs = aws(steady, "ecs")
    images = []
    for number in (2, 3):
        definition = ecs.describe_task_definition(taskDefinition=f"hello:{number}")["taskDefinition"]
        images.append(definition["containerDefinitions"][0]["image"])
    terraform = Terraform(steady, tmp_path)
    terraform("init", "-input=false")

    began = time.time()
    terraform("apply", "-input=false", "-auto-approve", f"-var=image={images[0]}")
    first = agrees(ecs, began, time.time())
    (service,) = ecs.describe_services(cluster="made-by-terraform", services=["hello"])["services"]
    assert service["runningCount"] == service["desiredCount"] == 2
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}

    began = time.time()
    terraform("apply", "-input=false", "-auto-approve", f"-var=image={images[1]}")
    second = agrees(ecs, began, time.time())
    assert second["serviceDeploymentArn"] != first["serviceDeploymentArn"] and len(history(ecs)) == 2
    made = json.loads((tmp_path / "terraform.tfstate").read_text())["outputs"]["definition"]["value"]
    (service,) = ecs.describe_services(cluster="made-by-terraform", services=["hello"])["services"]
    assert service["taskDefinition"] == made and made.endswith(":2")
    assert ecs.describe_task_definition(taskDefinition="made-by-terraform:1")["taskDefinition"]["status"] == "INACTIVE"
    # 0: nothing to do; what is described is what was asked for.
    terraform("plan", "-input=false", "-detailed-exitcode", f"-var=image={images[1]}")

    terraform("destroy", "-refresh=false", "-input=false", "-auto-approve", f"-var=image={images[1]}")
    assert not [arn for arn in ecs.list_clusters()["clusterArns"] if arn.endswith("made-by-terraform")]
    gone = ecs.describe_clusters(clusters=["made-by-terraform"])
    assert [cluster["status"] for cluster in gone["clusters"]] in ([], ["INACTIVE"])
