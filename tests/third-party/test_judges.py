"""The judges can fail: each kind of mistake in a good request or answer is found, and the good one is not."""

import copy
import json
import xml.etree.ElementTree as ElementTree

import pytest

from judges import aws, aws_json, aws_query, github, google
from judges.exchange import Exchange
from judges.google_schema import Walk
from judges.judge import Verdict

SIGNED = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0"


def exchange(method, target, asked=(), request=b"", status=200, answered=(), response=b""):
    as_bytes = lambda body: body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("test", 0.0, 0.0, method, target, list(asked), as_bytes(request), status, list(answered), as_bytes(response))


def ecs(name, request, status=200, response=None, content="application/x-amz-json-1.1"):
    asked = [
        ("X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + name),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Authorization", SIGNED),
    ]
    return exchange("POST", "/", asked, request, status, [("x-amzn-RequestId", "r"), ("Content-Type", content)], response or {})


SERVICES = {
    "services": [
        {
            "serviceArn": "arn:aws:ecs:eu-central-1:123456789012:service/hello/hello",
            "launchType": "FARGATE",
            "desiredCount": 2,
            "createdAt": 1790000000.5,
            "enableExecuteCommand": False,
            "events": [{"id": "1", "createdAt": 1790000000, "message": "well"}],
        }
    ],
    "failures": [],
}


def at(value, path, new):
    """A copy with another value at a path."""
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return changed


@pytest.mark.parametrize(
    ("path", "new", "line"),
    [
        (["more"], 1, "unknown member more"),
        (["services", 0, "servicename"], "x", "unknown member servicename"),
        (["services", 0, "launchType"], "LAMBDA", "'LAMBDA' is not one of LaunchType"),
        (["services", 0, "desiredCount"], "2", "not a whole number"),
        (["services", 0, "desiredCount"], 2.5, "not a whole number"),
        (["services", 0, "desiredCount"], True, "not a whole number"),
        (["services", 0, "desiredCount"], 2**40, "beyond 32 bits"),
        (["services", 0, "createdAt"], "2026-11-01T00:00:00Z", "not a time in seconds"),
        (["services", 0, "createdAt"], 1790000000000, "a time out of this age"),
        (["services", 0, "enableExecuteCommand"], "false", "not true or false"),
        (["services", 0, "events", 0], "well", "not a structure"),
        (["services", 0, "events"], {}, "not a list"),
        (["services", 0, "roleArn"], None, "null"),
    ],
)
def test_a_wrong_answer_of_json_is_found(path, new, line):
    assert aws.judge_answer(ecs("DescribeServices", {}, response=SERVICES)) == []
    found = aws.judge_answer(ecs("DescribeServices", {}, response=at(SERVICES, path, new)))
    assert len(found) == 1 and line in found[0], found


def test_a_wrong_request_of_json_is_found():
    good = {"cluster": "hello", "services": ["hello"], "include": ["TAGS"]}
    assert aws.judge_request(ecs("DescribeServices", good)) == []
    for path, new, line in [
        (["service"], "hello", "unknown member service"),
        (["include"], ["tags"], "'tags' is not one of"),
        (["services"], "hello", "not a list"),
    ]:
        found = aws.judge_request(ecs("DescribeServices", at(good, path, new)))
        assert len(found) == 1 and line in found[0], found
    assert "required member services" in aws.judge_request(ecs("DescribeServices", {"cluster": "hello"}))[0]
    assert "no operation" in aws.judge_request(ecs("DescribeService", good))[0]
    unsigned = ecs("DescribeServices", good)
    unsigned.request_headers = [pair for pair in unsigned.request_headers if pair[0] != "Authorization"]
    assert aws.judge_request(unsigned) == ["not signed"]


def test_wrong_errors_of_json_are_found():
    missing = {"__type": "ServiceNotFoundException", "message": "Service not found."}
    judge = lambda error, status=400, name="UpdateService": aws.judge_answer(ecs(name, {}, status, error))
    assert judge(missing) == []
    assert judge(at(missing, ["__type"], "com.amazonaws.ecs.v20141113#ServiceNotFoundException")) == []
    assert judge(at(missing, ["__type"], "ThrottlingException")) == []
    assert "HTTP 404 instead of 400" in judge(missing, 404)[0]
    assert "neither an error of" in judge(at(missing, ["__type"], "NoSuchService"))[0]
    assert "neither an error of" in judge(missing, name="ListClusters")[0]
    assert "without a sentence" in judge({"__type": "ServiceNotFoundException"})[0]
    assert "unknown member code" in judge(at(missing, ["code"], 1))[0]
    assert "answered with 200" in judge({}, 200, "Frobnicate")[0]


