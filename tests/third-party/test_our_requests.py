"""The real binary before the stand-in: every command that calls a cloud, recorded. Each request is judged at the end.

Here only: the command does what it should, and a change is sent once.
"""

import pytest

from judges.ours import Dash, names, writes

ECS_UPDATE = [("ecs", "UpdateService")]
RUN_PATCH = [("google", "run.projects.locations.services.patch")]


@pytest.fixture(scope="module")
def ours(stand_ins):
    return stand_ins("steady", "ours")


@pytest.fixture
def dash(ours, tmp_path):
    return Dash(ours, tmp_path)


def by_provider(document):
    return {target["provider"]: target for target in document["targets"]}


def test_status_reads_both_clouds_and_changes_nothing(dash):
    document, code, exchanges = dash.json("status")
    targets = by_provider(document)
    assert code == 0 and {target["verdict"] for target in targets.values()} == {"healthy"}
    assert targets["aws"]["build"]["error"] is None and targets["gcp"]["build"]["error"] is None
    called = set(names(exchanges))
    assert {"ecs DescribeServices", "ecs ListServiceDeployments", "google run.projects.locations.services.get"} <= called
    assert any(name.startswith("github /repos/") for name in called)
    assert writes(exchanges) == []


@pytest.mark.parametrize("command", ["revisions", "builds", "check"])
def test_looking_changes_nothing(dash, command):
    ended, exchanges = dash(command)
    assert ended.code == 0, ended.err
    assert exchanges and writes(exchanges) == []


def test_a_plan_sends_nothing_that_changes(dash):
    ended, exchanges = dash("redeploy", "hello", "--dry-run")
    assert ended.code == 0, ended.err
    assert exchanges and writes(exchanges) == []


@pytest.mark.parametrize(("target", "write"), [("aws", ECS_UPDATE), ("gcp", RUN_PATCH)])
@pytest.mark.parametrize("command", ["redeploy", "rollback"])
def test_a_change_is_sent_once_and_verified(dash, command, target, write):
    ended, exchanges = dash(command, "hello", "--target", target, "--yes", "--wait", "--timeout", "80s")
    assert ended.code == 0, f"{ended.code}: {ended.out}{ended.err}"
    assert writes(exchanges) == write


def test_held_traffic_is_released_once(dash):
    ended, exchanges = dash("release", "hello", "--target", "gcp", "--yes", "--wait", "--timeout", "80s")
    assert ended.code == 0, f"{ended.code}: {ended.out}{ended.err}"
    assert writes(exchanges) == RUN_PATCH
    document, _, _ = dash.json("status")
    assert by_provider(document)["gcp"]["held"] is None


def test_without_a_history_of_deployments(stand_ins, tmp_path):
    """Services last updated long ago have none: other calls are made instead."""
    place = stand_ins("no-history", "ours")
    dash = Dash(place, tmp_path)
    document, code, exchanges = dash.json("status")
    assert code == 0 and by_provider(document)["aws"]["verdict"] == "healthy"
    assert "ecs ListTaskDefinitions" in names(exchanges) or "ecs DescribeTaskDefinition" in names(exchanges)
    # Nothing tells which earlier definition served well: going back is refused, with nothing sent.
    ended, exchanges = dash("rollback", "hello", "--target", "aws", "--yes", "--wait", "--timeout", "80s")
    assert ended.code == 8 and writes(exchanges) == [], f"{ended.code}: {ended.out}{ended.err}"
    ended, exchanges = dash("redeploy", "hello", "--target", "aws", "--yes", "--wait", "--timeout", "80s")
    assert ended.code == 0, f"{ended.code}: {ended.out}{ended.err}"
    assert writes(exchanges) == ECS_UPDATE
