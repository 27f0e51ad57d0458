"""Every kind of fault: what is answered is judged by the vendors' models, and what is no answer fails in their clients."""

import http.client
import json

import httpx
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from googleapiclient.errors import HttpError

from judges.clients import CLUSTER, LOCATION, PROJECT, aws, google_api

PARENT = f"projects/{PROJECT}/locations/{LOCATION}"


@pytest.fixture(scope="module")
def place(stand_ins):
    """A stand-in of our own: nobody else is to meet these faults."""
    return stand_ins("steady", "clients-faults")


@pytest.fixture
def fault(place):
    def inject(kind, **more):
        for cloud in ("aws", "gcp", "github"):
            place.stand_in.control("POST", "faults", {"cloud": cloud, "kind": kind, **more})

    yield inject
    place.stand_in.control("DELETE", "faults")


def of_aws(place):
    """One call of each service."""
    return {
        "ecs": lambda: aws(place, "ecs").list_services(cluster=CLUSTER),
        "ecr": lambda: aws(place, "ecr").describe_images(repositoryName="hello"),
        "logs": lambda: aws(place, "logs").describe_log_groups(),
        "codebuild": lambda: aws(place, "codebuild").list_projects(),
        "elbv2": lambda: aws(place, "elbv2").describe_target_groups(),
        "sts": lambda: aws(place, "sts").get_caller_identity(),
    }


def of_google(place):
    def at(name, version):
        return google_api(place, name, version).projects().locations()

    return {
        "run": lambda: at("run", "v2").services().get(name=f"{PARENT}/services/hello").execute(),
        "cloudbuild": lambda: at("cloudbuild", "v1").builds().list(parent=PARENT).execute(),
        "artifactregistry": lambda: at("artifactregistry", "v1").repositories().list(parent=PARENT).execute(),
        "logging": lambda: google_api(place, "logging", "v2")
        .entries()
        .list(body={"resourceNames": [f"projects/{PROJECT}"]})
        .execute(),
    }


def of_github(place):
    token = place.environment["GITHUB_TOKEN"]
    return httpx.get(
        f"{place.url}/repos/acme/hello/actions/runs",
        headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
    )


@pytest.mark.parametrize(
    "kind, more, json_status, google_status, github_statuses",
    [
        ("throttle", {"retry_after": 3}, 400, 429, {403, 429}),
        ("denied", {}, 400, 403, {403}),
        ("expired", {}, 400, 401, {401}),
        ("error", {"status": 500}, 500, 500, {500}),
        ("error", {"status": 503}, 503, 503, {503}),
    ],
)
def test_a_refusal_is_in_the_vendors_own_words(place, fault, kind, more, json_status, google_status, github_statuses):
    fault(kind, **more)
    for service, call in of_aws(place).items():
        with pytest.raises(ClientError) as refused:
            call()
        status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
        # The Query services have another status for who may not.
        wanted = 403 if service in ("elbv2", "sts") and kind in ("denied", "expired") else json_status
        assert status == wanted, f"{service}: {refused.value}"
    for service, call in of_google(place).items():
        if kind == "expired":
            # The client wants another token, which our credentials refuse. The recording has the answer.
            with pytest.raises(AssertionError, match="nothing to renew"):
                call()
            continue
        with pytest.raises(HttpError) as refused:
            call()
        assert refused.value.status_code == google_status, f"{service}: {refused.value}"
    assert of_github(place).status_code in github_statuses


def test_a_clock_that_is_off_is_told_by_aws_and_by_nobody_else(place, fault):
    fault("clock-skew", seconds=3600)
    for service, call in of_aws(place).items():
        with pytest.raises(ClientError) as refused:
            call()
        code = refused.value.response["Error"]["Code"]
        assert code in {"elbv2": ["SignatureDoesNotMatch"], "sts": ["SignatureDoesNotMatch"]}.get(
            service, ["InvalidSignatureException"]
        ), service
    for call in of_google(place).values():
        call()
    assert of_github(place).status_code == 200


def test_a_slow_answer_is_an_answer(place, fault):
    fault("latency", ms=50)
    for call in (*of_aws(place).values(), *of_google(place).values()):
        call()
    assert of_github(place).status_code == 200


@pytest.mark.parametrize("kind", ["off", "reset-before", "reset-after", "truncated"])
def test_no_answer_is_none(place, fault, kind):
    fault(kind)
    for service, call in of_aws(place).items():
        with pytest.raises(BotoCoreError):
            call()
    for service, call in of_google(place).items():
        with pytest.raises((OSError, http.client.HTTPException, httpx.HTTPError)):
            call()
    with pytest.raises(httpx.HTTPError):
        of_github(place)


@pytest.mark.parametrize("kind", ["malformed", "endless"])
def test_what_is_no_answer_of_the_vendor_is_not_recorded_and_not_json(place, fault, kind):
    fault(kind)
    token = place.environment["GITHUB_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in (f"/v2/{PARENT}/services/hello", "/repos/acme/hello/actions/runs"):
        with httpx.stream("GET", f"http://{place.stand_in.address}{path}", headers=headers) as answer:
            assert answer.status_code == 200
            read = b""
            for part in answer.iter_bytes():
                read += part
                if len(read) > 1_000_000:
                    break
        assert (len(read) > 1_000_000) == (kind == "endless")
        with pytest.raises(ValueError):
            json.loads(read)
