"""Google's clients make a Cloud Run service of their own, give it revisions, and take both away again."""

import uuid

import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from google.cloud.run_v2.services.revisions.transports import RevisionsRestTransport
from google.cloud.run_v2.services.services.transports import ServicesRestTransport
from google.protobuf import field_mask_pb2
from googleapiclient.errors import HttpError

from judges.clients import LOCATION, PROJECT, google_api, google_rest

PARENT = f"projects/{PROJECT}/locations/{LOCATION}"


@pytest.fixture(scope="module")
def services(steady):
    return google_rest(steady, run_v2.ServicesClient, ServicesRestTransport)


@pytest.fixture(scope="module")
def revisions(steady):
    return google_rest(steady, run_v2.RevisionsClient, RevisionsRestTransport)


@pytest.fixture(scope="module")
def image(services):
    return services.get_service(name=f"{PARENT}/services/hello").template.containers[0].image


@pytest.fixture
def name(services):
    """The id of a service that is removed when the test is over."""
    name = f"made-{uuid.uuid4().hex[:6]}"
    yield name
    try:
        services.delete_service(name=f"{PARENT}/services/{name}").result(timeout=60)
    except exceptions.NotFound:
        pass


def plain(image, **more):
    return run_v2.Service(
        template=run_v2.RevisionTemplate(containers=[run_v2.Container(image=image)], **more),
        labels={"team": "hello"},
    )


def create(services, name, service):
    return services.create_service(parent=PARENT, service=service, service_id=name).result(timeout=60)


def test_a_service_is_made_changed_and_removed(services, revisions, name, image):
    made = create(services, name, plain(image))
    assert made.name == f"{PARENT}/services/{name}" and made.generation == 1 and made.labels["team"] == "hello"
    assert made.latest_ready_revision.rpartition("/")[2].startswith(f"{name}-00001-")
    assert made.uri and made.terminal_condition.state == run_v2.Condition.State.CONDITION_SUCCEEDED
    assert made.name in [one.name for one in services.list_services(parent=PARENT)]
    assert made.template.timeout.seconds == 300 and made.template.max_instance_request_concurrency > 0
    made.template.max_instance_request_concurrency = 7
    request = run_v2.UpdateServiceRequest(service=made, update_mask=field_mask_pb2.FieldMask(paths=["template"]))
    changed = services.update_service(request=request).result(timeout=60)
    assert changed.template.max_instance_request_concurrency == 7 and changed.generation == 2
    names = [one.name for one in revisions.list_revisions(parent=made.name)]
    assert len(names) == 2 and names[0] == changed.latest_ready_revision
    services.delete_service(name=made.name).result(timeout=60)
    with pytest.raises(exceptions.NotFound):
        services.get_service(name=made.name)
    assert made.name not in [one.name for one in services.list_services(parent=PARENT)]


def test_a_name_is_taken_once(services, name, image):
    create(services, name, plain(image))
    with pytest.raises(exceptions.Conflict):
        create(services, name, plain(image))


def test_a_revision_that_serves_is_not_deleted(steady, services, revisions, name, image):
    # google-cloud-run 0.16 does not know all fields of a Revision that the discovery document has, and so cannot read
    # the operation of its deletion: the other client deletes.
    api = google_api(steady, "run", "v2").projects().locations()
    delete = lambda name: api.services().revisions().delete(name=name).execute()
    made = create(services, name, plain(image))
    with pytest.raises(HttpError) as refused:
        delete(made.latest_ready_revision)
    assert refused.value.status_code == 400
    made.template.labels["purpose"] = "second"
    request = run_v2.UpdateServiceRequest(service=made, update_mask=field_mask_pb2.FieldMask(paths=["template"]))
    after = services.update_service(request=request).result(timeout=60)
    operation = delete(made.latest_ready_revision)
    assert api.operations().wait(name=operation["name"], body={"timeout": "30s"}).execute()["done"]
    assert [one.name for one in revisions.list_revisions(parent=made.name)] == [after.latest_ready_revision]


def test_a_revision_can_be_named(services, name, image):
    made = create(services, name, plain(image, revision=f"{name}-mine"))
    assert made.latest_ready_revision.endswith(f"/revisions/{name}-mine")
    made.template.labels["purpose"] = "other"
    request = run_v2.UpdateServiceRequest(service=made, update_mask=field_mask_pb2.FieldMask(paths=["template"]))
    with pytest.raises(exceptions.Conflict):
        services.update_service(request=request).result(timeout=60)


def test_an_image_that_is_not_there_fails_and_what_served_serves(services, revisions, name, image):
    made = create(services, name, plain(image))
    made.template.containers[0].image = image.partition("@")[0].rpartition(":")[0] + ":never-pushed"
    request = run_v2.UpdateServiceRequest(service=made, update_mask=field_mask_pb2.FieldMask(paths=["template"]))
    with pytest.raises(exceptions.GoogleAPICallError):
        services.update_service(request=request).result(timeout=60)
    after = services.get_service(name=made.name)
    assert after.terminal_condition.state == run_v2.Condition.State.CONDITION_FAILED and not after.reconciling
    assert after.latest_ready_revision == made.latest_ready_revision != after.latest_created_revision
    failed = revisions.get_revision(name=after.latest_created_revision)
    ready = next(condition for condition in failed.conditions if condition.type_ == "Ready")
    assert ready.state == run_v2.Condition.State.CONDITION_FAILED and ready.message


def test_a_service_that_is_missing_is_made_where_that_is_asked_for(services, name, image):
    service = plain(image)
    service.name = f"{PARENT}/services/{name}"
    with pytest.raises(exceptions.NotFound):
        services.update_service(request=run_v2.UpdateServiceRequest(service=service))
    made = services.update_service(request=run_v2.UpdateServiceRequest(service=service, allow_missing=True)).result(timeout=60)
    assert made.generation == 1


def test_only_asking_makes_nothing(services, name, image):
    request = run_v2.CreateServiceRequest(parent=PARENT, service=plain(image), service_id=name, validate_only=True)
    services.create_service(request=request)
    with pytest.raises(exceptions.NotFound):
        services.get_service(name=f"{PARENT}/services/{name}")


@pytest.mark.parametrize("service_id", ["Hello", "-hello", "hello_world", "x" * 50])
def test_a_name_that_is_none_is_refused(services, image, service_id):
    with pytest.raises(exceptions.BadRequest):
        services.create_service(parent=PARENT, service=plain(image), service_id=service_id)


def test_a_stale_etag_deletes_nothing(services, name, image):
    made = create(services, name, plain(image))
    with pytest.raises(exceptions.Conflict):
        services.delete_service(request=run_v2.DeleteServiceRequest(name=made.name, etag='"stale"'))
    assert services.get_service(name=made.name).etag == made.etag


def test_fields_nobody_knows_are_refused(steady, image):
    services = google_api(steady, "run", "v2").projects().locations().services()
    body = {"template": {"containers": [{"image": image, "flavour": "sweet"}]}}
    with pytest.raises(HttpError) as refused:
        services.create(parent=PARENT, serviceId="made-never", body=body).execute()
    assert refused.value.status_code == 400 and "flavour" in str(refused.value)
