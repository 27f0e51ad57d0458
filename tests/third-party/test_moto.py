"""The real binary on moto: a server that we did not write, and that knows less than AWS.

What moto 5.2 lacks or does otherwise, as `test_moto_still_lacks` pins it:
- ListServiceDeployments, DescribeServiceDeployments, DescribeServiceRevisions, StopServiceDeployment: HTTP 500, no error code;
- rollouts never move: PRIMARY IN_PROGRESS, 0 running, no tasks, no events, for ever;
- deploymentConfiguration, circuit breakers and strategies are taken and dropped;
- the limit of ten names, maxResults and nextToken of ECS are not kept.
So there is no history: what is shown comes from the service and its definitions alone, and is never Healthy.
"""

import time

import pytest
from botocore.exceptions import ClientError

from judges import servers
from judges.clients import CLUSTER, aws
from judges.hello import Hello
from judges.moto_world import COMMITS, World
from judges.ours import Dash, names, writes

CONFIG = """
[environment.local]
writable = true

[service.hello]

[[service.hello.target]]
environment = "local"
provider = "aws"
region = "eu-central-1"
cluster = "{cluster}"
url = "{url}"
"""
NO_HISTORY = ("ecs ListServiceDeployments", "ecs DescribeServiceDeployments", "ecs DescribeServiceRevisions")


class Direct:
    """moto for boto3, which sets the world up: not recorded."""

    def __init__(self, address):
        self.url = f"http://{address}"
        self.environment = {"AWS_ACCESS_KEY_ID": "AKIAMOTO000000000000", "AWS_SECRET_ACCESS_KEY": "secret"}