def test_a_wrong_content_type_and_what_is_no_json_are_found():
    assert "content-type" in aws.judge_answer(ecs("ListClusters", {}, content="application/json"))[0]
    assert "not JSON" in aws.judge_answer(ecs("ListClusters", {}, response=b"{\"clusterArns\": ["))[0]


HEALTH = """<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
  <DescribeTargetHealthResult><TargetHealthDescriptions><member>
    <Target><Id>10.0.0.1</Id><Port>8080</Port></Target>
    <TargetHealth><State>unhealthy</State><Reason>Target.Timeout</Reason><Description>slow</Description></TargetHealth>
  </member></TargetHealthDescriptions></DescribeTargetHealthResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</DescribeTargetHealthResponse>"""


def elb(name, form, status=200, response=""):
    asked = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Authorization", SIGNED)]
    body = f"Action={name}&Version=2015-12-01{form}".encode()
    answered = [("x-amzn-RequestId", "r"), ("Content-Type", "text/xml")]
    return exchange("POST", "/", asked, body, status, answered, response.encode())


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("<State>unhealthy<", "<State>sick<", "'sick' is not one of"),
        ("<Port>8080<", "<Port>http<", "not a whole number"),
        ("<Port>8080<", "<Port>80800<", "more than 65535"),
        ("<Id>10.0.0.1</Id>", "", "required member Id"),
        ("<Id>", "<Zone>a</Zone><Id>", "unknown member Zone"),
        ("member>", "item>", "item in a list of member"),
        ("2015-12-01/", "2012-06-01/", "is not in the namespace"),
        ("DescribeTargetHealthResult", "Result", "unknown element Result"),
        ("<RequestId>r</RequestId>", "", "not RequestId"),
        ("</DescribeTargetHealthResponse>", "", "not XML"),
    ],
)
def test_a_wrong_answer_of_xml_is_found(old, new, line):
    assert aws.judge_answer(elb("DescribeTargetHealth", "", response=HEALTH)) == []
    found = aws.judge_answer(elb("DescribeTargetHealth", "", response=HEALTH.replace(old, new)))
    assert any(line in one for one in found), found


def test_a_wrong_request_of_a_form_is_found():
    good = "&TargetGroupArn=arn&Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=80&Targets.member.2.Id=10.0.0.2"
    assert aws.judge_request(elb("DescribeTargetHealth", good)) == []
    for form, line in [
        (good + "&Names.member.1=x", "Names.member.1: unknown parameter"),
        (good.replace("=80&", "=eighty&"), "not a whole number"),
        (good.replace("Id=10.0.0.2", "Ip=10.0.0.2"), "Targets.member.2.Id: required"),
        (good.replace("&TargetGroupArn=arn", ""), "TargetGroupArn: required"),
    ]:
        found = aws.judge_request(elb("DescribeTargetHealth", form))
        assert any(line in one for one in found), found


