"""Cloud Build by both of Google's clients: google-cloud-build over REST, and the one made from the discovery document."""

import time

import pytest
from google.cloud.devtools import cloudbuild_v1
from google.cloud.devtools.cloudbuild_v1.services.cloud_build.transports import CloudBuildRestTransport
from googleapiclient.errors import HttpError

from judges.clients import LOCATION, PROJECT, google_api, google_rest

PARENT = f"projects/{PROJECT}/locations/{LOCATION}"


@pytest.fixture(scope="module")
def builds(steady):
    return google_api(steady, "cloudbuild", "v1").projects().locations().builds()


@pytest.fixture(scope="module")
def client(steady):
    return google_rest(steady, cloudbuild_v1.CloudBuildClient, CloudBuildRestTransport)


def every(builds, **more):
    found, request = [], builds.list(parent=PARENT, **more)
    while request is not None:
        answer = request.execute()
        found += answer.get("builds", [])
        request = builds.list_next(request, answer)
    return found


def code(request):
    with pytest.raises(HttpError) as refused:
        request.execute()
    return refused.value.status_code


def test_builds_are_listed_newest_first_in_pages(builds):
    whole = every(builds)
    created = [build["createTime"] for build in whole]
    assert created == sorted(created, reverse=True) and len(whole) >= 3
    paged = every(builds, pageSize=1)
    assert [build["id"] for build in paged][-3:] == [build["id"] for build in whole][-3:]
    for build in whole:
        if build["status"] == "SUCCESS":
            assert build["results"]["images"][0]["digest"].startswith("sha256:")
            assert build["startTime"] <= build["finishTime"]


def test_filters_hold(builds):
    assert all(build["status"] == "SUCCESS" for build in every(builds, filter='status="SUCCESS"'))
    newest = every(builds)[0]
    trigger = newest["buildTriggerId"]
    assert every(builds, filter=f'trigger_id="{trigger}"')
    later = every(builds, filter=f'create_time>"{every(builds)[-1]["createTime"]}"')
    assert len(later) == len(every(builds)) - 1
    assert code(builds.list(parent=PARENT, filter="flavour = sweet and")) == 400


def test_one_build(builds, client):
    newest = every(builds)[0]
    assert builds.get(name=newest["name"]).execute()["id"] == newest["id"]
    build = client.get_build(request=cloudbuild_v1.GetBuildRequest(name=newest["name"]))
    assert build.id == newest["id"] and build.substitutions["COMMIT_SHA"] == newest["substitutions"]["COMMIT_SHA"]
    assert code(builds.get(name=f"{PARENT}/builds/00000000-0000-0000-0000-000000000000")) == 404


def test_the_generated_client_lists(builds, client):
    request = cloudbuild_v1.ListBuildsRequest(parent=PARENT, project_id=PROJECT, page_size=2)
    # A build may begin between the two lists.
    before = [build["id"] for build in every(builds)]
    listed = [build.id for build in client.list_builds(request=request)]
    assert len(before) >= 3 and [one for one in listed if one in before] == before


def test_a_build_is_run_again_and_cancelled(builds):
    old = every(builds, filter='status="SUCCESS"')[-1]
    operation = builds.retry(name=old["name"], body={}).execute()
    new = operation["metadata"]["build"]
    assert operation["metadata"]["@type"].endswith("google.devtools.cloudbuild.v1.BuildOperationMetadata")
    assert new["id"] != old["id"] and new["status"] in ("QUEUED", "PENDING")
    cancelled = builds.cancel(name=new["name"], body={}).execute()
    assert cancelled["status"] in ("CANCELLED", "QUEUED", "WORKING")
    until = time.monotonic() + 20
    while builds.get(name=new["name"]).execute()["status"] != "CANCELLED":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert code(builds.cancel(name=old["name"], body={})) == 400
