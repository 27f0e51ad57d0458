"""boto3 makes a cluster, definitions and services of its own, and takes them away again: strategies, limits, failures."""

import time
import uuid

import pytest
from botocore.exceptions import ClientError, WaiterError

from judges.clients import aws

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d4e5f60718"], "securityGroups": ["sg-0f1e2d3c4b5a69788"]}}
CLUSTER = "of-boto3"


@pytest.fixture(scope="module")
def ecs(steady):
    return aws(steady, "ecs")


@pytest.fixture(scope="module")
def images(ecs):
    """Images that are there, oldest first, and one that is not."""
    found = []
    for number in (1, 2, 3):
        definition = ecs.describe_task_definition(taskDefinition=f"hello:{number}")["taskDefinition"]
        found.append(definition["containerDefinitions"][0]["image"])
    return found


@pytest.fixture(scope="module")
def cluster(ecs):
    made = ecs.create_cluster(clusterName=CLUSTER, tags=[{"key": "team", "value": "hello"}])["cluster"]
    assert made["status"] == "ACTIVE" and made["clusterArn"].endswith(f":cluster/{CLUSTER}")
    yield CLUSTER
    gone = ecs.delete_cluster(cluster=CLUSTER)["cluster"]
    assert gone["status"] in ("INACTIVE", "DEPROVISIONING")


def define(ecs, family, image, **container):
    return ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        containerDefinitions=[
            {"name": "hello", "image": image, "essential": True, "portMappings": [{"containerPort": 8080}], **container}
        ],
    )["taskDefinition"]


def create(ecs, name, definition, **more):
    return ecs.create_service(
        cluster=CLUSTER,
        serviceName=name,
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
        **{"desiredCount": 2, **more},
    )["service"]


def remove(ecs, name):
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)
    ecs.get_waiter("services_inactive").wait(
        cluster=CLUSTER, services=[name], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


@pytest.fixture
def name(ecs, cluster):
    """The name of a service that is removed when the test is over."""
    name = f"s-{uuid.uuid4().hex[:8]}"
    yield name
    left = ecs.describe_services(cluster=CLUSTER, services=[name])["services"]
    if left and left[0]["status"] != "INACTIVE":
        remove(ecs, name)


def settle(ecs, name, seconds=90):
    waiter = ecs.get_waiter("services_stable")
    waiter.wait(cluster=CLUSTER, services=[name], WaiterConfig={"Delay": 1, "MaxAttempts": seconds})
    return ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]


def newest(ecs, name):
    (arn, *_) = [one["serviceDeploymentArn"] for one in ecs.list_service_deployments(cluster=CLUSTER, service=name)["serviceDeployments"]]
    return ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def statuses(ecs, name, seconds=90):
    """The statuses that the newest deployment goes through, in their order, and how it ended."""
    seen, until = [], time.monotonic() + seconds
    while True:
        one = newest(ecs, name)
        if one["status"] not in seen[-1:]:
            seen.append(one["status"])
        if one["status"] in ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"):
            return seen, one
        assert time.monotonic() < until, seen
        time.sleep(0.2)


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_definitions_are_numbered_listed_and_taken_out_of_use(ecs, images):
    family = f"f-{uuid.uuid4().hex[:8]}"
    first, second = define(ecs, family, images[0]), define(ecs, family, images[1], environment=[{"name": "A", "value": "b"}])
    assert (first["revision"], second["revision"]) == (1, 2) and second["status"] == "ACTIVE"
    assert ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["revision"] == 2
    assert second["containerDefinitions"][0]["environment"] == [{"name": "A", "value": "b"}]
    assert family in ecs.list_task_definition_families(familyPrefix=family)["families"]
    gone = ecs.deregister_task_definition(taskDefinition=first["taskDefinitionArn"])["taskDefinition"]
    assert gone["status"] == "INACTIVE" and gone["deregisteredAt"]
    active = ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    inactive = ecs.list_task_definitions(familyPrefix=family, status="INACTIVE")["taskDefinitionArns"]
    assert active == [second["taskDefinitionArn"]] and inactive == [first["taskDefinitionArn"]]
    assert ecs.describe_task_definition(taskDefinition=f"{family}:1")["taskDefinition"]["status"] == "INACTIVE"
    ecs.deregister_task_definition(taskDefinition=f"{family}:2")
    assert refused(ecs.describe_task_definition, taskDefinition=family) == "ClientException"
    assert refused(ecs.deregister_task_definition, taskDefinition=f"{family}:3") == "ClientException"


