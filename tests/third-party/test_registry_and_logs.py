"""What lies around the services: Artifact Registry; ECR, target health, CloudWatch Logs and STS."""

import datetime

import pytest
from botocore.exceptions import ClientError
from googleapiclient.errors import HttpError

from judges.clients import CLUSTER, LOCATION, PROJECT, aws, google_api

REPOSITORY = f"projects/{PROJECT}/locations/{LOCATION}/repositories/hello"


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_docker_images_of_artifact_registry(steady):
    images = google_api(steady, "artifactregistry", "v1").projects().locations().repositories().dockerImages()
    found, request = [], images.list(parent=REPOSITORY, pageSize=1)
    while request is not None:
        answer = request.execute()
        found += answer.get("dockerImages", [])
        request = images.list_next(request, answer)
    assert len(found) >= 3 and len({image["uri"] for image in found}) == len(found)
    for image in found:
        assert "@sha256:" in image["uri"]
        assert images.get(name=image["name"]).execute()["uri"] == image["uri"]
    with pytest.raises(HttpError) as error:
        images.get(name=f"{REPOSITORY}/dockerImages/hello@sha256:" + "0" * 64).execute()
    assert error.value.status_code == 404


def test_images_of_ecr(steady):
    ecr = aws(steady, "ecr")
    found = [image for page in ecr.get_paginator("describe_images").paginate(repositoryName="hello", PaginationConfig={"PageSize": 1}) for image in page["imageDetails"]]
    assert len(found) >= 3 and len({image["imageDigest"] for image in found}) == len(found)
    tagged = next(image for image in found if image.get("imageTags"))
    by_tag = ecr.describe_images(repositoryName="hello", imageIds=[{"imageTag": tagged["imageTags"][0]}])["imageDetails"]
    assert [image["imageDigest"] for image in by_tag] == [tagged["imageDigest"]]
    assert refused(ecr.describe_images, repositoryName="gone") == "RepositoryNotFoundException"
    missing = [{"imageDigest": "sha256:" + "0" * 64}]
    assert refused(ecr.describe_images, repositoryName="hello", imageIds=missing) == "ImageNotFoundException"


def test_what_the_service_runs_is_in_the_registry(steady):
    ecs, ecr = aws(steady, "ecs"), aws(steady, "ecr")
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=ecs.list_tasks(cluster=CLUSTER, serviceName="hello")["taskArns"])["tasks"]
    digest = tasks[0]["containers"][0]["imageDigest"]
    assert ecr.describe_images(repositoryName="hello", imageIds=[{"imageDigest": digest}])["imageDetails"]


def test_who_is_calling(steady):
    who = aws(steady, "sts").get_caller_identity()
    assert who["Account"] == "123456789012" and who["Arn"].startswith("arn:aws:") and who["UserId"]


def test_targets_are_the_tasks(steady):
    ecs, elb = aws(steady, "ecs"), aws(steady, "elbv2")
    (service,) = ecs.describe_services(cluster=CLUSTER, services=["hello"])["services"]
    group = service["loadBalancers"][0]["targetGroupArn"]
    health = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    healthy = [one for one in health if one["TargetHealth"]["State"] == "healthy"]
    assert len(healthy) == service["runningCount"]
    (described,) = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert described["TargetGroupArn"] == group and described["TargetType"] == "ip"
    assert refused(elb.describe_target_health, TargetGroupArn=group.replace("hello", "gone")) == "TargetGroupNotFound"


def test_logs_of_the_service_on_ecs(steady):
    ecs, logs = aws(steady, "ecs"), aws(steady, "logs")
    (service,) = ecs.describe_services(cluster=CLUSTER, services=["hello"])["services"]
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    options = definition["containerDefinitions"][0]["logConfiguration"]["options"]
    group = options["awslogs-group"]
    start = int((datetime.datetime.now().timestamp() - 3600) * 1000)
    events = [
        event
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start, PaginationConfig={"PageSize": 3})
        for event in page["events"]
    ]
    assert events and len({event["eventId"] for event in events}) == len(events)
    assert all(start <= event["timestamp"] for event in events)
    assert all(event["logStreamName"].startswith(options["awslogs-stream-prefix"] + "/") for event in events)
    assert refused(logs.filter_log_events, logGroupName="/gone") == "ResourceNotFoundException"