class Place:
    """moto as hello-dash sees it: through the recorder."""

    def __init__(self, recorder, direct):
        self.recorder = recorder
        self.direct = direct
        self.environment = direct.environment | {
            "AWS_ENDPOINT_URL": recorder.url,
            "AWS_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }


@pytest.fixture(scope="module")
def moto(out, recordings):
    server = servers.Moto(out / "moto.log")
    place = Place(recordings("moto-ours", server.address), Direct(server.address))
    place.world = World(place.direct)
    yield place
    server.stop()


@pytest.fixture(scope="module")
def hello():
    """The service's own answers are the best there can be, so that nothing but moto's facts keeps it from Healthy."""
    hello = Hello(COMMITS[-1], "hello:2")
    yield hello
    hello.stop()


@pytest.fixture
def dash(moto, hello, tmp_path):
    return Dash(moto, tmp_path, CONFIG.format(cluster=CLUSTER, url=hello.url))


def test_moto_still_lacks(moto):
    ecs = aws(moto.direct, "ecs")
    arn = moto.world.service.replace(":service/", ":service-deployment/") + "/x"
    for call, arguments in [
        (ecs.list_service_deployments, {"cluster": CLUSTER, "service": "hello"}),
        (ecs.describe_service_deployments, {"serviceDeploymentArns": [arn]}),
        (ecs.describe_service_revisions, {"serviceRevisionArns": [arn.replace("deployment", "revision")]}),
        (ecs.stop_service_deployment, {"serviceDeploymentArn": arn}),
    ]:
        with pytest.raises(ClientError) as refused:
            call(**arguments)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    (service,) = ecs.describe_services(cluster=CLUSTER, services=["hello"])["services"]
    assert service["runningCount"] == 0 and "deploymentConfiguration" not in service and service["events"] == []
    assert ecs.list_tasks(cluster=CLUSTER, serviceName="hello")["taskArns"] == []
    assert len(ecs.describe_services(cluster=CLUSTER, services=["hello"] * 11)["services"]) >= 1


def test_status_is_honest_and_does_not_hang(dash):
    begun = time.monotonic()
    document, code, exchanges = dash.json("status")
    assert time.monotonic() - begun < 25
    (target,) = document["targets"]
    assert target["verdict"] != "healthy" and code != 0
    assert target["probe"]["signal"] == "up" and target["probe"]["commit"] == COMMITS[-1]
    assert target["instances"] == {"desired": 2, "running": 0, "pending": 2}
    assert target["rollout"]["word"] == "IN_PROGRESS" and target["rollout"]["id"].startswith("ecs-svc/")
    assert any("0 of 2" in cause for cause in target["causes"]), target["causes"]
    called = names(exchanges)
    assert "ecs ListServiceDeployments" in called, "the history is asked for"
    assert "ecs ListTaskDefinitions" in called, "and without it the definitions stand in"
    assert writes(exchanges) == []


def test_what_answers_500_is_not_asked_without_end(dash):
    _, _, exchanges = dash.json("status")
    for name in NO_HISTORY:
        # One read is made up to three times.
        assert names(exchanges).count(name) <= 3 * 2, name


def test_revisions_are_the_definitions(dash, moto):
    ended, exchanges = dash("revisions")
    assert "hello:2" in ended.out and "hello:1" in ended.out
    assert writes(exchanges) == []


def test_images_are_read_from_the_registry(dash, moto):
    """The tag of the definition, resolved by ECR to the digest that moto keeps."""
    ended, exchanges = dash("redeploy", "hello", "--dry-run")
    assert ended.code == 0, ended.err
    assert "ecr DescribeImages" in names(exchanges)
    assert moto.world.digests[-1].removeprefix("sha256:")[:12] in ended.out
    assert writes(exchanges) == []


def test_target_health_is_read_from_the_load_balancer(dash):
    """The one address that the world registered; moto calls every one healthy."""
    document, _, exchanges = dash.json("status")
    balancer = document["targets"][0]["load_balancer"]
    assert "elbv2 DescribeTargetHealth" in names(exchanges), names(exchanges)
    assert balancer["error"] is None
    assert [(t["id"], t["port"], t["state"]["state"]) for t in balancer["targets"]] == [("10.0.0.1", 8080, "healthy")]


def test_logs_are_read_from_the_group_that_the_definition_names(dash):
    ended, exchanges = dash("logs")
    assert ended.code == 0, ended.err
    assert [line for line in ended.out.splitlines() if "on moto" in line] and ended.out.count("on moto") == 3, ended.out
    assert "logs FilterLogEvents" in names(exchanges)


def test_every_service_is_listed_and_who_asks_is_told(dash):
    ended, exchanges = dash("services")
    assert ended.code == 0 and "hello" in ended.out and "123456789012" in ended.out, ended.out + ended.err
    assert {"ecs ListServices", "sts GetCallerIdentity"} <= set(names(exchanges))


def test_a_redeploy_is_sent_once_and_never_called_done(dash):
    ended, exchanges = dash("redeploy", "hello", "--yes", "--wait", "--timeout", "12s", timeout=60)
    assert ended.code == 124, f"{ended.code}: {ended.out}{ended.err}"
    assert writes(exchanges) == [("ecs", "UpdateService")]
    assert "verified" not in ended.out.lower()


def test_a_rollback_without_a_history_is_refused_and_nothing_is_sent(dash):
    ended, exchanges = dash("rollback", "hello", "--yes", "--wait", "--timeout", "12s", timeout=60)
    assert ended.code == 8, f"{ended.code}: {ended.out}{ended.err}"
    assert writes(exchanges) == []


def test_what_is_not_there_is_told(moto, hello, tmp_path):
    config = CONFIG.replace("[service.hello]", "[service.gone]").replace("[[service.hello.", "[[service.gone.")
    dash = Dash(moto, tmp_path, config.format(cluster=CLUSTER, url=hello.url))
    document, code, _ = dash.json("status")
    assert code == 3 and "no service gone" in str(document["targets"][0]), document
    dash = Dash(moto, tmp_path / "other", CONFIG.format(cluster="gone", url=hello.url))
    document, code, _ = dash.json("status")
    assert code == 3 and "luster" in str(document["targets"][0]["error"]), document