def test_wrong_errors_of_xml_are_found():
    error = (
        '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type>'
        "<Code>TargetGroupNotFound</Code><Message>none</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
    judge = lambda text, status=400: aws.judge_answer(elb("DescribeTargetHealth", "", status, text))
    assert judge(error) == []
    for old, new in [("Sender", "Me"), ("TargetGroupNotFound", "Gone"), ("none", ""), ("<RequestId>", "<Id>x</Id><RequestId>")]:
        assert judge(error.replace(old, new)), new
    assert judge(error, 404)


RUN = "/v2/projects/p/locations/l/services/hello"
JSON = [("Content-Type", "application/json; charset=UTF-8")]
BEARER = [("Authorization", "Bearer t")]
SERVICE = {
    "name": "projects/p/locations/l/services/hello",
    "generation": "3",
    "createTime": "2026-11-01T00:00:00.123456Z",
    "ingress": "INGRESS_TRAFFIC_ALL",
    "reconciling": False,
    "labels": {"team": "hello"},
    "template": {"timeout": "300s", "containers": [{"image": "i", "ports": [{"containerPort": 8080}]}]},
}


@pytest.mark.parametrize(
    ("path", "new", "line"),
    [
        (["status"], "READY", "unknown field status"),
        (["template", "containers", 0, "digest"], "x", "unknown field digest"),
        (["generation"], 3, "not a string (int64)"),
        (["generation"], "three", "not a int64"),
        (["createTime"], "yesterday", "not a google-datetime"),
        (["template", "timeout"], "5m", "not a google-duration"),
        (["ingress"], "ALL", "'ALL' is not one of"),
        (["ingress"], 1, "1 is not one of"),
        (["reconciling"], "false", "not true or false"),
        (["labels"], ["team"], "not an object"),
        (["template", "containers", 0, "ports", 0, "containerPort"], "8080", "not a number"),
        (["etag"], None, "null"),
    ],
)
def test_a_wrong_answer_of_google_is_found(path, new, line):
    assert google.judge_answer(exchange("GET", RUN, answered=JSON, response=SERVICE)) == []
    found = google.judge_answer(exchange("GET", RUN, answered=JSON, response=at(SERVICE, path, new)))
    assert len(found) == 1 and line in found[0], found


def test_enumerations_are_numbers_only_for_who_asks():
    as_numbers = RUN + "?%24alt=json%3Benum-encoding%3Dint"
    judge = lambda target, number: google.judge_answer(
        exchange("GET", target, answered=JSON, response=at(SERVICE, ["ingress"], number))
    )
    assert judge(as_numbers, 1) == []
    assert "is not one of" in judge(RUN, 1)[0]
    assert "stands for none" in judge(as_numbers, 77)[0]


def test_what_is_inside_an_any_is_judged_by_its_type():
    any_of = lambda **more: {"name": "o", "done": True, "response": {"@type": "type.googleapis.com/google.cloud.run.v2.Service", **more}}
    judge = lambda value: google.judge_answer(exchange("PATCH", RUN, answered=JSON, response=value))
    assert judge(any_of(name="x")) == []
    assert "unknown field nam " in judge(any_of(nam="x"))[0]
    assert "without @type" in judge({"response": {"name": "x"}})[0]
    audit = "type.googleapis.com/google.cloud.audit.AuditLog"
    assert judge(any_of() | {"response": {"@type": audit, "serviceName": "run.googleapis.com"}}) == []
    assert "AuditLog" in judge(any_of() | {"response": {"@type": audit, "service": "run.googleapis.com"}})[0]
    assert "unknown type" in judge({"metadata": {"@type": "type.googleapis.com/google.cloud.run.v2.Thing"}})[0]


def test_wrong_errors_of_google_are_found():
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "googleapis.com"}
    error = {"error": {"code": 409, "message": "stale", "status": "ABORTED", "details": [info]}}
    judge = lambda value, status=409: google.judge_answer(exchange("PATCH", RUN, status=status, answered=JSON, response=value))
    assert judge(error) == []
    for path, new in [
        (["error", "code"], 400),
        (["error", "status"], "NOT_FOUND"),
        (["error", "status"], "STALE"),
        (["error", "message"], ""),
        (["error", "reason"], "x"),
        (["error", "details", 0, "why"], "x"),
        (["error", "details", 0, "@type"], "x"),
    ]:
        assert judge(at(error, path, new)), (path, new)
    assert judge(error, 412)


def test_wrong_requests_of_google_are_found():
    judge = lambda target, body=SERVICE, method="PATCH": google.judge_request(exchange(method, target, BEARER, body))
    assert judge(RUN + "?updateMask=template.containers,traffic&validateOnly=true") == []
    assert judge(RUN + "?updateMask=template.service_account,labels.team") == []
    for target, body, method, line in [
        (RUN + "?mask=template", SERVICE, "PATCH", "?mask: unknown parameter"),
        (RUN + "?updateMask=template.image", SERVICE, "PATCH", "has no field template.image"),
        (RUN + "?validateOnly=yes", SERVICE, "PATCH", "not true or false"),
        (RUN, at(SERVICE, ["image"], "x"), "PATCH", "unknown field image"),
        (RUN, SERVICE, "GET", "a body where the method has none"),
        (RUN, SERVICE, "PUT", "no method for PUT"),
        (RUN + ":stop", b"", "POST", "no method for POST"),
    ]:
        found = judge(target, body, method)
        assert any(line in one for one in found), (target, found)
    assert google.judge_request(exchange("GET", RUN)) == ["no bearer token"]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v2/projects/p/locations/l/services", "run.projects.locations.services.list"),
        ("POST", "/v2/projects/p/locations/l/operations/o:wait", "run.projects.locations.operations.wait"),
        ("GET", "/v1/projects/p/locations/l/builds/b", "cloudbuild.projects.locations.builds.get"),
        ("POST", "/v1/projects/p/locations/l/builds/b:cancel", "cloudbuild.projects.locations.builds.cancel"),
        (
            "GET",
            "/v1/projects/p/locations/l/repositories/r/dockerImages/hello@sha256:00",
            "artifactregistry.projects.locations.repositories.dockerImages.get",
        ),
        ("POST", "/v2/entries:list", "logging.entries.list"),
    ],
)
def test_a_path_is_the_call_it_is(method, path, name):
    assert google.call_of(exchange(method, path))[1]["id"] == name


