"""Cloud Logging: what the service on Cloud Run wrote, by the client made from the discovery document."""

import pytest
from googleapiclient.errors import HttpError

from judges.clients import PROJECT, google_api


def test_logs_of_the_service_on_cloud_run(steady):
    entries = google_api(steady, "logging", "v2").entries()
    where = 'resource.type="cloud_run_revision" AND resource.labels.service_name="hello"'
    body = {"resourceNames": [f"projects/{PROJECT}"], "filter": where, "orderBy": "timestamp desc", "pageSize": 2}
    answer = entries.list(body=body).execute()
    found = answer.get("entries", [])
    assert found and len(found) <= 2
    for entry in found:
        assert entry["resource"]["type"] == "cloud_run_revision"
        assert entry["resource"]["labels"]["service_name"] == "hello"
    stamps = [entry["timestamp"] for entry in found]
    assert stamps == sorted(stamps, reverse=True)
    nothing = entries.list(body={**body, "filter": where.replace('"hello"', '"gone"')}).execute()
    assert nothing.get("entries", []) == []
    with pytest.raises(HttpError) as error:
        entries.list(body={**body, "filter": "resource.type=="}).execute()
    assert error.value.status_code == 400
