"""githubkit, a client made from GitHub's own description, reads and changes workflow runs; and plain requests for headers."""

import time

import httpx
import pytest
from githubkit import GitHub
from githubkit.exception import RequestFailed

OWNER, REPO = "acme", "hello"


@pytest.fixture(scope="module")
def github(steady):
    return GitHub(steady.environment["GITHUB_TOKEN"], base_url=steady.url, auto_retry=False, http_cache=False)


@pytest.fixture(scope="module")
def actions(github):
    return github.rest("2022-11-28").actions


@pytest.fixture
def plain(steady):
    token = steady.environment["GITHUB_TOKEN"]
    with httpx.Client(base_url=steady.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


RUNS = f"/repos/{OWNER}/{REPO}/actions/runs"


def test_runs_are_listed_newest_first(actions):
    listed = actions.list_workflow_runs_for_repo(OWNER, REPO).parsed_data
    assert listed.total_count >= len(listed.workflow_runs) >= 3
    created = [run.created_at for run in listed.workflow_runs]
    assert created == sorted(created, reverse=True)
    assert all(run.head_branch == "main" for run in listed.workflow_runs)


def test_filters_hold(actions):
    every = actions.list_workflow_runs_for_repo(OWNER, REPO).parsed_data.workflow_runs
    sha = every[-1].head_sha
    found = actions.list_workflow_runs_for_repo(OWNER, REPO, head_sha=sha).parsed_data
    assert found.workflow_runs and {run.head_sha for run in found.workflow_runs} == {sha}
    for status in ("success", "completed"):
        found = actions.list_workflow_runs_for_repo(OWNER, REPO, status=status).parsed_data.workflow_runs
        assert found and all(status in (run.status, run.conclusion) for run in found)
    assert actions.list_workflow_runs_for_repo(OWNER, REPO, branch="gone").parsed_data.total_count == 0


def test_pages_hold_everything_once(actions, plain):
    whole = [run.id for run in actions.list_workflow_runs_for_repo(OWNER, REPO, per_page=100).parsed_data.workflow_runs]
    seen = []
    for page in range(1, len(whole) + 1):
        answer = actions.list_workflow_runs_for_repo(OWNER, REPO, per_page=1, page=page)
        seen += [run.id for run in answer.parsed_data.workflow_runs]
    assert seen == whole
    links = plain.get(RUNS, params={"per_page": 1}).links
    assert "page=2" in links["next"]["url"] and f"page={len(whole)}" in links["last"]["url"]
    assert "next" not in plain.get(RUNS, params={"per_page": 1, "page": len(whole)}).links


def test_what_has_not_changed_is_not_sent_again(plain):
    first = plain.get(RUNS, params={"per_page": 1, "page": 3})
    again = plain.get(RUNS, params={"per_page": 1, "page": 3}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == first.headers["etag"]
    other = plain.get(RUNS, params={"per_page": 1, "page": 2}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200 and other.headers["etag"] != first.headers["etag"]


def test_the_rate_is_told(plain):
    first, second = plain.get(RUNS), plain.get(RUNS)
    limit, left = int(second.headers["x-ratelimit-limit"]), int(second.headers["x-ratelimit-remaining"])
    assert 0 < left < limit and left < int(first.headers["x-ratelimit-remaining"])
    assert time.time() - 5 < int(second.headers["x-ratelimit-reset"]) < time.time() + 3700


def test_a_stranger_sees_nothing(steady):
    answer = httpx.get(steady.url + RUNS)
    assert answer.status_code == 404 and answer.json()["message"] == "Not Found"


def test_a_run_its_jobs_and_their_logs(actions, plain):
    run = actions.list_workflow_runs_for_repo(OWNER, REPO, status="success").parsed_data.workflow_runs[0]
    assert actions.get_workflow_run(OWNER, REPO, run.id).parsed_data.head_sha == run.head_sha
    jobs = actions.list_jobs_for_workflow_run(OWNER, REPO, run.id).parsed_data
    assert jobs.total_count == len(jobs.jobs) >= 1
    for job in jobs.jobs:
        assert job.run_id == run.id and job.head_sha == run.head_sha and job.conclusion == "success"
        assert [step.number for step in job.steps] == sorted(step.number for step in job.steps) and job.steps
        assert job.started_at <= job.completed_at
        assert actions.get_job_for_workflow_run(OWNER, REPO, job.id).parsed_data.name == job.name
    log = plain.get(f"/repos/{OWNER}/{REPO}/actions/jobs/{jobs.jobs[0].id}/logs")
    assert log.status_code == 302
    text = httpx.get(log.headers["location"])
    assert text.status_code == 200 and len(text.text.splitlines()) > 3


def test_a_run_is_run_again(actions):
    run = actions.list_workflow_runs_for_repo(OWNER, REPO, status="success").parsed_data.workflow_runs[-1]
    assert actions.re_run_workflow(OWNER, REPO, run.id).status_code == 201
    again = actions.get_workflow_run(OWNER, REPO, run.id).parsed_data
    assert again.id == run.id and again.run_attempt == run.run_attempt + 1
    assert again.status in ("queued", "in_progress", "waiting", "requested") and again.conclusion is None
    # It cannot be run a third time while it runs.
    with pytest.raises(RequestFailed) as refused:
        actions.re_run_workflow(OWNER, REPO, run.id)
    assert refused.value.response.status_code == 403


def test_a_workflow_is_started_and_cancelled(actions, plain):
    before = {run.id for run in actions.list_workflow_runs_for_repo(OWNER, REPO).parsed_data.workflow_runs}
    path = f"/repos/{OWNER}/{REPO}/actions/workflows/image.yml/dispatches"
    assert plain.post(path, json={"ref": "main"}).status_code == 204
    (new,) = [
        run for run in actions.list_workflow_runs_for_repo(OWNER, REPO).parsed_data.workflow_runs if run.id not in before
    ]
    assert new.event == "workflow_dispatch" and new.run_attempt == 1
    assert actions.cancel_workflow_run(OWNER, REPO, new.id).status_code == 202
    until = time.monotonic() + 20
    while (run := actions.get_workflow_run(OWNER, REPO, new.id).parsed_data).status != "completed":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert run.conclusion == "cancelled"


@pytest.mark.parametrize("path", [f"{RUNS}/1", f"{RUNS}/1/jobs", "/repos/acme/gone/actions/runs"])
def test_what_is_not_there(plain, path):
    assert plain.get(path).status_code == 404


def test_a_branch_that_is_not_there_is_refused(plain):
    path = f"/repos/{OWNER}/{REPO}/actions/workflows/image.yml/dispatches"
    assert plain.post(path, json={"ref": "gone"}).status_code == 422
    assert plain.post(f"/repos/{OWNER}/{REPO}/actions/workflows/gone.yml/dispatches", json={"ref": "main"}).status_code == 404
