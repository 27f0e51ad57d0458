"""google-api-python-client, made from the discovery documents, drives Cloud Run: raw JSON, operations, forced revisions."""

import pytest
from googleapiclient.errors import HttpError

from judges.clients import LOCATION, PROJECT, google_api

PARENT = f"projects/{PROJECT}/locations/{LOCATION}"
NAME = f"{PARENT}/services/hello"


@pytest.fixture(scope="module")
def run(steady):
    return google_api(steady, "run", "v2").projects().locations()


def wait(run, operation, seconds=60):
    done = run.operations().wait(name=operation["name"], body={"timeout": f"{seconds}s"}).execute()
    assert done["done"] and "error" not in done, done
    return done["response"]


def refusal(request):
    with pytest.raises(HttpError) as refused:
        request.execute()
    return refused.value.status_code, refused.value.error_details


def test_an_operation_is_followed_to_its_end(run):
    service = run.services().get(name=NAME).execute()
    service["template"].setdefault("labels", {})["purpose"] = "operation"
    operation = run.services().patch(name=NAME, body=service, updateMask="template").execute()
    assert operation["metadata"]["@type"] == "type.googleapis.com/google.cloud.run.v2.Service"
    assert not operation.get("done")
    during = run.services().get(name=NAME).execute()
    assert during["reconciling"] and during["generation"] == str(int(service["generation"]) + 1)
    assert during["terminalCondition"]["state"] == "CONDITION_RECONCILING"
    names = [one["name"] for one in run.operations().list(name=PARENT).execute()["operations"]]
    assert operation["name"] in names
    assert not run.operations().get(name=operation["name"]).execute().get("done")
    response = wait(run, operation)
    assert response["@type"] == "type.googleapis.com/google.cloud.run.v2.Service"
    after = run.services().get(name=NAME).execute()
    assert not after.get("reconciling") and after["observedGeneration"] == after["generation"]
    assert after["latestReadyRevision"] == after["latestCreatedRevision"] == response["latestReadyRevision"]
    assert run.operations().get(name=operation["name"]).execute()["done"]


def test_waiting_ends_when_its_time_is_up(run):
    service = run.services().get(name=NAME).execute()
    service["template"].setdefault("labels", {})["purpose"] = "short"
    operation = run.services().patch(name=NAME, body=service, updateMask="template").execute()
    early = run.operations().wait(name=operation["name"], body={"timeout": "0.1s"}).execute()
    assert early["name"] == operation["name"] and not early.get("done")
    wait(run, operation)


def test_a_forced_revision_is_new_though_nothing_changed(run):
    service = run.services().get(name=NAME).execute()
    body = {"template": service["template"], "etag": service["etag"]}
    same = wait(run, run.services().patch(name=NAME, body=body, updateMask="template").execute())
    assert same["latestCreatedRevision"] == service["latestCreatedRevision"]
    body = {"template": same["template"], "etag": same["etag"]}
    request = run.services().patch(name=NAME, body=body, updateMask="template", forceNewRevision=True)
    forced = wait(run, request.execute())
    assert forced["latestReadyRevision"] != same["latestReadyRevision"]


def test_an_old_etag_is_refused_with_409(run):
    service = run.services().get(name=NAME).execute()
    wait(run, run.services().patch(name=NAME, body=service, updateMask="template", forceNewRevision=True).execute())
    body = {"traffic": service["traffic"], "etag": service["etag"]}
    code, _ = refusal(run.services().patch(name=NAME, body=body, updateMask="traffic"))
    assert code == 409


def test_what_is_not_there(run):
    assert refusal(run.services().get(name=f"{PARENT}/services/gone"))[0] == 404
    assert refusal(run.services().revisions().get(name=f"{NAME}/revisions/gone"))[0] == 404
    assert refusal(run.operations().get(name=f"{PARENT}/operations/gone"))[0] == 404
    assert refusal(run.services().list(parent=PARENT, pageToken="nonsense"))[0] == 400