HUB = [
    ("x-github-request-id", "1"),
    ("x-ratelimit-limit", "5000"),
    ("x-ratelimit-remaining", "4999"),
    ("x-ratelimit-reset", "1790000000"),
    ("content-type", "application/json; charset=utf-8"),
]
STEP = {"status": "completed", "conclusion": "success", "name": "build", "number": 1}
JOB = {
    "id": 1,
    "run_id": 2,
    "run_url": "u",
    "node_id": "n",
    "head_sha": "s",
    "url": "u",
    "html_url": "u",
    "status": "completed",
    "conclusion": "success",
    "created_at": "2026-11-01T00:00:00Z",
    "started_at": "2026-11-01T00:00:00Z",
    "completed_at": None,
    "name": "image",
    "steps": [STEP],
    "check_run_url": "u",
    "labels": ["ubuntu-latest"],
    "runner_id": None,
    "runner_name": None,
    "runner_group_id": None,
    "runner_group_name": None,
    "workflow_name": "image",
    "head_branch": "main",
}


@pytest.mark.parametrize(
    ("path", "new", "line"),
    [
        (["state"], "x", "unknown field state"),
        (["steps", 0, "log"], "x", "unknown field log"),
        (["status"], "done", "status"),
        (["id"], "1", "id"),
        (["created_at"], "yesterday", "created_at"),
        (["name"], None, "name"),
        (["steps", 0], "build", "steps"),
    ],
)
def test_a_wrong_answer_of_github_is_found(path, new, line):
    target = "/repos/acme/hello/actions/jobs/1"
    assert github.judge_answer(exchange("GET", target, answered=HUB, response=JOB)) == []
    found = github.judge_answer(exchange("GET", target, answered=HUB, response=at(JOB, path, new)))
    assert found and line in found[0], found
    without = {name: value for name, value in JOB.items() if name != "run_url"}
    assert "run_url" in github.judge_answer(exchange("GET", target, answered=HUB, response=without))[0]
    assert "x-ratelimit" in github.judge_answer(exchange("GET", target, answered=HUB[:1] + HUB[4:], response=JOB))[0]


def test_wrong_requests_of_github_are_found():
    asked = [("User-Agent", "t"), ("Accept", "application/vnd.github+json")]
    judge = lambda target: github.judge_request(exchange("GET", target, asked))
    assert judge("/repos/acme/hello/actions/runs?branch=main&per_page=30") == []
    assert judge("/repos/acme/hello/actions/runs/1/jobs?filter=latest") == []
    assert "unknown parameter" in judge("/repos/acme/hello/actions/runs?sha=1")[0]
    assert "more than 100" in judge("/repos/acme/hello/actions/runs?per_page=101")[0]
    assert "no call" in judge("/repos/acme/hello/actions/run")[0]


def test_the_verdict_counts_and_says_where():
    verdict = Verdict()
    verdict.take(ecs("DescribeServices", {"services": ["x"]}, response=SERVICES))
    verdict.take(ecs("DescribeServices", {"services": ["x"]}, response=at(SERVICES, ["more"], 1)))
    silent = ecs("DescribeServices", {"services": ["x"]})
    silent.status = None
    verdict.take(silent)
    verdict.take(exchange("GET", "/_local/state"))
    assert (verdict.invalid, verdict.answers, verdict.requests, verdict.unanswered) == (1, 2, 3, 1)
    verdict.take(exchange("GET", "/somewhere/else"))
    assert verdict.invalid == 2 and any("no judge knows it" in line for line in verdict.findings)
    assert "unknown member more" in next(iter(verdict.findings)) and verdict.aside["_local"] == 1


def test_a_recording_reads_back_as_it_was():
    one = ecs("DescribeServices", {"services": ["x"]}, response=b"\xff\x00not text")
    again = Exchange.of_line(one.to_line())
    assert again.response_body == one.response_body and again.request_body == one.request_body
    assert again.asked("authorization") == "AWS4-HMAC-SHA256 ..." and aws.judge_request(again) == []


def test_an_error_of_the_services_own_has_its_status():
    error = lambda status: ecs("ListClusters", {}, status, {"__type": "ServerException", "message": "out of order"})
    assert aws.judge_answer(error(500)) == []
    assert "instead of 500" in aws.judge_answer(error(503))[0]


def test_a_shape_nobody_knows_is_not_passed_over():
    found = []
    Walk({}, found).walk({"type": "tuple"}, 1)
    assert "does not know" in found[0]
    shape = aws.model("ecs").shape_for("Service")
    aws_json.walk(shape, [], "$", found)
    aws_query.walk_xml(shape, ElementTree.fromstring("<a><b/></a>"), "$", found, "")
    assert "not a structure" in found[1] and "unknown member b" in found[2]
