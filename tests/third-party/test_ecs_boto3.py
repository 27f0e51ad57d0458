"""boto3 drives the service that is there from the start: read, update, go back, stop; waiters; pages; refusals."""

import time

import pytest
from botocore.exceptions import ClientError

from judges.clients import CLUSTER, aws

SERVICE = "hello"


@pytest.fixture(scope="module")
def ecs(steady):
    return aws(steady, "ecs")


def service(ecs):
    (one,) = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    return one


def settle(ecs):
    """boto3's own waiter: one deployment, and as many tasks running as wanted."""
    ecs.get_waiter("services_stable").wait(
        cluster=CLUSTER, services=[SERVICE], WaiterConfig={"Delay": 1, "MaxAttempts": 90}
    )
    return service(ecs)


def deployments(ecs, **more):
    return ecs.list_service_deployments(cluster=CLUSTER, service=SERVICE, **more)["serviceDeployments"]


def describe(ecs, arn):
    answer = ecs.describe_service_deployments(serviceDeploymentArns=[arn])
    assert answer["failures"] == []
    return answer["serviceDeployments"][0]


def until(look, seconds=60):
    """What `look` says once it says something."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"nothing within {seconds} s"
        time.sleep(0.3)
    return seen


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_what_is_there_fits_together(ecs):
    one = settle(ecs)
    assert one["runningCount"] == one["desiredCount"] and one["pendingCount"] == 0
    (rolling,) = one["deployments"]
    assert rolling["status"] == "PRIMARY" and rolling["rolloutState"] == "COMPLETED"
    assert rolling["taskDefinition"] == one["taskDefinition"]
    definition = ecs.describe_task_definition(taskDefinition=one["taskDefinition"])["taskDefinition"]
    assert definition["status"] == "ACTIVE" and definition["taskDefinitionArn"] == one["taskDefinition"]
    newest = deployments(ecs)[0]
    assert newest["serviceDeploymentArn"] == one["currentServiceDeployment"] and newest["status"] == "SUCCESSFUL"
    revision = ecs.describe_service_revisions(serviceRevisionArns=[newest["targetServiceRevisionArn"]])
    assert revision["serviceRevisions"][0]["taskDefinition"] == one["taskDefinition"]
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
    assert len(tasks) == one["runningCount"]
    for task in tasks:
        assert task["lastStatus"] == "RUNNING" and task["startedBy"] == rolling["id"]
        assert task["group"] == f"service:{SERVICE}" and task["taskDefinitionArn"] == one["taskDefinition"]
    assert one["serviceArn"] in ecs.list_services(cluster=CLUSTER)["serviceArns"]


def test_pages_hold_everything_once(ecs):
    whole = [one["serviceDeploymentArn"] for one in deployments(ecs)]
    assert len(whole) >= 3
    pages, token = [], {}
    while True:
        page = ecs.list_service_deployments(cluster=CLUSTER, service=SERVICE, maxResults=1, **token)
        assert len(page["serviceDeployments"]) == 1
        pages.append(page["serviceDeployments"][0]["serviceDeploymentArn"])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert pages == whole
    paginator = ecs.get_paginator("list_task_definitions")
    arns = [arn for page in paginator.paginate(familyPrefix=SERVICE, sort="DESC", PaginationConfig={"PageSize": 2}) for arn in page["taskDefinitionArns"]]
    numbers = [int(arn.rpartition(":")[2]) for arn in arns]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers) >= 3


def test_a_forced_deployment_replaces_the_tasks(ecs):
    before = settle(ecs)
    old = set(ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"])
    answer = ecs.update_service(cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)["service"]
    assert len(answer["deployments"]) == 2
    primary = next(one for one in answer["deployments"] if one["status"] == "PRIMARY")
    assert primary["rolloutState"] == "IN_PROGRESS" and primary["taskDefinition"] == before["taskDefinition"]
    running = until(lambda: [one for one in deployments(ecs) if one["status"] in ("PENDING", "IN_PROGRESS")])
    arn = running[0]["serviceDeploymentArn"]
    fewest = before["desiredCount"]
    while (seen := describe(ecs, arn))["status"] in ("PENDING", "IN_PROGRESS"):
        fewest = min(fewest, service(ecs)["runningCount"])
        time.sleep(0.2)
    assert fewest >= before["desiredCount"], "minimumHealthyPercent is 100"
    assert seen["status"] == "SUCCESSFUL" and seen["finishedAt"] > seen["startedAt"]
    after = settle(ecs)
    new = set(ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"])
    assert not old & new and len(new) == after["runningCount"]
    assert after["events"][0]["createdAt"] > before["events"][0]["createdAt"]
    assert any("has reached a steady state" in event["message"] for event in after["events"][:3])
    stopped = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")["taskArns"]
    assert old <= set(stopped)
    for task in ecs.describe_tasks(cluster=CLUSTER, tasks=sorted(old))["tasks"]:
        assert task["lastStatus"] == "STOPPED" and task["stopCode"] == "ServiceSchedulerInitiated"
        assert task["stoppedReason"].startswith("Scaling activity initiated by")


def test_back_to_the_definition_before_and_again_forward(ecs):
    before = settle(ecs)
    family, _, number = before["taskDefinition"].rpartition(":")
    older = f"{family}:{int(number) - 1}"
    answer = ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=older)["service"]
    assert answer["taskDefinition"] == older
    after = settle(ecs)
    assert after["taskDefinition"] == older and after["currentServiceDeployment"] != before["currentServiceDeployment"]
    for task in ecs.describe_tasks(cluster=CLUSTER, tasks=ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"])["tasks"]:
        assert task["taskDefinitionArn"] == older
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=f"hello:{number}")
    assert settle(ecs)["taskDefinition"] == before["taskDefinition"]


def test_a_stopped_deployment_goes_back(ecs):
    before = settle(ecs)
    family, _, number = before["taskDefinition"].rpartition(":")
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=f"{family}:{int(number) - 1}")
    arn = until(lambda: [one for one in deployments(ecs) if one["status"] == "IN_PROGRESS"])[0]["serviceDeploymentArn"]
    assert ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")["serviceDeploymentArn"] == arn
    seen = []
    while True:
        one = describe(ecs, arn)
        if one["status"] not in seen:
            seen.append(one["status"])
        if one["status"].endswith(("SUCCESSFUL", "FAILED", "STOPPED")):
            break
        time.sleep(0.15)
    assert seen[-1] == "ROLLBACK_SUCCESSFUL" and "ROLLBACK_IN_PROGRESS" in seen, seen
    after = settle(ecs)
    assert after["taskDefinition"] == before["taskDefinition"]
    assert one["rollback"]["serviceRevisionArn"] in [r["arn"] for r in after["currentServiceRevisions"]]
    assert refusal(ecs.stop_service_deployment, serviceDeploymentArn=arn) == "ConflictException"


def test_the_number_of_tasks_changes(ecs):
    before = settle(ecs)
    ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=before["desiredCount"] + 1)
    assert settle(ecs)["runningCount"] == before["desiredCount"] + 1
    ecs.get_waiter("tasks_running").wait(
        cluster=CLUSTER,
        tasks=ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"],
        WaiterConfig={"Delay": 1, "MaxAttempts": 30},
    )
    ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=before["desiredCount"])
    assert settle(ecs)["runningCount"] == before["desiredCount"]


def test_what_is_not_there(ecs):
    answer = ecs.describe_services(cluster=CLUSTER, services=["gone"])
    assert answer["services"] == [] and answer["failures"][0]["reason"] == "MISSING"
    assert answer["failures"][0]["arn"].endswith(f":service/{CLUSTER}/gone")
    answer = ecs.describe_tasks(cluster=CLUSTER, tasks=["0" * 32])
    assert answer["failures"][0]["reason"] == "MISSING"
    assert refusal(ecs.update_service, cluster=CLUSTER, service="gone", desiredCount=1) == "ServiceNotFoundException"
    assert refusal(ecs.describe_services, cluster="gone", services=[SERVICE]) == "ClusterNotFoundException"
    assert refusal(ecs.list_services, cluster="gone") == "ClusterNotFoundException"
    assert refusal(ecs.describe_task_definition, taskDefinition="gone:1") == "ClientException"
    assert refusal(ecs.update_service, cluster=CLUSTER, service=SERVICE, taskDefinition="gone:1") == "ClientException"


def test_limits_are_kept(ecs):
    eleven = [f"s{number}" for number in range(11)]
    assert refusal(ecs.describe_services, cluster=CLUSTER, services=eleven) == "InvalidParameterException"
    assert refusal(ecs.describe_tasks, cluster=CLUSTER, tasks=["0" * 32] * 101) == "InvalidParameterException"
    arn = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/hello/hello/x"
    assert refusal(ecs.describe_service_deployments, serviceDeploymentArns=[arn] * 21) == "InvalidParameterException"
    assert refusal(ecs.list_tasks, cluster=CLUSTER, maxResults=101) == "InvalidParameterException"
    assert refusal(ecs.list_tasks, cluster=CLUSTER, nextToken="nonsense") == "InvalidParameterException"