def test_a_service_comes_up_changes_goes_back_and_goes_away(ecs, name, images):
    first = define(ecs, name, images[0])["taskDefinitionArn"]
    made = create(ecs, name, first)
    assert made["status"] == "ACTIVE" and made["desiredCount"] == 2 and made["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    up = settle(ecs, name)
    assert up["runningCount"] == 2 and newest(ecs, name)["status"] == "SUCCESSFUL"
    second = define(ecs, name, images[1])["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=name)
    assert settle(ecs, name)["taskDefinition"] == second, "a family means its newest definition"
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=first)
    back = settle(ecs, name)
    assert back["taskDefinition"] == first
    assert len(ecs.list_service_deployments(cluster=CLUSTER, service=name)["serviceDeployments"]) == 3
    remove(ecs, name)
    gone = ecs.describe_services(cluster=CLUSTER, services=[name])["services"]
    assert not gone or gone[0]["status"] == "INACTIVE"
    assert name not in str(ecs.list_services(cluster=CLUSTER)["serviceArns"])


def test_a_definition_out_of_use_starts_nothing(ecs, name, images):
    arn = define(ecs, name, images[0])["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=arn)
    assert refused(lambda **more: create(ecs, name, arn, **more)) == "ClientException"


def test_the_breaker_goes_back_when_tasks_do_not_start(ecs, name, images):
    good = define(ecs, name, images[0])["taskDefinitionArn"]
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    create(ecs, name, good, deploymentConfiguration=breaker)
    settle(ecs, name)
    repository = images[0].rpartition(":")[0].rpartition("@")[0] or images[0].rpartition(":")[0]
    define(ecs, name, f"{repository}:never-pushed")
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=name)
    seen, one = statuses(ecs, name)
    assert seen[-1] == "ROLLBACK_SUCCESSFUL" and seen.index("ROLLBACK_IN_PROGRESS") > 0, seen
    assert one["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert one["deploymentCircuitBreaker"]["failureCount"] >= one["deploymentCircuitBreaker"]["threshold"]
    assert one["rollback"]["reason"]
    assert settle(ecs, name)["taskDefinition"] == good
    stopped = ecs.list_tasks(cluster=CLUSTER, serviceName=name, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"]
    failed = [task for task in tasks if task.get("stopCode") == "TaskFailedToStart"]
    assert failed and all("CannotPullContainerError" in task["stoppedReason"] for task in failed)


def test_without_a_breaker_a_deployment_that_cannot_start_waits_for_ever(ecs, name, images):
    good = define(ecs, name, images[0])["taskDefinitionArn"]
    create(ecs, name, good, deploymentConfiguration={"deploymentCircuitBreaker": {"enable": False, "rollback": False}})
    settle(ecs, name)
    repository = images[0].rpartition(":")[0].rpartition("@")[0] or images[0].rpartition(":")[0]
    define(ecs, name, f"{repository}:never-pushed")
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=name)
    with pytest.raises(WaiterError):
        settle(ecs, name, seconds=12)
    one = newest(ecs, name)
    assert one["status"] == "IN_PROGRESS"
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[name])["services"]
    assert service["runningCount"] == 2, "what served before still serves"
    ecs.stop_service_deployment(serviceDeploymentArn=one["serviceDeploymentArn"], stopType="ROLLBACK")
    seen, _ = statuses(ecs, name)
    assert seen[-1] == "ROLLBACK_SUCCESSFUL", seen
    assert settle(ecs, name)["taskDefinition"] == good


def test_a_task_that_is_stopped_is_replaced(ecs, name, images):
    create(ecs, name, define(ecs, name, images[0])["taskDefinitionArn"])
    settle(ecs, name)
    (one, two) = ecs.list_tasks(cluster=CLUSTER, serviceName=name)["taskArns"]
    ecs.stop_task(cluster=CLUSTER, task=one, reason="by hand")
    ecs.get_waiter("tasks_stopped").wait(cluster=CLUSTER, tasks=[one], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (task,) = ecs.describe_tasks(cluster=CLUSTER, tasks=[one])["tasks"]
    assert task["stopCode"] == "UserInitiated" and "by hand" in task["stoppedReason"]
    settle(ecs, name)
    after = ecs.list_tasks(cluster=CLUSTER, serviceName=name)["taskArns"]
    assert len(after) == 2 and one not in after and two in after


def test_a_name_is_taken_once(ecs, name, images):
    arn = define(ecs, name, images[0])["taskDefinitionArn"]
    create(ecs, name, arn, desiredCount=0)
    assert refused(lambda **more: create(ecs, name, arn, **more)) in ("InvalidParameterException", "ClientException")


def test_a_service_with_tasks_is_not_deleted_without_force(ecs, name, images):
    create(ecs, name, define(ecs, name, images[0])["taskDefinitionArn"], desiredCount=1)
    settle(ecs, name)
    assert refused(ecs.delete_service, cluster=CLUSTER, service=name) == "InvalidParameterException"
    assert refused(ecs.delete_cluster, cluster=CLUSTER) == "ClusterContainsServicesException"


def test_clusters_are_described(ecs, cluster):
    (one,) = ecs.describe_clusters(clusters=[CLUSTER], include=["TAGS"])["clusters"]
    assert one["clusterName"] == CLUSTER and one["tags"] == [{"key": "team", "value": "hello"}]
    assert any(arn.endswith(f"/{CLUSTER}") for arn in ecs.list_clusters()["clusterArns"])
    assert ecs.describe_clusters(clusters=["gone"])["failures"][0]["reason"] == "MISSING"


@pytest.mark.parametrize("strategy", ["BLUE_GREEN", "LINEAR", "CANARY"])
def test_traffic_moves_as_the_strategy_says(ecs, name, images, strategy):
    """Two target groups; what serves moves at once, in steps, or a little first; then the old one bakes and goes."""
    elb = "arn:aws:elasticloadbalancing:eu-central-1:123456789012"
    balancer = {
        "targetGroupArn": f"{elb}:targetgroup/hello/6d0ecf831eec9f09",
        "containerName": "hello",
        "containerPort": 8080,
        "advancedConfiguration": {
            "alternateTargetGroupArn": f"{elb}:targetgroup/hello-green/7e1fd0942ffda01a",
            "productionListenerRule": f"{elb}:listener-rule/app/hello/1/2/3",
            "roleArn": "arn:aws:iam::123456789012:role/traffic",
        },
    }
    more = {
        "BLUE_GREEN": {},
        "LINEAR": {"linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1}},
        "CANARY": {"canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1}},
    }[strategy]
    configuration = {"strategy": strategy, "bakeTimeInMinutes": 0, **more}
    first = define(ecs, name, images[0])["taskDefinitionArn"]
    create(ecs, name, first, deploymentConfiguration=configuration, loadBalancers=[balancer])
    settle(ecs, name)
    second = define(ecs, name, images[1])["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=second)
    stages, weights, until = [], [], time.monotonic() + 60
    while (one := newest(ecs, name))["status"] in ("PENDING", "IN_PROGRESS"):
        if one.get("lifecycleStage") not in (None, *stages[-1:]):
            stages.append(one["lifecycleStage"])
        weight = one["targetServiceRevision"].get("requestedProductionTrafficWeight")
        if weight is not None and weight not in weights[-1:]:
            weights.append(weight)
        assert time.monotonic() < until, (stages, weights)
        time.sleep(0.1)
    assert one["status"] == "SUCCESSFUL"
    assert one["deploymentConfiguration"]["strategy"] == strategy
    assert weights == sorted(weights) and weights[-1:] == [100.0], weights
    if strategy != "BLUE_GREEN":
        assert any(0 < weight < 100 for weight in weights), weights
    assert "PRODUCTION_TRAFFIC_SHIFT" in stages, stages
    assert settle(ecs, name)["taskDefinition"] == second


def test_unknown_and_missing_parameters_are_refused_by_the_server(steady):
    """boto3 checks before it sends; without its check the server has to."""
    import boto3
    import botocore.config

    careless = boto3.client(
        "ecs",
        endpoint_url=steady.url,
        region_name="eu-central-1",
        aws_access_key_id="AKIASTANDINSTANDIN00",
        aws_secret_access_key="secret",
        config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    assert refused(careless.describe_services, cluster="hello") == "InvalidParameterException"
    assert refused(careless.update_service, cluster="hello", desiredCount=1) in (
        "InvalidParameterException",
        "ClientException",
    )
