"""The aws command line: what a person types, its waiters, its table of what is there."""

import json
import pathlib
import sys
import time

import pytest

from judges import program
from judges.clients import CLUSTER

AWS = pathlib.Path(sys.executable).parent / "aws"


@pytest.fixture
def aws(steady, tmp_path):
    """Runs it; the JSON it prints, or `None`."""

    def run(*arguments, code=0, timeout=120):
        environment = steady.environment | {"HOME": str(tmp_path), "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
        ended = program.run([AWS, *arguments], environment, timeout)
        assert ended.code == code, ended.err
        return (json.loads(ended.out) if ended.out.strip() else None) if code == 0 else ended.err

    return run


def test_services_and_tasks_are_listed(aws):
    (arn,) = [arn for arn in aws("ecs", "list-services", "--cluster", CLUSTER)["serviceArns"] if arn.endswith("/hello")]
    (service,) = aws("ecs", "describe-services", "--cluster", CLUSTER, "--services", arn)["services"]
    assert service["serviceArn"] == arn and service["status"] == "ACTIVE"
    tasks = aws("ecs", "list-tasks", "--cluster", CLUSTER, "--service-name", "hello")["taskArns"]
    assert len(tasks) == service["runningCount"]


def test_waiting_for_stable_ends_when_the_stand_in_says_so(aws):
    """`aws ecs wait services-stable` looks every 15 seconds; it must agree with the history of the deployment."""
    aws("ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "hello")
    begun = time.time()
    updated = aws("ecs", "update-service", "--cluster", CLUSTER, "--service", "hello", "--force-new-deployment")
    assert len(updated["service"]["deployments"]) == 2
    aws("ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "hello")
    ended = time.time()
    (newest, *_) = aws("ecs", "list-service-deployments", "--cluster", CLUSTER, "--service", "hello")["serviceDeployments"]
    (one,) = aws("ecs", "describe-service-deployments", "--service-deployment-arns", newest["serviceDeploymentArn"])[
        "serviceDeployments"
    ]
    assert one["status"] == "SUCCESSFUL"
    # The history says when it began and ended; the waiter saw the end no earlier, and within one of its looks.
    finished = one["finishedAt"]
    assert begun - 2 <= one["createdAt"] <= begun + 10
    assert finished <= ended + 1 and ended - finished < 17


def test_a_deployment_is_stopped_and_goes_back(aws):
    aws("ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "hello")
    service = aws("ecs", "describe-services", "--cluster", CLUSTER, "--services", "hello")["services"][0]
    family, _, number = service["taskDefinition"].rpartition(":")
    aws("ecs", "update-service", "--cluster", CLUSTER, "--service", "hello", "--task-definition", f"{family}:{int(number) - 1}")
    arn = aws("ecs", "list-service-deployments", "--cluster", CLUSTER, "--service", "hello")["serviceDeployments"][0]
    assert arn["status"] in ("PENDING", "IN_PROGRESS")
    aws("ecs", "stop-service-deployment", "--service-deployment-arn", arn["serviceDeploymentArn"], "--stop-type", "ROLLBACK")
    aws("ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "hello")
    after = aws("ecs", "describe-services", "--cluster", CLUSTER, "--services", "hello")["services"][0]
    assert after["taskDefinition"] == service["taskDefinition"]


def test_images_are_described(aws):
    (image, *_) = aws("ecr", "describe-images", "--repository-name", "hello")["imageDetails"]
    by_digest = aws(
        "ecr", "describe-images", "--repository-name", "hello", "--image-ids", f"imageDigest={image['imageDigest']}"
    )["imageDetails"]
    assert by_digest == [image]
    refused = aws("ecr", "describe-images", "--repository-name", "hello", "--image-ids", "imageTag=gone", code=255)
    assert "ImageNotFoundException" in refused


def test_a_refusal_is_told_in_the_vendors_words(aws):
    refused = aws("ecs", "update-service", "--cluster", CLUSTER, "--service", "gone", "--desired-count", "1", code=255)
    assert "(ServiceNotFoundException) when calling the UpdateService operation" in refused
